import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NoteSigner } from '../proof/index.js';
import { StoreError, type Leadership, type Store, type StoreLog } from '../store/index.js';
import { DifficultyControl } from './mining.js';
import { LogSigners } from './log-keys.js';
import { SealProblem, type SealProblemCode } from './errors.js';
import type { RollbackGuard } from './rollback-guard.js';
import { sealNextBlock, type SealContext, type Sealed } from './seal-block.js';
import { SealWorkers } from './workers.js';

export interface SealerOptions {
  readonly store: Store;
  readonly logKey: NoteSigner;
  /** All keys of the log that this process has; by default the one. */
  readonly signers?: LogSigners;
  readonly guard: RollbackGuard;
  readonly log: StoreLog;
  readonly sealIntervalMs: number;
  readonly maxBlockEntries: number;
  /** The first block's difficulty, in a chain without blocks. */
  readonly minDifficulty: number;
  readonly miningTargetMs: number;
  /** How long entries may wait without a new block before this process ends the leader's reign. */
  readonly takeOverMs?: number;
  readonly clock?: () => number;
  /** Called after each block that this process has sealed. */
  readonly onSealed?: (sealed: Sealed & { readonly totalMs: number }) => void;
}

export interface SealerStatus {
  readonly leading: boolean;
  readonly problem: {
    readonly code: SealProblemCode;
    readonly message: string;
    readonly since: number;
  } | null;
}

/** Mining that outlasts its target twentyfold is bad luck once in 500 million blocks; a leader that silent is not mining. */
const PATIENCE = 20;
const TAKE_OVER_MS = 10_000;
/** How often a long interval looks whether a block is full already. */
const LOOK_INTERVAL_MS = 1000;

/** Turns accepted entries into blocks, for as long as this process leads; stands by while another does. */
export class Sealer {
  readonly #options: SealerOptions;
  readonly #context: SealContext;
  readonly #stop = new AbortController();
  #leadership: Leadership | null = null;
  #running: Promise<void> | null = null;
  #problem: SealerStatus['problem'] = null;
  /** The tip that a standby last saw while entries waited, and since when (monotonic). */
  #stalled: { readonly height: number; readonly since: number } | null = null;

  constructor(options: SealerOptions) {
    this.#options = options;
    this.#context = {
      store: options.store,
      guard: options.guard,
      logKey: options.logKey.key,
      signers: options.signers ?? new LogSigners([options.logKey]),
      workers: new SealWorkers(),
      difficulty: new DifficultyControl(options.miningTargetMs),
      maxBlockEntries: options.maxBlockEntries,
      minDifficulty: options.minDifficulty,
      clock: options.clock ?? Date.now,
      signal: this.#stop.signal,
    };
  }

  get status(): SealerStatus {
    return { leading: this.#leadership !== null, problem: this.#problem };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when nothing of this sealer runs any more. A block that is being mined is dropped, not lost: its entries wait. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#leadership?.release();
    this.#leadership = null;
    await this.#context.workers.destroy();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped()) {
      const started = performance.now();
      const more = await this.#turn();
      if (!more) await this.#pauseUntil(started + this.#options.sealIntervalMs);
    }
  }

  /** Waits for the end of the interval, or for as many entries as a block can take. */
  async #pauseUntil(end: number): Promise<void> {
    for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
      const pause = Math.min(left, LOOK_INTERVAL_MS);
      await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      if (this.#isStopped() || (pause < left && (await this.#isBlockFull()))) return;
    }
  }

  async #isBlockFull(): Promise<boolean> {
    if (this.#leadership === null) return false;
    try {
      const { nextPosition, firstUnsealed } = await this.#options.store.waiting();
      return nextPosition - firstUnsealed >= this.#options.maxBlockEntries;
    } catch {
      return false; // the next turn meets the same error, and reports it
    }
  }

  /** One look at the chain, and one block if there is one to seal. Answers whether the next should follow at once. */
  async #turn(): Promise<boolean> {
    try {
      const led = this.#leadership !== null;
      await this.#options.guard.check();
      const leads = await this.#lead();
      if (leads && !led) await this.#options.guard.checkAnew();
      const more = leads && (await this.#seal());
      this.#problem = null;
      return more;
    } catch (error) {
      if (!this.#isStopped()) this.#report(error);
      return false;
    }
  }

  async #seal(): Promise<boolean> {
    const started = performance.now();
    const sealed = await sealNextBlock(this.#context);
    if (sealed === null) return false;
    // The file outside the database follows the commit: behind it by one block is harmless, ahead of it would be an alarm.
    await this.#options.guard.check();
    const totalMs = performance.now() - started;
    this.#options.onSealed?.({ ...sealed, totalMs });
    const { height, entryCount, difficulty } = sealed.block;
    this.#options.log.info({ height, entryCount, difficulty, totalMs: Math.round(totalMs) }, 'block sealed');
    return sealed.more;
  }

  async #lead(): Promise<boolean> {
    if (this.#leadership?.lost.aborted === true) {
      this.#options.log.warn({}, 'the lead was lost');
      this.#leadership = null;
    }
    this.#leadership ??= (await this.#options.store.acquireLeadership()) ?? (await this.#replaceSilentLeader());
    return this.#leadership !== null;
  }

  async #replaceSilentLeader(): Promise<Leadership | null> {
    const { tip, waitingSince } = await this.#options.store.waiting();
    const height = tip?.height ?? -1;
    if (waitingSince === null || this.#stalled?.height !== height) {
      this.#stalled = waitingSince === null ? null : { height, since: performance.now() };
      return null;
    }
    const patience = this.#options.takeOverMs ?? TAKE_OVER_MS + this.#options.miningTargetMs * PATIENCE;
    if (performance.now() - this.#stalled.since < patience) return null;
    this.#options.log.warn({ height }, 'the leading sealer has gone silent: taking the lead');
    this.#stalled = null;
    return this.#options.store.takeOverLeadership();
  }

  #report(error: unknown): void {
    const code = codeOf(error);
    const message = error instanceof Error ? error.message : String(error);
    if (this.#problem?.code === code) {
      this.#problem = { ...this.#problem, message };
      return;
    }
    this.#problem = { code, message, since: Date.now() };
    this.#options.log.error({ code, err: error }, `sealing stands still: ${message}`);
  }

  #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }
}

function codeOf(error: unknown): SealProblemCode {
  if (error instanceof SealProblem) return error.code;
  return error instanceof StoreError && error.code === 'unavailable' ? 'unavailable' : 'unexpected';
}
