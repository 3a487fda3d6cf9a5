import { HASH_LENGTH, levelWidth, TILE_WIDTH, tileAt } from '../../proof/index.js';
import type { ChainRows, ChainSnapshot } from '../../store/index.js';
import { finding, type Findings } from './finding.js';
import { RowReader } from './row-reader.js';

const PAGE = 64; // 64 tiles of 8 KiB

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
    this.#tiles ??= await RowReader.open(this.#snapshot, 'block_tile', PAGE, { from, to });
    return this.#tiles;
  }
}
