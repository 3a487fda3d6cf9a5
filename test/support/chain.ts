import { randomBytes } from 'node:crypto';
import {
  ANONYMOUS,
  blockHash,
  concat,
  encodeEntries,
  encodeEntry,
  encodeHeader,
  formatNote,
  formatReceipt,
  leafHash,
  merkleRoot,
  NO_DETAILS,
  NO_PREVIOUS_HASH,
  NO_STATE,
  signNote,
  TILE_WIDTH,
} from '../../src/proof/index.js';
import type { BlockTile } from '../../src/merkle/block-tree.js';
import { entryLeafHashes, FlatTree } from '../../src/merkle/flat.js';
import type { LogTile } from '../../src/merkle/growing-tree.js';
import type {
  AcceptGroup,
  BlockCommit,
  KeptEntry,
  NewEntry,
  Store,
  StoredBlock,
} from '../../src/store/index.js';
import { ORIGIN, PROMISE_MS, RECEIPT_KEY } from './parts.js';

export function sampleEntry(change: Partial<NewEntry> = {}): NewEntry {
  return {
    kind: 0,
    digest: randomBytes(32),
    size: 1234,
    salt: randomBytes(16),
    accountTag: ANONYMOUS,
    detailsDigest: NO_DETAILS,
    ...change,
  };
}

/** A group with its receipt. */
export function sampleGroup({
  acceptedAt = Date.now(),
  entries = [sampleEntry()],
  receipt = receiptOf(entries, acceptedAt),
  ...change
}: Partial<AcceptGroup> = {}): AcceptGroup {
  return { acceptedAt, entries, receipt, details: [], idempotency: [], register: [], ...change };
}

export function receiptOf(entries: readonly NewEntry[], acceptedAt: number, origin = ORIGIN): string {
  const encoded = encodeEntries(entries.map((entry) => ({ ...entry, acceptedAt })));
  const { root, size: count } = new FlatTree(entryLeafHashes(encoded));
  const text = formatReceipt({ origin, count, root, acceptedAt, deadline: acceptedAt + PROMISE_MS });
  return formatNote(signNote(text, RECEIPT_KEY));
}

export async function acceptSome(store: Store, count: number, acceptedAt = Date.now()): Promise<number> {
  const entries = Array.from({ length: count }, () => sampleEntry());
  return (await store.accept(sampleGroup({ acceptedAt, entries }))).first;
}

/** The block that would seal everything that waits (at most `limit` entries), unmined, with a checkpoint nobody signed. */
export async function nextCommit(store: Store, limit = 2 ** 20): Promise<BlockCommit> {
  const { tip, firstUnsealed, nextPosition } = await store.sealingState();
  const found = await store.entries(firstUnsealed, Math.min(limit, nextPosition - firstUnsealed));
  const leaves = found.map((entry) => leafHash(encodeEntry(entry as KeptEntry)));
  const header = {
    height: tip === null ? 0 : tip.height + 1,
    previousHash: tip?.hash ?? NO_PREVIOUS_HASH,
    merkleRoot: merkleRoot(leaves),
    state: NO_STATE,
    firstPosition: firstUnsealed,
    entryCount: leaves.length,
    sealedAt: Date.now(),
    difficulty: 0,
    nonce: 2n ** 64n - 1n,
  };
  const block = { ...header, hash: blockHash(encodeHeader(header)) };
  const size = block.height + 1;
  return {
    expectedTip: tip?.hash ?? null,
    block,
    statement: null,
    blockTiles: leafTiles(leaves),
    logTiles: await completedLogTiles(store, block),
    checkpoint: { size, root: randomBytes(32), note: `test\n${size}\n` },
  };
}

function leafTiles(leaves: readonly Uint8Array[]): BlockTile[] {
  const tiles: BlockTile[] = [];
  for (let at = 0; at < leaves.length; at += TILE_WIDTH) {
    tiles.push({ level: 0, index: at / TILE_WIDTH, hashes: concat(...leaves.slice(at, at + TILE_WIDTH)) });
  }
  return tiles;
}

/** Enough for the chains of a test: level 0 only. */
async function completedLogTiles(store: Store, block: StoredBlock): Promise<LogTile[]> {
  const size = block.height + 1;
  if (size % TILE_WIDTH !== 0) return [];
  const before = await store.blocksBetween(size - TILE_WIDTH, size - 1);
  const hashes = [...before, block].map((each) => leafHash(encodeHeader(each)));
  return [{ level: 0, index: size / TILE_WIDTH - 1, hashes: concat(...hashes), root: merkleRoot(hashes) }];
}
