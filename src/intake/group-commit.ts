import { setTimeout as sleep } from 'node:timers/promises';
import type { Background, BackgroundTask, Problem } from '../background/index.js';
import { DATABASE_LIMITS } from '../background/time-limits.js';
import {
  StoreError,
  type AcceptGroup,
  type IdempotencyRecord,
  type Store,
  type StoreErrorCode,
} from '../store/index.js';
import { IntakeError } from './errors.js';
import type { PreparedSubmission } from './submission.js';

/**
 * At most so many entries in one commit, unless a single submission has more. Larger groups are no faster.
 */
const MAX_GROUP_ENTRIES = 10_000;
const RESOLVE_PAUSE_MS = 500;

/** For so long the outcome of the latest commit says how the next would end. */
const PROBE_AFTER_MS = 5000;
/** Others are about what was submitted. */
const WOULD_FAIL_AGAIN: ReadonlySet<StoreErrorCode> = new Set([
  'clock_behind',
  'unavailable',
  'outcome_unknown',
]);

/** The submission was committed now, or one with its idempotency key was committed before. */
export type Committed =
  | { readonly state: 'new'; readonly firstPosition: number; readonly acceptedAt: number }
  | { readonly state: 'earlier'; readonly record: IdempotencyRecord };

interface Waiting {
  readonly submission: PreparedSubmission;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commits all waiting submissions with one statement. While a commit is written to disk, the next group
 * gathers: the disk limits the number of commits per second, and the number of documents per commit grows
 * with the load.
 */
export class GroupCommit {
  readonly #store: Store;
  readonly #clock: () => number;
  readonly #resolving: BackgroundTask;
  readonly #accepting: BackgroundTask;
  #lastOutcome = performance.now();
  #probing: Promise<boolean> | null = null;
  #queue: Waiting[] = [];
  #running: Promise<void> | null = null;
  readonly #givenUp = new AbortController();

  constructor(store: Store, clock: () => number, background: Background) {
    this.#store = store;
    this.#clock = clock;
    this.#resolving = background.task('reading unknown outcomes');
    this.#accepting = background.task('accepting');
  }

  /**
   * Why the latest commit failed, for a reason that would make any other fail; null: it succeeded. When there
   * was none for some seconds, one that writes nothing is made first.
   */
  async problem(): Promise<Problem | null> {
    if (performance.now() - this.#lastOutcome > PROBE_AFTER_MS) {
      this.#probing ??= this.#accepting
        .run(() => this.#store.confirmWrites())
        .finally(() => {
          this.#lastOutcome = performance.now();
          this.#probing = null;
        });
      await this.#probing;
    }
    return this.#accepting.problem;
  }

  /** Resolves when the submission is durable. Rejects with an IntakeError. */
  commit(submission: PreparedSubmission): Promise<Committed> {
    return new Promise<Committed>((resolve, reject) => {
      this.#queue.push({ submission, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /**
   * From now on, an outcome that cannot be read at once is `outcome_unknown`: nothing waits for an
   * unavailable database.
   */
  giveUp(): void {
    this.#givenUp.abort();
  }

  async #run(): Promise<void> {
    // Requests that arrived in one iteration of the event loop form one group.
    await new Promise(setImmediate);
    try {
      while (this.#queue.length > 0) await this.#commitGroup(this.#takeGroup());
    } finally {
      // Without an await after the last look at the queue: nothing can be queued for a loop that has ended.
      this.#running = null;
    }
  }

  #takeGroup(): Waiting[] {
    const keys = new Set<string>();
    let entries = 0;
    const end = this.#queue.findIndex(({ submission: { entries: own, idempotency } }, i) => {
      const key = idempotency === null ? null : JSON.stringify([idempotency.scope, idempotency.key]);
      // The second submission with a key waits for the next group, where it finds the record of the first.
      if (i > 0 && (entries + own.length > MAX_GROUP_ENTRIES || (key !== null && keys.has(key)))) return true;
      entries += own.length;
      if (key !== null) keys.add(key);
      return false;
    });
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end);
  }

  async #commitGroup(group: readonly Waiting[]): Promise<void> {
    const acceptedAt = this.#clock();
    try {
      const { first } = await this.#store.accept(toGroup(group, acceptedAt));
      settle(group, first, acceptedAt);
      this.#lastOutcome = performance.now();
      this.#accepting.succeeded();
    } catch (error) {
      if (error instanceof StoreError && WOULD_FAIL_AGAIN.has(error.code)) {
        this.#lastOutcome = performance.now();
        this.#accepting.failed(error);
      }
      await this.#settleFailure(group, acceptedAt, error);
    }
  }

