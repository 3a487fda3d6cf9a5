import type { Background, BackgroundTask } from '../background/index.js';
import { NODE_LIMITS } from '../background/time-limits.js';
import { nodeSha256 } from '../crypto/primitives.js';
import { type Evidence, formatEvidence, type SuccessionFault, utf8 } from '../proof/index.js';
import type { Store, StoreLog } from '../store/index.js';

/** Why this node does not cosign. A closed set: alarms and scripts depend on it. */
export type RefusalReason =
  /** The response does not have the form that it must have. */
  | 'malformed'
  /** The checkpoint is not signed by the key of the log. */
  | 'unsigned'
  /** The log's key statements do not follow from its known key. */
  | 'log_key'
  /** The log publishes fewer blocks than before. */
  | 'rolled_back'
  /** The log has signed two histories. */
  | 'fork'
  /** The headers do not lead to the signed root. */
  | 'root_mismatch'
  /** The leaf hashes do not lead to the root in their block's header. */
  | 'merkle_root'
  /** A block breaks a rule between it and its predecessor. */
  | SuccessionFault;

export interface RefusalDetails {
  /** Where: `checkpoint`, `block 12`, `tile/entries/000`. */
  readonly where: string;
  /** Height of the block at fault. */
  readonly height?: number;
  readonly expected?: string;
  readonly found?: string;
  /** Proof for others; absent when no signed data proves it. */
  readonly evidence?: Evidence;
}

/** Thrown when this node refuses what the log publishes. */
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

/** Thrown when something cannot be read at the moment. It is no evidence of a fault, and is retried. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

export interface AlarmsOptions {
  readonly store: Store;
  readonly log: StoreLog;
  readonly background: Background;
  /** Name of the followed log. */
  readonly origin: string;
  /** Address to which each alarm is posted as JSON; null: none. */
  readonly webhook: string | null;
  readonly stop: AbortSignal;
  /** Called for each refusal, also for repeated ones. */
  readonly onRefusal?: (reason: RefusalReason) => void;
}

const WEBHOOK_ATTEMPTS = 5;
const WEBHOOK_PAUSE_MS = 1000;

/** Stores the evidence of refusals and raises alarms, once for each distinct refusal. */
export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #posting = new Set<Promise<void>>();
  readonly #task: BackgroundTask;
  /** Alarms that this process has raised, in case the database that stores them is unavailable. */
  readonly #raised = new Set<string>();

  constructor(options: AlarmsOptions) {
    this.#options = options;
    this.#task = options.background.task('posting alarms', { fields: { url: options.webhook } });
  }

  /** @param from address of the node that served the refused data */
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
    let isNew = !this.#raised.has(id);
    this.#raised.add(id);
    const fields = { reason, from, ...where, evidence: id };
    try {
      isNew = (await store.addEvidence({ foundAt: Date.now(), digest, reason, document })) && isNew;
    } catch (error) {
      log.error(
        { ...fields, err: error, document },
        'the evidence could not be stored; this line is its only copy',
      );
    }
    if (!isNew) return;
    log.error(fields, `refused: ${message}`);
    this.#post({ origin, reason, message, from, ...where, evidence: id, proven: evidence !== undefined });
  }

  /** Resolves when no delivery is running. */
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
          signal: AbortSignal.any([stop, AbortSignal.timeout(NODE_LIMITS.webhookMs)]),
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
