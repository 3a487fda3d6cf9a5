import { equal } from '../../proof/bytes.js';
import { nodeHash } from '../../proof/hash.js';
import { rootFromInclusionPath } from '../../proof/merkle.js';
import { TiledTree, type TileId } from '../../proof/tiles.js';
import { descent, nodeKey, type TreeNode } from '../pictures/tree-shape.js';
import type { NodeHashes } from '../pictures/tree-picture.js';
import type { SealedBlock } from './sealed-block.js';

/** One sibling on the way from an entry to the root. */
export interface FoldStep {
  readonly side: 'left' | 'right';
  /** What the sibling stands for: entries [start, end). */
  readonly start: number;
  readonly end: number;
  readonly sibling: Uint8Array;
  readonly result: Uint8Array;
}

export interface EntryPath {
  readonly leaf: Uint8Array;
  readonly steps: readonly FoldStep[];
  /** Whether it leads to the root in the block's header. */
  readonly holds: boolean;
}

/** The tree of one block, out of the tiles that are published of it. Every hash that is not a tile's is computed here. */
export class BlockTree {
  readonly #block: SealedBlock;
  readonly #read: (tile: TileId) => Promise<readonly Uint8Array[]>;
  #tiles: TiledTree;

  constructor(block: SealedBlock, read: (tile: TileId) => Promise<readonly Uint8Array[]>) {
    this.#block = block;
    this.#read = read;
    this.#tiles = this.#newTiles();
  }

  /** A tile that could not be had is asked for again by the next call, the others are kept by what asked for them. */
  forget(): void {
    this.#tiles = this.#newTiles();
  }

  async rootHolds(): Promise<boolean> {
    return equal(await this.#tiles.root(), this.#block.header.merkleRoot);
  }

  /** The hash of every node of `shape`: of those without children as the tiles give it, of the others from below. */
  async hashes(shape: TreeNode): Promise<NodeHashes> {
    const found = new Map<string, Uint8Array>();
    const visit = async (node: TreeNode): Promise<Uint8Array> => {
      const hash =
        node.children === null
          ? await this.#tiles.range(node.start, node.end)
          : nodeHash(await visit(node.children[0]), await visit(node.children[1]));
      found.set(nodeKey(node), hash);
      return hash;
    };
    await visit(shape);
    return found;
  }

  /** @param index of an entry, from 0 */
  async path(index: number, shape: TreeNode): Promise<EntryPath> {
    const { entryCount, merkleRoot } = this.#block.header;
    const leaf = await this.#tiles.range(index, index + 1);
    const siblings = await this.#tiles.inclusionPath(index);
    const steps = fold(index, leaf, siblings, siblingsOf(shape, index));
    const root = rootFromInclusionPath(leaf, index, entryCount, siblings);
    return { leaf, steps, holds: equal(root, merkleRoot) };
  }

  #newTiles(): TiledTree {
    return new TiledTree(this.#block.header.entryCount, this.#read);
  }
}

/** From the leaf upwards: the parts of the tree whose roots are the path. */
export function siblingsOf(shape: TreeNode, index: number): TreeNode[] {
  return descent(shape, index)
    .flatMap(({ sibling }) => (sibling === null ? [] : [sibling]))
    .reverse();
}

function fold(
  index: number,
  leaf: Uint8Array,
  siblings: readonly Uint8Array[],
  parts: readonly TreeNode[],
): FoldStep[] {
  let result = leaf;
  return parts.map(({ start, end }, i) => {
    const sibling = siblings[i];
    if (sibling === undefined) throw new RangeError('the path is shorter than the tree is high');
    const side = start > index ? 'right' : 'left';
    result = side === 'left' ? nodeHash(sibling, result) : nodeHash(result, sibling);
    return { side, start, end, sibling, result };
  });
}
