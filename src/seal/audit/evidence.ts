import { nodeSha256 } from '../../node-crypto.js';
import { decodeHeader, leafHash, ProofError, type Header } from '../../proof/index.js';
import { headerBytes, type BlockRow } from './header-row.js';
import type { LogCheck } from './log-check.js';

export interface KnownBlock {
  readonly header: Header;
  readonly bytes: Buffer;
  readonly hash: Buffer;
  /** Leaf hash in the log. */
  readonly leaf: Buffer;
}

/** What surrounds a block row and can speak for or against it. */
export interface Surroundings {
  readonly height: number;
  /** The position that this block must begin with. */
  readonly first: number;
  /** The row of the next height, if it is there. */
  readonly next: BlockRow | null;
  /** The root in the note of the checkpoint that ends with this block, when the note is as it must be. */
  readonly signedRoot: Uint8Array | null;
  /** Whether the notes' signatures have been checked: only then do they speak against a block. */
  readonly authenticated: boolean;
  /** The same for the next block. */
  readonly nextSignedRoot: () => Uint8Array | null;
  readonly log: LogCheck;
}

/** The block of these header bytes; null when no header may hold their values. */
export function knownBlock(bytes: Buffer): KnownBlock | null {
  try {
    const hash = Buffer.from(nodeSha256(bytes));
    return { header: decodeHeader(bytes), bytes, hash, leaf: Buffer.from(leafHash(bytes, nodeSha256)) };
  } catch (error) {
    // Hashed and signed for, but with values that no header may have: its implausible column is named.
    if (error instanceof ProofError) return null;
    throw error;
  }
}

/** Whether the signed checkpoint, or else the stored tile of the log, has this leaf; null: neither can say. */
export function logAgrees(
  candidate: Uint8Array,
  { signedRoot, authenticated, log }: Surroundings,
): boolean | null {
  const leaf = Buffer.from(candidate);
  const agrees = signedRoot === null ? undefined : log.rootWith(leaf)?.equals(signedRoot);
  if (agrees === true) return true;
  if (agrees === false && authenticated) return false;
  return log.storedLeaf?.equals(leaf) ?? null;
}

/** The next block is built on this one, and the checkpoint over both is signed for both. */
export function confirmedByNext(
  hash: Buffer,
  leaf: Buffer,
  { next, nextSignedRoot, log }: Surroundings,
): boolean {
  if (next === null || !hash.equals(next.previous_hash)) return false;
  const signed = nextSignedRoot();
  const root = log.rootWith(leaf, Buffer.from(leafHash(headerBytes(next), nodeSha256)));
  return signed !== null && root?.equals(signed) === true;
}
