import { performance } from 'node:perf_hooks';
import type { Background } from '../background/index.js';
import { Webhook } from '../background/webhook.js';
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
  /** A block's state statement is not the one that its header names, is malformed, or is not shown. */
  | 'state'
  /** A block's change list is not the one that its state statement names. */
  | 'changes'
  /** The map of records after a block does not follow from the map before and the change list. */
  | 'map'
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

/** How often at most the same reason raises an alarm: a log that cheats must not bury the first one. */
const PERIOD_MS = 60_000;
/** How many refusals are remembered, in case the database that stores them is unavailable. */
const REMEMBERED = 1000;

/**
 * Stores the evidence of refusals and raises alarms: once for each distinct refusal, and once a minute for
 * each reason. Within that minute, evidence is still stored, but no more observations, which prove nothing.
 */
export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #webhook: Webhook;
  /** Refusals that this process has seen last, by the digest of their document. */
  readonly #raised = new Map<string, 'stored' | 'unstored'>();
  /** When each reason raised its last alarm, and how many refusals have raised none since. */
  readonly #periods = new Map<string, { readonly since: number; unsaid: number }>();

  constructor(options: AlarmsOptions) {
    this.#options = options;
    const { webhook: url, log, background, stop } = options;
    this.#webhook = new Webhook({ url, log, background, stop });
  }

  /** @param from host of the node that served the refused data, or the log's name */
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
    const proven = evidence !== undefined;
    const isDue = this.#isDue(reason);
    const before = this.#raised.get(id);
    if (before === 'stored' || !(isDue || proven)) return;
    const fields = { reason, from, ...where, evidence: id };
    let isNew = before === undefined;
    try {
      const added = await store.addEvidence({ foundAt: Date.now(), digest, reason, proven, document });
      isNew &&= added;
      this.#remember(id, 'stored');
    } catch (error) {
      this.#remember(id, 'unstored');
      if (isNew) {
        log.error(
          { ...fields, err: error, document },
          'the evidence could not be stored; this line is its only copy',
        );
      }
    }
    if (!isNew) return;
    const period = this.#periods.get(reason);
    if (!isDue) {
      if (period !== undefined) period.unsaid++;
      return;
    }
    const more = period === undefined || period.unsaid === 0 ? {} : { unsaid: period.unsaid };
    this.#periods.set(reason, { since: performance.now(), unsaid: 0 });
    log.error({ ...fields, ...more }, `refused: ${message}`);
    this.#webhook.post({ origin, reason, message, from, ...where, ...more, evidence: id, proven });
  }

  #isDue(reason: RefusalReason): boolean {
    const period = this.#periods.get(reason);
    return period === undefined || performance.now() - period.since >= PERIOD_MS;
  }

  #remember(id: string, state: 'stored' | 'unstored'): void {
    this.#raised.set(id, state);
    const [oldest] = this.#raised.keys();
    if (this.#raised.size > REMEMBERED && oldest !== undefined) this.#raised.delete(oldest);
  }

  /** Resolves when no delivery is running. */
  idle(): Promise<void> {
    return this.#webhook.idle();
  }
}
