import { nodeSha256 } from '../node-crypto.js';
import {
  inclusionTiles,
  parseCheckpoint,
  parseNote,
  splitHashes,
  TiledTree,
  type ProofFile,
} from '../proof/index.js';
import { logTree } from '../seal/index.js';
import type { Store, StoredBlock, StoredCheckpoint } from '../store/index.js';

/**
 * What leads from the entry at `position`, which `block` holds, to a checkpoint that covers the block.
 * @param log the log as large as the checkpoint makes it
 */
export async function prove(
  store: Store,
  position: number,
  block: StoredBlock,
  checkpoint: Pick<StoredCheckpoint, 'size' | 'note'>,
  log: TiledTree = logTree(store, checkpoint.size),
): Promise<Pick<ProofFile, 'block' | 'log'>> {
  const note = parseNote(checkpoint.note);
  const index = position - block.firstPosition;
  const [pathInBlock, pathInLog] = await Promise.all([
    blockPath(store, block, index),
    log.inclusionPath(block.height),
  ]);
  return {
    block: { header: block, index, path: pathInBlock },
    log: { path: pathInLog, checkpoint: parseCheckpoint(note.text), note },
  };
}

async function blockPath(
  store: Store,
  { height, entryCount }: StoredBlock,
  index: number,
): Promise<Uint8Array[]> {
  const wanted = inclusionTiles(index, entryCount);
  const read = await store.blockTiles(height, wanted);
  const tree = new TiledTree(
    entryCount,
    ({ level, index: tile }) => {
      const hashes = read[wanted.findIndex((id) => id.level === level && id.index === tile)] ?? null;
      if (hashes === null) throw new Error(`block ${height} lacks tile ${level}/${tile}`);
      return Promise.resolve(splitHashes(hashes));
    },
    nodeSha256,
  );
  return tree.inclusionPath(index);
}
