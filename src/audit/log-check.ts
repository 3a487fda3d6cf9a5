import { hashAt, tileRoot } from '../merkle/flat.js';
import { CompactTree } from '../merkle/growing-tree.js';
import { HASH_LENGTH, TILE_WIDTH } from '../proof/index.js';
import type { ChainRows, ChainSnapshot } from '../store/index.js';
import { finding, type Findings, show } from './finding.js';
import { RowReader } from './row-reader.js';

const PAGE = 16;
/** The range of the column. */
const LOWEST = -32_768n;
const HIGHEST = 32_768n;

type LogTileRow = ChainRows['log_tile'];

/** The tile of one level that is being filled. */
interface Level {
  readonly reader: RowReader<'log_tile'>;
  index: number;
  hashes: (Buffer | null)[];
  stored: LogTileRow | null;
}

/** Builds the log block by block and compares its full tiles with the stored ones. */
export class LogCheck {
  readonly #snapshot: ChainSnapshot;
  readonly #findings: Findings;
  readonly #levels: Level[] = [];
  /** Null after an unknown leaf: no root can be derived from there on. */
  #tree: CompactTree | null = new CompactTree();

  constructor(snapshot: ChainSnapshot, findings: Findings) {
    this.#snapshot = snapshot;
    this.#findings = findings;
  }

  /** Prepares for the leaf of the next height. */
  async ready(): Promise<void> {
    await this.#level(0);
  }

  /** The next leaf by the stored tile; null while that tile is not full. */
  get storedLeaf(): Buffer | null {
    const level = this.#levels[0];
    return level === undefined ? null : storedHash(level);
  }

  /** The root after further leaves; null when it is unknown. */
  rootWith(...leaves: readonly Buffer[]): Buffer | null {
    return this.#tree === null ? null : Buffer.from(this.#tree.with(...leaves).root());
  }

  /**
   * Adds the leaf of the next height or, if it is null, the one in the stored tile.
   * @returns the root; null when it is unknown
   */
  async append(leaf: Buffer | null): Promise<Buffer | null> {
    const known = leaf ?? this.storedLeaf;
    if (known === null) this.#tree = null;
    else this.#tree?.append(known);
    await this.#add(0, known);
    return this.#tree === null ? null : Buffer.from(this.#tree.root());
  }

  /** Heights are missing: the index of every later leaf is unknown. */
  lose(): void {
    this.#tree = null;
    for (const level of this.#levels) level.hashes.fill(null);
  }

  /** Names the tiles that the log is too small for. */
  async finish(): Promise<void> {
    for (const { reader, stored } of this.#levels) {
      if (stored !== null) this.#extra(stored);
      await this.#nameRest(reader);
    }
    for (const range of [
      { from: LOWEST, to: 0n },
      { from: BigInt(this.#levels.length), to: HIGHEST },
    ]) {
      await this.#nameRest(await RowReader.open(this.#snapshot, 'log_tile', PAGE, range));
    }
  }

  async #level(number: number): Promise<Level> {
    const known = this.#levels[number];
    if (known !== undefined) return known;
    const range = { from: BigInt(number), to: BigInt(number) + 1n };
    const reader = await RowReader.open(this.#snapshot, 'log_tile', PAGE, range);
    const level: Level = { reader, index: 0, hashes: [], stored: null };
    this.#levels.push(level);
    await this.#load(level);
    return level;
  }

  async #load(level: Level): Promise<void> {
    const { reader, index } = level;
    level.stored = null;
    for (let row = reader.row; row !== null && Number(row.index) <= index; row = reader.row) {
      if (Number(row.index) === index) level.stored = row;
      else this.#extra(row);
      await reader.next();
    }
  }

  async #add(number: number, hash: Buffer | null): Promise<void> {
    const level = await this.#level(number);
    level.hashes.push(hash ?? storedHash(level));
    if (level.hashes.length < TILE_WIDTH) return;
    const root = this.#checkFull(number, level);
    level.index++;
    level.hashes = [];
    await this.#load(level);
    await this.#add(number + 1, root);
  }

  /** @returns the tile's root as derived from the level below; null when it is unknown */
  #checkFull(number: number, { index, hashes, stored }: Level): Buffer | null {
    const known = hashes.filter((hash) => hash !== null);
    const root = known.length === TILE_WIDTH ? tileRoot(Buffer.concat(known)) : null;
    const key = { level: number, index };
    if (stored === null) {
      this.#findings.add(
        finding('log_tile', key, null, 'missing', `Tile ${number}/${index} of the log is missing.`),
      );
      return root;
    }
    const at = hashes.findIndex((hash, i) => hash?.equals(hashAt(Buffer.from(stored.hashes), i)) === false);
    const hashesHold = stored.hashes.length === TILE_WIDTH * HASH_LENGTH && at === -1;
    const rootHolds = root === null || root.equals(stored.root);
    if (hashesHold && rootHolds) return root;
    const column = hashesHold ? 'root' : rootHolds ? 'hashes' : null;
    const below = number === 0 ? 'the blocks' : 'the tiles below it';
    const message =
      column === 'root'
        ? `Tile ${number}/${index} of the log has a root other than that of its hashes.`
        : `Tile ${number}/${index} of the log does not hold the hashes of ${below}.`;
    this.#findings.add(
      finding('log_tile', key, column, hashesHold ? 'root_mismatch' : 'tile_mismatch', message, {
        expected: hashesHold ? show(root) : at === -1 ? undefined : show(hashes[at]),
        found: hashesHold
          ? show(stored.root)
          : at === -1
            ? undefined
            : show(hashAt(Buffer.from(stored.hashes), at)),
      }),
    );
    return root;
  }

  async #nameRest(reader: RowReader<'log_tile'>): Promise<void> {
    for (let row = reader.row; row !== null; row = reader.row) {
      this.#extra(row);
      await reader.next();
    }
  }

  #extra({ level, index }: LogTileRow): void {
    const message = `The log is too small to have a full tile ${level}/${index}.`;
    this.#findings.add(finding('log_tile', { level, index }, null, 'extra', message));
  }
}

function storedHash({ stored, hashes }: Level): Buffer | null {
  if (stored?.hashes.length !== TILE_WIDTH * HASH_LENGTH) return null;
  return Buffer.from(hashAt(Buffer.from(stored.hashes), hashes.length));
}
