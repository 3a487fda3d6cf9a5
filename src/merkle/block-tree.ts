import { MerkleTree } from 'merkletreejs';
import { concat, equal, HASH_LENGTH, toHex, TILE_WIDTH } from '../proof/index.js';
import type { BlockTile } from '../store/index.js';
import { hashAt, hashInto, rootOf, tileRoot } from './flat.js';

/**
 * How many leaves merkletreejs is given at one time; it is given the roots that they come to afterwards. Each thread keeps places for so many;
 * with 1,024 or 65,536 a tree takes as long.
 */
const PART_LEAVES = 16 * TILE_WIDTH;

export interface BlockTree {
  readonly root: Uint8Array;
  /** Every tile of every level, as they are stored. */
  readonly tiles: readonly BlockTile[];
}

/** The tree over a run of leaves that begins at a multiple of PART_LEAVES and has as many, unless it is the last. */
export interface TreePart {
  readonly root: Uint8Array;
  /** The leaf hashes, one after the other. */
  readonly leaves: Uint8Array;
  /** The roots of its full tiles, one after the other. */
  readonly tileRoots: Uint8Array;
}

/** The RFC 6962 tree over a block's leaf hashes, which lie one after the other in position order; at least one. */
export function buildTree(leaves: Uint8Array): BlockTree {
  return joinParts(buildParts(leaves));
}

/** The parts of a tree, for leaf hashes that begin at a multiple of PART_LEAVES. */
export function buildParts(leaves: Uint8Array): TreePart[] {
  return cut(leaves, PART_LEAVES).map((part) => {
    const tileRoots = cut(part, TILE_WIDTH).map(tileRoot);
    const root = rootBy(libraryRoot(part), rootOf(tileRoots));
    const full = Math.floor(part.length / HASH_LENGTH / TILE_WIDTH);
    return { root, leaves: part, tileRoots: concat(...tileRoots.slice(0, full)) };
  });
}

/** Complete subtrees, and perhaps a smaller one at the end: the tree over their roots is what is missing. */
export function joinParts(parts: readonly TreePart[]): BlockTree {
  const roots = parts.map(({ root }) => root);
  const root = rootBy(libraryRoot(concat(...roots)), rootOf(roots));
  const levels = [parts.flatMap(({ leaves }) => cut(leaves, TILE_WIDTH))];
  let hashes = concat(...parts.map(({ tileRoots }) => tileRoots));
  while (hashes.length > 0) {
    const tiles = cut(hashes, TILE_WIDTH);
    levels.push(tiles);
    hashes = concat(...tiles.filter(({ length }) => length === TILE_WIDTH * HASH_LENGTH).map(tileRoot));
  }
  return {
    root,
    tiles: levels.flatMap((tiles, level) => tiles.map((hashes, index) => ({ level, index, hashes }))),
  };
}

/** 0x01 ‖ left ‖ right, written anew for each node: making a buffer for each costs as much as hashing it. */
const node = Buffer.alloc(1 + 2 * HASH_LENGTH, 0x01);

/**
 * The hashes that one tree of the library is made of, in views that are there once for all trees. With a new view or buffer for each leaf and
 * node a tree took 0.12 µs an entry more, of 1.35 with the hashing of its entries.
 */
const leafViews = hashViews(PART_LEAVES);
const nodeViews = hashViews(PART_LEAVES);

function hashViews(count: number): { readonly bytes: Buffer; readonly views: readonly Buffer[] } {
  const bytes = Buffer.alloc(count * HASH_LENGTH);
  return { bytes, views: Array.from({ length: count }, (_, i) => hashAt(bytes, i)) };
}

/**
 * The root by merkletreejs over at most PART_LEAVES leaves. The library knows nothing of RFC 6962; it builds that tree when the leaves come
 * hashed, nodes get their prefix from the concatenator, and no other option is set (each of them builds another tree).
 */
function libraryRoot(leaves: Uint8Array): Uint8Array {
  leafViews.bytes.set(leaves);
  let nodes = 0;
  const hashNode = (data: Buffer): Buffer => {
    hashInto(data, nodeViews.bytes, nodes * HASH_LENGTH);
    return at(nodeViews.views, nodes++);
  };
  // Given anything but Buffers, the library hashes it in a way of its own.
  const tree = new MerkleTree(leafViews.views.slice(0, leaves.length / HASH_LENGTH), hashNode, {
    concatenator: ([left, right]) => {
      if (left === undefined || right === undefined) throw new Error('a node of the tree has two children');
      node.set(left, 1);
      node.set(right, 1 + HASH_LENGTH);
      return node;
    },
  });
  return new Uint8Array(tree.getRoot());
}

/** The library's root, once it is the one that this project's own hashing comes to: nothing is built on any other. */
function rootBy(root: Uint8Array, expected: Uint8Array): Uint8Array {
  if (equal(root, expected)) return root;
  throw new Error(`the block's tree came out as ${toHex(root)}, RFC 6962 wants ${toHex(expected)}`);
}

/** Views of so many hashes each, of the last perhaps fewer. */
function cut(hashes: Uint8Array, count: number): Uint8Array[] {
  const length = count * HASH_LENGTH;
  return Array.from({ length: Math.ceil(hashes.length / length) }, (_, i) =>
    hashes.subarray(i * length, (i + 1) * length),
  );
}

function at(views: readonly Buffer[], index: number): Buffer {
  const view = views[index];
  if (view === undefined) throw new RangeError(`no place for node ${index} of a tree`);
  return view;
}
