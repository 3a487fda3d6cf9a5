import { nodeSha256 } from '../node-crypto.js';
import { concat, equal, merkleRoot, TILE_WIDTH, toHex, type Header } from '../proof/index.js';
import type { BlockTile } from '../store/index.js';
import { Refusal } from './refusal.js';

/**
 * The tiles of a block's tree, checked against the root in its header.
 * @param leafTiles its leaf hashes as they were served, in tiles of 256, as many as the entry count asks for
 * @param roots of these tiles, as they were computed here
 * @throws {Refusal} merkle_root
 */
export function checkBlockTree(
  header: Header,
  leafTiles: readonly Uint8Array[],
  roots: readonly Uint8Array[],
): BlockTile[] {
  const tiles: BlockTile[] = leafTiles.map((hashes, index) => ({ level: 0, index, hashes }));
  // Pairing from the left and promoting the odd last node: the tree over whole tiles is the tree over their roots.
  const root = merkleRoot(roots, nodeSha256);
  if (!equal(root, header.merkleRoot)) {
    throw new Refusal(
      'merkle_root',
      `the leaf hashes of block ${header.height} do not lead to the root in its header`,
      { where: `block ${header.height}`, expected: toHex(header.merkleRoot), found: toHex(root) },
    );
  }
  let whole = roots.slice(0, Math.floor(header.entryCount / TILE_WIDTH));
  for (let level = 1; whole.length > 0; level++) {
    const above: Uint8Array[] = [];
    for (let index = 0; index * TILE_WIDTH < whole.length; index++) {
      const hashes = whole.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH);
      tiles.push({ level, index, hashes: concat(...hashes) });
      if (hashes.length === TILE_WIDTH) above.push(merkleRoot(hashes, nodeSha256));
    }
    whole = above;
  }
  return tiles;
}
