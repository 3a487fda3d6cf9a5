import { setTimeout as sleep } from 'node:timers/promises';
import type { Background, BackgroundLog, BackgroundTask } from '../background/index.js';
import { WEBHOOK_MS } from '../background/time-limits.js';
import {
  type ClaimedWebhook,
  type NewWebhookAttempt,
  type PendingMessage,
  type Store,
  type Subscription,
  type WebhookPlace,
  WEBHOOK_TYPES,
  type WebhookType,
} from '../store/index.js';
import type { Extent, Messages } from './messages.js';
import { type Poster, postMessage } from './post.js';
import type { Answer } from './send.js';
import { messageId } from './signature.js';

/** How often to look for webhooks that are due again, in milliseconds; for those with news, at once. */
const EVERY_MS = 1000;
/** How long a process may take for one message. If it ends before, another one sends the message again then. */
const CLAIM_MS = WEBHOOK_MS + 40_000;
/**
 * While so many documents wait for their block, whichever process has accepted them, a webhook is left alone for so long after
 * each message, in milliseconds: those who send documents come first. With fewer there is time for both.
 */
const BUSY = 300;
const BUSY_PAUSE_MS = 1000;
/** Webhooks that one process works on at a time: a slow receiver takes one of these places, and no more. */
const AT_A_TIME = 512;
const CLAIMED_TOGETHER = 64;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Between attempts, as Standard Webhooks has them: ten attempts in three days and some hours. */
const PAUSES_MS = [
  ...[5 * SECOND, 5 * MINUTE, 30 * MINUTE],
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR),
];
const GONE = 410;
const TOO_MANY_REQUESTS = 429;
const SERVICE_UNAVAILABLE = 503;
const KEPT_MS = 30 * 24 * HOUR;
/** How often to look for contracts whose deadline is near, and what near is. */
const DEADLINES_EVERY_MS = MINUTE;
const NEAR_MS = 24 * HOUR;

export interface DeliveriesOptions extends Poster {
  readonly store: Store;
  readonly messages: Messages;
  readonly background: Background;
  readonly log: BackgroundLog;
  /** Whether e-mails are sent: owners get one when a webhook is disabled because of its receiver. */
  readonly mails: boolean;
  /** Called after each attempt. */
  readonly onAttempt?: ((answer: Answer) => void) | undefined;
  /** Called when a webhook was disabled because of its receiver. */
  readonly onDisabled?: (() => void) | undefined;
  readonly clock?: (() => number) | undefined;
  readonly everyMs?: number | undefined;
}

