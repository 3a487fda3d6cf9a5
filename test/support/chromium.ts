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
  readonly attach: BrowserContext['newCDPSession'];
  readonly clearOrigin: (origin: string) => Promise<unknown>;
  /** null: there is none, or the last one cannot be used again. */
  kept: Kept | null;
  /** Whether something was done to the page that cannot be undone. */
  spoiled: boolean;
}

/** A page that is used again, which needs half of what a new one needs. */
interface Kept {
  readonly page: Page;
  readonly forgetHistory: () => Promise<unknown>;
}

/** Contexts that nobody uses, by those options that cannot be changed later. */
const idle = new Map<string, Context[]>();

/** Of a page whose test has not set another one. */
const VIEWPORT = { width: 1280, height: 720 };

/** What tests listen to. */
const EVENTS = ['console', 'dialog', 'download', 'pageerror', 'request', 'response'] as const;

/**
 * A page that is alone in its context. A context is used again when it was given back, with its page, and keeps its process by
 * a blank page: the next test then needs a third of the processor, because its scripts are compiled and its files cached.
 */
export async function lendPage(options: BrowserContextOptions): Promise<LentPage> {
  const { viewport, colorScheme, reducedMotion, permissions = [], offline = false, ...fixed } = options;
  const key = JSON.stringify(fixed);
  const lent = idle.get(key)?.pop() ?? (await newContext(fixed));
  const { context, blank, clearOrigin } = lent;
  const kept = (lent.kept ??= await newKept(lent));
  const { page } = kept;
  const origins = new Set<string>();
  const note = (request: Request) => {
    const { protocol, origin } = new URL(request.url());
    if (request.isNavigationRequest()) origins.add(protocol === 'file:' ? 'file://' : origin);
  };
  context.on('request', note);
  if (permissions.length > 0) await context.grantPermissions([...permissions]);
  if (offline) await context.setOffline(true);
  if (colorScheme !== undefined || reducedMotion !== undefined) {
    await page.emulateMedia({ colorScheme: colorScheme ?? null, reducedMotion: reducedMotion ?? null });
  }
  if (viewport != null) await page.setViewportSize(viewport);
  return {
    page,
    giveBack: async () => {
      context.off('request', note);
      // Each origin has a storage of the session, which only its pages can clear.
      lent.kept = lent.spoiled || page.isClosed() || origins.size > 1 ? null : kept;
      const others = context.pages().filter((each) => each !== blank && each !== lent.kept?.page);
      await Promise.all(others.map((each) => each.close()));
      if (lent.kept !== null) await leave(lent.kept);
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
  const context = await (await sharedChromium()).newContext({ viewport: VIEWPORT, ...options });
  const blank = await context.newPage();
  const attach = context.newCDPSession.bind(context);
  const devtools = await attach(blank);
  const made: Context = {
    context,
    blank,
    attach,
    clearOrigin: (origin) => devtools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' }),
    kept: null,
    spoiled: false,
  };
  watch(context, 'newCDPSession', made);
  return made;
}

async function newKept(lent: Context): Promise<Kept> {
  const page = await lent.context.newPage();
  const devtools = await lent.attach(page);
  lent.spoiled = false;
  watch(page, 'addInitScript', lent);
  watch(page, 'exposeFunction', lent);
  return { page, forgetHistory: () => devtools.send('Page.resetNavigationHistory') };
}

/** Notes when that method is called. */
function watch<T extends object>(target: T, name: keyof T, lent: Context): void {
  const method = target[name] as (...given: unknown[]) => unknown;
  Reflect.set(target, name, (...given: unknown[]) => {
    lent.spoiled = true;
    return method.apply(target, given);
  });
}

/** Makes the page as good as new. */
async function leave({ page, forgetHistory }: Kept): Promise<void> {
  for (const event of EVENTS) page.removeAllListeners(event);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  page.on('dialog', (dialog) => void dialog.accept().catch(() => undefined));
  await page.evaluate('sessionStorage.clear()').catch(() => undefined);
  await page.goto('about:blank');
  page.removeAllListeners('dialog');
  await forgetHistory();
  await page.emulateMedia({ media: null, colorScheme: null, reducedMotion: null });
  const { width, height } = page.viewportSize() ?? VIEWPORT;
  if (width !== VIEWPORT.width || height !== VIEWPORT.height) await page.setViewportSize(VIEWPORT);
  await page.mouse.move(0, 0);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
