import { nodeSha256 } from '../crypto/primitives.js';
import { hashAt, tileRoot } from '../merkle/flat.js';
import { HASH_LENGTH, levelWidth, merkleRoot, TILE_WIDTH, tileAt } from '../proof/index.js';
import type { ChainRows, ChainSnapshot } from '../store/index.js';
import type { EntryCheck } from './entry-check.js';
import type { Mismatch } from './entry-row.js';
import { finding, type Findings, show } from './finding.js';
import { RowReader } from './row-reader.js';

/** What is known about a block before its entries are read; null: not known. */
export interface BlockFrame {
  readonly height: number;
  readonly first: number;
  readonly count: number | null;
  readonly merkleRoot: Uint8Array | null;
  readonly sealedAt: number | null;
}

interface LeafTile {
  readonly index: number;
  readonly width: number;
  /** Root over the leaf hashes of the entries; null when some are unknown. */
  readonly fromEntries: Buffer | null;
  /** Root over the stored tile; null unless its hashes differ from those of the entries. */
  readonly fromTile: Buffer | null;
  readonly borrowed: boolean;
  readonly mismatches: readonly Mismatch[];
}

export interface CheckedBlock {
  readonly count: number;
  /** The root over the entries; null when some leaf hash is unknown. */
  readonly root: Buffer | null;
}

/** Compares the entries of each block with the tiles of its tree and with its root. */
export class BlockCheck {
  readonly #tiles: TileRows;
  readonly #entries: EntryCheck;
  readonly #findings: Findings;

  constructor(tiles: TileRows, entries: EntryCheck, findings: Findings) {
    this.#tiles = tiles;
    this.#entries = entries;
    this.#findings = findings;
  }

  async check(frame: BlockFrame, onTile: () => void): Promise<CheckedBlock> {
    const leafTiles = await this.#leafTiles(frame, onTile);
    const count = leafTiles.reduce((sum, { width }) => sum + width, 0);
    const levels = await this.#tiles.upperLevels(frame.height, count);
    await this.#tiles.skipTo(frame.height + 1);
    const root = rootUnlessUnknown(leafTiles.map(({ fromEntries }) => fromEntries));
    const roots = this.#settle(frame, leafTiles, root, levels[0] ?? []);
    this.#checkLevels(frame.height, count, roots, levels);
    return { count, root };
  }

