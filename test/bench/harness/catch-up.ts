import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCheckpoint, parseNote } from '../../../src/proof/index.js';
import { startBuilt } from '../../support/built.js';
import { waitFor } from '../../faults/harness/wait.js';
import type { FilledChain } from './bench.js';
import { track, watchResidentSize } from './child.js';

const LIMIT_MS = 300_000;

export interface CaughtUp {
  /**
   * From the moment when the member prints its address, before it has any block, until it has cosigned all of
   * them.
   */
  readonly seconds: number;
  /** Peak memory of its process. */
  readonly peakMiB: number;
}

/**
 * Starts a member with an empty database and its own PostgreSQL, and stops it when it has the whole chain.
 */
export async function catchUp(
  directory: string,
  { url, verifierKey, blocks }: FilledChain,
): Promise<CaughtUp> {
  const data = await mkdtemp(join(directory, 'member-'));
  const env = { HOME: data, INGAM_DATA_DIR: join(data, 'data') };
  const member = await startBuilt(['member', '--upstream', url, '--key', verifierKey], { env }, track);
  try {
    const peak = watchResidentSize(member.pid);
    const started = performance.now();
    await waitFor(
      'the member to cosign every block',
      async () => (await sizeShownBy(member.url)) === blocks,
      LIMIT_MS,
    );
    return { seconds: (performance.now() - started) / 1000, peakMiB: peak() };
  } finally {
    await member.stop();
    await rm(data, { recursive: true, force: true });
  }
}

async function sizeShownBy(url: string): Promise<number> {
  const answer = await fetch(`${url}/checkpoint`);
  const text = await answer.text();
  return answer.status === 200 ? parseCheckpoint(parseNote(text).text).size : 0;
}
