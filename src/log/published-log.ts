import { performance } from 'node:perf_hooks';
import type { Background, BackgroundTask } from '../background/index.js';
import {
  formatLogLines,
  formatVerifierKey,
  formatWitnessLines,
  LogKeys,
  type Policy,
  policyOfKeys,
  type VerifierKey,
} from '../proof/index.js';
import { readLogKeys } from '../sealer/index.js';
import type { Store, StoredBlock } from '../store/index.js';
import { Checkpoints, type CosignedView } from './cosigned-view.js';
import { keyStatementsJson, showKeyStatements } from './key-statements.js';
import { LogReader } from './tiles.js';

/**
 * How long the keys are cached. Outdated ones do no harm: when a key replaces another, one of the two signs
 * both before and after.
 */
const KEYS_LIFETIME_MS = 1000;

export interface ChainState {
  /** null in an empty chain. */
  readonly tip: StoredBlock | null;
  /** Positions that blocks hold. */
  readonly sealed: number;
  /** Positions assigned so far; those beyond `sealed` wait for their block. */
  readonly accepted: number;
  /** The published checkpoint; null while there is none. */
  readonly checkpoint: string | null;
  /** When the earliest waiting entry was accepted; null when nothing waits. */
  readonly waitingSince: number | null;
  /** The latest time of acceptance; 0 in an empty chain. */
  readonly latestTime: number;
}

/**
 * The published transparency log (c2sp.org/tlog-tiles) over the headers: entry i is the header of block i.
 */
export class PublishedLog extends LogReader {
  readonly origin: string;
  readonly receiptKey: VerifierKey;
  /** null: the log has no members. */
  readonly cosigned: CosignedView | null;
  readonly #store: Store;
  readonly #checkpoints: Checkpoints;
  readonly #known: VerifierKey;
  #keys: LogKeys;
  readonly #readingKeys: BackgroundTask;
  #keysUntil = 0;

  constructor(
    store: Store,
    keys: { readonly logKey: VerifierKey; readonly receiptKey: VerifierKey },
    background: Background,
    cosigned: CosignedView | null = null,
  ) {
    super(store);
    this.#store = store;
    this.#checkpoints = new Checkpoints(store, cosigned);
    this.cosigned = cosigned;
    this.#readingKeys = background.task('reading the log keys');
    this.#known = keys.logKey;
    this.#keys = LogKeys.of(keys.logKey);
    this.receiptKey = keys.receiptKey;
    this.origin = keys.logKey.name;
  }

  async state(): Promise<ChainState> {
    const [{ tip, nextPosition, firstUnsealed, waitingSince, latestTime }, checkpoint] = await Promise.all([
      this.#store.sealingState(),
      this.checkpoint(),
      this.readKeys(),
    ]);
    return { tip, sealed: firstUnsealed, accepted: nextPosition, checkpoint, waitingSince, latestTime };
  }

  /** The published checkpoint (see `Checkpoints.published`), or null while there is none. */
  async checkpoint(): Promise<string | null> {
    return (await this.#checkpoints.published())?.note ?? null;
  }

  /** The keys that sign the log, as last read. Starts a read when they are outdated. */
  get keys(): LogKeys {
    if (performance.now() > this.#keysUntil) void this.#readingKeys.run(() => this.readKeys());
    return this.#keys;
  }

  /** Reads them. @throws {SealProblem} wrong_key, inconsistent; {StoreError} */
  async readKeys(): Promise<void> {
    this.#keysUntil = performance.now() + KEYS_LIFETIME_MS;
    this.#keys = await readLogKeys(this.#store, this.#known);
  }

  /** The log's key statements with their proofs: the body of `GET /v1/log-keys`. */
  async keyStatements(): Promise<string> {
    const find = this.#checkpoints.between.bind(this.#checkpoints);
    return keyStatementsJson(await showKeyStatements(this.#store, find));
  }

  /** The policy of a verifier that trusts this log and its members. */
  policy(): Policy {
    const { witnesses, groups, quorum } = this.cosigned?.members.policy ?? policyOfKeys([]);
    return { ...this.keys.trusted, witnesses, groups, quorum };
  }

  /** The same as a text (c2sp.org/tlog-policy). */
  policyText(): string {
    const { retired } = this.keys.trusted;
    return [
      `# Trust policy of the log ${this.origin}.`,
      '# Before you rely on it, compare the key with the one that its operator gives you in another way.',
      ...(retired.length === 0
        ? []
        : ['# Retired keys, each with the size of the largest checkpoint that it signed:']),
      ...formatLogLines(this.keys.trusted),
      ...formatWitnessLines(this.policy()),
      `# Receipts, which replace a proof until the document is sealed, are signed by ${formatVerifierKey(this.receiptKey)}`,
      '',
    ].join('\n');
  }
}
