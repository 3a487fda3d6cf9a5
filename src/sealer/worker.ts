import { performance } from 'node:perf_hooks';
import { keptPrivateKey } from '../crypto/keys.js';
import { nodeSha256 } from '../crypto/primitives.js';
import { buildTileRoots } from '../merkle/block-tree.js';
import { entryLeafHashes } from '../merkle/flat.js';
import { firstUncovered, type ReceiptedGroup, type ReceiptTrust, type Uncovered } from './coverage.js';
import {
  encodeHeader,
  hasProofOfWork,
  type Header,
  NONCE_OFFSET,
  type Note,
  signCheckpoint as signNow,
} from '../proof/index.js';

export interface Mined {
  readonly nonce: bigint;
  /** The block hash: it begins with at least `difficulty` zero bits. */
  readonly hash: Uint8Array;
  readonly attempts: number;
  readonly milliseconds: number;
}

/**
 * Finds the lowest nonce that gives the header its proof of work. Takes about 2^difficulty hashes; blocks its
 * thread.
 */
export function mine(header: Omit<Header, 'nonce'>): Mined {
  const started = performance.now();
  const bytes = Buffer.from(encodeHeader({ ...header, nonce: 0n }));
  // 2^48 attempts would take years: the lower six bytes are enough.
  for (let nonce = 0; nonce < 2 ** 48; nonce++) {
    bytes.writeUIntBE(nonce, NONCE_OFFSET + 2, 6);
    const hash = nodeSha256(bytes);
    if (hasProofOfWork(hash, header.difficulty)) {
      return {
        nonce: BigInt(nonce),
        hash,
        attempts: nonce + 1,
        milliseconds: performance.now() - started,
      };
    }
  }
  throw new Error(`no proof of work of difficulty ${header.difficulty} found`);
}

/** The leaf hashes of a run of entries, and the roots of their tiles, each concatenated. */
export interface HashedRun {
  readonly leaves: Uint8Array;
  readonly tileRoots: Uint8Array;
}

/** Runs in a worker thread, so that the process keeps answering while a large block is hashed. */
export function hashRun(entries: Uint8Array): HashedRun {
  const leaves = entryLeafHashes(entries);
  return { leaves, tileRoots: buildTileRoots(leaves) };
}

/** `firstUncovered` in a worker thread: a block may have thousands of signatures to verify. */
export function checkReceipts({
  groups,
  leaves,
  trust,
}: {
  readonly groups: readonly ReceiptedGroup[];
  readonly leaves: Uint8Array;
  readonly trust: ReceiptTrust;
}): Uncovered | null {
  return firstUncovered(groups, Buffer.from(leaves.buffer, leaves.byteOffset, leaves.length), trust);
}

export interface CheckpointToSign {
  /** The text of the checkpoint. */
  readonly text: string;
  /** The log's private keys as texts, in the order of their signatures. */
  readonly keys: readonly string[];
  /** In seconds since the Unix epoch. */
  readonly time: number;
}

/** In a worker thread: an ML-DSA-44 signature takes more than ten milliseconds. */
export function signCheckpoint({ text, keys, time }: CheckpointToSign): Note {
  return signNow(text, keys.map(keptPrivateKey), time);
}
