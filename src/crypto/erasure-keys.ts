import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { concat, equal, fromHex, ProofError, toHex, utf8, utf8Decode } from '../proof/index.js';
import { nodeSha256 } from './primitives.js';

/**
 * Data keys for the content of notarizations (docs/erasure.md, "Erasing in backups"): one for each, all derived from
 * the root of a binary tree, so that keeping them costs nothing. To destroy one key, the nodes on the way to it are
 * replaced by their other children: every other key can still be derived, and this one by nobody (a puncturable
 * pseudorandom function; Goldreich, Goldwasser and Micali 1984, Boneh and Waters 2013).
 */

/** Names a key: the tree (8 bytes) and the leaf (8 bytes). It tells nothing of the key. */
const REFERENCE_LENGTH = 16;
const TREE_LENGTH = 8;
const LEAF_LENGTH = 8;
const DEPTH = 8 * LEAF_LENGTH;
const KEY_LENGTH = 32;
const SALT_LENGTH = 16;

const FIRST_LINE = 'ingam-erasure-keys-v1';
/** For so many keys in a row, the upper part of the tree is derived once. */
const RUN = 2 ** 16;

/** What there is of a key. */
type KeyState =
  | 'present'
  /** Nobody can derive it any more. */
  | 'destroyed'
  /** Of a tree that these keys do not have. */
  | 'unknown';

/** A new key. */
export interface DrawnKey {
  readonly reference: Uint8Array;
  /** It follows from the key. */
  readonly salt: Uint8Array;
  /** The text under AES-256-GCM, with the reference before it, which is its additional data too. */
  readonly seal: (text: string) => string;
}

export class ErasureKeys {
  readonly #trees: readonly KeyTree[];
  #run: Uint8Array = new Uint8Array();
  #next = RUN;

  private constructor(trees: readonly KeyTree[]) {
    this.#trees = trees;
  }

  /** @param now milliseconds since the Unix epoch */
  static create(now: number): ErasureKeys {
    return new ErasureKeys([KeyTree.create(now)]);
  }

  /**
   * Reads what `format` writes. A copy that was cut off is refused: its missing nodes would look destroyed.
   * @throws {ProofError} malformed_key
   */
  static parse(text: string): ErasureKeys {
    const end = text.lastIndexOf('sha256 ');
    const body = text.slice(0, Math.max(end, 0));
    if (!body.startsWith(`${FIRST_LINE}\n`))
      throw new ProofError('malformed_key', 'it is not a file that "ingam erasure-keys" has made');
    if (text.slice(end) !== checksumLine(body))
      throw new ProofError(
        'malformed_key',
        'it is not whole: its last line is not the checksum of the others',
      );
    const trees: KeyTree[] = [];
    for (const line of body.split('\n').slice(1, -1)) {
      const tree = /^tree ([0-9a-f]{16}) ([0-9]{1,15})$/.exec(line);
      const last = trees.at(-1);
      const node = /^([0-9]{1,2}) ([0-9a-f]{16}) ([0-9a-f]{64})$/.exec(line);
      if (tree?.[1] !== undefined) trees.push(new KeyTree(fromHex(tree[1], TREE_LENGTH), Number(tree[2])));
      else if (node?.[2] !== undefined && node[3] !== undefined && last !== undefined)
        last.add(Number(node[1]), fromHex(node[2], LEAF_LENGTH), fromHex(node[3], KEY_LENGTH));
      else throw new ProofError('malformed_key', 'a line is neither a tree nor a node');
    }
    if (trees.length === 0) throw new ProofError('malformed_key', 'it has no tree');
    return new ErasureKeys(trees);
  }

  format(): string {
    const body = `${FIRST_LINE}\n${this.#trees.map((tree) => tree.format()).join('')}`;
    return body + checksumLine(body);
  }

  /** The oldest first; new keys are of the last. */
  get trees(): readonly { readonly id: string; readonly madeAt: number; readonly nodes: number }[] {
    return this.#trees.map(({ id, madeAt, size }) => ({ id: toHex(id), madeAt, nodes: size }));
  }

