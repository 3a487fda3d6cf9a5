import type { EventKind, NewAccessEvent } from '../store/index.js';
import { eventOf } from './access-log.js';
import type { AccessParts, Client } from './context.js';
import { actorOf, type Principal } from './policy.js';

const DAY_MS = 86_400_000;
/** Events of one transaction. */
const BATCH = 500;
/** Downloads that are remembered, so that repeating them costs nothing; others are looked up. */
const REMEMBERED = 20_000;

interface Waiting {
  readonly event: NewAccessEvent;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Records in the access log who downloads what, before they get it: for each person or API key, kind and notarization
 * once a day (UTC), so that a program that polls does not fill the log. Those that come while others are written are
 * written together.
 */
export class DownloadLog {
  readonly #parts: AccessParts;
  readonly #seen = new Map<string, Promise<void>>();
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when it is in the log. Of anonymous callers nothing is recorded.
   * @throws {StoreError} unavailable, outcome_unknown: it may not be in the log, so it should not be sent
   */
  async record(
    by: Principal,
    client: Client,
    kind: Extract<
      EventKind,
      | 'proof_downloaded'
      | 'certificate_downloaded'
      | 'document_downloaded'
      | 'register_exported'
      | 'details_read_by_operator'
    >,
    detail: NewAccessEvent['detail'],
  ): Promise<void> {
    if (by.kind === 'anonymous') return;
    const event = eventOf(by, client, this.#parts.clock(), kind, { detail });
    const key = JSON.stringify([dayOf(event.at), kind, actorOf(by), event.organizationId, detail]);
    const known = this.#seen.get(key);
    if (known !== undefined) return known;
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ event, resolve, reject });
    });
    this.#seen.set(key, written);
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= REMEMBERED) break;
      this.#seen.delete(oldest);
    }
    written.catch(() => this.#seen.delete(key));
    this.#writing ??= this.#write();
    return written;
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      const day = dayOf(first.event.at);
      const batch = this.#waiting.filter(({ event }) => dayOf(event.at) === day).slice(0, BATCH);
      this.#waiting = this.#waiting.filter((each) => !batch.includes(each));
      const events = batch.map(({ event }) => event);
      try {
        await this.#parts.store.appendUnlike(events, day * DAY_MS);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    // In the same step as the last look: what comes from now on begins to write again.
    this.#writing = null;
  }
}

const dayOf = (at: number): number => Math.floor(at / DAY_MS);
