import { hashAt, tileRoot } from '../merkle/flat.js';
import { CompactTree } from '../merkle/growing-tree.js';
import { HASH_LENGTH, levelWidth, TILE_WIDTH, tileAt } from '../proof/index.js';
import type { ChainRows, ChainSnapshot } from '../store/index.js';
import { finding, type Findings, show } from './finding.js';
import { RowReader } from './row-reader.js';

const PAGE = 16;
/** What the column of levels can hold. */
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

/** Grows the log block by block and holds its full tiles against the stored ones. */
export class LogCheck {
  readonly #snapshot: ChainSnapshot;
  readonly #findings: Findings;
  readonly #levels: Level[] = [];
  /** Null from the first leaf on that is not to be had from anywhere: no root can be derived after it. */
  #tree: CompactTree | null = new CompactTree();

  constructor(snapshot: ChainSnapshot, findings: Findings) {
    this.#snapshot = snapshot;
    this.#findings = findings;
  }

  /** Gets ready for the leaf of the next height. */
  async ready(): Promise<void> {
    await this.#level(0);
  }

  /** The next leaf as the stored tile has it; null while that tile is not full. */
  get storedLeaf(): Buffer | null {
    const level = this.#levels[0];
    return level === undefined ? null : storedHash(level);
  }

  /** The root after further leaves; null when it cannot be told. */
  rootWith(...leaves: readonly Buffer[]): Buffer | null {
    return this.#tree === null ? null : Buffer.from(this.#tree.with(...leaves).root());
  }

  /** Adds the leaf of the next height, or, when it is not known, the one in the stored tile. Answers the root, if it can be told. */
  async append(leaf: Buffer | null): Promise<Buffer | null> {
    const known = leaf ?? this.storedLeaf;
    if (known === null) this.#tree = null;
    else this.#tree?.append(known);
    await this.#add(0, known);
    return this.#tree === null ? null : Buffer.from(this.#tree.root());
  }

  /** Heights are missing altogether: nothing that follows has a known place. */
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

  /** @returns the tile's root as it follows from below; null when that cannot be told */
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
        ? `Tile ${number}/${index} of the log has another root than its hashes lead to.`
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

const TILE_PAGE = 64; // 64 tiles of 8 KiB

/** Before and beyond every height. */
const START = -(2n ** 63n);
const END = 2n ** 63n - 1n;

/**
 * Goes once through the tiles of blocks, and names those that are missing, unfit, or stand at no key asked for. Those of blocks that are passed
 * over are not read.
 */
export class TileRows {
  readonly #snapshot: ChainSnapshot;
  readonly #findings: Findings;
  /** Null: not begun, or blocks were passed over. */
  #tiles: RowReader<'block_tile'> | null = null;
  /** All tiles of lower heights are behind. */
  #from = -Infinity;

  constructor(snapshot: ChainSnapshot, findings: Findings) {
    this.#snapshot = snapshot;
    this.#findings = findings;
  }

  /** Goes over the tiles of this height, which are known to be as they must be. */
  async pass(height: number): Promise<void> {
    await this.#clear(height);
    await this.#close();
    this.#from = Math.max(this.#from, height + 1);
  }

  /** Whether there are tiles of this height, unless that is `known`; those of lower heights are nobody's. */
  async has(height: number, known: boolean): Promise<boolean> {
    if (known) {
      await this.#clear(height);
      return true;
    }
    const tiles = await this.#open();
    await this.skipTo(height);
    return Number(tiles.row?.height) === height;
  }

  /** The tiles above the leaves, level 1 first; null for one that is missing or unfit. */
  async upperLevels(height: number, count: number): Promise<(Buffer | null)[][]> {
    const levels: (Buffer | null)[][] = [];
    for (let level = 1; levelWidth(count, level) > 0; level++) {
      const width = levelWidth(count, level);
      const tiles: (Buffer | null)[] = [];
      for (let at = 0; at < width; at += TILE_WIDTH) {
        const index = at / TILE_WIDTH;
        const row = await this.take(height, level, index);
        tiles.push(this.usable(row, height, level, index, tileAt(level, at, count).width));
      }
      levels.push(tiles);
    }
    return levels;
  }

  /** The row of this key; null when it is not there. */
  async take(height: number, level: number, index: number): Promise<ChainRows['block_tile'] | null> {
    const tiles = await this.#open();
    await this.skipTo(height, level, index);
    const { row } = tiles;
    if (row === null || Number(row.height) !== height || row.level !== level || row.index !== index)
      return null;
    await tiles.next();
    return row;
  }

  /** The row's hashes; null and a finding when it is not there or has another width. */
  usable(
    row: ChainRows['block_tile'] | null,
    height: number,
    level: number,
    index: number,
    width: number,
  ): Buffer | null {
    if (row === null) {
      const message = `Tile ${level}/${index} of block ${height} is missing.`;
      this.#findings.add(finding('block_tile', { height, level, index }, null, 'missing', message));
      return null;
    }
    const { hashes } = row;
    if (hashes.length === width * HASH_LENGTH)
      return Buffer.from(hashes.buffer, hashes.byteOffset, hashes.length);
    const message = `Tile ${level}/${index} of block ${height} has ${hashes.length} bytes.`;
    const expected = `${width * HASH_LENGTH} bytes`;
    this.#findings.add(
      finding('block_tile', { height, level, index }, 'hashes', 'implausible', message, {
        expected,
        found: `${hashes.length} bytes`,
      }),
    );
    return null;
  }

  /** Names every row in front of this key: whoever asks for it has taken all rows before it that belong there. */
  async skipTo(height: number, level = -Infinity, index = 0): Promise<void> {
    const tiles = await this.#open();
    this.#from = Math.max(this.#from, height);
    for (let { row } = tiles; row !== null; { row } = tiles) {
      const at = Number(row.height);
      const before =
        at !== height ? at < height : row.level !== level ? row.level < level : row.index < index;
      if (!before) return;
      const message = `Block ${row.height} has no tile ${row.level}/${row.index}.`;
      const key = { height: row.height, level: row.level, index: row.index };
      this.#findings.add(finding('block_tile', key, null, 'extra', message));
      await tiles.next();
    }
  }

  /** Names every row of lower heights. Does not read those of this height, if they have not been read yet. */
  async #clear(height: number): Promise<void> {
    const begun = this.#tiles !== null;
    if (!begun && this.#from >= height) return;
    await this.#open(BigInt(height));
    await this.skipTo(height);
    if (!begun) await this.#close();
  }

  async #close(): Promise<void> {
    await this.#tiles?.close();
    this.#tiles = null;
  }

  /** The reader; if there is none, one of the tiles that are not behind, and of heights below `to`. */
  async #open(to = END): Promise<RowReader<'block_tile'>> {
    const from = this.#from === -Infinity ? START : BigInt(this.#from);
    this.#tiles ??= await RowReader.open(this.#snapshot, 'block_tile', TILE_PAGE, { from, to });
    return this.#tiles;
  }
}
