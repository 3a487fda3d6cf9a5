import { MerkleTree } from 'merkletreejs';
import { sha256Into } from '../crypto/primitives.js';
import { concat, HASH_LENGTH, MAX_BLOCK_ENTRIES, TILE_WIDTH } from '../proof/index.js';
import { cutHashes, hashAt } from './flat.js';

/** A tile of the tree over a block's entries (c2sp.org/tlog-tiles). */
export interface BlockTile {
  readonly level: number;
  readonly index: number;
  /** 1 to 256 hashes, one after the other. */
  readonly hashes: Uint8Array;
}

/** The RFC 6962 tree over the entries of a block. */
export interface BlockTree {
  readonly root: Uint8Array;
  /** Every tile of every level, lowest level first. */
  readonly tiles: readonly BlockTile[];
}

/** log2 of TILE_WIDTH: how many levels of the tree one level of tiles covers. */
const TILE_HEIGHT = 8;

// merkletreejs wants a Buffer for every leaf and node. Those of one tree are reused for the next: nothing
// outside this file sees them.
const leafRow = Buffer.alloc(TILE_WIDTH * HASH_LENGTH);
const leafViews = Array.from({ length: TILE_WIDTH }, (_, i) => hashAt(leafRow, i));
const MAX_NODES = MAX_BLOCK_ENTRIES / TILE_WIDTH;
const nodeRow = Buffer.alloc(MAX_NODES * HASH_LENGTH);
const nodeViews = Array.from({ length: MAX_NODES }, (_, i) => hashAt(nodeRow, i));
/** 0x01 ‖ left ‖ right */
const preimage = Buffer.alloc(1 + 2 * HASH_LENGTH, 0x01);

/**
 * Builds the tree over `leaves` with merkletreejs. The library does not know RFC 6962, but builds its tree
 * when the leaves are hashed already, the concatenator puts the prefix in front of nodes, and no other option
 * is set: a node without a sibling goes up unchanged.
 * @param leaves 1 to MAX_NODES Buffers; anything else the library would hash in a way of its own
 * @returns its layers, from the leaves to the root; valid until the next call
 */
function buildLayers(leaves: readonly Buffer[]): readonly (readonly Buffer[])[] {
  let count = 0;
  const hashNode = (data: Buffer): Buffer => {
    const node = nodeViews[count++];
    if (node === undefined) throw new RangeError(`a tree has at most ${MAX_NODES} leaves`);
    sha256Into(data, node, 0);
    return node;
  };
  const concatenator = ([left, right]: Buffer[]): Buffer => {
    if (left === undefined || right === undefined) throw new Error('a node of the tree has two children');
    preimage.set(left, 1);
    preimage.set(right, 1 + HASH_LENGTH);
    return preimage;
  };
  return new MerkleTree([...leaves], hashNode, { concatenator }).getLayers();
}

function rootOf(layers: readonly (readonly Buffer[])[]): Buffer {
  const root = layers.at(-1)?.[0];
  if (root === undefined) throw new RangeError('a tree has at least one leaf');
  return root;
}

/** The roots, in one row, of the leaf tiles that the leaf hashes in `leaves` are cut into. */
export function buildTileRoots(leaves: Uint8Array): Uint8Array {
  const tiles = cutHashes(leaves, TILE_WIDTH);
  const roots = new Uint8Array(tiles.length * HASH_LENGTH);
  for (const [i, tile] of tiles.entries()) {
    leafRow.set(tile);
    roots.set(rootOf(buildLayers(leafViews.slice(0, tile.length / HASH_LENGTH))), i * HASH_LENGTH);
  }
  return roots;
}

/**
 * The tree of a block from the roots of its leaf tiles. All but the last leaf tile are full, so the tree over
 * their roots is the upper part of the tree over all leaves.
 * @param leafTiles leaf hashes, 256 in each tile, in the last one 1 to 256
 * @param tileRoots the root of each of these tiles
 */
export function joinTiles(leafTiles: readonly Uint8Array[], tileRoots: readonly Uint8Array[]): BlockTree {
  const layers = buildLayers(tileRoots.map((root) => Buffer.from(root)));
  const tiles: BlockTile[] = leafTiles.map((hashes, index) => ({ level: 0, index, hashes }));
  let width = leafTiles.filter(({ length }) => length === TILE_WIDTH * HASH_LENGTH).length;
  for (let level = 1; width > 0; level++) {
    const hashes = concat(...(layers[(level - 1) * TILE_HEIGHT] ?? []).slice(0, width));
    tiles.push(...cutHashes(hashes, TILE_WIDTH).map((tile, index) => ({ level, index, hashes: tile })));
    width = Math.floor(width / TILE_WIDTH);
  }
  return { root: new Uint8Array(rootOf(layers)), tiles };
}

/**
 * The tree of a block over its leaf hashes, which lie one after the other in position order; at least one.
 */
export function buildTree(leaves: Uint8Array): BlockTree {
  return joinTiles(cutHashes(leaves, TILE_WIDTH), cutHashes(buildTileRoots(leaves), 1));
}
