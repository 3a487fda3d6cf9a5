import { sha256Into } from '../crypto/primitives.js';
import { ENTRY_LENGTH, HASH_LENGTH, TILE_WIDTH } from '../proof/index.js';

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

/** RFC 6962 root over the 1 to 256 hashes in `hashes`. */
export function tileRoot(hashes: Uint8Array): Buffer {
  let count = hashes.length / HASH_LENGTH;
  scratch.set(hashes, 1);
  while (count > 1) {
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
    count = Math.ceil(count / 2);
  }
  return Buffer.from(scratch.subarray(1, 1 + HASH_LENGTH));
}
