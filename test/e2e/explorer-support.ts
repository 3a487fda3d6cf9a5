import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import type { TestService } from '../support/service.js';
import { until } from '../support/until.js';

let made = 0;

/** Digests that nothing else has. */
function freshDigests(count: number): string[] {
  return Array.from({ length: count }, () => createHash('sha256').update(`explored ${made++}`).digest('hex'));
}

export interface Sealed {
  readonly id: string;
  readonly sha256: string;
  readonly block: { readonly height: number; readonly index: number };
}

/** Seals one block with this many entries. */
export async function sealBlock(service: TestService, count: number): Promise<readonly Sealed[]> {
  const response = await fetch(`${service.url}/v1/notarizations?wait=sealed`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ documents: freshDigests(count).map((sha256) => ({ sha256 })) }),
  });
  if (response.status !== 201) throw new Error(await response.text());
  return ((await response.json()) as { notarizations: Sealed[] }).notarizations;
}

/** As NDJSON, before sealing starts, so that all entries are in the first block. */
export async function sealFirstBlock(service: TestService, count: number): Promise<void> {
  const lines = freshDigests(count).map((sha256) => `${JSON.stringify({ sha256 })}\n`);
  const response = await fetch(`${service.url}/v1/notarizations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-ndjson' },
    body: lines.join(''),
  });
  await response.text();
  service.startSealing();
  await until('block 0', () => service.deps.log.block(0));
}

export async function headerOf(service: TestService, height: number): Promise<Buffer> {
  return Buffer.from(await (await fetch(`${service.url}/v1/blocks/${height}/header`)).arrayBuffer());
}

export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The text of the page without hashes and commands, which can look like words. */
export async function plainText(page: Page): Promise<string> {
  return page.locator('main').evaluate((main) => {
    const copy = main.cloneNode(true) as Element;
    for (const part of copy.querySelectorAll('code, .digits, .box-hash, .box-before')) part.remove();
    return copy.textContent.replaceAll('ingam audit', '');
  });
}
