import { basename, join, resolve } from 'node:path';
import { type Failure, failureOf, usageError } from '../failure.js';
import { type HashedDocument, hashFile, PROOF_SUFFIX } from '../files.js';
import { findFiles, forEachOf } from '../find-files.js';
import { createProgress, formatBytes, type Io, Rate } from '../io.js';
import { progressMessages } from '../messages/progress.js';
import { withSuffix } from '../paths.js';
import { type Occupant, occupantOf } from './proofs.js';
import { notarizeMessages } from '../messages/notarize.js';

export interface FoundDocument {
  /** Absolute. */
  readonly path: string;
  /** The path in messages: relative to the working directory where that is shorter. */
  readonly shown: string;
  /** Bytes at the time of the search. */
  readonly size: number;
  /** Absolute path for its proof. */
  readonly proofPath: string;
}

export interface FoundDocuments {
  readonly documents: readonly FoundDocument[];
  /** Files and folders that do not exist or cannot be read. The others are notarized all the same. */
  readonly failed: readonly FailedTask[];
  /** Proof files, which are not notarized themselves. */
  readonly skippedProofs: number;
  /** Links and devices inside folders. */
  readonly skippedOthers: number;
}

/**
 * The files named by the arguments, folders recursively, in a stable order.
 * @param out folder for the proofs, or null for the folder of each file
 * @throws {Failure} when two proofs would have the same path, or when stopped
 */
export async function findDocuments(
  args: readonly string[],
  out: string | null,
  io: Io,
): Promise<FoundDocuments> {
  const documents = new Map<string, FoundDocument>();
  let skippedProofs = 0;
  const found = await findFiles(args, io);
  for (const { path, shown, size, inner } of found.files) {
    if (path.endsWith(PROOF_SUFFIX)) {
      skippedProofs++;
      continue;
    }
    const proofPath = withSuffix(out === null ? path : join(resolve(io.cwd, out), inner), PROOF_SUFFIX);
    const other = documents.get(proofPath);
    if (other !== undefined && other.path !== path) {
      throw usageError(
        notarizeMessages().sameProof(other.shown, shown, out ?? ''),
        notarizeMessages().otherFolders,
      );
    }
    documents.set(proofPath, { path, shown, size, proofPath });
  }
  const failed = found.failed.map(({ path, shown, failure }) => ({
    found: { path, shown, size: 0, proofPath: '' },
    failure,
  }));
  const { skippedOthers } = found;
  return { documents: [...documents.values()], failed, skippedProofs, skippedOthers };
}

/** A hashed file, and what exists at the path of its proof. */
export interface Task {
  readonly found: FoundDocument;
  readonly document: HashedDocument;
  readonly occupant: Occupant;
}

export interface FailedTask {
  readonly found: FoundDocument;
  readonly failure: Failure;
}

const AT_ONCE = 4;

/** Hashes a document, as `hashFile` does. */
export type Hash<Document> = (
  document: Document,
  signal: AbortSignal,
  onBytes: (count: number) => void,
) => Promise<HashedDocument>;

const hashFound: Hash<FoundDocument> = ({ path, shown }, signal, onBytes) =>
  hashFile(path, shown, signal, onBytes);

/** Hashes every document. Returns one item for each, in the same order. */
export async function examineDocuments<Document extends FoundDocument>(
  documents: readonly Document[],
  io: Io,
  hash: Hash<Document> = hashFound,
): Promise<(Task | FailedTask)[]> {
  const total = documents.reduce((sum, { size }) => sum + size, 0);
  const progress = createProgress(io, progressMessages().hashing, total);
  const rate = new Rate(total);
  let done = 0;
  const examined: (Task | FailedTask)[] = [];
  await forEachOf([...documents.entries()], AT_ONCE, async ([i, found]) => {
    const onBytes = (count: number) => {
      done += count;
      progress.update(
        done,
        `${formatBytes(done)}${rate.describe(done, formatBytes)}, ${basename(found.path)}`,
      );
    };
    try {
      const document = await hash(found, io.signal, onBytes);
      examined[i] = { found, document, occupant: await occupantOf(found.proofPath, document.sha256) };
    } catch (error) {
      examined[i] = { found, failure: failureOf(error) };
    }
  });
  progress.clear();
  return examined;
}
