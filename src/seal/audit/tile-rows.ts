import { HASH_LENGTH, levelWidth, TILE_WIDTH, tileAt } from '../../proof/index.js';
import type { ChainRows, ChainSnapshot } from '../../store/index.js';
import { finding, type Findings } from './finding.js';
import { RowReader } from './row-reader.js';

const PAGE = 64; // 64 tiles of 8 KiB

/** Goes once through the tiles of blocks, and names those that are missing, unfit, or stand at no key asked for. */
export class TileRows {
  readonly #tiles: RowReader<'block_tile'>;
  readonly #findings: Findings;

  private constructor(tiles: RowReader<'block_tile'>, findings: Findings) {
    this.#tiles = tiles;
    this.#findings = findings;
  }

  static async open(snapshot: ChainSnapshot, findings: Findings): Promise<TileRows> {
    return new TileRows(await RowReader.open(snapshot, 'block_tile', PAGE), findings);
  }

  /** Whether there are tiles of this height; those of lower heights are nobody's. */
  async has(height: number): Promise<boolean> {
    await this.skipTo(height);
    return Number(this.#tiles.row?.height) === height;
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
    await this.skipTo(height, level, index);
    const row = this.#tiles.row;
    if (row === null || Number(row.height) !== height || row.level !== level || row.index !== index)
      return null;
    await this.#tiles.next();
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
    for (let row = this.#tiles.row; row !== null; row = this.#tiles.row) {
      const at = Number(row.height);
      const before =
        at !== height ? at < height : row.level !== level ? row.level < level : row.index < index;
      if (!before) return;
      const message = `Block ${row.height} has no tile ${row.level}/${row.index}.`;
      const key = { height: row.height, level: row.level, index: row.index };
      this.#findings.add(finding('block_tile', key, null, 'extra', message));
      await this.#tiles.next();
    }
  }
}
