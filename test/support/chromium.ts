import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

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

/**
 * The browser that all test files of a worker process share; nobody closes it but the end of the process. A test opens a
 * context of its own, which is isolated from the others.
 */
export function sharedChromium(): Promise<Browser> {
  return (shared ??= launchChromium());
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
