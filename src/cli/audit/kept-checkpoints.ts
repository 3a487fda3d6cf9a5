import { resolve } from 'node:path';
import { type Checkpoint, equal, parseCheckpoint, parseNote, ProofError, toHex } from '../../proof/index.js';
import { LastCheckpointFile, type Store } from '../../store/index.js';
import type { DatabasePlace } from '../database.js';
import { fileFailure } from '../failure.js';
import { readText } from '../files.js';
import type { Io } from '../io.js';
import { evidenceMessages } from '../messages/evidence.js';
import type { ShownFinding } from './findings.js';

/** A checkpoint that was kept outside the database. */
export interface KeptCheckpoint {
  readonly path: string;
  readonly text: string;
}

/** That of the data directory, if there is one yet, and the one that the user gives. @throws {Failure} */
export async function keptCheckpoints(
  { checkpoint }: { readonly checkpoint: string | undefined },
  { dataDir }: DatabasePlace,
  io: Io,
): Promise<KeptCheckpoint[]> {
  const kept: KeptCheckpoint[] = [];
  if (checkpoint !== undefined)
    kept.push({ path: checkpoint, text: await readText(resolve(io.cwd, checkpoint), checkpoint) });
  if (dataDir !== null) {
    const file = new LastCheckpointFile(dataDir);
    const text = await file.read().catch((error: unknown) => {
      throw fileFailure(error, file.path);
    });
    if (text !== null) kept.push({ path: file.path, text });
  }
  return kept;
}

/** Consistent rows can still be those of an old backup. Reads only. */
export async function checkKeptCheckpoints(
  store: Pick<Store, 'checkpoint'>,
  checkpoints: readonly KeptCheckpoint[],
): Promise<ShownFinding[]> {
  const found: ShownFinding[] = [];
  for (const { path, text } of checkpoints) {
    let kept: Checkpoint;
    try {
      kept = parseCheckpoint(parseNote(text).text);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      found.push({ where: path, what: null, says: evidenceMessages().notACheckpoint(error.message) });
      continue;
    }
    const stored = await store.checkpoint(kept.size);
    if (stored !== null && equal(stored.root, kept.root)) continue;
    found.push({
      where: `checkpoint size=${kept.size}`,
      what: stored === null ? null : 'root',
      says: evidenceMessages().otherDatabase(path),
      expected: toHex(kept.root),
      found: stored === null ? evidenceMessages().noCheckpoint : toHex(stored.root),
    });
  }
  return found;
}
