import type { Background, BackgroundLog, BackgroundTask } from '../background/index.js';
import type { ClaimedMail, SigningStore } from '../store/index.js';
import { mailOf } from './mail-texts.js';
import type { Signing } from './signing.js';
import { MailError } from './mail-error.js';
import type { MailServer } from './smtp.js';

const EVERY_MS = 5000;
const BATCH = 10;
/** How long a claimed batch may take. If this process ends before, another one sends what is left then. */
const CLAIM_MS = 5 * 60_000;
const MINUTE = 60_000;
/** For a contract to go on. Nobody waits for one that takes longer. */
const LONGEST_WAIT_MS = 400 * 86_400_000;
/** Between attempts; together some two days. */
const PAUSES = [1, 5, 30, 120, 360, 720, 1440].map((minutes) => minutes * MINUTE);

export interface OutboxOptions {
  readonly store: SigningStore;
  readonly signing: Pick<Signing, 'token' | 'mailState'>;
  readonly server: MailServer;
  /** With a slash at its end. */
  readonly publicUrl: URL;
  readonly background: Background;
  readonly log: BackgroundLog;
  readonly clock?: (() => number) | undefined;
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
    }, EVERY_MS).unref();
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
    const { store } = this.#options;
    for (;;) {
      const now = this.#clock();
      const claimed = await store.claimSigningMail(now, now + CLAIM_MS, BATCH);
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

  async #send({ id, kind, request, sealed, organizationName }: ClaimedMail): Promise<void> {
    const { store, signing, server, publicUrl } = this.#options;
    const link = new URL(`sign.html#token=${signing.token(request)}`, publicUrl).href;
    const { now, contract } = await signing.mailState(request, kind);
    if (now === 'wait') {
      await store.holdSigningMail(id, sealed, this.#clock() + LONGEST_WAIT_MS);
      return;
    }
    const isWanted = organizationName !== null && now === 'send';
    const mail = isWanted ? mailOf(kind, request, { organization: organizationName, link, contract }) : null;
    if (mail !== null) await server.send(mail, `${request.id}.${id}`);
    await store.settleSigningMail(id, null);
  }

  async #postpone({ id, attempts, request }: ClaimedMail, error: unknown): Promise<void> {
    const { store, log } = this.#options;
    const pause = isFinal(error) ? undefined : PAUSES[attempts - 1];
    if (pause !== undefined) {
      await store.settleSigningMail(id, this.#clock() + pause);
      return;
    }
    log.warn({ request: request.id, attempts, err: error }, 'an e-mail was given up');
    await store.failSigningMail(id, request.id, this.#clock());
  }
}

/** Whether the mail server will never take it (RFC 5321 §4.2.1). */
function isFinal(error: unknown): boolean {
  const code = error instanceof MailError ? (error.responseCode ?? 0) : 0;
  return code >= 500 && code < 600 && code !== 530 && code !== 535;
}