  async #leafTiles({ height, first, count, sealedAt }: BlockFrame, onTile: () => void): Promise<LeafTile[]> {
    const tiles: LeafTile[] = [];
    for (let done = 0, index = 0; count === null || done < count; index++) {
      const row = await this.#tiles.take(height, 0, index);
      // Without a trusted header, the tiles say how many entries the block has.
      if (count === null && row === null) break;
      const width =
        count === null
          ? Math.min(TILE_WIDTH, Math.floor((row?.hashes.length ?? 0) / HASH_LENGTH))
          : tileAt(0, done, count).width;
      if (width === 0) break;
      const stored = this.#tiles.usable(row, height, 0, index, width);
      const read = await this.#entries.tile(first + done, width, stored, sealedAt);
      const fromTile = stored === null || stored.equals(read.leaves) ? null : tileRoot(stored);
      const fromEntries = read.whole ? tileRoot(read.leaves) : null;
      tiles.push({
        index,
        width,
        fromEntries,
        fromTile,
        borrowed: read.borrowed,
        mismatches: read.mismatches,
      });
      done += width;
      onTile();
      if (count === null && width < TILE_WIDTH) break;
    }
    return tiles;
  }

  /**
   * Finds out whether the entries or the tile are wrong where they disagree: the root was computed from one
   * of them.
   * @returns the root of each leaf tile; null where it is unknown
   */
  #settle(
    frame: BlockFrame,
    tiles: readonly LeafTile[],
    root: Buffer | null,
    above: readonly (Buffer | null)[],
  ): (Buffer | null)[] {
    const wanted = frame.merkleRoot === null ? null : Buffer.from(frame.merkleRoot);
    const disputed = tiles.filter(({ fromTile }) => fromTile !== null);
    if (disputed.length === 0) {
      if (root !== null && wanted !== null && !root.equals(wanted))
        return this.#nameCulprit(frame, tiles, root, above);
      return tiles.map(({ fromEntries }) => fromEntries);
    }
    const stored = rootUnlessUnknown(tiles.map(({ fromEntries, fromTile }) => fromTile ?? fromEntries));
    const all =
      wanted === null ? null : root?.equals(wanted) ? 'tile' : stored?.equals(wanted) ? 'entries' : null;
    return tiles.map((tile) => {
      const { index, fromEntries, fromTile, mismatches } = tile;
      if (fromTile === null) return fromEntries;
      const parent = hashOf(above, index);
      const wrong =
        all ??
        (parent === null
          ? null
          : fromEntries?.equals(parent)
            ? 'tile'
            : fromTile.equals(parent)
              ? 'entries'
              : null);
      if (wrong !== 'entries') {
        for (const { others } of mismatches) for (const each of others) this.#findings.add(each);
        const message = `Tile 0/${index} of block ${frame.height} does not hold the leaf hashes of its entries.`;
        this.#wrongTile(frame.height, 0, index, 'tile_mismatch', message, fromEntries, fromTile);
      }
      if (wrong !== 'tile') for (const mismatch of mismatches) this.#entries.blameEntry(mismatch);
      return wrong === 'tile' ? fromEntries : wrong === 'entries' ? fromTile : null;
    });
  }

  /**
   * Entries and tiles agree with each other, but not with the root in the mined header: somewhere both were
   * changed in the same way, or the leaf hash of an erased entry was changed. The level above shows in which
   * tile.
   */
  #nameCulprit(
    { height, merkleRoot }: BlockFrame,
    tiles: readonly LeafTile[],
    root: Buffer,
    above: readonly (Buffer | null)[],
  ): (Buffer | null)[] {
    const doubtful = tiles.filter(({ index, width, fromEntries }) => {
      const parent = width === TILE_WIDTH ? hashOf(above, index) : null;
      return parent !== null && fromEntries !== null && !parent.equals(fromEntries);
    });
    const partial = tiles.filter(({ width }) => width < TILE_WIDTH);
    const culprits = doubtful.length > 0 ? doubtful : partial;
    for (const { index, borrowed } of culprits) {
      const what = borrowed
        ? 'was changed where entries are erased'
        : 'and its entries were changed in the same way';
      const message = `Tile 0/${index} of block ${height} ${what}: they do not lead to the root of the block.`;
      this.#wrongTile(height, 0, index, 'root_mismatch', message, merkleRoot, root);
    }
    if (culprits.length === 0) {
      const message = `The entries of block ${height} do not lead to its root.`;
      this.#findings.add(
        finding('block', { height }, 'merkle_root', 'root_mismatch', message, {
          expected: show(root),
          found: show(merkleRoot),
        }),
      );
    }
    return tiles.map((tile) => (culprits.includes(tile) ? null : tile.fromEntries));
  }

  #checkLevels(
    height: number,
    count: number,
    leafRoots: readonly (Buffer | null)[],
    levels: readonly (Buffer | null)[][],
  ): void {
    let below = leafRoots.slice(0, levelWidth(count, 1));
    levels.forEach((tiles, i) => {
      const level = i + 1;
      tiles.forEach((stored, index) => {
        const hashes = below.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH);
        const at = hashes.findIndex(
          (hash, j) => hash !== null && stored !== null && !hash.equals(hashAt(stored, j)),
        );
        if (stored === null || at === -1) return;
        const message = `Tile ${level}/${index} of block ${height} does not hold the roots of the tiles below it.`;
        this.#wrongTile(
          height,
          level,
          index,
          'tile_mismatch',
          message,
          hashes[at] ?? null,
          hashAt(stored, at),
        );
      });
      const full = Math.floor(below.length / TILE_WIDTH);
      below = Array.from({ length: full }, (_, index) => {
        const hashes = below
          .slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH)
          .filter((hash) => hash !== null);
        return hashes.length === TILE_WIDTH ? tileRoot(Buffer.concat(hashes)) : null;
      });
    });
  }

  #wrongTile(
    height: number,
    level: number,
    index: number,
    problem: 'tile_mismatch' | 'root_mismatch',
    message: string,
    expected: Uint8Array | null,
    found: Uint8Array,
  ): void {
    this.#findings.add(
      finding('block_tile', { height, level, index }, 'hashes', problem, message, {
        expected: expected === null ? undefined : show(expected),
        found: show(found),
      }),
    );
  }
}

function hashOf(tiles: readonly (Buffer | null)[], index: number): Buffer | null {
  const tile = tiles[Math.floor(index / TILE_WIDTH)] ?? null;
  const at = index % TILE_WIDTH;
  return tile !== null && tile.length >= (at + 1) * HASH_LENGTH ? hashAt(tile, at) : null;
}

function rootUnlessUnknown(roots: readonly (Buffer | null)[]): Buffer | null {
  const known = roots.filter((root) => root !== null);
  return known.length === roots.length && known.length > 0
    ? Buffer.from(merkleRoot(known, nodeSha256))
    : null;
}

const TILE_PAGE = 64; // 64 tiles of 8 KiB

/**
 * Goes once through the tiles of blocks, and names those that are missing, malformed, or do not belong to any
 * block.
 */
export class TileRows {
  readonly #tiles: RowReader<'block_tile'>;
  readonly #findings: Findings;

  private constructor(tiles: RowReader<'block_tile'>, findings: Findings) {
    this.#tiles = tiles;
    this.#findings = findings;
  }

  static async open(snapshot: ChainSnapshot, findings: Findings): Promise<TileRows> {
    return new TileRows(await RowReader.open(snapshot, 'block_tile', TILE_PAGE), findings);
  }

  /** Whether there are tiles of this height. Those of lower heights belong to no block, and are named. */
  async has(height: number): Promise<boolean> {
    await this.skipTo(height);
    return Number(this.#tiles.row?.height) === height;
  }

  /** The tiles above the leaves, level 1 first; null for one that is missing or malformed. */
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
    const { row } = this.#tiles;
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

  /** Names every row before this key: those that belong there were read by `take`. */
  async skipTo(height: number, level = -Infinity, index = 0): Promise<void> {
    for (let { row } = this.#tiles; row !== null; { row } = this.#tiles) {
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
