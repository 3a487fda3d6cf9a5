import { equal, parseCheckpoint, parseNote, ProofError, toHex, type Checkpoint } from '../../proof/index.js';
import { LastCheckpointFile, type Store } from '../../store/index.js';
import type { ShownFinding } from './audit-report.js';

/**
 * Holds the database against the checkpoint that is kept outside of it, in the data directory: rows that fit together can
 * still be those of yesterday. Reads only.
 */
export async function checkKeptCheckpoint(
  store: Pick<Store, 'checkpoint'>,
  dataDir: string,
): Promise<ShownFinding[]> {
  const file = new LastCheckpointFile(dataDir);
  const text = await file.read();
  if (text === null) return [];
  let kept: Checkpoint;
  try {
    kept = parseCheckpoint(parseNote(text).text);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return [{ where: file.path, what: null, says: `This is not a checkpoint: ${error.message}.` }];
  }
  const stored = await store.checkpoint(kept.size);
  if (stored !== null && equal(stored.root, kept.root)) return [];
  return [
    {
      where: `checkpoint size=${kept.size}`,
      what: stored === null ? null : 'root',
      says: `The database is not the one for which ${file.path} was signed: it was rolled back, or its history was changed.`,
      expected: toHex(kept.root),
      found: stored === null ? 'no checkpoint over so many blocks' : toHex(stored.root),
    },
  ];
}
