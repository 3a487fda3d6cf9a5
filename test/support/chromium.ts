import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
  type Request,
} from 'playwright-core';

/** In order of preference: the shell, which has no windows, needs less than half of the processor. */
const NAMES = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
];
const MAC = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Where the browser is. @throws with what to do when there is none */
function findChromium(): string {
  const given = process.env['CHROMIUM_PATH'];
  if (given !== undefined && given !== '') {
    if (isExecutable(given)) return given;
    throw new Error(`CHROMIUM_PATH names ${given}, which is not an executable file.`);
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = [...onPath, ...MAC].find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    'The browser tests need Chromium, and none was found. Install it ("sudo apt-get install chromium", ' +
      '"brew install --cask chromium") or set CHROMIUM_PATH to the executable of a Chromium or Chrome.',
  );
}

/** Resolves with a browser of the caller's own, which requests nothing but the pages under test. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: [
      // Without a process for drawing and one for each page, the tests of pages take a quarter less of the processor.
      '--disable-gpu',
      '--disable-software-rasterizer',
      '--in-process-gpu',
      '--renderer-process-limit=1',
      '--disable-site-isolation-trials',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Chromium's own sandbox does not start for root, which is what containers run tests as.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
}

let shared: Promise<Browser> | null = null;

/** The browser that all test files of a worker process share; nobody closes it but the end of the process. */
export function sharedChromium(): Promise<Browser> {
  return (shared ??= launchChromium());
}

export interface LentPage {
  readonly page: Page;
  /** Closes the pages of the context, and removes everything they have left in the browser. */
  readonly giveBack: () => Promise<void>;
}

interface Context {
  readonly context: BrowserContext;
  readonly blank: Page;
  readonly clearOrigin: (origin: string) => Promise<unknown>;
}

/** Contexts that nobody uses, by those options that cannot be changed later. */
const idle = new Map<string, Context[]>();

/**
 * A page that is alone in its context. A context is used again when it was given back, and keeps its process by a blank
 * page: the next page then needs a third less of the processor, because its scripts are compiled and its files cached.
 */
export async function lendPage(options: BrowserContextOptions): Promise<LentPage> {
  const { viewport, colorScheme, reducedMotion, permissions = [], offline = false, ...fixed } = options;
  const key = JSON.stringify(fixed);
  const lent = idle.get(key)?.pop() ?? (await newContext(fixed));
  const { context, blank, clearOrigin } = lent;
  const origins = new Set<string>();
  const note = (request: Request) => {
    const { protocol, origin } = new URL(request.url());
    if (request.isNavigationRequest()) origins.add(protocol === 'file:' ? 'file://' : origin);
  };
  context.on('request', note);
  await context.grantPermissions([...permissions]);
  await context.setOffline(offline);
  const page = await context.newPage();
  await page.emulateMedia({ colorScheme: colorScheme ?? null, reducedMotion: reducedMotion ?? null });
  if (viewport != null) await page.setViewportSize(viewport);
  return {
    page,
    giveBack: async () => {
      context.off('request', note);
      await Promise.all(context.pages().flatMap((each) => (each === blank ? [] : [each.close()])));
      await Promise.all([
        ...Array.from(origins, clearOrigin),
        context.clearCookies(),
        context.clearPermissions(),
        context.setOffline(false),
      ]);
      idle.set(key, [...(idle.get(key) ?? []), lent]);
    },
  };
}

async function newContext(options: BrowserContextOptions): Promise<Context> {
  const context = await (await sharedChromium()).newContext(options);
  const blank = await context.newPage();
  const devtools = await context.newCDPSession(blank);
  return {
    context,
    blank,
    clearOrigin: (origin) => devtools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' }),
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
