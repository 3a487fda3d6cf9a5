import { createCipheriv, createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sharedChromium } from '../support/chromium.js';
import { choose, openPage, useService, waitForRows } from './support.js';

const SIZE = 2 * 1024 ** 3;
const PIECE = 16 * 1024 ** 2;
const MB = 1e6;

const service = useService();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingam-long-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('hashes a file of 2 GiB in the browser with constant memory, a responsive page and working cancel', async () => {
  const path = join(folder, 'large.bin');
  const digest = await generate(path);
  await using opened = await openPage(service.url);
  const { page } = opened;
  await page.evaluate(watchTicks);
  await page.waitForLoadState('networkidle');
  const before = await renderersMemory();
  const memory = sampleMemory();

  await choose(page, path);
  await waitForPercent(page, 10);
  await page.getByRole('button', { name: 'Cancel large.bin' }).click();
  await waitForRows(page, 'cancelled', 1);
  await page.getByText('Cancelled. Nothing was notarized.').waitFor();

  await page.evaluate(watchTicks);
  const started = performance.now();
  await page.getByRole('button', { name: 'Try again' }).click();
  await waitForPercent(page, 20);
  // The page answers while the file is hashed.
  await page.getByRole('button', { name: '한국어' }).click();
  await page.getByText('해시값 계산 중').first().waitFor();
  await page.getByRole('button', { name: 'English' }).click();
  await page.waitForFunction(
    () =>
      !['waiting', 'hashing'].includes(document.querySelector<HTMLElement>('.row')?.dataset['phase'] ?? ''),
    null,
    { timeout: 0 },
  );
  const seconds = (performance.now() - started) / 1000;
  const { ticks, longest } = await page.evaluate(() => (window as unknown as { ticking: Ticking }).ticking);
  const samples = await memory.stop();
  const early = Math.max(...samples.slice(0, samples.length / 2));
  const late = Math.max(...samples.slice(samples.length / 2));
  await waitForRows(page, 'sealed', 1);

  console.log(
    `${(SIZE / MB).toFixed(0)} MB in ${seconds.toFixed(1)} s, ${(SIZE / MB / seconds).toFixed(0)} MB/s; ` +
      `renderers ${[before, early, late].map((bytes) => (bytes / MB).toFixed(0)).join(', ')} MB ` +
      `before, at most in the first half, and in the second; ` +
      `${ticks} ticks of 50 ms, longest pause ${longest.toFixed(0)} ms`,
  );
  const known = await service.deps.notarizations.byDigest(digest, 5);
  expect(known.notarizations).toHaveLength(1);
  // A page that held the file, or its slices, would grow by its size.
  expect(Math.max(early, late) - before).toBeLessThan(SIZE / 8);
  expect(late - early).toBeLessThan(SIZE / 16);
  // An interval of a page that is held up does not tick at all.
  expect(ticks).toBeGreaterThan(50);
  opened.assertClean();
});

interface Ticking {
  ticks: number;
  /** Milliseconds. */
  longest: number;
  timer: number;
}

/** Restarts the count; runs in the page. */
function watchTicks(): void {
  const holder = window as unknown as { ticking?: Ticking };
  if (holder.ticking !== undefined) clearInterval(holder.ticking.timer);
  const ticking: Ticking = { ticks: 0, longest: 0, timer: 0 };
  let last = performance.now();
  ticking.timer = window.setInterval(() => {
    const now = performance.now();
    ticking.ticks += 1;
    ticking.longest = Math.max(ticking.longest, now - last);
    last = now;
  }, 50);
  holder.ticking = ticking;
}

async function waitForPercent(page: Page, percent: number): Promise<void> {
  await page.waitForFunction(
    (percent) =>
      Number(/(\d+)%/.exec(document.querySelector('.row-status')?.textContent ?? '')?.[1]) >= percent,
    percent,
    { timeout: 0 },
  );
}

/** Writes what no two pieces of are alike. @returns its SHA-256, as Node computes it */
async function generate(path: string): Promise<Uint8Array> {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16, 9));
  const hash = createHash('sha256');
  const file = await open(path, 'w');
  const zeros = Buffer.alloc(PIECE);
  for (let written = 0; written < SIZE; written += PIECE) {
    const piece = stream.update(zeros);
    hash.update(piece);
    await file.write(piece);
  }
  await file.close();
  return new Uint8Array(hash.digest());
}

/** Bytes that the processes of the pages hold in memory, together. */
async function renderersMemory(): Promise<number> {
  const devtools = await (await sharedChromium()).newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  await devtools.detach();
  const ids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', ids.join(',')]);
  return stdout
    .trim()
    .split('\n')
    .reduce((sum, line) => sum + Number(line) * 1024, 0);
}

function sampleMemory() {
  const stopping = new AbortController();
  const run = async () => {
    const samples: number[] = [];
    while (!stopping.signal.aborted) {
      samples.push(await renderersMemory());
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return samples;
  };
  const running = run();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}
