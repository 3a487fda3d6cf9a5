import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Background, BackgroundTask, Problem } from '../background/index.js';
import type { PrivateKey } from '../crypto/keys.js';
import type { VerifierKey } from '../proof/index.js';
import { MAX_SIGNED_CHANGES } from '../proof/records/changes.js';
import type { Beacon } from '../proof/time/state.js';
import { StoreError, type Leadership, type Store, type StoreLog, type SealingState } from '../store/index.js';
import { LogSigners, SealProblem, type SealProblemCode } from './log.js';
import type { RollbackGuard } from './rollback-guard.js';
import { DifficultyControl, sealNextBlock, type SealContext, type Sealed } from './seal-block.js';
import { SealWorkers } from './workers.js';

export interface SealerOptions {
  readonly store: Store;
  readonly logKey: PrivateKey;
  /** All keys of the log that this process has; by default the one. */
  readonly signers?: LogSigners;
  /** The keys whose receipts cover entries: the present receipt key and former ones. */
  readonly receiptKeys: readonly VerifierKey[];
  readonly guard: RollbackGuard;
  readonly log: StoreLog;
  readonly background: Background;
  readonly sealIntervalMs: number;
  readonly maxBlockEntries: number;
  /** Default: as many as a change list may have. */
  readonly maxBlockEvents?: number;
  /** The first block's difficulty, in a chain without blocks. */
  readonly minDifficulty: number;
  readonly miningTargetMs: number;
  /** How long entries may wait without a new block before this process takes over the leadership. */
  readonly takeOverMs?: number;
  readonly clock?: () => number;
  /**
   * Checked beacons that are at hand, for a block that is sealed at a time in milliseconds since the Unix epoch; by
   * default none. A block never waits for one.
   */
  readonly beacons?: (sealedAt: number) => readonly Beacon[];
  /**
   * Accepts a document, so that there is something to seal: nothing waits, but a record waits for a time that has come.
   * By default such records wait until something is accepted.
   * @param height of the block that is to be sealed
   */
  readonly acceptForDeadlines?: (height: number) => Promise<void>;
  /** Called after each block that this process has sealed. */
  readonly onSealed?: (sealed: Sealed & { readonly totalMs: number }) => void;
}

export interface SealerStatus {
  readonly leading: boolean;
  readonly problem: Problem<SealProblemCode> | null;
}

/**
 * Mining that takes twenty times its target is once in 500 million blocks: a leader that takes longer is not
 * mining.
 */
const PATIENCE = 20;
const TAKE_OVER_MS = 10_000;
/** Problems between the database and the keys and files of this process. */
const DISQUALIFYING: ReadonlySet<SealProblemCode> = new Set([
  'rolled_back',
  'no_checkpoint',
  'wrong_key',
  'uncovered',
  'inconsistent',
]);
/** How often a long interval is interrupted to check whether a block is full. */
const CHECK_INTERVAL_MS = 1000;

/**
 * Turns accepted entries into blocks for as long as this process leads; is a standby while another one does.
 */
export class Sealer {
  readonly #options: SealerOptions;
  readonly #context: SealContext;
  readonly #task: BackgroundTask<SealProblemCode>;
  readonly #stop = new AbortController();
  #leadership: Leadership | null = null;
  /** Whether this leader has compared the database with what is known elsewhere. */
  #compared = false;
  #running: Promise<void> | null = null;
  /** The tip that a standby has seen while entries waited, and since when (monotonic). */
  #stale: { readonly height: number; readonly since: number } | null = null;

