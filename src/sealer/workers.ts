import { availableParallelism, getPriority } from 'node:os';
import { Piscina } from 'piscina';
import { THREAD_ARGUMENTS } from '../background/threads.js';
import { isSlow, type PrivateKey } from '../crypto/keys.js';
import { joinTiles, type BlockTree } from '../merkle/block-tree.js';
import { cutHashes } from '../merkle/flat.js';
import {
  concat,
  encodeEntries,
  type Entry,
  type Header,
  type Note,
  signCheckpoint,
  TILE_WIDTH,
} from '../proof/index.js';
import type { ReceiptedGroup, ReceiptTrust, Uncovered } from './coverage.js';
import type { CheckpointToSign, HashedRun, Mined } from './worker.js';

/** The bundle of this thread's module, two folders up from src/sealer/ and from dist/shared/ alike. */
const WORKER = new URL('../../dist/sealer/worker.js', import.meta.url);

/**
 * Of the thread that mines, above that of the others: where all cores are busy it gets a third of what another thread gets, and requests
 * and sealing get the rest. Not more, because a leader that mines for too long is replaced.
 */
const MINING_NICENESS = 5;

/**
 * By how much the mining thread is nicer than a process of this priority. Not to -1: that is also what nice(2) returns when it fails, and
 * the thread would end (nice(2), "RETURN VALUE").
 */
export function miningNiceness(priority: number): number {
  return priority + MINING_NICENESS === -1 ? MINING_NICENESS + 1 : MINING_NICENESS;
}

/** Entries per task: whole tiles, and for most blocks all entries. */
export const RUN_ENTRIES = 2 ** 16;

/**
 * The leader's threads for hashing, and one for mining. They start when they are first needed; only very large blocks
 * use more than one for hashing.
 */
export class SealWorkers {
  readonly #threads: number;
  #pool: Piscina | null = null;
  #miner: Piscina | null = null;

  constructor(threads = availableParallelism()) {
    this.#threads = threads;
  }

  /**
   * The tree over a block's encoded entries.
   * @param runs the concatenated entries, RUN_ENTRIES in each run but the last. Their buffers are
   *   transferred: empty afterwards.
   */
  async buildTree(runs: readonly Uint8Array<ArrayBuffer>[], signal?: AbortSignal): Promise<BlockTree> {
    const hashed = await Promise.all(
      runs.map((run) => this.#run<HashedRun>('hashRun', run, signal, [run.buffer])),
    );
    return joinTiles(
      hashed.flatMap(({ leaves }) => cutHashes(leaves, TILE_WIDTH)),
      hashed.flatMap(({ tileRoots }) => cutHashes(tileRoots, 1)),
    );
  }

  /**
   * The first of the groups that the block's receipts do not cover.
   * @param groups all groups of the block, in order
   */
  firstUncovered(
    groups: readonly ReceiptedGroup[],
    { tiles }: BlockTree,
    trust: ReceiptTrust,
    signal?: AbortSignal,
  ): Promise<Uncovered | null> {
    const leaves = concat(...tiles.filter(({ level }) => level === 0).map(({ hashes }) => hashes));
    return this.#run<Uncovered | null>('checkReceipts', { groups, leaves, trust }, signal);
  }

  mine(header: Omit<Header, 'nonce'>, signal?: AbortSignal): Promise<Mined> {
    this.#miner ??= newPool({ maxThreads: 1, niceIncrement: miningNiceness(getPriority()) });
    return this.#miner.run(header, { name: 'mine', ...(signal && { signal }) }) as Promise<Mined>;
  }

  /**
   * A checkpoint with the signatures of these keys.
   * @param time of signing, in seconds since the Unix epoch
   */
  async signCheckpoint(
    text: string,
    signers: readonly PrivateKey[],
    time: number,
    signal?: AbortSignal,
  ): Promise<Note> {
    if (!signers.some(isSlow)) return signCheckpoint(text, signers, time);
    const task: CheckpointToSign = { text, keys: signers.map((signer) => signer.text), time };
    return this.#run<Note>('signCheckpoint', task, signal);
  }

  /** Ends all threads. A later task starts new ones. */
  async close(): Promise<void> {
    const pools = [this.#pool, this.#miner].filter((pool) => pool !== null);
    this.#pool = null;
    this.#miner = null;
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  async #run<T>(name: string, task: unknown, signal?: AbortSignal, transferList?: ArrayBuffer[]): Promise<T> {
    this.#pool ??= newPool({ maxThreads: this.#threads });
    return (await this.#pool.run(task, {
      name,
      ...(signal && { signal }),
      ...(transferList && { transferList }),
    })) as T;
  }
}

function newPool(options: { readonly maxThreads: number; readonly niceIncrement?: number }): Piscina {
  return new Piscina({
    filename: WORKER.href,
    execArgv: [...THREAD_ARGUMENTS],
    minThreads: 0,
    idleTimeout: 60_000,
    ...options,
  });
}

/** Encoded entries, in the runs that `buildTree` takes. */
export function entryRuns(entries: readonly Entry[]): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: Math.ceil(entries.length / RUN_ENTRIES) }, (_, i) =>
    encodeEntries(entries.slice(i * RUN_ENTRIES, (i + 1) * RUN_ENTRIES)),
  );
}
