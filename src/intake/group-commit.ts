import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError, type AcceptGroup, type IdempotencyRecord, type Store } from '../store/index.js';
import { IntakeError } from './errors.js';
import type { PreparedSubmission } from './submission.js';

/** Entries in one commit, at most, unless a single submission has more. Past this, larger groups are no faster. */
const MAX_GROUP_ENTRIES = 10_000;
const RESOLVE_ATTEMPTS = 20;
const RESOLVE_PAUSE_MS = 500;

/** What became of one submission: committed now, or found to have been committed before under its idempotency key. */
export type Committed =
  | { readonly state: 'new'; readonly firstPosition: number; readonly acceptedAt: number }
  | { readonly state: 'earlier'; readonly record: IdempotencyRecord };

interface Waiting {
  readonly submission: PreparedSubmission;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commits everyone who is waiting with one statement: while one commit is on its way to disk, the next group gathers. So the
 * number of commits per second stays what the disk can do, and the number of documents per commit grows with the load.
 */
export class GroupCommit {
  readonly #store: Store;
  readonly #clock: () => number;
  #queue: Waiting[] = [];
  #running: Promise<void> | null = null;
  readonly #hurry = new AbortController();

  constructor(store: Store, clock: () => number) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Resolves when the submission is durable. Rejects with an IntakeError. */
  commit(submission: PreparedSubmission): Promise<Committed> {
    return new Promise<Committed>((resolve, reject) => {
      this.#queue.push({ submission, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** From now on nobody is kept waiting for a database that is away: what cannot be read at once is `outcome_unknown`. */
  giveUp(): void {
    this.#hurry.abort();
  }

  async #run(): Promise<void> {
    // One turn of the event loop lets the requests that arrived together be one group.
    await new Promise(setImmediate);
    try {
      while (this.#queue.length > 0) await this.#commitGroup(this.#takeGroup());
    } finally {
      // In the same turn as the last look at the queue: nobody can queue up for a loop that has ended.
      this.#running = null;
    }
  }

  #takeGroup(): Waiting[] {
    const keys = new Set<string>();
    let entries = 0;
    const end = this.#queue.findIndex(({ submission: { entries: own, idempotency } }, i) => {
      const key = idempotency === null ? null : JSON.stringify([idempotency.scope, idempotency.key]);
      // The second of two with one key waits for the next group, where it finds the first one's record.
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
    } catch (error) {
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
      // Something in the group is refused as it is: alone, only the one it belongs to is.
      for (const waiting of group) await this.#commitGroup([waiting]);
    } else {
      for (const { reject } of group) reject(toIntakeError(error));
    }
  }

  /** Those whose key is known get their earlier answer; nothing was written, so the others go again. */
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
      // Two keys of the group are one to the database, or the one in the way has expired meanwhile: apart, each can go.
      for (const waiting of again) await this.#commitGroup([waiting]);
    } else {
      for (const { reject } of again)
        reject(unavailable(new Error('an expired idempotency key was in the way')));
    }
  }

  /** The connection broke around the commit. What happened is read, never assumed; until it can be, nobody is answered. */
  async #resolveUnknown(group: readonly Waiting[], acceptedAt: number, cause: unknown): Promise<void> {
    const entries = group.flatMap(({ submission }) => submission.entries);
    const { signal } = this.#hurry;
    for (let attempt = 0; attempt < RESOLVE_ATTEMPTS; attempt++) {
      try {
        const first = await unlessAborted(signal, this.#store.findAccepted(entries));
        if (first === null) {
          for (const { reject } of group) reject(unavailable(cause));
        } else {
          settle(group, first, acceptedAt);
        }
        return;
      } catch {
        if (signal.aborted) break;
        await sleep(RESOLVE_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    for (const { reject } of group) {
      reject(
        new IntakeError(
          'outcome_unknown',
          'the database went away while the documents were being written; verify them before submitting again, or submit again with the same Idempotency-Key',
          5,
          { cause },
        ),
      );
    }
  }
}

/** `promise`, unless the signal aborts first: then it rejects. */
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

/** One run for what one submitter has in the group side by side. */
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
  return new IntakeError(
    'unavailable',
    'the database cannot be written to at the moment; nothing was accepted',
    2,
    { cause },
  );
}