  async #settleFailure(group: readonly Waiting[], acceptedAt: number, error: unknown): Promise<void> {
    const code = error instanceof StoreError ? error.code : null;
    if (code === 'outcome_unknown') {
      await this.#resolveUnknown(group, acceptedAt, error);
    } else if (code === 'idempotency_conflict') {
      await this.#settleEarlier(group);
    } else if (code !== 'clock_behind' && code !== 'unavailable' && group.length > 1) {
      // The database refuses one of the submissions. Committed one by one, the others are accepted.
      for (const waiting of group) await this.#commitGroup([waiting]);
    } else {
      for (const { reject } of group) reject(toIntakeError(error));
    }
  }

  /**
   * Nothing was written. Submissions with a known key resolve with its record; the others are queued again.
   */
  async #settleEarlier(group: readonly Waiting[]): Promise<void> {
    const again: Waiting[] = [];
    let known = 0;
    for (const waiting of group) {
      const { idempotency } = waiting.submission;
      try {
        const record =
          idempotency && (await this.#store.idempotencyRecord(idempotency.scope, idempotency.key));
        if (record === null) again.push(waiting);
        else {
          known++;
          waiting.resolve({ state: 'earlier', record });
        }
      } catch (error) {
        known++;
        waiting.reject(toIntakeError(error));
      }
    }
    if (known > 0) {
      this.#queue.unshift(...again);
    } else if (again.length > 1) {
      // Two keys of the group are equal to the database, or the conflicting record has expired: one by one,
      // they succeed.
      for (const waiting of again) await this.#commitGroup([waiting]);
    } else {
      for (const { reject } of again)
        reject(unavailable(new Error('the conflicting idempotency key has expired')));
    }
  }

  /** The connection was lost during the commit. Reads what happened, never assumes it. */
  async #resolveUnknown(group: readonly Waiting[], acceptedAt: number, cause: unknown): Promise<void> {
    const entries = group.flatMap(({ submission }) => submission.entries);
    const signal = AbortSignal.any([this.#givenUp.signal, AbortSignal.timeout(DATABASE_LIMITS.outcomeMs)]);
    for (;;) {
      try {
        const first = await unlessAborted(signal, this.#store.findAccepted(entries));
        this.#resolving.succeeded();
        if (first === null) {
          for (const { reject } of group) reject(unavailable(cause));
        } else {
          settle(group, first, acceptedAt);
        }
        return;
      } catch (error) {
        if (signal.aborted) break;
        this.#resolving.failed(error);
        await sleep(RESOLVE_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    for (const { reject } of group) {
      reject(
        new IntakeError(
          'outcome_unknown',
          'the database became unavailable while the documents were being written; repeat the request with the same Idempotency-Key, or verify the documents first',
          5,
          { cause },
        ),
      );
    }
  }
}

/** Settles as `promise` does, or rejects when the signal aborts. */
function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(new Error('given up'));
    };
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    void promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}

function toGroup(group: readonly Waiting[], acceptedAt: number): AcceptGroup {
  const offsets: number[] = [];
  let count = 0;
  for (const { submission } of group) {
    offsets.push(count);
    count += submission.entries.length;
  }
  const at = (i: number) => offsets[i] ?? 0;
  return {
    acceptedAt,
    entries: group.flatMap(({ submission }) => submission.entries),
    details: group.flatMap(({ submission }, i) =>
      submission.detailsTexts.map(({ index, json, words }) => ({ index: at(i) + index, json, words })),
    ),
    register: toRegister(group),
    idempotency: group.flatMap(({ submission: { idempotency, entries } }, i) =>
      idempotency === null ? [] : [{ ...idempotency, offset: at(i), count: entries.length }],
    ),
  };
}

/** One run for consecutive submissions of one submitter. */
function toRegister(group: readonly Waiting[]): AcceptGroup['register'] {
  const runs: { offset: number; count: number; organization: number; submittedBy: string }[] = [];
  let offset = 0;
  for (const { submission } of group) {
    const { submitter } = submission;
    const count = submission.entries.length;
    const last = runs.at(-1);
    if (submitter !== null) {
      const { organizationNumber: organization, actor: submittedBy } = submitter;
      const continues =
        last?.organization === organization &&
        last.submittedBy === submittedBy &&
        last.offset + last.count === offset;
      if (continues) last.count += count;
      else runs.push({ offset, count, organization, submittedBy });
    }
    offset += count;
  }
  return runs;
}

function settle(group: readonly Waiting[], first: number, acceptedAt: number): void {
  let position = first;
  for (const { submission, resolve } of group) {
    resolve({ state: 'new', firstPosition: position, acceptedAt });
    position += submission.entries.length;
  }
}

function toIntakeError(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  if (error.code === 'clock_behind')
    return new IntakeError('clock_behind', error.message, 5, { cause: error });
  return error.code === 'unavailable' ? unavailable(error) : error;
}

function unavailable(cause: unknown): IntakeError {
  return new IntakeError('unavailable', 'the database is unavailable; nothing was accepted', 2, { cause });
}
