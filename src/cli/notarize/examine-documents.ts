import { Failure } from '../failure.js';
import type { FoundDocument } from './find-documents.js';
import { hashFile, type HashedDocument } from '../input/hash-file.js';
import type { Io } from '../io.js';
import { forEachOf } from './parallel.js';
import { createProgress } from '../output/progress.js';
import { occupantOf, type Occupant } from './proof-place.js';
import { formatBytes } from '../output/text.js';

/** A file, its digest, and what lies where its proof belongs. */
export interface Task {
  readonly found: FoundDocument;
  readonly document: HashedDocument;
  readonly occupant: Occupant;
}

export interface FailedTask {
  readonly found: FoundDocument;
  readonly failure: Failure;
}

/** Enough to keep a disk and two cores busy. */
const AT_ONCE = 4;

/** Hashes every file. The answer has one item for each, in the same order. */
export async function examineDocuments(
  documents: readonly FoundDocument[],
  io: Io,
): Promise<(Task | FailedTask)[]> {
  const total = documents.reduce((sum, { size }) => sum + size, 0);
  const progress = createProgress(io, 'Hashing', total);
  let done = 0;
  const onBytes = (count: number) => {
    done += count;
    progress.update(done, formatBytes(done));
  };
  const examined: (Task | FailedTask)[] = [];
  await forEachOf([...documents.entries()], AT_ONCE, async ([i, found]) => {
    try {
      const document = await hashFile(found.path, io.signal, onBytes);
      examined[i] = { found, document, occupant: await occupantOf(found.proofPath, document.sha256) };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      examined[i] = { found, failure: error };
    }
  });
  progress.clear();
  return examined;
}
