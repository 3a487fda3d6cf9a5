import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseCheckpoint, parseNote } from '../../../src/proof/index.js';
import { MAIN } from '../../cli/built.js';
import { waitFor } from '../../faults/harness/wait.js';
import type { FilledChain } from './bench.js';
import { track, watchResidentSize } from './child.js';
import { Spoiled } from './statistics.js';

const LIMIT_MS = 300_000;

export interface CaughtUp {
  /** From when the member tells its address, before it knows of any block, until it shows that it has cosigned all of them. */
  readonly seconds: number;
  /** The most memory that was seen in use by its process. */
  readonly peakMiB: number;
}

/** Starts a member with nothing, and a PostgreSQL of its own, and ends it when it has the whole chain. */
export async function catchUp(
  directory: string,
  { url, verifierKey, blocks }: FilledChain,
): Promise<CaughtUp> {
  const data = await mkdtemp(join(directory, 'member-'));
  const child = track(
    spawn(process.execPath, [MAIN, 'member', '--upstream', url, '--key', verifierKey], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: data,
        PORT: '0',
        INGAM_DATA_DIR: join(data, 'data'),
        INGAM_LOG_LEVEL: 'warn',
      },
    }),
  );
  const ended = once(child, 'exit');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  try {
    const line = (await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next())
      .value as unknown;
    const own = /running at (http:\S+)$/.exec(String(line))?.[1];
    if (own === undefined || child.pid === undefined) throw new Spoiled(`the member did not start: ${said}`);
    const watch = watchResidentSize(child.pid);
    const started = performance.now();
    await waitFor(
      'the member to cosign every block',
      async () => (await sizeShownBy(own)) === blocks,
      LIMIT_MS,
    );
    return { seconds: (performance.now() - started) / 1000, peakMiB: watch() };
  } finally {
    child.kill('SIGTERM');
    await ended;
    await rm(data, { recursive: true, force: true });
  }
}

async function sizeShownBy(url: string): Promise<number> {
  const answer = await fetch(`${url}/checkpoint`);
  const text = await answer.text();
  return answer.status === 200 ? parseCheckpoint(parseNote(text).text).size : 0;
}
