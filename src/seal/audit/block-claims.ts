import { HASH_LENGTH } from '../../proof/index.js';
import type { ChainSnapshot } from '../../store/index.js';
import { implausibleColumn, type BlockRow } from './header-row.js';
import type { BlockClaim } from './plain-range.js';
import { RowReader } from './row-reader.js';

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
