import { performance } from 'node:perf_hooks';
import { nodeSha256 } from '../crypto/primitives.js';
import { readMapPath } from '../merkle/map-pages.js';
import {
  formatLogLines,
  formatVerifierKey,
  formatWitnessLines,
  LogKeys,
  type Policy,
  policyOfKeys,
  type VerifierKey,
} from '../proof/index.js';
import { EMPTY_MAP_ROOT, type MapPath } from '../proof/map.js';
import { parseStatement } from '../proof/time/state.js';
import { logTree, readLogKeys } from '../sealer/index.js';
import type { Store, StoredBlock } from '../store/index.js';
import { formatTimeLines, NO_TIME_TRUST, type TimeTrust } from '../proof/time/trust.js';
import { Checkpoints, type CosignedView } from './cosigned-view.js';
import { keyStatementsJson, showKeyStatements } from './key-statements.js';
import { LogReader } from './tiles.js';

/**
 * How long keys are used after they were read. Older ones may be older than a whole change of keys, and would
 * give a wrong verdict: whoever needs the keys then waits for the database.
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

/** What shows a record's value after a block, or that there was no such record. */
export interface MapProof {
  readonly block: StoredBlock;
  /** null: the block has none, so the map is empty. */
  readonly statement: string | null;
  readonly path: MapPath;
  /** From the block's header to the root of the checkpoint. */
  readonly headerPath: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
}

/**
 * The published transparency log (c2sp.org/tlog-tiles) over the headers: entry i is the header of block i.
 */
export class PublishedLog extends LogReader {
  readonly origin: string;
  /** Those that sign receipts now, one for each algorithm. */
  readonly receiptKeys: readonly VerifierKey[];
  /** null: the log has no members. */
  readonly cosigned: CosignedView | null;
  readonly #store: Store;
  readonly #checkpoints: Checkpoints;
  readonly #time: TimeTrust;
  readonly #known: VerifierKey;
  #keys: LogKeys;
  #keysUntil = 0;
  #reading: Promise<LogKeys> | null = null;

  constructor(
    store: Store,
    keys: { readonly logKey: VerifierKey; readonly receiptKeys: readonly VerifierKey[] },
    cosigned: CosignedView | null = null,
    time: TimeTrust = NO_TIME_TRUST,
  ) {
    super(store);
    this.#store = store;
    this.#checkpoints = new Checkpoints(store, cosigned);
    this.cosigned = cosigned;
    this.#time = time;
    this.#known = keys.logKey;
    this.#keys = LogKeys.of(keys.logKey);
    this.receiptKeys = keys.receiptKeys;
    this.origin = keys.logKey.name;
  }

  async state(): Promise<ChainState> {
    const [{ tip, nextPosition, firstUnsealed, waitingSince, latestTime }, checkpoint] = await Promise.all([
      this.#store.sealingState(),
      this.checkpoint(),
      this.keys(),
    ]);
    return { tip, sealed: firstUnsealed, accepted: nextPosition, checkpoint, waitingSince, latestTime };
  }

  /** The published checkpoint (see `Checkpoints.published`), or null while there is none. */
  async checkpoint(): Promise<string | null> {
    return (await this.#checkpoints.published())?.note ?? null;
  }

  /**
   * The keys that sign the log, read at most a second ago.
   * @throws {SealProblem} wrong_key, inconsistent; {StoreError} unavailable
   */
  async keys(): Promise<LogKeys> {
    return performance.now() < this.#keysUntil ? this.#keys : (this.#reading ??= this.#readKeys());
  }

  /** The keys as last read, for a message: not for a verdict. */
  get lastKeys(): LogKeys {
    return this.#keys;
  }

  async #readKeys(): Promise<LogKeys> {
    // What was read is as old as the query.
    const asked = performance.now();
    try {
      this.#keys = await readLogKeys(this.#store, this.#known);
      this.#keysUntil = asked + KEYS_LIFETIME_MS;
      return this.#keys;
    } finally {
      this.#reading = null;
    }
  }

  /**
   * The path of a record in the map after a block, which a published checkpoint covers.
   * @param at height of the block; null: the latest
   * @returns null: there is no such block, or no checkpoint covers it yet
   */
  async mapProof(record: Uint8Array, at: number | null): Promise<MapProof | null> {
    const checkpoint = await this.#checkpoints.published();
    if (checkpoint === null) return null;
    const height = at ?? checkpoint.size - 1;
    const block = height < checkpoint.size ? await this.#store.block(height) : null;
    if (block === null) return null;
    const [placed] = await this.#store.stateStatements(height, height + 1);
    const statement = placed?.statement ?? null;
    const root = statement === null ? EMPTY_MAP_ROOT : parseStatement(statement).map.root;
    const [path, headerPath] = await Promise.all([
      readMapPath((prefixes) => this.#store.mapPages(prefixes, height), root, record, nodeSha256),
      logTree(this.#store, checkpoint.size).inclusionPath(height),
    ]);
    return { block, statement, path, headerPath, checkpoint: checkpoint.note };
  }

  /** The log's key statements with their proofs: the body of `GET /v1/log-keys`. */
  async keyStatements(): Promise<string> {
    const find = this.#checkpoints.between.bind(this.#checkpoints);
    return keyStatementsJson(await showKeyStatements(this.#store, find));
  }

  /** The policy of a verifier that trusts this log, its members and its time sources. @throws as `keys` */
  async policy(): Promise<Policy> {
    const policy = this.cosigned?.members.policy ?? policyOfKeys([]);
    return { ...policy, ...(await this.keys()).trusted, time: this.#time };
  }

  /** The same as a text (c2sp.org/tlog-policy). */
  async policyText(): Promise<string> {
    const policy = await this.policy();
    const { retired, time } = policy;
    const lines = formatTimeLines(time);
    const timeLines = lines.length === 0 ? [] : ['# What confirms times, beside the log:', ...lines];
    return [
      `# Trust policy of the log ${this.origin}.`,
      '# Before you rely on it, compare the key with the one that its operator gives you in another way.',
      ...(retired.length === 0
        ? []
        : ['# Retired keys, each with the size of the largest checkpoint that it signed:']),
      ...formatLogLines(policy),
      ...formatWitnessLines(policy),
      ...timeLines,
      `# Receipts, which replace a proof until the document is sealed, are signed by ${this.receiptKeys.map(formatVerifierKey).join(' and ')}`,
      '',
    ].join('\n');
  }
}
