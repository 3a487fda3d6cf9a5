import type { Background, BackgroundTask } from '../background/index.js';
import { nodeSha256 } from '../crypto/primitives.js';
import { type Evidence, formatEvidence, type SuccessionFault, utf8 } from '../proof/index.js';
import type { Store, StoreLog } from '../store/index.js';

/** Why this node does not vouch for what it was shown. Closed: alarms and scripts decide by it. */
export type RefusalReason =
  /** What was served is not what it should be at all. */
  | 'malformed'
  /** The checkpoint is not signed by the key of the log. */
  | 'unsigned'
  /** What the log shows of its keys does not follow from the one that is known. */
  | 'log_key'
  /** The log shows fewer blocks than it has shown before. */
  | 'rolled_back'
  /** The log has signed two histories. */
  | 'fork'
  /** The headers that are served do not lead to the root that is signed. */
  | 'root_mismatch'
  /** The leaf hashes that are served do not lead to the root in their block's header. */
  | 'merkle_root'
  /** A rule between a block and the one before it is broken. */
  | SuccessionFault;

export interface RefusalDetails {
  /** Where: `checkpoint`, `block 12`, `tile/entries/000`. */
  readonly where: string;
  /** Of the block that it is about. */
  readonly height?: number;
  readonly expected?: string;
  readonly found?: string;
  /** What shows it to others; absent when nothing that was signed shows it. */
  readonly evidence?: Evidence;
}

/** Thrown when something shown by the log is refused. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly reason: RefusalReason;
  readonly details: RefusalDetails;

  constructor(reason: RefusalReason, message: string, details: RefusalDetails) {
    super(message);
    this.reason = reason;
    this.details = details;
  }
}

/** Thrown when something cannot be had now: nothing is wrong yet, and it is tried again. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

export interface AlarmsOptions {
  readonly store: Store;
  readonly log: StoreLog;
  readonly background: Background;
  /** Name of the log that is followed. */
  readonly origin: string;
  /** Where to post each alarm as JSON; null: nowhere. */
  readonly webhook: string | null;
  readonly stop: AbortSignal;
  /** Called for each refusal, whether it is new or not. */
  readonly onRefusal?: (reason: RefusalReason) => void;
}

const WEBHOOK_ATTEMPTS = 5;
const WEBHOOK_TIMEOUT_MS = 10_000;
const WEBHOOK_PAUSE_MS = 1000;

/** Keeps what shows a refusal to be right, and tells people: once for each different thing, however often it is met. */
export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #posting = new Set<Promise<void>>();
  readonly #task: BackgroundTask;
  /** What this process has told already, in case the database that remembers it is away. */
  readonly #told = new Set<string>();

  constructor(options: AlarmsOptions) {
    this.#options = options;
    this.#task = options.background.task('posting alarms', { fields: { url: options.webhook } });
  }

  /** @param from whose word it is: the address that the refused thing came from */
  async raise({ reason, message, details }: RefusedError, from: string): Promise<void> {
    const { store, log, origin, onRefusal } = this.#options;
    onRefusal?.(reason);
    const { evidence, ...where } = details;
    const document =
      evidence === undefined
        ? `${JSON.stringify({ format: 'ingam-observation-v1', origin, reason, message, from, ...where }, null, 2)}\n`
        : formatEvidence(evidence);
    const digest = nodeSha256(utf8(document));
    const id = Buffer.from(digest).toString('hex');
    let isNew = !this.#told.has(id);
    this.#told.add(id);
    const fields = { reason, from, ...where, evidence: id };
    try {
      isNew = (await store.addEvidence({ foundAt: Date.now(), digest, reason, document })) && isNew;
    } catch (error) {
      log.error(
        { ...fields, err: error, document },
        'evidence could not be stored: this line is all there is of it',
      );
    }
    if (!isNew) return;
    log.error(fields, `refused: ${message}`);
    this.#post({ origin, reason, message, from, ...where, evidence: id, proven: evidence !== undefined });
  }

  /** Resolves when no webhook is being called any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#posting);
  }

  #post(alarm: object): void {
    const { webhook } = this.#options;
    if (webhook === null) return;
    const posting = this.#deliver(webhook, JSON.stringify(alarm)).finally(() =>
      this.#posting.delete(posting),
    );
    this.#posting.add(posting);
  }

  async #deliver(url: string, body: string): Promise<void> {
    const { stop, log } = this.#options;
    for (let attempt = 1; attempt <= WEBHOOK_ATTEMPTS && !stop.aborted; attempt++) {
      try {
        const response = await fetch(url, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json' },
          signal: AbortSignal.any([stop, AbortSignal.timeout(WEBHOOK_TIMEOUT_MS)]),
        });
        await response.body?.cancel();
        if (!response.ok) throw new Error(`the webhook responds with status ${response.status}`);
        this.#task.succeeded();
        return;
      } catch (error) {
        if (error !== stop.reason) this.#task.failed(error);
      }
      await pause(WEBHOOK_PAUSE_MS * 2 ** attempt, stop);
    }
    log.error({ url }, `an alarm was not delivered after ${WEBHOOK_ATTEMPTS} attempts`);
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
