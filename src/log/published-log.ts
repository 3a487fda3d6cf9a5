import { performance } from 'node:perf_hooks';
import type { Background, BackgroundTask } from '../background/index.js';
import {
  concat,
  encodeHeader,
  formatLogLines,
  formatVerifierKey,
  formatWitnessLines,
  HASH_LENGTH,
  LogKeys,
  type Policy,
  policyOfKeys,
  TILE_WIDTH,
  type TileId,
  type VerifierKey,
} from '../proof/index.js';
import { readLogKeys } from '../sealer/index.js';
import type { Store, StoredBlock } from '../store/index.js';
import { Checkpoints, type CosignedView } from './cosigned-view.js';
import { keyStatementsJson, showKeyStatements } from './key-statements.js';

/** Blocks and tiles as they are read by others. */
export class LogReader {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** A tile's hashes, one after the other; null when the log does not reach so far. */
  tile({ level, index, width }: TileId): Promise<Uint8Array | null> {
    return this.#store.logTile(level, index, width);
  }

  /** The headers below tile (0, index), each behind its length in two bytes; null when the log does not reach so far. */
  async entryBundle(index: number, width: number): Promise<Uint8Array | null> {
    const first = index * TILE_WIDTH;
    const blocks = await this.#store.headers(first, first + width);
    if (blocks.length < width) return null;
    return concat(
      ...blocks.map((block) => {
        const header = encodeHeader(block);
        return concat(Uint8Array.of(header.length >> 8, header.length & 0xff), header);
      }),
    );
  }

  /** Leaf hashes by position, across blocks, one after the other; null while not all of them are sealed. */
  leaves(first: number, count: number): Promise<Uint8Array | null> {
    return this.#store.leafHashes(first, count);
  }

  block(height: number): Promise<StoredBlock | null> {
    return this.#store.block(height);
  }

  /** The first `width` hashes of a tile of a block's tree, one after the other; null when that tree has no such tile. */
  async blockTile(height: number, { level, index, width }: TileId): Promise<Uint8Array | null> {
    const [hashes = null] = await this.#store.blockTiles(height, [{ level, index }]);
    return hashes === null || hashes.length < width * HASH_LENGTH
      ? null
      : hashes.subarray(0, width * HASH_LENGTH);
  }

  /** Highest first, below `before`. */
  blocks(range: { readonly before?: number; readonly limit: number }): Promise<StoredBlock[]> {
    return this.#store.blocks(range);
  }
}

/**
 * How long keys that were read are believed to be the latest. Nobody is harmed by those before: at least one of two that follow each
 * other signs both before and after.
 */
const KEYS_LIFETIME_MS = 1000;

export interface ChainState {
  /** null in an empty chain. */
  readonly tip: StoredBlock | null;
  /** Positions that blocks hold. */
  readonly sealed: number;
  /** Positions that were given out; the rest wait for their block. */
  readonly accepted: number;
  /** The published checkpoint; null while there is none. */
  readonly checkpoint: string | null;
  /** When the earliest waiting entry was accepted; null when nothing waits. */
  readonly waitingSince: number | null;
}

/** The transparency log as the world sees it: c2sp.org/tlog-tiles over the headers, entry i being the header of block i. */
export class PublishedLog extends LogReader {
  readonly origin: string;
  readonly receiptKey: VerifierKey;
  /** null: nobody is asked for cosignatures. */
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
    const [{ tip, nextPosition, firstUnsealed, waitingSince }, checkpoint] = await Promise.all([
      this.#store.waiting(),
      this.checkpoint(),
      this.readKeys(),
    ]);
    return { tip, sealed: firstUnsealed, accepted: nextPosition, checkpoint, waitingSince };
  }

  /** The published checkpoint (see `Checkpoints.published`), or null while there is none. */
  async checkpoint(): Promise<string | null> {
    return (await this.#checkpoints.published())?.note ?? null;
  }

  /** Which keys sign the log, as it was last read. */
  get keys(): LogKeys {
    if (performance.now() > this.#keysUntil) void this.#readingKeys.run(() => this.readKeys());
    return this.#keys;
  }

  /** Reads them. @throws {SealProblem} wrong_key, inconsistent; {StoreError} */
  async readKeys(): Promise<void> {
    this.#keysUntil = performance.now() + KEYS_LIFETIME_MS;
    this.#keys = await readLogKeys(this.#store, this.#known);
  }

  /** What the log has said of its keys, with proofs, for everybody who follows it: the body of `GET /v1/log-keys`. */
  async keyStatements(): Promise<string> {
    const find = this.#checkpoints.between.bind(this.#checkpoints);
    return keyStatementsJson(await showKeyStatements(this.#store, find));
  }

  /** What someone demands who trusts this log and its members. */
  policy(): Policy {
    const { witnesses, groups, quorum } = this.cosigned?.members.policy ?? policyOfKeys([]);
    return { ...this.keys.trusted, witnesses, groups, quorum };
  }

  /** The same as a text (c2sp.org/tlog-policy). */
  policyText(): string {
    const { retired } = this.keys.trusted;
    return [
      `# Trust policy of the log ${this.origin}.`,
      '# Compare the key with what its operator tells you by another way before you rely on it.',
      ...(retired.length === 0
        ? []
        : ['# Retired keys, each with the size of the largest checkpoint that it has signed:']),
      ...formatLogLines(this.keys.trusted),
      ...formatWitnessLines(this.policy()),
      `# Receipts, which stand for a proof until the seal, are signed by ${formatVerifierKey(this.receiptKey)}`,
      '',
    ].join('\n');
  }
}
