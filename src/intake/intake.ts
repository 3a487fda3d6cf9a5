import { equal, type Entry, type JsonObject } from '../proof/index.js';
import type { IdempotencyRecord, KeptEntry, Store } from '../store/index.js';
import { StoreError } from '../store/index.js';
import { IntakeError } from './errors.js';
import { GroupCommit } from './group-commit.js';
import type { Receipts } from './receipts.js';
import { prepare, type Accepted, type PreparedSubmission, type Submission } from './submission.js';

export interface IntakeOptions {
  readonly store: Store;
  readonly receipts: Receipts;
  /** Documents that may wait for their commit. */
  readonly maxQueue: number;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: () => number;
}

/** Where submissions become entries with a position, durably, before anybody is told so. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #commits: GroupCommit;
  readonly #waitingForRoom: (() => void)[] = [];
  #closed = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#commits = new GroupCommit(options.store, options.clock ?? Date.now);
  }

  /** Documents that wait for their commit. */
  get queued(): number {
    return this.#commits.queued;
  }

  /**
   * Accepts a submission whole or not at all. Durability: when this resolves, the entries are on disk with their positions.
   * Idempotence: a submission whose key has been accepted with the same documents resolves to that acceptance.
   * @throws {IntakeError}
   */
  async accept(submission: Submission): Promise<Accepted> {
    if (this.#closed) throw new IntakeError('stopping', 'the service is shutting down', 5);
    const room = this.#options.maxQueue - this.queued;
    // A submission larger than the whole queue is let in when it is alone, or it never would be.
    if (submission.documents.length > room && this.queued > 0) {
      throw new IntakeError('queue_full', 'too many documents are waiting to be written', 1);
    }
    const prepared = prepare(submission);
    const earlier = prepared.idempotency && (await this.#earlier(prepared));
    if (earlier !== null) return this.#replay(prepared, earlier);
    const committed = await this.#commits.commit(prepared).finally(() => {
      this.#admitWaiting();
    });
    if (committed.state === 'earlier') return this.#replay(prepared, committed.record);
    const { firstPosition, acceptedAt } = committed;
    const entries = prepared.entries.map((entry) => ({ ...entry, acceptedAt }));
    return this.#accepted(firstPosition, entries, prepared.details, false);
  }

  /** Resolves when the queue is at most half full: what a stream waits for before it reads on. */
  async whenRoom(): Promise<void> {
    while (this.#isCrowded()) {
      await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
    }
  }

  /** Refuses what comes from now on, and resolves when everything that was let in before has its answer. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#commits.drained();
  }

  async #earlier({ idempotency }: PreparedSubmission): Promise<IdempotencyRecord | null> {
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
    const receipt = this.#options.receipts.issueText(firstPosition, entries);
    return { firstPosition, entries, details, receipt, replayed };
  }

  #isCrowded(): boolean {
    return this.queued * 2 > this.#options.maxQueue;
  }

  #admitWaiting(): void {
    if (!this.#isCrowded()) for (const resolve of this.#waitingForRoom.splice(0)) resolve();
  }
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
