import { expect } from 'vitest';
import {
  blockHash,
  checkSignature,
  encodeEntry,
  encodeHeader,
  leafHash,
  merkleRoot,
  parseCheckpoint,
  parseNote,
  successionFault,
  toHex,
  type VerifierKey,
} from '../../src/proof/index.js';
import { audit } from '../../src/audit/audit.js';
import type { Store, StoredBlock } from '../../src/store/index.js';
import { nodeSha256 } from '../../src/crypto/primitives.js';

/**
 * The judge after a test: `audit` finds nothing, and neither does a second look. That one reads the whole chain through the store and
 * derives every link of it anew: slow, for small chains, and written apart from the audit that users have.
 * @returns the blocks, lowest first
 */
export async function checkChain(store: Store, logKey: VerifierKey): Promise<StoredBlock[]> {
  expect((await audit({ store, logKey })).findings).toEqual([]);
  const tip = await store.tip();
  const blocks = tip === null ? [] : await store.blocksBetween(0, tip.height + 1);
  expect(blocks.length).toBe(tip === null ? 0 : tip.height + 1);
  const { nextPosition } = await store.head();
  const entries = await store.entries(0, nextPosition);
  expect(entries.map(({ position }) => position)).toEqual(entries.map((_, i) => i));
  expect(entries.length).toBe(nextPosition);
  const logLeaves: Uint8Array[] = [];
  let previous: { header: StoredBlock; hash: Uint8Array } | null = null;
  for (const block of blocks) {
    const bytes = encodeHeader(block);
    expect([block.height, successionFault(bytes, previous, blocks[0]?.difficulty ?? 0)]).toEqual([
      block.height,
      null,
    ]);
    expect(toHex(block.hash)).toBe(toHex(blockHash(bytes)));
    const held = entries.slice(block.firstPosition, block.firstPosition + block.entryCount);
    expect(held.length).toBe(block.entryCount);
    const leaves = held.map((entry) => {
      if (entry.erased) throw new Error(`the entry at ${entry.position} is erased`);
      expect(entry.acceptedAt).toBeLessThanOrEqual(block.sealedAt);
      return leafHash(encodeEntry(entry), nodeSha256);
    });
    expect(toHex(block.merkleRoot)).toBe(toHex(merkleRoot(leaves, nodeSha256)));
    previous = { header: block, hash: block.hash };
    logLeaves.push(leafHash(bytes, nodeSha256));
    const checkpoint = await store.checkpoint(block.height + 1);
    expect(toHex(checkpoint?.root ?? new Uint8Array())).toBe(toHex(merkleRoot(logLeaves, nodeSha256)));
    const note = parseNote(checkpoint?.note ?? '');
    expect(checkSignature(note, logKey).state).toBe('good');
    expect(parseCheckpoint(note.text)).toMatchObject({ size: block.height + 1, origin: logKey.name });
  }
  expect((await store.checkpoint())?.size ?? 0).toBe(blocks.length);
  return blocks;
}
