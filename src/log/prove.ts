import { nodeSha256 } from '../node-crypto.js';
import { parseCheckpoint, parseNote, splitHashes, TiledTree, type ProofFile } from '../proof/index.js';
import { logTree } from '../seal/index.js';
import type { Store, StoredBlock, StoredCheckpoint } from '../store/index.js';

/** What leads from the entry at `position`, which `block` holds, to a checkpoint that covers the block. */
export async function prove(
  store: Store,
  position: number,
  block: StoredBlock,
  checkpoint: Pick<StoredCheckpoint, 'size' | 'note'>,
): Promise<Pick<ProofFile, 'block' | 'log'>> {
  const note = parseNote(checkpoint.note);
  const index = position - block.firstPosition;
  return {
    block: { header: block, index, path: await blockTree(store, block).inclusionPath(index) },
    log: {
      path: await logTree(store, checkpoint.size).inclusionPath(block.height),
      checkpoint: parseCheckpoint(note.text),
      note,
    },
  };
}

function blockTree(store: Store, { height, entryCount }: StoredBlock): TiledTree {
  return new TiledTree(
    entryCount,
    async ({ level, index }) => {
      const hashes = await store.blockTile(height, level, index);
      if (hashes === null) throw new Error(`block ${height} lacks tile ${level}/${index}`);
      return splitHashes(hashes);
    },
    nodeSha256,
  );
}
