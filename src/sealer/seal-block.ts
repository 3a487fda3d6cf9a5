import {
  encodeHeader,
  formatCheckpoint,
  formatNote,
  KIND_EVENT,
  MAX_DIFFICULTY,
  NO_PREVIOUS_HASH,
  type VerifierKey,
} from '../proof/index.js';
import {
  StoreError,
  type BlockCommit,
  type KeptEntry,
  type StoredBlock,
  type StoredCheckpoint,
  type StoredEntry,
  type StoredReceipt,
  type Store,
  type SealingState,
} from '../store/index.js';
import type { BackgroundTask } from '../background/index.js';
import { type Beacon, formatStatement, stateHash } from '../proof/time/state.js';
import { type ReceiptTrust, RECEIPT_FAULTS, takeGroups } from './coverage.js';
import { readLogKeys, type LogSigners, extendLog, SealProblem } from './log.js';
import { sealRecords } from './records.js';
import { entryRuns, type SealWorkers } from './workers.js';

export interface SealContext {
  readonly store: Store;
  readonly logKey: VerifierKey;
  readonly signers: LogSigners;
  readonly receiptTrust: ReceiptTrust;
  readonly workers: SealWorkers;
  readonly difficulty: DifficultyControl;
  readonly maxBlockEntries: number;
  readonly maxBlockEvents: number;
  readonly minDifficulty: number;
  readonly clock: () => number;
  /** What a block that is sealed at a time may name: see `SealerOptions`. */
  readonly beacons: (sealedAt: number) => readonly Beacon[];
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
/** Most groups in one block. The signature of each is verified. */
const MAX_GROUPS = 8192;

/**
 * Seals the first of the waiting groups into one block; null when nothing waits, or when another sealer was
 * faster. A group whose entries are not those that the service accepted is not sealed, and none after it.
 *
 * Everything is computed before the one transaction, from rows that never change; the transaction only checks
 * that the tip is still that of `waiting`. A failure before it leaves no trace.
 * @param end seal nothing from this position on
 * @throws {SealProblem | StoreError}
 */
export async function sealNextBlock(
  context: SealContext,
  waiting: SealingState,
  end = waiting.nextPosition,
): Promise<Sealed | null> {
  const { store } = context;
  const first = waiting.firstUnsealed;
  if (first >= end) return null;
  const receipts = await store.receipts(first, MAX_GROUPS);
  const found = { receipts, complete: receipts.length < MAX_GROUPS };
  const { groups: taken, gap } = takeGroups(found, first, end, context.maxBlockEntries);
  if (taken.length === 0) {
    // Another sealer has dropped them with its block, or somebody else has deleted them.
    if ((await store.tip())?.height !== waiting.tip?.height) return null;
    throw uncovered(gap?.from ?? first, gap?.to ?? end, 'no receipt is stored');
  }
  const all = countOf(taken);
  const read = wholeRun(await store.entries(first, all), first, all);
  const fitting = limitEvents(taken, read, first, context.maxBlockEvents);
  const count = countOf(fitting);
  const entries = read.slice(0, count);
  const groups = fitting.map((group) => ({ ...group, acceptedAt: commonTime(entries, first, group) }));
  const sealedAt = sealingTime(context.clock(), waiting, entries);
  if (sealedAt === null) return null;
  const header = {
    height: waiting.tip === null ? 0 : waiting.tip.height + 1,
    previousHash: waiting.tip?.hash ?? NO_PREVIOUS_HASH,
    firstPosition: first,
    sealedAt,
    difficulty: await nextDifficulty(context, waiting.tip),
  };
  // A key statement takes effect with the checkpoint that covers it, which is that of its own block.
  const next = { height: header.height, end: first + count };
  const keys = await readLogKeys(store, context.logKey, next);
  const signers = await context.signers.of(keys.at(header.height + 1));
  const tree = await context.workers.buildTree(entryRuns(entries), context.signal);
  const unsealed = { ...header, origin: context.logKey.name, entries };
  const { map, commit: records } = await sealRecords(store, waiting, unsealed);
  const statement = formatStatement({ beacons: context.beacons(sealedAt), map });
  const rooted = { ...header, merkleRoot: tree.root, state: stateHash(statement), entryCount: count };
  const [mined, fault] = await Promise.all([
    context.workers.mine(rooted, context.signal),
    context.workers.firstUncovered(groups, tree, context.receiptTrust, context.signal),
  ]);
  const bad = fault === null ? undefined : groups[fault.index];
  if (fault !== null && bad !== undefined) {
    if (fault.index > 0) return sealNextBlock(context, waiting, bad.firstPosition);
    throw uncovered(first, first + bad.entryCount, RECEIPT_FAULTS[fault.fault]);
  }
  context.difficulty.observe(mined.attempts, mined.milliseconds);
  const block = { ...rooted, nonce: mined.nonce, hash: mined.hash };
  const log = await extendLog(store, block.height, encodeHeader(block));
  const size = block.height + 1;
  const text = formatCheckpoint({ origin: context.logKey.name, size, root: log.root, extensions: [] });
  // A signature that is never committed is never seen: only committed rows are published.
  const seconds = Math.floor(header.sealedAt / 1000);
  const note = await context.workers.signCheckpoint(text, signers, seconds, context.signal);
  const checkpoint = { size, root: log.root, note: formatNote(note) };
  const commit: BlockCommit = {
    expectedTip: waiting.tip?.hash ?? null,
    block,
    statement,
    records,
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
    more: waiting.nextPosition - first > count,
  };
}

function countOf(groups: readonly StoredReceipt[]): number {
  return groups.reduce((sum, { entryCount }) => sum + entryCount, 0);
}

/** As many of the groups, at least one, as have no more events together than a change list may have. */
function limitEvents(
  groups: readonly StoredReceipt[],
  entries: readonly KeptEntry[],
  start: number,
  most: number,
): readonly StoredReceipt[] {
  let events = 0;
  const beyond = groups.findIndex(({ firstPosition, entryCount }) => {
    const own = entries.slice(firstPosition - start, firstPosition - start + entryCount);
    events += own.filter(({ kind }) => kind === KIND_EVENT).length;
    return events > most;
  });
  return beyond === -1 ? groups : groups.slice(0, Math.max(1, beyond));
}

/** @param why after "because" */
function uncovered(from: number, to: number, why: string): SealProblem {
  const which =
    to - from === 1 ? `the entry at position ${from}` : `the entries at positions ${from} to ${to - 1}`;
  const message = `${which} cannot be sealed, because ${why}. Nothing after them is sealed either. See docs/receipts.md, "When sealing stops"`;
  return new SealProblem('uncovered', message);
}

/** The time of acceptance that all entries of the group have; null: they differ. */
function commonTime(entries: readonly KeptEntry[], start: number, group: StoredReceipt): number | null {
  const from = group.firstPosition - start;
  const time = entries[from]?.acceptedAt ?? null;
  for (let i = from; i < from + group.entryCount; i++) if (entries[i]?.acceptedAt !== time) return null;
  return time;
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
    if (entry?.erased === true && entry.keyMissing === true) {
      throw new SealProblem(
        'inconsistent',
        `the data key of the entry at position ${first + i} is missing: restore the file that INGAM_ERASURE_KEYS named when it was accepted`,
      );
    }
    if (entry === undefined || entry.erased || entry.position !== first + i) {
      throw new SealProblem(
        'inconsistent',
        `the entry at position ${first + i} is missing; run "ingam audit"`,
      );
    }
    return entry;
  });
}
