import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { Background, BackgroundTask, Problem } from '../background/index.js';
import { DATABASE_LIMITS, timeLimit } from '../background/time-limits.js';
import {
  StoreError,
  type AcceptGroup,
  type IdempotencyRecord,
  type NewEntry,
  type Store,
  type StoreErrorCode,
} from '../store/index.js';
import { nodeSha256 } from '../crypto/primitives.js';
import { encodeEntries, encodeEntry, type Entry, ENTRY_LENGTH, leafHash, nextValue } from '../proof/index.js';
import { IntakeError } from './errors.js';
import type { GroupReceipt, OwnReceipt, Receipts } from './receipts.js';
import type { PreparedSubmission } from './submission.js';

/**
 * At most so many entries in one commit, unless a single submission has more. Larger groups are no faster.
 */
const MAX_GROUP_ENTRIES = 10_000;
/**
 * The same of the details, in characters: somebody who submits the largest ones must not delay others with
 * the sum of many requests.
 */
const MAX_GROUP_DETAILS = 4 * 1024 * 1024;
/** Between the steps of a larger group, other requests run. */
const MANY_ENTRIES = 256;
/**
 * Groups at once while large submissions wait: this process prepares one while PostgreSQL writes the other. Small
 * ones gather meanwhile instead, because each group costs a commit.
 */
const MAX_LANES = 2;
const RESOLVE_PAUSE_MS = 500;

/** For so long the outcome of the latest commit says how the next would end. */
const PROBE_AFTER_MS = 5000;
/** Others are about what was submitted. */
const WOULD_FAIL_AGAIN: ReadonlySet<StoreErrorCode> = new Set([
  'clock_behind',
  'rolled_back',
  'unavailable',
  'outcome_unknown',
]);

/** Failures that are not one submission's: none of the group would be accepted by itself. */
const CONCERNS_ALL: ReadonlySet<StoreErrorCode> = new Set(['clock_behind', 'rolled_back', 'unavailable']);

/** The submission was committed now, or one with its idempotency key was committed before. */
export type Committed =
  | {
      readonly state: 'new';
      readonly firstPosition: number;
      readonly entries: readonly Entry[];
      /** The entries, one after the other. */
      readonly encoded: Uint8Array;
      readonly receipt: OwnReceipt;
    }
  | { readonly state: 'earlier'; readonly record: IdempotencyRecord };

interface Waiting {
  readonly submission: PreparedSubmission;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
}

const isLarge = ({ entries }: PreparedSubmission): boolean => entries.length >= MANY_ENTRIES;

type GroupEntry = Entry & NewEntry;

/** A group of submissions, ready to be written. */
interface Group {
  readonly members: readonly Waiting[];
  readonly acceptedAt: number;
  /** Of all members, in order. */
  readonly entries: readonly GroupEntry[];
  readonly encoded: Uint8Array;
  readonly receipt: GroupReceipt;
}

/**
 * Commits all waiting submissions with one statement, which also stores their receipt. While a commit is
 * written to disk, the next group gathers: the disk limits the number of commits per second, and the number
 * of documents per commit grows with the load. A large submission begins a second group meanwhile, whose positions follow
 * those of the first or precede them, as those of another process would.
 */
export class GroupCommit {
  readonly #store: Store;
  readonly #receipts: Receipts;
  readonly #clock: () => number;
  readonly #resolving: BackgroundTask;
  readonly #accepting: BackgroundTask;
  #lastOutcome = performance.now();
  #probing: Promise<boolean> | null = null;
  #queue: Waiting[] = [];
  /** Loops that take groups from the queue. */
  #lanes = 0;
  readonly #givenUp = new AbortController();