  constructor(options: SealerOptions) {
    this.#options = options;
    this.#task = options.background.task('sealing', { codeOf });
    this.#context = {
      store: options.store,
      logKey: options.logKey.key,
      signers: options.signers ?? new LogSigners([options.logKey]),
      receiptTrust: { origin: options.logKey.key.name, keys: options.receiptKeys },
      workers: new SealWorkers(),
      difficulty: new DifficultyControl(options.miningTargetMs),
      maxBlockEntries: options.maxBlockEntries,
      maxBlockEvents: options.maxBlockEvents ?? MAX_SIGNED_CHANGES,
      minDifficulty: options.minDifficulty,
      clock: options.clock ?? Date.now,
      beacons: options.beacons ?? (() => []),
      signal: this.#stop.signal,
      task: this.#task,
    };
  }

  get status(): SealerStatus {
    return { leading: this.#leadership !== null, problem: this.#task.problem };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * Resolves when the sealer has stopped. A block that is being mined is dropped; its entries stay accepted
   * and wait.
   */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#giveUpLeadership();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped()) {
      const started = performance.now();
      const more = await this.#turn();
      const pause = Math.max(this.#options.sealIntervalMs, this.#task.retryMs);
      if (!more) await this.#pauseUntil(started + pause);
    }
  }

  /** Waits for the end of the interval, or for as many entries as a block can take. */
  async #pauseUntil(end: number): Promise<void> {
    for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
      const pause = Math.min(left, CHECK_INTERVAL_MS);
      await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      if (this.#isStopped() || (pause < left && (await this.#isBlockFull()))) return;
    }
  }

  async #isBlockFull(): Promise<boolean> {
    if (this.#leadership === null || this.#task.problem !== null) return false;
    try {
      const { nextPosition, firstUnsealed } = await this.#options.store.sealingState();
      return nextPosition - firstUnsealed >= this.#options.maxBlockEntries;
    } catch (error) {
      this.#task.failed(error);
      return false;
    }
  }

  /**
   * Reads the chain once, and seals at most one block.
   * @returns whether the next turn should follow at once
   */
  async #turn(): Promise<boolean> {
    let hasSealed = this.#compared;
    try {
      const leads = await this.#lead();
      hasSealed &&= leads;
      if (leads && !this.#compared) {
        await this.#options.guard.compareElsewhere();
        this.#compared = true;
      }
      const waiting = await this.#options.store.sealingState();
      const isCurrent = await this.#options.guard.check(waiting.tip);
      const more = isCurrent && (leads ? await this.#seal(waiting) : await this.#watchLeader(waiting));
      this.#task.succeeded();
      return more;
    } catch (error) {
      if (!this.#isStopped()) this.#task.failed(error);
      // A process that must not build on this database does not keep others from sealing.
      if (!hasSealed && DISQUALIFYING.has(codeOf(error))) await this.#giveUpLeadership();
      return false;
    }
  }

  async #seal(waiting: SealingState): Promise<boolean> {
    const started = performance.now();
    if (waiting.firstUnsealed === waiting.nextPosition) return this.#provideForDeadlines(waiting);
    const sealed = await sealNextBlock(this.#context, waiting);
    if (sealed === null) return false;
    // The file outside the database follows the commit: a file that is one block behind is harmless, one
    // ahead is an alarm.
    await this.#options.guard.keep(sealed.checkpoint);
    const totalMs = performance.now() - started;
    this.#options.onSealed?.({ ...sealed, totalMs });
    const { height, entryCount, difficulty } = sealed.block;
    this.#options.log.info({ height, entryCount, difficulty, totalMs: Math.round(totalMs) }, 'block sealed');
    return sealed.more;
  }

  /** @returns whether there is something to seal now */
  async #provideForDeadlines({ tip, recordsDueAt }: SealingState): Promise<boolean> {
    const { acceptForDeadlines, clock = Date.now } = this.#options;
    if (acceptForDeadlines === undefined || recordsDueAt === null || recordsDueAt > clock()) return false;
    await acceptForDeadlines((tip?.height ?? -1) + 1);
    return true;
  }

  async #lead(): Promise<boolean> {
    if (this.#leadership?.lost.aborted === true) {
      this.#options.log.warn({}, 'leadership lost');
      await this.#giveUpLeadership();
    }
    this.#leadership ??= await this.#options.store.acquireLeadership();
    return this.#leadership !== null;
  }

  /** Takes over from a leader that has stopped sealing. @returns whether this process leads now */
  async #watchLeader({ tip, waitingSince }: SealingState): Promise<boolean> {
    const height = tip?.height ?? -1;
    if (waitingSince === null || this.#stale?.height !== height) {
      this.#stale = waitingSince === null ? null : { height, since: performance.now() };
      return false;
    }
    const patience = this.#options.takeOverMs ?? TAKE_OVER_MS + this.#options.miningTargetMs * PATIENCE;
    if (performance.now() - this.#stale.since < patience) return false;
    this.#options.log.warn({ height }, 'stale leader: taking over the leadership');
    this.#stale = null;
    this.#leadership = await this.#options.store.takeOverLeadership();
    return this.#leadership !== null;
  }

  /** Only the leader hashes and mines: its threads end with the leadership. */
  async #giveUpLeadership(): Promise<void> {
    const leadership = this.#leadership;
    this.#leadership = null;
    this.#compared = false;
    await leadership?.release();
    await this.#context.workers.close();
  }

  #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }
}

function codeOf(error: unknown): SealProblemCode {
  if (error instanceof SealProblem) return error.code;
  if (!(error instanceof StoreError)) return 'unexpected';
  return error.code === 'unavailable' || error.code === 'rolled_back' ? error.code : 'unexpected';
}
