import { encodeEntries, type Entry, equal, type JsonObject } from '../proof/index.js';
import {
  type IdempotencyRecord,
  type KeptEntry,
  type NewEntry,
  type Store,
  StoreError,
} from '../store/index.js';
import { IntakeError } from './errors.js';
import { GroupCommit } from './group-commit.js';
import type { Receipts } from './receipts.js';
import { type Accepted, prepare, type PreparedSubmission, type Submission } from './submission.js';

export interface IntakeOptions {
  readonly store: Store;
  readonly receipts: Receipts;
  /** Documents that may wait for their commit. */
  readonly maxQueue: number;
  /** Why nothing may be accepted at the moment, for people; null when everything is well. */
  readonly refusal?: () => string | null;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: () => number;
}

const REFUSED_RETRY_SECONDS = 30;

/** Where submissions become entries with a position, durably, before anybody is told so. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #commits: GroupCommit;
  /** Called, and emptied, whenever a submission has its answer. */
  #watchers: (() => void)[] = [];
  readonly #line = new WaitingLine();
  #queued = 0;
  #closed = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#commits = new GroupCommit(options.store, options.clock ?? Date.now);
  }

  /** Documents that wait for their answer. */
  get queued(): number {
    return this.#queued;
  }

  /**
   * Whether new submissions should be sent away for the moment, so that those which wait are answered soon. Decided before anything is read of
   * them, so not by `accept`: what has been uploaded by then is worth more than its place.
   */
  get overloaded(): boolean {
    return this.#line.isLong;
  }

  /**
   * Accepts a submission whole or not at all. Durability: when this resolves, the entries are on disk with their positions.
   * Idempotence: a submission whose key has been accepted with the same documents resolves to that acceptance.
   * @throws {IntakeError}
   * @throws {RangeError} for a submission without documents, or a field that does not have the length of the layout
   */
  async accept(submission: Submission): Promise<Accepted> {
    const count = submission.documents.length;
    this.#assertOpen(count);
    const prepared = prepare(submission);
    // Counted from here on, so that look-ups of keys are bounded too, and `close` waits for them.
    this.#queued += count;
    const leave = this.#line.enter();
    try {
      return await this.#settle(prepared, submission.beforeCommit);
    } finally {
      leave();
      this.#queued -= count;
      for (const look of this.#watchers.splice(0)) look();
    }
  }

  /** Resolves when the queue is at most half full: what a stream waits for before it reads on. */
  async whenRoom(): Promise<void> {
    while (this.#queued * 2 > this.#options.maxQueue) await this.#change();
  }

  /**
   * Refuses what comes from now on, and resolves when everything that was let in before has its answer. Where a database
   * that is away is being asked what became of a commit, that answer is `outcome_unknown` at once.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#commits.giveUp();
    while (this.#queued > 0) await this.#change();
  }

  #assertOpen(count: number): void {
    if (count < 1) throw new RangeError('a submission has at least one document');
    if (this.#closed) throw new IntakeError('stopping', 'the service is shutting down', 5);
    const refusal = this.#options.refusal?.() ?? null;
    if (refusal !== null) throw new IntakeError('unavailable', refusal, REFUSED_RETRY_SECONDS);
    // A submission larger than the whole queue is let in when it is alone, or it never would be.
    if (count > this.#options.maxQueue - this.#queued && this.#queued > 0) {
      throw new IntakeError('queue_full', 'too many documents are waiting to be written', 1);
    }
  }

  async #settle(prepared: PreparedSubmission, beforeCommit: Submission['beforeCommit']): Promise<Accepted> {
    const earlier = prepared.idempotency && (await this.#earlier(prepared.idempotency));
    if (earlier !== null) return this.#replay(prepared, earlier);
    if (beforeCommit !== undefined) await beforeCommit();
    const committed = await this.#commits.commit(prepared);
    if (committed.state === 'earlier') return this.#replay(prepared, committed.record);
    const { firstPosition, acceptedAt } = committed;
    const entries = prepared.entries.map((entry) => accepted(entry, acceptedAt));
    return this.#accepted(firstPosition, entries, prepared.details, false);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#watchers.push(resolve));
  }

  /** Whether something has been accepted under this key. @throws {IntakeError} unavailable */
  async knows(idempotency: Submission['idempotency']): Promise<boolean> {
    return (await this.#earlier(idempotency)) !== null;
  }

  async #earlier(idempotency: Submission['idempotency']): Promise<IdempotencyRecord | null> {
    return (
      idempotency &&
      (await readable(this.#options.store.idempotencyRecord(idempotency.scope, idempotency.key)))
    );
  }

  async #replay({ idempotency, details }: PreparedSubmission, record: IdempotencyRecord): Promise<Accepted> {
    if (idempotency === null || !equal(idempotency.fingerprint, record.fingerprint)) {
      throw new IntakeError(
        'idempotency_mismatch',
        'the idempotency key was used before, with other documents',
        null,
      );
    }
    const stored = await readable(this.#options.store.entries(record.firstPosition, record.entryCount));
    const entries = stored.filter((entry): entry is KeptEntry => !entry.erased);
    if (entries.length !== record.entryCount) {
      throw new IntakeError(
        'erased',
        'what was accepted under this idempotency key has been erased since',
        null,
      );
    }
    return this.#accepted(record.firstPosition, entries, details, true);
  }

  #accepted(
    firstPosition: number,
    entries: readonly Entry[],
    details: readonly (JsonObject | null)[],
    replayed: boolean,
  ): Accepted {
    const encoded = encodeEntries(entries);
    const receipt = this.#options.receipts.issueText(firstPosition, entries, encoded);
    return { firstPosition, entries, encoded, details, receipt, replayed };
  }
}

/** Field by field: to spread them takes ten times as long, 0.8 µs. */
function accepted(
  { kind, digest, size, salt, accountTag, detailsDigest }: NewEntry,
  acceptedAt: number,
): Entry {
  return { kind, digest, size, acceptedAt, salt, accountTag, detailsDigest };
}

async function readable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'unavailable') {
      throw new IntakeError(
        'unavailable',
        'the database cannot be read at the moment; nothing was accepted',
        2,
        {
          cause: error,
        },
      );
    }
    throw error;
  }
}

/**
 * When more is waiting than can be written soon, by time: how many that is depends on the machine, the disk and the size of what is submitted.
 * 100 ms is what 256 clients see at the best rate of two cores; a tenth of it and bursts would be turned away that are dealt with at once, more and
 * nobody is better off.
 */
const LONG_MS = 100;
/** As many can always wait: they keep the disk and the processor busy where a single commit takes longer than that. */
const FEW = 64;
/**
 * And never more, whatever their time: of those that come in one turn of the event loop, none has waited yet. One process answers as many in
 * some 60 ms.
 */
const MANY = 256;

/** The submissions that wait for their answer, in the order in which they came. */
export class WaitingLine {
  readonly #since = new Set<{ readonly time: number }>();

  enter(): () => void {
    const place = { time: performance.now() };
    this.#since.add(place);
    return () => this.#since.delete(place);
  }

  /** Whether who comes now would wait too long. */
  get isLong(): boolean {
    if (this.#since.size < FEW) return false;
    if (this.#since.size >= MANY) return true;
    const [first] = this.#since;
    return first !== undefined && performance.now() - first.time > LONG_MS;
  }
}
