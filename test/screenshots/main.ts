/** `npm run screenshots`: retakes the pictures in docs/images from the built service, with two members. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { generateKey } from '../../src/crypto/keys.js';
import { startBuilt } from '../support/built.js';
import { launchChromium } from '../support/chromium.js';
import { until } from '../support/until.js';
import { startWitness } from '../support/witness.js';

const ROOT = join(import.meta.dirname, '../..');
const IMAGES = join(ROOT, 'docs/images');
const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 960 } };
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, colorScheme: 'dark' };

const lease = file('Lease, 12 Harbour Street.pdf', 'The harbour house is let from the first of March.');
const DOCUMENTS = [
  lease,
  file('Board minutes 2026-11.docx', 'Present: all. Agreed: the budget.'),
  file('Drawing A-104, revision C.dwg', 'section through the staircase'),
  file('Photographs of the site.zip', 'before the work began'),
];

function file(name: string, text: string) {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(`${text}\n`.repeat(4000)) };
}

async function post(url: string, body: unknown): Promise<void> {
  const answer = await fetch(`${url}/v1/notarizations?wait=sealed`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`the service returned ${answer.status}`);
}

async function proofOf(url: string, sha256: string): Promise<string> {
  const answer = await fetch(`${url}/v1/verify/${sha256}`);
  const { notarizations } = (await answer.json()) as { notarizations: { links: { proof: string } }[] };
  return (await fetch(url + (notarizations[0]?.links.proof ?? ''))).text();
}

const folder = await mkdtemp(join(tmpdir(), 'ingam-screenshots-'));
const logKey = generateKey('notary.example.com/main');
const members = [
  await startWitness('kim-partners', () => logKey.key),
  await startWitness('city-archive', () => logKey.key),
];
const service = await startBuilt(['serve'], {
  cwd: folder,
  env: {
    HOME: folder,
    INGAM_DATA_DIR: 'data',
    INGAM_LOG_KEY: logKey.text,
    INGAM_MEMBERS: [
      ...members.map(({ line }) => line),
      'group members all kim-partners city-archive',
      'quorum members',
    ].join('\n'),
  },
});
const browser = await launchChromium();

async function shoot(
  name: string,
  address: string,
  options: BrowserContextOptions,
  prepare: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  await page.goto(address);
  await page.locator('.chain-status:not(:empty)').waitFor();
  await prepare(page);
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
  await context.close();
  console.log(`docs/images/${name}.png`);
}

/** @param proof the proof of the lease */
const verified = (proof: string) => async (page: Page) => {
  const buffer = Buffer.from(proof);
  const name = `${lease.name}.ingam.json`;
  await page
    .locator('#given input')
    .first()
    .setInputFiles([lease, { name, mimeType: 'application/json', buffer }]);
  await page.locator('[data-statement=verified] .signer[data-signed=true]').nth(1).waitFor();
  await page.evaluate(() => {
    scrollTo(0, 0);
  });
};

try {
  const { url } = service;
  await mkdir(IMAGES, { recursive: true });
  for (const count of [14, 52, 7, 31, 120, 9]) {
    const digests = Array.from({ length: count }, (_, i) => ({
      sha256: (count * 1000 + i).toString(16).padStart(64, 'c'),
    }));
    await post(url, { documents: digests });
  }
  await shoot('notarize', url, DESKTOP, async (page) => {
    await page.locator('input[type=file]').first().setInputFiles(DOCUMENTS);
    await page
      .locator('.row')
      .nth(DOCUMENTS.length - 1)
      .waitFor();
    await page.locator('.list-actions .is-primary').click();
    await until(
      'every document to be sealed',
      () => page.locator('.row[data-phase=sealed]').count(),
      DOCUMENTS.length,
    );
    await page
      .getByText('Cosigned by 2 of 2 members')
      .nth(DOCUMENTS.length - 1)
      .waitFor();
    // The sentence above the list follows at a pace at which it can be read.
    await page.locator('.summary', { hasNotText: /^0 of/ }).waitFor();
    await page.evaluate(() => {
      scrollTo(0, 0);
    });
  });
  const proof = await proofOf(url, createHash('sha256').update(lease.buffer).digest('hex'));
  await shoot('verify', `${url}/verify.html`, DESKTOP, verified(proof));
  await shoot('verify-phone', `${url}/verify.html`, PHONE, verified(proof));
  await shoot('explorer', `${url}/explorer.html#block=4&entry=77`, DESKTOP, async (page) => {
    await page.locator('main svg text', { hasText: '77' }).first().waitFor();
    await page.evaluate(() => {
      scrollBy(0, -24);
    });
  });
} finally {
  await browser.close();
  await service.stop();
  for (const member of members) await member[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}
