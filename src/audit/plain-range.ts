import { nodeSha256 } from '../crypto/primitives.js';
import { equal, HASH_LENGTH, merkleRoot, TILE_WIDTH } from '../proof/index.js';
import type { ChainSnapshot, CopiedRow } from '../store/index.js';
import { tileRoot } from '../merkle/flat.js';
import { PlainEntries } from './plain-entries.js';
import { partsOf, type RangeTable } from './range-parts.js';

/** What a block's row says of it. */
export interface BlockClaim {
  readonly height: number;
  readonly first: number;
  readonly count: number;
  readonly merkleRoot: Uint8Array;
  readonly sealedAt: number;
}

/** A block of which everything below the header is as its row says: entries, details, erasures and tiles give no finding. */
export interface PlainBlock extends BlockClaim {
  readonly erased: number;
  /** Times of acceptance of those that are not erased; Infinity and 0 when all are. */
  readonly earliest: number;
  readonly latest: number;
}

/**
 * Whether a run of blocks, each beginning where the one before ends, is plain. Names nothing: where something is not as it must be, whatever it
 * is, the answer is null, and the run is to be read again by what can tell it. That leaves little to do for a row, and in any thread.
 * @param onEntries called with the number of entries read since the last call
 */
export async function checkRange(
  snapshot: Pick<ChainSnapshot, 'copy'>,
  claims: readonly BlockClaim[],
  onEntries: (count: number) => void,
): Promise<PlainBlock[] | null> {
  const parts = partsOf(claims);
  const range = new PlainRange(claims);
  let told = 0;
  await snapshot.copy(parts, (part, row) => {
    range.take(parts[part]?.table ?? 'entry', row);
    if (range.entries - told < TOLD_EVERY) return;
    onEntries(range.entries - told);
    told = range.entries;
  });
  onEntries(range.entries - told);
  return range.finish();
}

const TOLD_EVERY = 8192;

class PlainRange {
  readonly #claims: readonly BlockClaim[];
  readonly #blocks: PlainBlock[] = [];
  readonly #entries = new PlainEntries();
  /** Stored tiles that nothing has been held against yet. */
  readonly #tiles = new Map<string, Buffer>();
  #tileRoots: Buffer[] = [];
  #tileEnd = 0;
  #plain = true;

  constructor(claims: readonly BlockClaim[]) {
    this.#claims = claims;
    this.#begin();
  }

  get entries(): number {
    return this.#entries.count;
  }

  take(table: RangeTable, row: CopiedRow): void {
    if (!this.#plain) return;
    if (table === 'entry')
      this.#plain = this.#entries.entry(row) && (this.#entries.next < this.#tileEnd || this.#tile());
    else if (table === 'details') this.#plain = this.#entries.details(row);
    else if (table === 'erasure') this.#plain = this.#entries.erasure(row);
    else this.#store(row);
  }

  finish(): PlainBlock[] | null {
    const all = this.#blocks.length === this.#claims.length && this.#tiles.size === 0;
    return this.#plain && all && this.#entries.settled ? this.#blocks : null;
  }

  #store({ bytes, view, at, length }: CopiedRow): void {
    const [height, index, level] = [
      view.getBigInt64(at[0] ?? 0),
      view.getInt32(at[1] ?? 0),
      view.getInt16(at[2] ?? 0),
    ];
    const [start, size] = [at[3] ?? 0, length[3] ?? 0];
    // Columns of the key are never NULL. The bytes are written over by the next rows.
    this.#tiles.set(
      `${height}/${level}/${index}`,
      Buffer.from(bytes.subarray(start, start + Math.max(0, size))),
    );
  }

  #takeTile(height: number, level: number, index: number): Buffer | null {
    const key = `${height}/${level}/${index}`;
    const tile = this.#tiles.get(key) ?? null;
    this.#tiles.delete(key);
    return tile;
  }

  /** Gets ready for the next tile of the block, or the next block. */
  #begin(): void {
    const claim = this.#claims[this.#blocks.length];
    if (claim === undefined) {
      this.#tileEnd = Infinity;
      this.#entries.expectNothing();
      return;
    }
    const { first, count, sealedAt } = claim;
    const start = first + this.#tileRoots.length * TILE_WIDTH;
    if (start === first) this.#entries.beginBlock(first, sealedAt);
    this.#entries.beginTile();
    this.#tileEnd = Math.min(start + TILE_WIDTH, first + count);
  }

  #tile(): boolean {
    const claim = this.#claims[this.#blocks.length];
    if (claim === undefined) return false;
    const { height, first, count } = claim;
    const leaves = this.#entries.leaves;
    const stored = this.#takeTile(height, 0, this.#tileRoots.length);
    if (stored === null || !this.#entries.fits(stored)) return false;
    this.#tileRoots.push(tileRoot(leaves));
    if (this.#entries.next === first + count && !this.#block(claim)) return false;
    this.#begin();
    return true;
  }

  #block(claim: BlockClaim): boolean {
    const { height, count } = claim;
    if (!equal(merkleRoot(this.#tileRoots, nodeSha256), claim.merkleRoot)) return false;
    let full = this.#tileRoots.slice(0, Math.floor(count / TILE_WIDTH));
    for (let level = 1; full.length > 0; level++) {
      const above: Buffer[] = [];
      for (let at = 0; at < full.length; at += TILE_WIDTH) {
        const hashes = Buffer.concat(full.slice(at, at + TILE_WIDTH));
        if (this.#takeTile(height, level, at / TILE_WIDTH)?.equals(hashes) !== true) return false;
        if (hashes.length === TILE_WIDTH * HASH_LENGTH) above.push(tileRoot(hashes));
      }
      full = above;
    }
    const { erased, earliest, latest } = this.#entries;
    this.#blocks.push({ ...claim, erased, earliest, latest });
    this.#tileRoots = [];
    return true;
  }
}
