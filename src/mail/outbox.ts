import type { Background, BackgroundLog, BackgroundTask } from '../background/index.js';
import { MailError } from './error.js';
import type { Mail } from './message.js';
import type { MailServer } from './smtp.js';

/** How often to look for e-mails that are due. What is new is sent at once. */
const EVERY_MS = 5000;
const BATCH = 10;
/** How long a claimed batch may take. If this process ends before, another one sends what is left then. */
const CLAIM_MS = 5 * 60_000;
const MINUTE = 60_000;
/** Between attempts; together some two days. */
const PAUSES = [1, 5, 30, 120, 360, 720, 1440].map((minutes) => minutes * MINUTE);

/** An e-mail that this process has claimed. */
export interface WaitingMail {
  /** This one included. */
  readonly attempts: number;
  /** What the log says of it: neither addresses nor links. */
  readonly about: Readonly<Record<string, string>>;
  /** Of its `Message-ID`: the same for each attempt. */
  readonly id: string;
  /** Nobody needs it after that; absent: it is sent as late as it may be. */
  readonly until?: number;
  /** What is sent. null: it is not needed; `held`: not yet, which is noted */
  readonly write: () => Promise<Mail | 'held' | null>;
  /** Notes when it is tried again; null: it was sent, or is not needed. */
  readonly settle: (again: number | null) => Promise<void>;
  /** Gives it up; absent: like one that was sent. */
  readonly fail?: () => Promise<void>;
}

/** A part of the service that writes e-mails. They wait in tables of that part. */
export interface MailSource {
  /** E-mails that are due, at most `limit`, until `until` for this process alone. */
  claim(now: number, until: number, limit: number): Promise<readonly WaitingMail[]>;
}

/** How an attempt ended. */
export type MailOutcome = 'sent' | 'postponed' | 'given_up';

export interface OutboxOptions {
  readonly sources: readonly MailSource[];
  readonly server: MailServer;
  readonly background: Background;
  readonly log: BackgroundLog;
  readonly onAttempt?: ((outcome: MailOutcome) => void) | undefined;
  readonly clock?: (() => number) | undefined;
  readonly everyMs?: number | undefined;
}

/** Sends the e-mails that wait. Every process of the service does; each e-mail belongs to one at a time. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #clock: () => number;
  readonly #task: BackgroundTask;
  #running: Promise<void> = Promise.resolve();
  #isWaiting = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#task = options.background.task('sending e-mails');
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.wake();
    }, this.#options.everyMs ?? EVERY_MS).unref();
    this.wake();
  }

  /** There may be something to send. */
  wake(): void {
    if (this.#isWaiting || this.#isClosed) return;
    this.#isWaiting = true;
    this.#running = this.#running.then(async () => {
      this.#isWaiting = false;
      await this.#task.run(() => this.#sendDue());
    });
  }

  /** Resolves when what is being sent has been sent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#running;
    this.#options.server.close();
  }

  async #sendDue(): Promise<void> {
    for (;;) {
      const now = this.#clock();
      const claimed = await this.#claim(now);
      const failures: unknown[] = [];
      for (const mail of claimed) {
        if (this.#isClosed || this.#clock() >= now + CLAIM_MS) return;
        try {
          await this.#send(mail);
        } catch (error) {
          failures.push(error);
          await this.#postpone(mail, error);
        }
      }
      if (failures.length > 0) throw failures[0];
      if (claimed.length < BATCH) return;
    }
  }

  async #claim(now: number): Promise<WaitingMail[]> {
    const claimed: WaitingMail[] = [];
    for (const source of this.#options.sources) {
      const left = BATCH - claimed.length;
      if (left > 0) claimed.push(...(await source.claim(now, now + CLAIM_MS, left)));
    }
    return claimed;
  }

  async #send({ id, write, settle }: WaitingMail): Promise<void> {
    const written = await write();
    if (written === 'held') return;
    if (written !== null) await this.#options.server.send(written, id);
    await settle(null);
    if (written !== null) this.#options.onAttempt?.('sent');
  }

  async #postpone(
    { attempts, about, until = Infinity, settle, fail }: WaitingMail,
    error: unknown,
  ): Promise<void> {
    const pause = isFinal(error) ? undefined : PAUSES[attempts - 1];
    const next = this.#clock() + (pause ?? Infinity);
    if (next < until) {
      await settle(next);
      this.#options.onAttempt?.('postponed');
      return;
    }
    this.#options.log.warn({ ...about, attempts, err: error }, 'an e-mail was given up');
    await (fail === undefined ? settle(null) : fail());
    this.#options.onAttempt?.('given_up');
  }
}

/** Whether the mail server will never take it (RFC 5321 §4.2.1). */
function isFinal(error: unknown): boolean {
  const code = error instanceof MailError ? (error.responseCode ?? 0) : 0;
  return code >= 500 && code < 600 && code !== 530 && code !== 535;
}
