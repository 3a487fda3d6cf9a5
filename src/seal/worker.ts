import { ENTRY_LENGTH, HASH_LENGTH } from '../proof/index.js';
import { hashInto } from '../node-merkle.js';
import { buildParts, type TreePart } from './build-tree.js';

export { mine } from './mine.js';

/** 0x00 ‖ entry, written anew for each. */
const leaf = Buffer.alloc(1 + ENTRY_LENGTH);

/**
 * The tree over encoded entries that lie one after the other, in parts. This file runs in worker threads, so that a second of hashing is not
 * a second in which nobody is answered.
 */
export function buildEntries(entries: Uint8Array): TreePart[] {
  const bytes = Buffer.from(entries.buffer, entries.byteOffset, entries.length);
  const count = entries.length / ENTRY_LENGTH;
  const leaves = Buffer.alloc(count * HASH_LENGTH);
  for (let i = 0; i < count; i++) {
    bytes.copy(leaf, 1, i * ENTRY_LENGTH, (i + 1) * ENTRY_LENGTH);
    hashInto(leaf, leaves, i * HASH_LENGTH);
  }
  return buildParts(leaves);
}
