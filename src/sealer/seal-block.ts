import {
  encodeHeader,
  formatCheckpoint,
  MAX_DIFFICULTY,
  NO_PREVIOUS_HASH,
  signByAll,
  type VerifierKey,
} from '../proof/index.js';
import {
  StoreError,
  type BlockCommit,
  type KeptEntry,
  type StoredBlock,
  type StoredCheckpoint,
  type StoredEntry,
  type Store,
  type SealingState,
} from '../store/index.js';
import type { BackgroundTask } from '../background/index.js';
import { readLogKeys, type LogSigners, extendLog, SealProblem } from './log.js';
import { entryRuns, type SealWorkers } from './workers.js';

export interface SealContext {
  readonly store: Store;
  readonly logKey: VerifierKey;
  readonly signers: LogSigners;
  readonly workers: SealWorkers;
  readonly difficulty: DifficultyControl;
  readonly maxBlockEntries: number;
  readonly minDifficulty: number;
  readonly clock: () => number;
  readonly signal: AbortSignal;
  /** Reports failures, and paces further attempts. */
  readonly task: BackgroundTask;
}

export interface Sealed {
  readonly block: StoredBlock;
  readonly checkpoint: StoredCheckpoint;
  readonly attempts: number;
  readonly miningMs: number;
  /** Whether entries are left that did not fit into the block. */
  readonly more: boolean;
}

const CLOCK_SKEW_MS = 1000;

/**
 * Seals the first of the waiting entries into one block; null when nothing waits, or when another sealer was
 * faster.
 *
 * Everything is computed before the one transaction, from rows that never change; the transaction only checks
 * that the tip is still that of `waiting`. A failure before it leaves no trace.
 * @throws {SealProblem | StoreError}
 */
export async function sealNextBlock(context: SealContext, waiting: SealingState): Promise<Sealed | null> {
  const { store } = context;
  const count = Math.min(waiting.nextPosition - waiting.firstUnsealed, context.maxBlockEntries);
  if (count === 0) return null;
  const entries = wholeRun(await store.entries(waiting.firstUnsealed, count), waiting.firstUnsealed, count);
  const sealedAt = sealingTime(context.clock(), waiting, entries);
  if (sealedAt === null) return null;
  const header = {
    height: waiting.tip === null ? 0 : waiting.tip.height + 1,
    previousHash: waiting.tip?.hash ?? NO_PREVIOUS_HASH,
    firstPosition: waiting.firstUnsealed,
    sealedAt,
    difficulty: await nextDifficulty(context, waiting.tip),
  };
  // A key statement takes effect with the checkpoint that covers it, which is that of its own block.
  const end = waiting.firstUnsealed + count;
  const keys = await readLogKeys(store, context.logKey, { height: header.height, end });
  const signers = await context.signers.of(keys.at(header.height + 1));
  const tree = await context.workers.buildTree(entryRuns(entries), context.signal);
  const rooted = { ...header, merkleRoot: tree.root, entryCount: count };
  const mined = await context.workers.mine(rooted, context.signal);
  context.difficulty.observe(mined.attempts, mined.milliseconds);
  const block = { ...rooted, nonce: mined.nonce, hash: mined.hash };
  const log = await extendLog(store, block.height, encodeHeader(block));
  const size = block.height + 1;
  const text = formatCheckpoint({ origin: context.logKey.name, size, root: log.root, extensions: [] });
  // A signature that is never committed is never seen: only committed rows are published.
  const checkpoint = { size, root: log.root, note: signByAll(text, signers) };
  const commit: BlockCommit = {
    expectedTip: waiting.tip?.hash ?? null,
    block,
    blockTiles: tree.tiles,
    logTiles: log.tiles,
    checkpoint,
  };
  if (!(await commitBlock(context, commit))) return null;
  return {
    block,
    checkpoint,
    attempts: mined.attempts,
    miningMs: mined.milliseconds,
    more: waiting.nextPosition - waiting.firstUnsealed > count,
  };
}

/** The commit point: once this commit is durable the block is permanent; before, it does not exist. */
async function commitBlock({ store, signal, task }: SealContext, commit: BlockCommit): Promise<boolean> {
  try {
    return (await store.commitBlock(commit)) === 'committed';
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'outcome_unknown')) throw error;
  }
  // The connection broke during the commit. Whether it took place is read from the database, however long
  // that takes.
  for (;;) {
    try {
      return await store.findCommitted(commit.block);
    } catch (error) {
      if (signal.aborted) throw error;
      task.failed(error);
      await task.pause(signal);
    }
  }
}

/**
 * The block's time: not before its entries and its predecessor. Null when this clock is slightly behind the
 * clock of the process that accepted an entry: the next turn will have a valid time.
 */
function sealingTime(now: number, { tip }: SealingState, entries: readonly KeptEntry[]): number | null {
  const floor = entries.reduce((latest, { acceptedAt }) => Math.max(latest, acceptedAt), tip?.sealedAt ?? 0);
  if (now >= floor) return now;
  if (floor - now <= CLOCK_SKEW_MS) return null;
  throw new SealProblem(
    'clock_behind',
    `the clock of this machine is ${floor - now} ms behind the chain; sealing waits until it catches up. Check its time synchronization`,
  );
}

async function nextDifficulty(context: SealContext, tip: StoredBlock | null): Promise<number> {
  if (tip === null) return context.minDifficulty;
  const first = await context.store.block(0);
  if (first === null) throw new SealProblem('inconsistent', 'block 0 is missing; run "ingam audit"');
  return context.difficulty.next(tip.difficulty, first.difficulty);
}

/**
 * Adjusts the difficulty towards a mining time. It changes by at most 1 from block to block and never falls
 * below that of the first block.
 */
export class DifficultyControl {
  readonly #targetMs: number;
  /** Hashes per millisecond of this machine, as last measured; null before the first block. */
  #rate: number | null = null;

  constructor(targetMs: number) {
    this.#targetMs = targetMs;
  }

  observe(attempts: number, milliseconds: number): void {
    // A few attempts would measure the resolution of the clock.
    if (milliseconds >= 1) this.#rate = attempts / milliseconds;
  }

  /** @param minimum the difficulty of the chain's first block */
  next(previous: number, minimum: number): number {
    // Mining takes 2^difficulty attempts on average.
    const wanted =
      this.#rate === null ? previous : Math.floor(Math.log2(Math.max(1, this.#rate * this.#targetMs)));
    const step = Math.sign(wanted - previous);
    return Math.min(MAX_DIFFICULTY, Math.max(minimum, previous + step));
  }
}

/** Waiting entries are neither missing nor erased: only sealed entries can be erased. */
function wholeRun(entries: readonly StoredEntry[], first: number, count: number): KeptEntry[] {
  return Array.from({ length: count }, (_, i) => {
    const entry = entries[i];
    if (entry === undefined || entry.erased || entry.position !== first + i) {
      throw new SealProblem(
        'inconsistent',
        `the entry at position ${first + i} is missing; run "ingam audit"`,
      );
    }
    return entry;
  });
}
