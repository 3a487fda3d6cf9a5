import { nodeSha256 } from '../node-crypto.js';
import { ENTRY_LENGTH, leafHash, type Header } from '../proof/index.js';
import { buildTree, type BlockTree } from './build-tree.js';
import { mine, type Mined } from './mine.js';

export interface SealTask {
  /** The block's encoded entries, one after the other. */
  readonly entries: Uint8Array;
  readonly header: Omit<Header, 'nonce' | 'merkleRoot' | 'entryCount'>;
}

export interface SealResult {
  readonly tree: BlockTree;
  readonly mined: Mined;
}

/** Runs in a worker thread, so that a second of hashing is not a second in which nobody is answered. */
export default function sealTask({ entries, header }: SealTask): SealResult {
  const entryCount = entries.length / ENTRY_LENGTH;
  const leafHashes = Array.from({ length: entryCount }, (_, i) =>
    leafHash(entries.subarray(i * ENTRY_LENGTH, (i + 1) * ENTRY_LENGTH), nodeSha256),
  );
  const tree = buildTree(leafHashes);
  return { tree, mined: mine({ ...header, merkleRoot: tree.root, entryCount }) };
}
