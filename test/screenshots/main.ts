/**
 * Pictures of the built service, with two members.
 *
 *   npm run screenshots              retakes those in docs/images
 *   npm run screenshots -- FOLDER [SCENE…] [WIDTH.COLOR.LANGUAGE…]
 *                                    takes every scene on a desktop and a phone, light and dark, in both languages, to look at,
 *                                    or those that are named, such as `sign-signed phone.dark.ko`
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { generateKey } from '../../src/crypto/keys.js';
import { startBuilt } from '../support/built.js';
import { launchChromium } from '../support/chromium.js';
import { freePort } from '../support/free-port.js';
import { startWitness } from '../support/witness.js';
import { prepareService, type Scene, scenes, type World } from './scenes.js';
import { RECEIVERS_NETWORK, startReceivers } from './webhooks.js';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const [given, ...named] = process.argv.slice(2);
const wanted = named.filter((name) => !name.includes('.'));
const views = named.filter((name) => name.includes('.'));
const target = given === undefined ? IMAGES : resolve(given);

const ENGLISH = { locale: 'en-GB', timezoneId: 'Europe/London' };
const KOREAN = { locale: 'ko-KR', timezoneId: 'Asia/Seoul' };
const DESKTOP = { viewport: { width: 1280, height: 960 } };
const PHONE = { viewport: { width: 390, height: 844 } };

/** The pictures of docs/images: file, scene, and how the page is seen. */
const KEPT: readonly (readonly [file: string, scene: string, options: BrowserContextOptions])[] = [
  // Before more is notarized.
  ['register', 'register', { ...DESKTOP, ...ENGLISH }],
  ['notarize', 'notarize-receipt', { ...DESKTOP, ...ENGLISH }],
  ['verify', 'verify', { ...DESKTOP, ...ENGLISH }],
  ['verify-phone', 'verify', { ...PHONE, ...ENGLISH, colorScheme: 'dark' }],
  ['explorer', 'explorer-entry', { ...DESKTOP, ...ENGLISH }],
];

const folder = await mkdtemp(join(tmpdir(), 'ingam-screenshots-'));
await mkdir(join(folder, 'vault'));
const logKey = generateKey('notary.example.com/main');
const members = [
  await startWitness('kim-partners', () => logKey.key),
  await startWitness('city-archive', () => logKey.key),
];
const receivers = await startReceivers();
const port = await freePort();
const service = await startBuilt(['serve'], {
  cwd: folder,
  env: {
    HOME: folder,
    INGAM_DATA_DIR: 'data',
    INGAM_LOG_KEY: logKey.text,
    // Nobody is there: the pages only show what there is with a mail server.
    INGAM_SMTP_URL: 'smtp://127.0.0.1:9',
    INGAM_SMTP_FROM: 'ingam@notary.example.com',
    PORT: String(port),
    INGAM_PUBLIC_URL: `http://127.0.0.1:${port}/`,
    INGAM_VAULT: 'vault',
    INGAM_VAULT_KEY: '11'.repeat(32),
    INGAM_WEBHOOK_PRIVATE: RECEIVERS_NETWORK,
    INGAM_MEMBERS: [
      ...members.map(({ line }) => line),
      'group members all kim-partners city-archive',
      'quorum members',
    ].join('\n'),
  },
});
const browser = await launchChromium();

/** Says what does not fit into the width, on a phone that is narrower as well. */
async function sideways(page: Page): Promise<string> {
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  if (width === PHONE.viewport.width) await page.setViewportSize({ width: 360, height });
  const over = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  return over > 0 ? `: ${over} px wider than the screen` : '';
}

async function shoot(
  file: string,
  scene: Scene,
  world: World,
  options: BrowserContextOptions,
): Promise<void> {
  const context = await browser.newContext({
    reducedMotion: 'reduce',
    ...options,
    ...(scene.isSignedIn === true ? { storageState: world.signedIn } : {}),
  });
  try {
    const page = await context.newPage();
    await page.goto(`${service.url}/${scene.path(world)}`);
    await scene.prepare(page, world);
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(target, `${file}.png`), fullPage: given !== undefined });
    console.log(`${file}.png${await sideways(page)}`);
  } finally {
    await context.close();
  }
}

try {
  const world = await prepareService(service, browser, receivers);
  await mkdir(target, { recursive: true });
  if (given === undefined) {
    for (const [file, name, options] of KEPT) {
      const scene = scenes.find((each) => each.name === name);
      if (scene === undefined) throw new Error(`there is no scene ${name}`);
      await shoot(file, scene, world, options);
    }
  } else {
    for (const scene of scenes.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
      for (const [width, size] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
        for (const colorScheme of ['light', 'dark'] as const) {
          for (const [language, locale] of Object.entries({ en: ENGLISH, ko: KOREAN })) {
            const view = [width, colorScheme, language].join('.');
            if (views.length > 0 && !views.includes(view)) continue;
            await shoot(`${scene.name}.${view}`, scene, world, { ...size, ...locale, colorScheme });
          }
        }
      }
    }
  }
} finally {
  await browser.close();
  await service.stop();
  for (const each of [...members, receivers]) await each[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}
