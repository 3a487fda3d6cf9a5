import { MerkleTree } from 'merkletreejs';
import { nodeSha256 } from '../node-crypto.js';
import { concat, equal, HASH_LENGTH, merkleRoot, toHex, TILE_WIDTH } from '../proof/index.js';
import type { BlockTile } from '../store/index.js';

/** 0x01 ‖ left ‖ right, written anew for each node: making a buffer for each costs as much as hashing it. */
const node = Buffer.alloc(1 + 2 * HASH_LENGTH, 0x01);

export interface BlockTree {
  readonly root: Uint8Array;
  /** Every tile of every level, as they are stored. */
  readonly tiles: readonly BlockTile[];
}

/**
 * The RFC 6962 tree over a block's leaf hashes, in position order; at least one.
 *
 * merkletreejs knows nothing of RFC 6962; it builds that tree when the leaves come hashed, nodes get their prefix from the
 * concatenator, and no other option is set (each of them builds another tree). Its answer is checked against proof/'s own
 * before anything is built on it.
 */
export function buildTree(leafHashes: readonly Uint8Array[]): BlockTree {
  // Given anything but a Buffer, merkletreejs hashes it a second time in a way of its own.
  const tree = new MerkleTree(leafHashes.map(asBuffer), (data: Buffer) => asBuffer(nodeSha256(data)), {
    concatenator: ([left, right]) => {
      if (left === undefined || right === undefined) throw new Error('a node of the tree has two children');
      node.set(left, 1);
      node.set(right, 1 + HASH_LENGTH);
      return node;
    },
  });
  const root = new Uint8Array(tree.getRoot());
  const expected = merkleRoot(leafHashes, nodeSha256);
  if (!equal(root, expected)) {
    throw new Error(`the block's tree came out as ${toHex(root)}, RFC 6962 wants ${toHex(expected)}`);
  }
  return { root, tiles: cutTiles(tree.getLayers(), leafHashes.length) };
}

/** Each eighth layer is a level of tiles, less its last node where that is not the root of a complete subtree. */
function cutTiles(layers: readonly (readonly Buffer[])[], leaves: number): BlockTile[] {
  const tiles: BlockTile[] = [];
  for (let level = 0, width = leaves; width > 0; level++, width = Math.floor(width / TILE_WIDTH)) {
    const hashes = layers[level * 8]?.slice(0, width) ?? [];
    for (let index = 0; index * TILE_WIDTH < width; index++) {
      tiles.push({
        level,
        index,
        hashes: concat(...hashes.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH)),
      });
    }
  }
  return tiles;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
