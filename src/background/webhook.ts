import type { Background, BackgroundLog, BackgroundTask } from './index.js';
import { NODE_LIMITS, timeLimit } from './time-limits.js';

/** The part of an address that may be published and logged. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

const ATTEMPTS = 5;
const PAUSE_MS = 1000;

export interface WebhookOptions {
  /** Address to which each alarm is posted as JSON; null: none. */
  readonly url: string | null;
  readonly log: BackgroundLog;
  readonly background: Background;
  readonly stop: AbortSignal;
}

/** Posts alarms to the address that the operator has named, with several attempts. */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #posting = new Set<Promise<void>>();
  readonly #task: BackgroundTask;

  constructor(options: WebhookOptions) {
    this.#options = options;
    // The rest of a webhook's address is often its secret.
    const fields = options.url === null ? {} : { host: hostOf(options.url) };
    this.#task = options.background.task('posting alarms', { fields });
  }

  /** Returns at once. */
  post(alarm: object): void {
    const { url } = this.#options;
    if (url === null) return;
    const posting = this.#deliver(url, JSON.stringify(alarm)).finally(() => this.#posting.delete(posting));
    this.#posting.add(posting);
  }

  /** Resolves when no delivery is running. */
  async idle(): Promise<void> {
    await Promise.all(this.#posting);
  }

  async #deliver(url: string, body: string): Promise<void> {
    const { stop, log } = this.#options;
    for (let attempt = 1; attempt <= ATTEMPTS && !stop.aborted; attempt++) {
      try {
        const response = await fetch(url, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json' },
          // A redirect would lead to a server that the operator has not named.
          redirect: 'error',
          signal: timeLimit(NODE_LIMITS.webhookMs, stop),
        });
        await response.body?.cancel();
        if (!response.ok) throw new Error(`the webhook responds with status ${response.status}`);
        this.#task.succeeded();
        return;
      } catch (error) {
        if (error !== stop.reason) this.#task.failed(error);
      }
      await pause(PAUSE_MS * 2 ** attempt, stop);
    }
    log.error({ host: hostOf(url) }, `an alarm was not delivered after ${ATTEMPTS} attempts`);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
