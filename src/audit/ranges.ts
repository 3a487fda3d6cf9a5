import type { ChainSnapshot } from '../store/index.js';
import { BlockClaims } from './block-check.js';
import { checkRange, type BlockClaim, type PlainBlock } from './plain-range.js';
import { RangeThread } from './range-thread.js';

/** Checks a run of blocks, as `checkRange` does. */
type Lane = (
  claims: readonly BlockClaim[],
  onEntries: (count: number) => void,
) => Promise<PlainBlock[] | null>;

/** Runs that have been begun and that the walk has not passed, for each lane. */
const AHEAD = 3;

interface Run {
  /** Of heights that follow each other. */
  readonly claims: readonly BlockClaim[];
  readonly from: number;
  /** Undefined: not known yet. */
  blocks: PlainBlock[] | null | undefined;
  /** Entries read of it, while the walk has not come to it. */
  entries: number;
}

export interface RangesOptions {
  /** This one among them. 0: nothing is looked at. */
  readonly threads: number;
  /** A run ends with the block that makes it so many entries. */
  readonly runEntries: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Looks at the chain's blocks ahead of the walk, run by run, in this thread and in others. Which thread it was makes no difference: a run
 * in which all is as it must be is passed over by the walk, any other is read by it.
 */
export class Ranges {
  readonly #snapshot: ChainSnapshot;
  readonly #claims: BlockClaims;
  readonly #threads: readonly RangeThread[];
  readonly #signal: AbortSignal | undefined;
  /** In the order of the chain. */
  readonly #runs: Run[] = [];
  #ended = false;
  #stopped: { readonly reason: unknown } | null = null;
  #waiting: (() => void)[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    snapshot: ChainSnapshot,
    claims: BlockClaims,
    threads: readonly RangeThread[],
    signal: AbortSignal | undefined,
  ) {
    this.#snapshot = snapshot;
    this.#claims = claims;
    this.#threads = threads;
    this.#signal = signal;
  }

  static async open(
    snapshot: ChainSnapshot,
    { threads, runEntries, signal }: RangesOptions,
  ): Promise<Ranges> {
    const claims = await BlockClaims.open(snapshot, runEntries);
    const shared = threads > 1 ? await snapshot.share() : null;
    signal?.throwIfAborted();
    const others = shared === null ? [] : Array.from({ length: threads - 1 }, () => new RangeThread(shared));
    const ranges = new Ranges(snapshot, claims, others, signal);
    ranges.#ended = threads === 0;
    return ranges;
  }

  /** @param onEntries called now and then while entries are read; must not throw */
  start(onEntries: () => void): void {
    this.#signal?.addEventListener('abort', this.#abort);
    const lanes: Lane[] = [
      (claims, onRead) =>
        checkRange(this.#snapshot, claims, (count) => {
          // Thrown among the rows: there may be a million of them, and whoever stopped the audit waits for this thread.
          if (this.#stopped !== null) throw this.#stopped.reason;
          onRead(count);
        }),
      ...this.#threads.map(
        (thread): Lane =>
          (claims, onRead) =>
            thread.check(claims, onRead),
      ),
    ];
    for (const lane of lanes) void this.#work(lane, onEntries);
  }

  /** Entries read in runs that the walk has not come to. */
  get ahead(): number {
    return this.#runs.reduce((sum, { entries }) => sum + entries, 0);
  }

  /**
   * What is known of the block that the row of this height tells of; null: nothing, and it is to be read. Heights only ever grow.
   * Rejects when a thread is lost: what nobody has looked at is not sound.
   */
  async at(height: number): Promise<PlainBlock | null> {
    for (;;) {
      if (this.#stopped !== null) throw this.#stopped.reason;
      this.#drop(height);
      const [run] = this.#runs;
      if (run === undefined && this.#ended) return null;
      if (run !== undefined && run.from > height) return null;
      if (run?.blocks !== undefined) {
        run.entries = 0;
        return run.blocks?.[height - run.from] ?? null;
      }
      await this.#change();
    }
  }

  /** Resolves when no thread runs any more. */
  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#stop(new Error('the audit has ended'));
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  async #work(lane: Lane, onEntries: () => void): Promise<void> {
    try {
      for (let run = await this.#begin(); run !== null; run = await this.#begin()) {
        const begun = run;
        run.blocks = await lane(run.claims, (count) => {
          begun.entries += count;
          if (this.#stopped === null) onEntries();
        });
        this.#wake();
      }
    } catch (error) {
      this.#stop(error);
    }
  }

  /** The next run, one lane after the other; null: there is none, or nobody waits for it any more. */
  #begin(): Promise<Run | null> {
    const begun = this.#turn.then(async () => {
      while (this.#stopped === null && this.#runs.length >= AHEAD * (1 + this.#threads.length))
        await this.#change();
      if (this.#stopped !== null || this.#ended) return null;
      const claims = await this.#claims.next();
      const [first] = claims;
      if (first === undefined) this.#ended = true;
      const run = first === undefined ? null : { claims, from: first.height, blocks: undefined, entries: 0 };
      if (run !== null) this.#runs.push(run);
      this.#wake();
      return run;
    });
    this.#turn = begun.catch(() => undefined);
    return begun;
  }

  #drop(height: number): void {
    for (
      let [run] = this.#runs;
      run !== undefined && run.from + run.claims.length <= height;
      [run] = this.#runs
    ) {
      this.#runs.shift();
      this.#wake();
    }
  }

  readonly #abort = (): void => {
    this.#stop(this.#signal?.reason);
  };

  #stop(reason: unknown): void {
    this.#stopped ??= { reason };
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