/**
 * Tells webhooks what there is to tell. Every process of the service does; each webhook belongs to one at a time, and gets
 * one message at a time. A message that was sent and not noted, because the process ended, is sent again with the same
 * id.
 */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #clock: () => number;
  readonly #task: BackgroundTask;
  readonly #deadlines: BackgroundTask;
  readonly #working = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  readonly #subscriptions: Subscription[] = [];
  #looking: Promise<void> = Promise.resolve();
  #isWaiting = false;
  #deadlinesAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#task = options.background.task('delivering webhooks');
    this.#deadlines = options.background.task('noting for webhooks which deadlines are near');
  }

  start(): void {
    const { store } = this.#options;
    const wake = () => {
      this.wake();
    };
    this.#timer = setInterval(wake, this.#options.everyMs ?? EVERY_MS).unref();
    this.#subscriptions.push(store.onSealed(wake), store.onCosigned(wake), store.onAnchored(wake));
    this.wake();
  }

  /** There may be something to send. */
  wake(): void {
    if (this.#isWaiting || this.#isClosed()) return;
    this.#isWaiting = true;
    this.#looking = this.#looking.then(async () => {
      this.#isWaiting = false;
      await this.#deadlines.run(() => this.#noteDeadlines());
      await this.#task.run(() => this.#claimAll());
    });
  }

  /** Removes what is no longer kept. */
  async expire(): Promise<void> {
    await this.#options.store.expireWebhooks(this.#clock() - KEPT_MS);
  }

  /** Ends what is being sent, which is sent again by another process or after the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#timer);
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
    await this.#looking;
    await Promise.all(this.#working);
    this.#options.sender.close();
  }

  async #noteDeadlines(): Promise<void> {
    const now = this.#clock();
    if (now < this.#deadlinesAt) return;
    await this.#options.store.addDeadlineEvents(now, now + NEAR_MS);
    this.#deadlinesAt = now + DEADLINES_EVERY_MS;
  }

  #isClosed(): boolean {
    return this.#stop.signal.aborted;
  }

  async #claimAll(): Promise<void> {
    const { store, messages } = this.#options;
    while (!this.#isClosed()) {
      const limit = Math.min(CLAIMED_TOGETHER, AT_A_TIME - this.#working.size);
      if (limit <= 0) return;
      const extent = await messages.extent();
      const now = this.#clock();
      const claimed = await store.claimWebhooks(now, now + CLAIM_MS, limit, extent);
      for (const webhook of claimed) this.#begin(webhook, extent);
      if (claimed.length < limit) return;
    }
  }

  #begin(webhook: ClaimedWebhook, extent: Extent): void {
    const work = this.#task
      .run(() => this.#tell(webhook, extent))
      .then(() => {
        this.#working.delete(work);
        // There was no place for others, or this one has more to be told by now.
        this.wake();
      });
    this.#working.add(work);
  }

  /** Tells a webhook everything, until there is nothing more, an attempt fails, or it is changed. */
  async #tell(webhook: ClaimedWebhook, extent: Extent): Promise<void> {
    const cursors = new Map(webhook.cursors);
    let { pending, attempts } = webhook;
    let done: (WebhookPlace & { readonly type: WebhookType }) | null = null;
    let attempt: NewWebhookAttempt | null = null;
    for (;;) {
      const next = await this.#next(webhook, cursors, pending, done?.type ?? null, extent);
      const step = { id: webhook.id, claim: webhook.claim };
      const isOver = next === null || this.#isClosed();
      const now = this.#clock();
      const waiting = await this.#options.store.stepWebhook({
        ...step,
        ...{ done, attempt, attempts, dueAt: isOver ? now : null },
        pending: next === null || next.message === null ? null : next.pending,
        claimedUntil: isOver ? 0 : now + CLAIM_MS,
        // What was told is told again then, from the place that is known, in the same messages.
        mayBeLost: next === null || next.isFixed,
      });
      if (waiting === null || isOver) return;
      const { place, sub, type } = next.pending;
      const from = cursors.get(type) ?? { place: 0, sub: 0 };
      cursors.set(type, { place, sub });
      pending = null;
      done = { type, place, sub };
      attempt = null;
      if (next.message === null) continue;
      const id = messageId(webhook.id, type, from.place, from.sub, place, sub);
      const answer = await postMessage(
        this.#options,
        webhook,
        { id, type, ...next.message },
        now,
        this.#stop.signal,
      );
      this.#options.onAttempt?.(answer);
      // Nobody waited for the answer: it is sent again.
      if (this.#isClosed() && answer.outcome !== 'delivered') {
        await this.#options.store.stepWebhook({
          ...step,
          ...{ done: null, attempt: null, pending: next.pending, attempts, dueAt: now, claimedUntil: 0 },
          mayBeLost: false,
        });
        return;
      }
      attempt = attemptOf({ id, type, attempt: attempts + 1 }, now, answer);
      if (answer.outcome !== 'delivered') {
        await this.#postpone(webhook, next.pending, attempts + 1, attempt, answer);
        return;
      }
      attempts = 0;
      if (waiting >= BUSY) await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    await sleep(BUSY_PAUSE_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  /**
   * What is to be sent: the message that was made before, or the next one, of each type in turn.
   * @param last the type that was told last
   */
  async #next(
    { organization }: ClaimedWebhook,
    cursors: ReadonlyMap<WebhookType, WebhookPlace>,
    pending: PendingMessage | null,
    last: WebhookType | null,
    extent: Extent,
  ): Promise<{
    readonly pending: PendingMessage;
    readonly message: { readonly at: number; readonly data: object } | null;
    readonly isFixed: boolean;
  } | null> {
    const { messages } = this.#options;
    if (pending !== null) {
      const { type, place, sub } = pending;
      const from = cursors.get(type);
      const told =
        from === undefined
          ? null
          : await messages.read({ organization, type, from, to: { place, sub } }, extent);
      return { pending, message: told?.message ?? null, isFixed: true };
    }
    const after = last === null ? 0 : WEBHOOK_TYPES.indexOf(last) + 1;
    for (const type of [...WEBHOOK_TYPES.slice(after), ...WEBHOOK_TYPES.slice(0, after)]) {
      const from = cursors.get(type);
      const told = from === undefined ? null : await messages.read({ organization, type, from }, extent);
      if (told !== null)
        return { pending: { type, ...told.to }, message: told.message, isFixed: told.isFixed };
    }
    return null;
  }

  async #postpone(
    webhook: ClaimedWebhook,
    pending: PendingMessage,
    attempts: number,
    attempt: NewWebhookAttempt,
    { status, retryAfterMs }: Answer,
  ): Promise<void> {
    const { id, claim } = webhook;
    const now = this.#clock();
    const pause = PAUSES_MS[attempts - 1];
    if (pause === undefined || status === GONE) {
      await this.#disable(webhook, status === GONE ? 'gone' : 'failed', attempt, now);
      return;
    }
    const asked = status === TOO_MANY_REQUESTS || status === SERVICE_UNAVAILABLE ? retryAfterMs : 0;
    await this.#options.store.stepWebhook({
      ...{ id, claim, done: null, attempt, pending, attempts, claimedUntil: 0, mayBeLost: false },
      dueAt: now + Math.max(pause, asked),
    });
  }

  async #disable(
    { id, claim, name, url, organizationId }: ClaimedWebhook,
    because: 'failed' | 'gone',
    attempt: NewWebhookAttempt,
    at: number,
  ): Promise<void> {
    const { store, log, mails, onDisabled } = this.#options;
    const isDisabled = await store.disableWebhook(
      { id, claim, at, because, attempt, mails },
      {
        ...{ at, kind: 'webhook_disabled', organizationId, personId: null, keyId: null, address: null },
        detail: { webhook: id, name, host: new URL(url).host, because },
      },
    );
    if (!isDisabled) return;
    log.warn({ webhook: id, because, message: attempt.message }, 'a webhook was disabled');
    onDisabled?.();
  }
}

function attemptOf(
  message: Pick<NewWebhookAttempt, 'type' | 'attempt'> & { readonly id: string },
  at: number,
  { ms, status, outcome }: Answer,
): NewWebhookAttempt {
  const { id, type, attempt } = message;
  return { message: id, type, attempt, at, ms, status, outcome };
}
