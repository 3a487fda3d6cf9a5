import type { Background, BackgroundLog, BackgroundTask } from '../background/index.js';
import type { ClaimedMail, ClaimedWebhookMail, SigningStore, WebhookStore } from '../store/index.js';
import { isMailAddress } from './mail-address.js';
import type { MailLimits } from './mail-limits.js';
import { mailOf, webhookMailOf } from './mail-texts.js';
import type { Signing } from './signing.js';
import { MailError } from './mail-error.js';
import type { MailServer } from './smtp.js';

/** How often to look for e-mails that are due. What is new is sent at once. */
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
  readonly store: SigningStore & Pick<WebhookStore, 'claimWebhookMail' | 'settleWebhookMail'>;
  readonly signing: Pick<Signing, 'token' | 'mailState'>;
  readonly server: MailServer;
  readonly limits: Pick<MailLimits, 'allow'>;
  /** With a slash at its end. */
  readonly publicUrl: URL;
  readonly background: Background;
  readonly log: BackgroundLog;
  readonly clock?: (() => number) | undefined;
  readonly everyMs?: number | undefined;
}

/** An e-mail that this process has claimed. */
interface WaitingMail {
  /** This one included. */
  readonly attempts: number;
  /** What the log says of it. */
  readonly about: Readonly<Record<string, string>>;
  /** Sends it, or finds that it is not needed any more. */
  readonly send: () => Promise<void>;
  readonly again: (at: number) => Promise<void>;
  /** Gives it up. */
  readonly fail: () => Promise<void>;
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
          await mail.send();
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
    const { store } = this.#options;
    const asked = await store.claimSigningMail(now, now + CLAIM_MS, BATCH);
    const left = BATCH - asked.length;
    const webhooks = left > 0 ? await store.claimWebhookMail(now, now + CLAIM_MS, left) : [];
    return [...asked.map((mail) => this.#ofRequest(mail)), ...webhooks.map((mail) => this.#ofWebhook(mail))];
  }

  #ofRequest(mail: ClaimedMail): WaitingMail {
    const { store } = this.#options;
    const { id, attempts, request } = mail;
    return {
      ...{ attempts, about: { request: request.id } },
      send: () => this.#sendOfRequest(mail),
      again: (at) => store.settleSigningMail(id, at),
      fail: () => store.failSigningMail(id, request.id, this.#clock()),
    };
  }

  async #sendOfRequest({ id, kind, request, sealed, organizationName }: ClaimedMail): Promise<void> {
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

  #ofWebhook(mail: ClaimedWebhookMail): WaitingMail {
    const { store } = this.#options;
    const { id, attempts, webhook } = mail;
    return {
      ...{ attempts, about: { webhook: webhook.id } },
      send: () => this.#sendOfWebhook(mail),
      again: (at) => store.settleWebhookMail(id, at),
      fail: () => store.settleWebhookMail(id, null),
    };
  }

  async #sendOfWebhook({ id, attempts, webhook, told }: ClaimedWebhookMail): Promise<void> {
    const { store, server, publicUrl, limits } = this.#options;
    // Whoever has made the webhook decides how often its receiver fails. It counts once.
    const isWanted =
      told !== null &&
      isMailAddress(told.email) &&
      (attempts > 1 || (await limits.allow(webhook.organization, told.email)));
    if (isWanted) {
      const link = new URL('account.html#webhooks', publicUrl).href;
      await server.send(webhookMailOf(webhook, told, link), `${webhook.id}.${id}`);
    }
    await store.settleWebhookMail(id, null);
  }

  async #postpone({ attempts, about, again, fail }: WaitingMail, error: unknown): Promise<void> {
    const pause = isFinal(error) ? undefined : PAUSES[attempts - 1];
    if (pause !== undefined) {
      await again(this.#clock() + pause);
      return;
    }
    this.#options.log.warn({ ...about, attempts, err: error }, 'an e-mail was given up');
    await fail();
  }
}

/** Whether the mail server will never take it (RFC 5321 §4.2.1). */
function isFinal(error: unknown): boolean {
  const code = error instanceof MailError ? (error.responseCode ?? 0) : 0;
  return code >= 500 && code < 600 && code !== 530 && code !== 535;
}
