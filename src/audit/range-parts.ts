import { TILE_WIDTH } from '../proof/index.js';
import type { CopyPart } from '../store/index.js';
import type { BlockClaim } from './plain-range.js';

export type RangeTable = CopyPart['table'];

/** How many tiles' positions are read at a time: their stored hashes, half a MiB, are all that is kept of them. */
const STEP_TILES = 64;

/**
 * In which parts the rows of a run of blocks are read, step by step: first the stored tiles and erasures of some positions, then their entries,
 * then their details. Between them the parts are all rows at these heights and positions.
 */
export function partsOf(claims: readonly BlockClaim[]): CopyPart[] {
  const parts: CopyPart[] = [];
  let small: BlockClaim[] = [];
  let tiles = 0;
  const flush = (): void => {
    const [first, last] = [small[0], small.at(-1)];
    if (first !== undefined && last !== undefined) {
      parts.push({ table: 'block_tile', range: keys(first.height, last.height + 1) });
      parts.push(...rowsOf(first.first, last.first + last.count));
    }
    small = [];
    tiles = 0;
  };
  for (const claim of claims) {
    const own = Math.ceil(claim.count / TILE_WIDTH);
    if (tiles + own > STEP_TILES) flush();
    if (own > STEP_TILES) parts.push(...largeBlock(claim));
    else {
      small.push(claim);
      tiles += own;
    }
  }
  flush();
  return parts;
}

function largeBlock({ height, first, count }: BlockClaim): CopyPart[] {
  const tiles = Math.ceil(count / TILE_WIDTH);
  const range = keys(height, height + 1);
  const parts: CopyPart[] = [{ table: 'block_tile', range, leaves: { from: 0, to: tiles, others: true } }];
  for (let from = 0; from < tiles; from += STEP_TILES) {
    const to = Math.min(from + STEP_TILES, tiles);
    parts.push({ table: 'block_tile', range, leaves: { from, to, others: false } });
    parts.push(...rowsOf(first + from * TILE_WIDTH, first + Math.min(to * TILE_WIDTH, count)));
  }
  return parts;
}

function rowsOf(from: number, to: number): CopyPart[] {
  const range = keys(from, to);
  return [
    { table: 'erasure', range },
    { table: 'entry', range },
    { table: 'details', range },
  ];
}

function keys(from: number, to: number): { readonly from: bigint; readonly to: bigint } {
  return { from: BigInt(from), to: BigInt(to) };
}
