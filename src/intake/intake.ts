import { Background, type Problem } from '../background/index.js';
import { traced } from '../background/tracing.js';
import { encodeEntries, equal } from '../proof/index.js';
import { type IdempotencyRecord, type KeptEntry, type Store, StoreError } from '../store/index.js';
import { IntakeError } from './errors.js';
import { type Committed, GroupCommit } from './group-commit.js';
import { type Receipts, StoredReceipts } from './receipts.js';
import {
  type Accepted,
  type DrawKey,
  idempotencyScope,
  prepare,
  type PreparedSubmission,
  type Submission,
} from './submission.js';

export interface IntakeOptions {
  readonly store: Store;
  readonly receipts: Receipts;
  /** How many documents may wait for their commit in this process. */
  readonly maxQueue: number;
  /** Why nothing can be accepted at the moment, as an English sentence; null when it can. */
  readonly refusal?: () => string | null;
  /** Counts and logs failures to read the outcome of a lost commit. */
  readonly background?: Background;
  /** Absent: salts are random, and kept in the database. */
  readonly drawKey?: DrawKey;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: () => number;
}

const REFUSED_RETRY_SECONDS = 30;

/** Turns submissions into entries with positions, and confirms them only when they are durable. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #commits: GroupCommit;
  readonly #stored: StoredReceipts;
  /** Called, and emptied, whenever a submission has been settled. */
  #watchers: (() => void)[] = [];
  readonly #waiting = new WaitingSubmissions();
  #queued = 0;
  #closed = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    const { store, receipts, background = new Background(), clock = Date.now } = options;
    this.#stored = new StoredReceipts(store);
    this.#commits = new GroupCommit(store, receipts, clock, background);
  }

  /** Documents whose submissions have not been settled. */
  get queued(): number {
    return this.#queued;
  }

  /**
   * Whether new submissions should be rejected for the moment, so that those that wait are settled soon.
   * Checked before anything of a submission is read, and therefore not by `accept`: an upload that has been
   * read is worth its place.
   */
  get overloaded(): boolean {
    return this.#waiting.isLong;
  }

  /**
   * Why a submission would fail now, as the latest ones did; null: it would be accepted. Says nothing of
   * `refusal`.
   */
  problem(): Promise<Problem | null> {
    return this.#commits.problem();
  }

  /**
   * Accepts a submission completely or not at all. Durability: when this resolves, the entries are on disk
   * with their positions. Idempotence: a submission whose key was accepted before with the same documents
   * resolves with that acceptance. Quota: it is reserved before the commit, and given back unless this
   * submission itself was accepted or its outcome is unknown.
   * @throws {IntakeError}, what `quota.reserve` and `admit` reject with, and for events the StoreError
   * event_conflict: nothing was accepted
   * @throws {RangeError} for a submission without documents, or a field whose length does not fit the entry
   * layout
   */
  async accept(submission: Submission): Promise<Accepted> {
    const count = submission.documents.length;
    this.#assertOpen(count);
    // From here on, so that the queue bounds look-ups of keys too, and `close` waits for them.
    this.#queued += count;
    const leave = this.#waiting.enter();
    try {
      return await this.#settle(await prepare(submission, this.#options.drawKey), submission);
    } finally {
      leave();
      this.#queued -= count;
      for (const notify of this.#watchers.splice(0)) notify();
    }
  }

  async #settle(prepared: PreparedSubmission, { admit, quota }: Submission): Promise<Accepted> {
    const { idempotency } = prepared;
    // A repeated request gets its response even when its caller has no quota left.
    const earlier = idempotency && (await this.#record(idempotency.scope, idempotency.key));
    if (earlier !== null) return this.#replay(prepared, earlier);
    await admit?.();
    await quota?.reserve();
    let committed: Committed;
    try {
      committed = await traced('commit', () => this.#commits.commit(prepared));
    } catch (error) {
      // With `outcome_unknown` the documents may have been accepted, so the charge stays.
      if (!(error instanceof IntakeError && error.code === 'outcome_unknown')) await quota?.release();
      throw error;
    }
    if (committed.state === 'earlier') {
      await quota?.release();
      return this.#replay(prepared, committed.record);
    }
    const { firstPosition, entries, encoded, receipt } = committed;
    return { firstPosition, entries, encoded, details: prepared.details, receipt, replayed: false };
  }

  /** Resolves when the queue is at most half full. A stream waits for it before it reads on. */
  async whenRoom(): Promise<void> {
    while (this.#queued * 2 > this.#options.maxQueue) await this.#change();
  }

  /**
   * Rejects new submissions, and resolves when all earlier ones are settled. A commit that would have to be
   * looked up in an unavailable database is settled as `outcome_unknown` at once.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#commits.giveUp();
    while (this.#queued > 0) await this.#change();
  }

  /** Whether the organization has had something accepted under this key. @throws {IntakeError} unavailable */
  async knows(organizationId: string, key: string): Promise<boolean> {
    return (await this.#record(idempotencyScope(organizationId), key)) !== null;
  }

  #assertOpen(count: number): void {
    if (count < 1) throw new RangeError('a submission has at least one document');
    if (this.#closed) throw new IntakeError('stopping', 'the service is shutting down', 5);
    const refusal = this.#options.refusal?.() ?? null;
    if (refusal !== null) throw new IntakeError('unavailable', refusal, REFUSED_RETRY_SECONDS);
    // A submission larger than the whole queue is admitted when it is alone. Otherwise it never would be.
    if (count > this.#options.maxQueue - this.#queued && this.#queued > 0) {
      throw new IntakeError('queue_full', 'too many documents are waiting to be written', 1);
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#watchers.push(resolve));
  }

  #record(scope: string, key: string): Promise<IdempotencyRecord | null> {
    return unavailableAsIntakeError(this.#options.store.idempotencyRecord(scope, key));
  }

  async #replay({ idempotency, details }: PreparedSubmission, record: IdempotencyRecord): Promise<Accepted> {
    // An erasure takes the fingerprint away, which would confirm a guess of the document.
    if (record.fingerprint.length === 0) throw erased();
    if (idempotency === null || !equal(idempotency.fingerprint, record.fingerprint)) {
      throw new IntakeError(
        'idempotency_mismatch',
        'this Idempotency-Key was used before with other documents',
        null,
      );
    }
    const stored = await unavailableAsIntakeError(
      this.#options.store.entries(record.firstPosition, record.entryCount),
    );
    const entries = stored.filter((entry): entry is KeptEntry => !entry.erased);
    if (entries.length !== record.entryCount) throw erased();
    const { firstPosition, entryCount } = record;
    return {
      firstPosition,
      entries,
      encoded: encodeEntries(entries),
      details,
      receipt: await unavailableAsIntakeError(this.#stored.of(firstPosition, entryCount)),
      replayed: true,
    };
  }
}

function erased(): IntakeError {
  const message =
    'a notarization that was accepted under this Idempotency-Key has been erased, or its data key has';
  return new IntakeError('erased', message, null);
}

export async function unavailableAsIntakeError<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'unavailable') throw error;
    // Nothing is said of an earlier request with the same key.
    const message = 'the database is unavailable; this request was not accepted';
    throw new IntakeError('unavailable', message, 2, { cause: error });
  }
}

/** With MIN_LONG submissions or more, the queue is too long when the first has waited for this long. */
const LONG_WAIT_MS = 500;
/** Fewer may wait for any time: they keep the disk busy where a single commit takes longer. */
const MIN_LONG = 64;
/**
 * The queue is too long with this many, whatever their time: those that arrive in one iteration of the event
 * loop have not waited yet.
 */
const MAX_WAITING = 2048;

/**
 * Submissions that wait for their commit, in order of arrival. Whether too many wait is judged by time rather
 * than by number, because how many can be written soon depends on the machine, the disk and their size.
 */
export class WaitingSubmissions {
  readonly #waiting = new Set<{ readonly since: number }>();

  /** @returns a function that leaves the queue */
  enter(): () => void {
    const entry = { since: performance.now() };
    this.#waiting.add(entry);
    return () => this.#waiting.delete(entry);
  }

  /** Whether a new arrival would wait too long. */
  get isLong(): boolean {
    if (this.#waiting.size < MIN_LONG) return false;
    if (this.#waiting.size >= MAX_WAITING) return true;
    const [first] = this.#waiting;
    return first !== undefined && performance.now() - first.since > LONG_WAIT_MS;
  }
}
