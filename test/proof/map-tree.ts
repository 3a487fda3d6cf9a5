import { EMPTY_MAP_ROOT, mapBit, mapLeafHash, type MapPath } from '../../src/proof/map.js';
import { equal, nodeHash, type Sha256 } from '../../src/proof/index.js';
import { fastSha256 } from './support.js';

interface Leaf {
  readonly hash: Uint8Array;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}
interface Parent {
  readonly hash: Uint8Array;
  readonly left: Node;
  readonly right: Node;
}
type Node = Leaf | Parent | null;

/** The map in memory, changed key by key. A changed tree shares what has not changed with the one before. */
export class MapTree {
  static readonly EMPTY = new MapTree(null);
  readonly #top: Node;
  readonly #hash: Sha256;

  private constructor(top: Node, hash: Sha256 = fastSha256) {
    this.#top = top;
    this.#hash = hash;
  }

  get root(): Uint8Array {
    return hashOf(this.#top);
  }

  set(key: Uint8Array, value: Uint8Array): MapTree {
    const leaf = { hash: mapLeafHash({ key, value }, this.#hash), key, value };
    return new MapTree(this.#put(this.#top, leaf, 0), this.#hash);
  }

  path(key: Uint8Array): MapPath {
    const siblings: Uint8Array[] = [];
    let node = this.#top;
    for (let depth = 0; node !== null && 'left' in node; depth++) {
      const isRight = mapBit(key, depth);
      siblings.unshift(hashOf(isRight ? node.left : node.right));
      node = isRight ? node.right : node.left;
    }
    return { siblings, leaf: node && { key: node.key, value: node.value } };
  }

  #put(node: Node, leaf: Leaf, depth: number): Node {
    if (node === null || ('key' in node && equal(node.key, leaf.key))) return leaf;
    if ('key' in node) return this.#put(this.#parent(...this.#sides(node, null, depth)), leaf, depth);
    return mapBit(leaf.key, depth)
      ? this.#parent(node.left, this.#put(node.right, leaf, depth + 1))
      : this.#parent(this.#put(node.left, leaf, depth + 1), node.right);
  }

  /** A leaf under a parent of its own, to which the other leaf is added at once. */
  #sides(leaf: Leaf, other: Node, depth: number): [left: Node, right: Node] {
    return mapBit(leaf.key, depth) ? [other, leaf] : [leaf, other];
  }

  #parent(left: Node, right: Node): Parent {
    return { hash: nodeHash(hashOf(left), hashOf(right), this.#hash), left, right };
  }
}

const hashOf = (node: Node) => node?.hash ?? EMPTY_MAP_ROOT;