  /** The same keys; new ones come from a tree of their own. */
  rotated(now: number): ErasureKeys {
    return new ErasureKeys([...this.#trees, KeyTree.create(now)]);
  }

  /** The same keys without these. Unknown ones, and those destroyed before, do not matter. */
  without(references: readonly Uint8Array[]): ErasureKeys {
    const trees = this.#trees.map((tree) => tree.copy());
    for (const reference of references) treeOf(trees, reference)?.destroy(leafOf(reference));
    return new ErasureKeys(trees);
  }

  /** A key that was never used. Leaves follow each other within a run that begins anywhere: that is fast. */
  draw(): DrawnKey {
    const tree = this.#trees.at(-1);
    if (tree === undefined) throw new Error('there is no tree');
    if (this.#next === RUN) {
      this.#run = randomBytes(LEAF_LENGTH - 2);
      this.#next = 0;
    }
    const at = this.#next++;
    const reference = concat(tree.id, this.#run, Uint8Array.of(at >> 8, at & 255));
    const key = tree.derive(leafOf(reference));
    if (key === null) return this.draw();
    return { reference, salt: saltOf(key), seal: (text) => sealed(reference, key, text) };
  }

  stateOf(reference: Uint8Array): KeyState {
    const tree = treeOf(this.#trees, reference);
    if (tree === undefined) return 'unknown';
    return tree.derive(leafOf(reference)) === null ? 'destroyed' : 'present';
  }

  /** 16 bytes; null: the key is destroyed or unknown. */
  saltOf(reference: Uint8Array): Uint8Array | null {
    const key = this.#keyOf(reference);
    return key === null ? null : saltOf(key);
  }

  /** null: the key is destroyed or unknown, or this is not what was sealed. */
  open(sealed: string): string | null {
    const bytes = Buffer.from(sealed.slice(SEALED_MARK.length), 'base64');
    if (!isSealed(sealed) || bytes.length < TEXT_AT + TAG_LENGTH) return null;
    const reference = bytes.subarray(0, REFERENCE_LENGTH);
    const key = this.#keyOf(reference);
    if (key === null) return null;
    const nonce = bytes.subarray(REFERENCE_LENGTH, TEXT_AT);
    const cipher = createDecipheriv('aes-256-gcm', contentKeyOf(key), nonce)
      .setAAD(reference)
      .setAuthTag(bytes.subarray(-TAG_LENGTH));
    try {
      const text = cipher.update(bytes.subarray(TEXT_AT, -TAG_LENGTH));
      return utf8Decode(Buffer.concat([text, cipher.final()]));
    } catch {
      return null;
    }
  }

  #keyOf(reference: Uint8Array): Uint8Array | null {
    return treeOf(this.#trees, reference)?.derive(leafOf(reference)) ?? null;
  }
}

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const TEXT_AT = REFERENCE_LENGTH + NONCE_LENGTH;
/** No JSON object begins so. */
const SEALED_MARK = '~';

export function isSealed(text: string): boolean {
  return text.startsWith(SEALED_MARK);
}

function sealed(reference: Uint8Array, key: Uint8Array, text: string): string {
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = createCipheriv('aes-256-gcm', contentKeyOf(key), nonce).setAAD(reference);
  const parts = [reference, nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return SEALED_MARK + Buffer.concat(parts).toString('base64');
}

const SALT_PURPOSE = utf8('ingam/erasure-keys/v1 salt');
const CONTENT_PURPOSE = utf8('ingam/erasure-keys/v1 content');

const saltOf = (key: Uint8Array): Uint8Array => nodeSha256(concat(SALT_PURPOSE, key)).slice(0, SALT_LENGTH);

const contentKeyOf = (key: Uint8Array): Uint8Array => nodeSha256(concat(CONTENT_PURPOSE, key));

const leafOf = (reference: Uint8Array): Uint8Array => reference.subarray(TREE_LENGTH);

function treeOf(trees: readonly KeyTree[], reference: Uint8Array): KeyTree | undefined {
  if (reference.length !== REFERENCE_LENGTH) return undefined;
  return trees.find(({ id }) => equal(id, reference.subarray(0, TREE_LENGTH)));
}

function checksumLine(body: string): string {
  return `sha256 ${toHex(nodeSha256(utf8(body)))}\n`;
}

/** A node: its key is the root of the subtree below it. */
interface TreeNode {
  readonly depth: number;
  /** 8 bytes, zero behind the first `depth` bits. */
  readonly prefix: Uint8Array;
  readonly key: Uint8Array;
}

class KeyTree {
  readonly id: Uint8Array;
  readonly madeAt: number;
  /** None is above or below another. */
  readonly #nodes: Map<string, TreeNode>;
  /** The keys on the way to the leaf that was derived last, from `#from` on: neighbours share most of it. */
  readonly #path: Uint8Array[] = [];
  #leaf: Uint8Array | null = null;
  #from = 0;

  constructor(id: Uint8Array, madeAt: number, nodes: ReadonlyMap<string, TreeNode> = new Map()) {
    this.id = id;
    this.madeAt = madeAt;
    this.#nodes = new Map(nodes);
  }

  static create(now: number): KeyTree {
    const tree = new KeyTree(new Uint8Array(randomBytes(TREE_LENGTH)), now);
    tree.add(0, new Uint8Array(LEAF_LENGTH), new Uint8Array(randomBytes(KEY_LENGTH)));
    return tree;
  }

  copy(): KeyTree {
    return new KeyTree(this.id, this.madeAt, this.#nodes);
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** @throws {ProofError} malformed_key */
  add(depth: number, prefix: Uint8Array, key: Uint8Array): void {
    if (depth > DEPTH || !equal(prefix, beginning(prefix, depth)) || this.#nodes.has(nameOf(depth, prefix)))
      throw new ProofError('malformed_key', 'a node of a tree is not as it was written');
    this.#nodes.set(nameOf(depth, prefix), { depth, prefix, key });
  }

  format(): string {
    const nodes = [...this.#nodes.values()].map(
      ({ depth, prefix, key }) => `${depth} ${toHex(prefix)} ${toHex(key)}\n`,
    );
    return `tree ${toHex(this.id)} ${this.madeAt}\n${nodes.join('')}`;
  }

  /** The key of a leaf; null: it was destroyed. */
  derive(leaf: Uint8Array): Uint8Array | null {
    const shared = this.#leaf === null ? -1 : sharedBits(this.#leaf, leaf);
    let depth = shared;
    if (shared < this.#from || this.#leaf === null) {
      const above = this.#above(leaf);
      if (above === null) return null;
      depth = this.#from = above.depth;
      this.#path[depth] = above.key;
    }
    let key = this.#path[depth];
    for (; key !== undefined && depth < DEPTH; this.#path[depth] = key)
      key = childOf(key, bitOf(leaf, depth++));
    this.#leaf = leaf.slice();
    return key ?? null;
  }

  destroy(leaf: Uint8Array): void {
    const above = this.#above(leaf);
    if (above === null) return;
    this.#leaf = null;
    this.#nodes.delete(nameOf(above.depth, above.prefix));
    let { key } = above;
    for (let depth = above.depth; depth < DEPTH; depth++) {
      const bit = bitOf(leaf, depth);
      const prefix = beginning(leaf, depth + 1);
      prefix[depth >> 3] = (prefix[depth >> 3] ?? 0) ^ (128 >> (depth & 7));
      this.#nodes.set(nameOf(depth + 1, prefix), { depth: depth + 1, prefix, key: childOf(key, 1 - bit) });
      key = childOf(key, bit);
    }
  }

  /** The node above a leaf, or the leaf itself; null: it was destroyed. */
  #above(leaf: Uint8Array): TreeNode | null {
    for (let depth = 0; depth <= DEPTH; depth++) {
      const node = this.#nodes.get(nameOf(depth, beginning(leaf, depth)));
      if (node !== undefined) return node;
    }
    return null;
  }
}

const nameOf = (depth: number, prefix: Uint8Array): string => `${depth} ${toHex(prefix)}`;

const bitOf = (leaf: Uint8Array, depth: number): number => ((leaf[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1;

const childOf = (key: Uint8Array, bit: number): Uint8Array => nodeSha256(concat(Uint8Array.of(bit), key));

/** The first `bits` bits, and zeros. */
function beginning(leaf: Uint8Array, bits: number): Uint8Array {
  return leaf.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * i))));
}

function sharedBits(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < LEAF_LENGTH; i++) {
    const differing = (a[i] ?? 0) ^ (b[i] ?? 0);
    if (differing !== 0) return 8 * i + Math.clz32(differing) - 24;
  }
  return DEPTH;
}