  constructor(store: Store, receipts: Receipts, clock: () => number, background: Background) {
    this.#store = store;
    this.#receipts = receipts;
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
      if (this.#lanes === 0 || (this.#lanes < MAX_LANES && isLarge(submission))) void this.#run();
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
    this.#lanes++;
    try {
      // Requests that arrived in one iteration of the event loop form one group.
      await new Promise(setImmediate);
      while (this.#hasWork) await this.#commitGroup(this.#takeGroup());
    } finally {
      // Without an await after the last look at the queue: nothing can be queued for a loop that has ended.
      this.#lanes--;
    }
  }

  /** Whether there is something for one of the lanes that run. */
  get #hasWork(): boolean {
    return (
      this.#queue.length > 0 &&
      (this.#lanes === 1 || this.#queue.some(({ submission }) => isLarge(submission)))
    );
  }

  /** A group has one time of acceptance: those that state another wait for a group of their own. */
  #takeGroup(): Waiting[] {
    const acceptedAt = this.#queue[0]?.submission.acceptedAt;
    const group: Waiting[] = [];
    const others: Waiting[] = [];
    const keys = new Set<string>();
    let entries = 0;
    let details = 0;
    const end = this.#queue.findIndex((waiting) => {
      const { entries: own, detailsLength, idempotency, acceptedAt: stated } = waiting.submission;
      if (stated !== acceptedAt) {
        others.push(waiting);
        return false;
      }
      const key = idempotency === null ? null : JSON.stringify([idempotency.scope, idempotency.key]);
      const isFull = entries + own.length > MAX_GROUP_ENTRIES || details + detailsLength > MAX_GROUP_DETAILS;
      // The second submission with a key waits for the next group, where it finds the record of the first.
      if (group.length > 0 && (isFull || (key !== null && keys.has(key)))) return true;
      group.push(waiting);
      entries += own.length;
      details += detailsLength;
      if (key !== null) keys.add(key);
      return false;
    });
    this.#queue = [...others, ...(end === -1 ? [] : this.#queue.slice(end))];
    return group;
  }

  async #commitGroup(members: readonly Waiting[]): Promise<void> {
    let group: Group | null = null;
    try {
      group = await this.#form(members);
      if (group.entries.length > MANY_ENTRIES) await turn();
      const { first } = await this.#store.accept(toRows(group));
      settle(group, first);
      this.#lastOutcome = performance.now();
      this.#accepting.succeeded();
    } catch (error) {
      if (error instanceof StoreError && WOULD_FAIL_AGAIN.has(error.code)) {
        this.#lastOutcome = performance.now();
        this.#accepting.failed(error);
      }
      await this.#settleFailure(members, group, error);
    }
  }

  /** @throws {RangeError} a field of an entry does not fit the layout */
  async #form(members: readonly Waiting[]): Promise<Group> {
    const acceptedAt = members[0]?.submission.acceptedAt ?? this.#clock();
    const entries = members.flatMap(({ submission }) =>
      submission.entries.map((entry) => accepted(entry, acceptedAt)),
    );
    const encoded = encodeEntries(entries);
    const receipt = await this.#receipts.sign(encoded, acceptedAt);
    return { members, acceptedAt, entries, encoded, receipt };
  }

  /** @param group null: it could not be formed */
  async #settleFailure(members: readonly Waiting[], group: Group | null, error: unknown): Promise<void> {
    const code = error instanceof StoreError ? error.code : null;
    if (code === 'outcome_unknown' && group !== null) {
      await this.#resolveUnknown(group, error);
    } else if (code === 'idempotency_conflict') {
      await this.#settleEarlier(members);
    } else if (code === 'event_conflict' && members.length > 1) {
      await this.#settleTaken(members, error);
    } else if ((code === null || !CONCERNS_ALL.has(code)) && members.length > 1) {
      // The database refuses one of the submissions. Committed one by one, the others are accepted.
      for (const waiting of members) await this.#commitGroup([waiting]);
    } else {
      for (const { reject } of members) reject(toIntakeError(error));
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

  /** Nothing was written. Events whose place in their record is taken are rejected; the others are queued again. */
  async #settleTaken(members: readonly Waiting[], conflict: unknown): Promise<void> {
    try {
      const events = members.flatMap(({ submission }) => submission.events);
      const taken = await this.#store.takenEvents(events);
      const isTaken = new Set(events.filter((_, i) => taken[i] === true));
      const again = members.filter(({ submission }) => !submission.events.some((each) => isTaken.has(each)));
      if (again.length === members.length) {
        for (const waiting of again) await this.#commitGroup([waiting]);
        return;
      }
      for (const waiting of members) if (!again.includes(waiting)) waiting.reject(conflict);
      this.#queue.unshift(...again);
    } catch (error) {
      for (const { reject } of members) reject(toIntakeError(error));
    }
  }

  /** The commit was not confirmed. Reads what happened, never assumes it. */
  async #resolveUnknown(group: Group, cause: unknown): Promise<void> {
    const { members, entries } = group;
    const signal = timeLimit(DATABASE_LIMITS.outcomeMs, this.#givenUp.signal);
    for (;;) {
      try {
        const first = await unlessAborted(signal, this.#store.findAccepted(entries));
        this.#resolving.succeeded();
        if (first === null) {
          for (const { reject } of members) reject(unavailable(cause));
        } else {
          settle(group, first);
        }
        return;
      } catch (error) {
        this.#resolving.failed(error);
        // Nobody knows how long a standby is away, and everything that was submitted since would wait.
        if (signal.aborted || this.#store.problem() === 'standby') break;
        await sleep(RESOLVE_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    for (const { reject } of members) {
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

/** Field by field, because spreading is far slower and this runs once for each document. */
function accepted(
  { kind, digest, size, salt, accountTag, detailsDigest, reference }: NewEntry,
  acceptedAt: number,
): GroupEntry {
  return { kind, digest, size, acceptedAt, salt, accountTag, detailsDigest, reference };
}

function toRows({ members, acceptedAt, entries, receipt }: Group): AcceptGroup {
  const offsets: number[] = [];
  let count = 0;
  for (const { submission } of members) {
    offsets.push(count);
    count += submission.entries.length;
  }
  const at = (i: number) => offsets[i] ?? 0;
  return {
    acceptedAt,
    entries,
    receipt: receipt.note,
    details: members.flatMap(({ submission }, i) =>
      submission.detailsTexts.map(({ index, json, words }) => ({ index: at(i) + index, json, words })),
    ),
    register: toRegister(members),
    events: members.flatMap(({ submission }, i) =>
      submission.events.map((event) => {
        const entry = entries[at(i) + event.index];
        if (entry === undefined) throw new RangeError('an event is outside of its group');
        return {
          ...event,
          index: at(i) + event.index,
          value: valueAfter(event.before, entry),
          reader: submission.submitter?.organizationNumber ?? null,
        };
      }),
    ),
    idempotency: members.flatMap(({ submission: { idempotency, entries: own } }, i) =>
      idempotency === null ? [] : [{ ...idempotency, offset: at(i), count: own.length }],
    ),
  };
}

/** The value of a record after the event with this entry. */
export function valueAfter(before: Uint8Array, entry: Entry): Uint8Array {
  return nextValue(before, leafHash(encodeEntry(entry), nodeSha256), nodeSha256);
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

function settle({ members, entries, encoded, receipt }: Group, first: number): void {
  let index = 0;
  for (const { submission, resolve } of members) {
    const count = submission.entries.length;
    const end = index + count;
    resolve({
      state: 'new',
      firstPosition: first + index,
      entries: entries.slice(index, end),
      encoded: encoded.subarray(index * ENTRY_LENGTH, end * ENTRY_LENGTH),
      receipt: receipt.of(index, count),
    });
    index = end;
  }
}

function toIntakeError(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  if (error.code === 'clock_behind')
    return new IntakeError('clock_behind', error.message, 5, { cause: error });
  if (error.code === 'rolled_back') {
    return new IntakeError(
      'unavailable',
      'the database is older than it was; nothing is accepted until that is repaired',
      30,
      { cause: error },
    );
  }
  return error.code === 'unavailable' ? unavailable(error) : error;
}

function unavailable(cause: unknown): IntakeError {
  return new IntakeError('unavailable', 'the database is unavailable; nothing was accepted', 2, { cause });
}
