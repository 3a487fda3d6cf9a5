import { nodeSha256 } from '../crypto/primitives.js';
import { hashAt, tileRoot } from '../merkle/flat.js';
import { equal, HASH_LENGTH, levelWidth, merkleRoot, TILE_WIDTH, tileAt } from '../proof/index.js';
import type { ChainSnapshot } from '../store/index.js';
import type { EntryCheck } from './entry-check.js';
import { finding, type Findings, type Mismatch, show } from './finding.js';
import { type BlockRow, implausibleColumn } from './header-check.js';
import type { TileRows } from './log-check.js';
import type { BlockClaim, PlainBlock } from './plain-range.js';
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
  /** Root over the leaf hashes as the entries give them; null when some are not known. */
  readonly fromEntries: Buffer | null;
  /** Root over the stored tile, where that is another one. */
  readonly fromTile: Buffer | null;
  readonly borrowed: boolean;
  readonly mismatches: readonly Mismatch[];
}

export interface CheckedBlock {
  readonly count: number;
  /** The root that the entries give; null when some leaf hash is not known. */
  readonly root: Buffer | null;
}

/** Holds the entries of each block against the tiles of its tree and against its root. */
export class BlockCheck {
  readonly #tiles: TileRows;
  readonly #entries: EntryCheck;
  readonly #findings: Findings;

  constructor(tiles: TileRows, entries: EntryCheck, findings: Findings) {
    this.#tiles = tiles;
    this.#entries = entries;
    this.#findings = findings;
  }

  /** @param plain what a block whose rows say the same has been found to be */
  async check(frame: BlockFrame, plain: PlainBlock | null, onTile: () => void): Promise<CheckedBlock> {
    if (plain !== null && isOf(plain, frame) && (await this.#entries.pass(plain))) {
      await this.#tiles.pass(frame.height);
      return { count: plain.count, root: Buffer.from(plain.merkleRoot) };
    }
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
      // Without a header to be believed, the tiles themselves say how many entries the block has.
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
   * Where entries and tile disagree, one of them is the one that the root was made of.
   * @returns the root of each leaf tile, null where it cannot be told
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
      const witness = hashOf(above, index);
      const wrong =
        all ??
        (witness === null
          ? null
          : fromEntries?.equals(witness)
            ? 'tile'
            : fromTile.equals(witness)
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
   * Entries and tiles agree with each other, but not with the root that the header was mined with: somewhere both were
   * changed alike, or the leaf hash of an erased entry was. The level above says in which tile.
   */
  #nameCulprit(
    { height, merkleRoot }: BlockFrame,
    tiles: readonly LeafTile[],
    root: Buffer,
    above: readonly (Buffer | null)[],
  ): (Buffer | null)[] {
    const doubtful = tiles.filter(({ index, width, fromEntries }) => {
      const witness = width === TILE_WIDTH ? hashOf(above, index) : null;
      return witness !== null && fromEntries !== null && !witness.equals(fromEntries);
    });
    const partial = tiles.filter(({ width }) => width < TILE_WIDTH);
    const culprits = doubtful.length > 0 ? doubtful : partial;
    for (const { index, borrowed } of culprits) {
      const what = borrowed ? 'was changed where entries are erased' : 'and its entries were changed alike';
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

function isOf(plain: PlainBlock, { height, first, count, merkleRoot, sealedAt }: BlockFrame): boolean {
  return (
    plain.height === height &&
    plain.first === first &&
    plain.count === count &&
    plain.sealedAt === sealedAt &&
    merkleRoot !== null &&
    equal(plain.merkleRoot, merkleRoot)
  );
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

const PAGE = 256;

const RUN_BLOCKS = 2 ** 10;

/** Goes through the block rows, run by run: blocks that begin where the one before ends, by what they say themselves. */
export class BlockClaims {
  readonly #blocks: RowReader<'block'>;
  readonly #runEntries: number;

  private constructor(blocks: RowReader<'block'>, runEntries: number) {
    this.#blocks = blocks;
    this.#runEntries = runEntries;
  }

  /** @param runEntries a run ends with the block that makes it so many entries */
  static async open(snapshot: ChainSnapshot, runEntries: number): Promise<BlockClaims> {
    return new BlockClaims(await RowReader.open(snapshot, 'block', PAGE), runEntries);
  }

  /** The next run; empty at the end. Rows that nothing can be asked for are left out. */
  async next(): Promise<BlockClaim[]> {
    const run: BlockClaim[] = [];
    let entries = 0;
    for (let { row } = this.#blocks; row !== null; { row } = this.#blocks) {
      const claim = claimOf(row);
      const last = run.at(-1);
      if (last !== undefined && (claim === null || !follows(claim, last))) return run;
      if (claim !== null) {
        run.push(claim);
        entries += claim.count;
      }
      await this.#blocks.next();
      if (entries >= this.#runEntries || run.length >= RUN_BLOCKS) return run;
    }
    return run;
  }
}

function claimOf(row: BlockRow): BlockClaim | null {
  const height = Number(row.height);
  if (implausibleColumn(row) !== null || !Number.isSafeInteger(height) || height < 0) return null;
  // A copy, because the row's bytes lie among others, all of which would be sent to another thread.
  const merkleRoot = new Uint8Array(HASH_LENGTH);
  merkleRoot.set(row.merkle_root);
  const [first, sealedAt] = [Number(row.first_position), Number(row.sealed_at)];
  return { height, first, count: row.entry_count, merkleRoot, sealedAt };
}

function follows(next: BlockClaim, { height, first, count }: BlockClaim): boolean {
  return next.height === height + 1 && next.first === first + count;
}
