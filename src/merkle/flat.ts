import { sha256Into } from '../crypto/primitives.js';
import { ENTRY_LENGTH, HASH_LENGTH, runPath, TILE_WIDTH } from '../proof/index.js';

/**
 * RFC 6962 hashing over bytes that lie one after the other in a buffer: the same hashes as in proof/, without
 * an object for every leaf and node. For building and checking whole blocks.
 */

/** Hash `index` of a row of hashes. A view, not a copy. */
export function hashAt(hashes: Buffer, index: number): Buffer {
  return hashes.subarray(index * HASH_LENGTH, (index + 1) * HASH_LENGTH);
}

/** Cuts a row of hashes into rows of `count` hashes; the last one may be shorter. Views, not copies. */
export function cutHashes(hashes: Uint8Array, count: number): Uint8Array[] {
  const length = count * HASH_LENGTH;
  return Array.from({ length: Math.ceil(hashes.length / length) }, (_, i) =>
    hashes.subarray(i * length, (i + 1) * length),
  );
}

// The bytes of one tile's entries, from the second byte on, and a view of each entry with the byte before it:
// so no entry has to be copied behind its prefix.
const entryScratch = Buffer.alloc(1 + TILE_WIDTH * ENTRY_LENGTH);
const prefixedEntries = Array.from({ length: TILE_WIDTH }, (_, i) =>
  entryScratch.subarray(i * ENTRY_LENGTH, 1 + (i + 1) * ENTRY_LENGTH),
);

/** The leaf hashes, in one row, of encoded entries that lie one after the other. */
export function entryLeafHashes(entries: Uint8Array): Buffer {
  const leaves = Buffer.alloc((entries.length / ENTRY_LENGTH) * HASH_LENGTH);
  let offset = 0;
  for (let start = 0; start < entries.length; start += TILE_WIDTH * ENTRY_LENGTH) {
    const some = entries.subarray(start, start + TILE_WIDTH * ENTRY_LENGTH);
    entryScratch.set(some, 1);
    for (const prefixed of prefixedEntries.slice(0, some.length / ENTRY_LENGTH)) {
      // Overwrites the last byte of the entry before, which is hashed already.
      prefixed[0] = 0x00;
      sha256Into(prefixed, leaves, offset);
      offset += HASH_LENGTH;
    }
  }
  return leaves;
}

const NODE_LENGTH = 1 + 2 * HASH_LENGTH;
// One tile's hashes, from the second byte on, and a view of each pair with the byte before it.
const scratch = Buffer.alloc(1 + TILE_WIDTH * HASH_LENGTH);
const prefixedPairs = Array.from({ length: TILE_WIDTH / 2 }, (_, i) =>
  scratch.subarray(i * 2 * HASH_LENGTH, i * 2 * HASH_LENGTH + NODE_LENGTH),
);

/** Replaces the `count` hashes at the start of the scratch by the row of nodes above. @returns their number */
function pairUp(count: number): number {
  for (let i = 0; i < count >> 1; i++) {
    const pair = prefixedPairs[i];
    if (pair === undefined) throw new RangeError(`a tile has at most ${TILE_WIDTH} hashes`);
    // Overwrites the last byte of the hash before the pair, which is hashed already.
    pair[0] = 0x01;
    sha256Into(pair, scratch, 1 + i * HASH_LENGTH);
  }
  // A node without a sibling goes up unchanged.
  if (count % 2 === 1) {
    const last = 1 + (count - 1) * HASH_LENGTH;
    scratch.copyWithin(1 + ((count - 1) / 2) * HASH_LENGTH, last, last + HASH_LENGTH);
  }
  return Math.ceil(count / 2);
}

/** RFC 6962 root over the 1 to 256 hashes in `hashes`. */
export function tileRoot(hashes: Uint8Array): Buffer {
  scratch.set(hashes, 1);
  for (let count = hashes.length / HASH_LENGTH; count > 1;) count = pairUp(count);
  return Buffer.from(scratch.subarray(1, 1 + HASH_LENGTH));
}

/** An RFC 6962 tree with all its nodes: for many paths in one tree. */
export class FlatTree {
  readonly size: number;
  /** From the leaves to the root, the nodes of each row one after the other. */
  readonly #rows: readonly Buffer[];

  /** @param leaves leaf hashes, one after the other; at least one. Not copied */
  constructor(leaves: Buffer) {
    this.size = leaves.length / HASH_LENGTH;
    const rows = [leaves];
    for (let row = leaves; row.length > HASH_LENGTH; rows.push(row)) row = rowAbove(row);
    this.#rows = rows;
  }

  get root(): Uint8Array {
    return this.#node(this.#rows.length - 1, 0);
  }

  /** The path of the `count` leaves from index `first` on. @throws {ProofError} malformed_path */
  path(first: number, count: number): Uint8Array[] {
    return runPath(first, count, this.size, (from, to) => {
      const level = Math.ceil(Math.log2(to - from));
      return this.#node(level, from / 2 ** level);
    });
  }

  #node(level: number, index: number): Uint8Array {
    const row = this.#rows[level];
    if (row === undefined) throw new RangeError(`the tree has no row ${level}`);
    return hashAt(row, index);
  }
}

/** The nodes above a row of two hashes or more. */
function rowAbove(row: Buffer): Buffer {
  const above = Buffer.allocUnsafe(Math.ceil(row.length / HASH_LENGTH / 2) * HASH_LENGTH);
  let length = 0;
  for (let start = 0; start < row.length; start += TILE_WIDTH * HASH_LENGTH) {
    const some = row.subarray(start, start + TILE_WIDTH * HASH_LENGTH);
    scratch.set(some, 1);
    const count = some.length === HASH_LENGTH ? 1 : pairUp(some.length / HASH_LENGTH);
    length += scratch.copy(above, length, 1, 1 + count * HASH_LENGTH);
  }
  return above;
}
