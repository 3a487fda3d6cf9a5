import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { Failure, failureOf, fileFailure, usageError } from '../failure.js';
import { type HashedDocument, hashFile, PROOF_SUFFIX, throwIfStopped } from '../files.js';
import { createProgress, formatBytes, type Io } from '../io.js';
import { decodePath, fsPath, withSuffix } from '../paths.js';
import { type Occupant, occupantOf } from './proofs.js';

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
  const failed: FailedTask[] = [];
  let skippedProofs = 0;
  let skippedOthers = 0;

  const add = (path: string, size: number, name: string) => {
    if (path.endsWith(PROOF_SUFFIX)) {
      skippedProofs++;
      return;
    }
    const proofPath = withSuffix(out === null ? path : join(resolve(io.cwd, out), name), PROOF_SUFFIX);
    const document = { path, shown: shownPath(path, io.cwd), size, proofPath };
    const other = documents.get(proofPath);
    if (other !== undefined && other.path !== path) {
      throw usageError(
        `${other.shown} and ${document.shown} would both have the same proof file in ${out ?? ''}`,
        'Use different folders for them, or omit --out.',
      );
    }
    documents.set(proofPath, document);
  };

  /** Runs `work` on what is at `path`. What goes wrong there is no reason to leave out the rest. */
  const guard = async (path: string, shown: string, work: () => Promise<void>) => {
    throwIfStopped(io.signal);
    await work().catch((error: unknown) => {
      const failure = failureOf(error);
      if (failure.reason === 'usage' || failure.reason === 'interrupted') throw failure;
      failed.push({ found: { path, shown, size: 0, proofPath: '' }, failure });
    });
  };

  const walk = async (folder: string, name: string) => {
    for (const item of await list(folder, shownPath(folder, io.cwd))) {
      const path = join(folder, item.name);
      const inner = join(name, item.name);
      const shown = shownPath(path, io.cwd);
      // Links inside folders are not followed: they can form cycles and lead out of the folder.
      if (item.isDirectory()) await guard(path, shown, () => walk(path, inner));
      else if (item.isFile()) {
        await guard(path, shown, async () => {
          add(path, (await statOf(path, shown)).size, inner);
        });
      } else skippedOthers++;
    }
  };

  for (const arg of args) {
    const path = resolve(io.cwd, arg);
    await guard(path, arg, async () => {
      const stats = await statOf(path, arg);
      if (stats.isDirectory()) await walk(path, basename(path));
      else if (stats.isFile()) add(path, stats.size, basename(path));
      else throw new Failure('unreadable', `${arg}: is neither a file nor a folder`);
    });
  }
  return { documents: [...documents.values()], failed, skippedProofs, skippedOthers };
}

interface Item extends Pick<Dirent, 'isDirectory' | 'isFile'> {
  readonly name: string;
}

async function list(folder: string, shown: string): Promise<Item[]> {
  try {
    const items = await readdir(fsPath(folder), { withFileTypes: true, encoding: 'buffer' });
    return items
      .map((item) => ({
        name: decodePath(item.name),
        isDirectory: () => item.isDirectory(),
        isFile: () => item.isFile(),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw fileFailure(error, shown);
  }
}

async function statOf(path: string, shown: string): Promise<Stats> {
  try {
    return await stat(fsPath(path));
  } catch (error) {
    throw fileFailure(error, shown);
  }
}

/** Relative to `cwd` if the path is below it, otherwise unchanged. */
export function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
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

/** Hashes every file. Returns one item for each, in the same order. */
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
      const document = await hashFile(found.path, found.shown, io.signal, onBytes);
      examined[i] = { found, document, occupant: await occupantOf(found.proofPath, document.sha256) };
    } catch (error) {
      examined[i] = { found, failure: failureOf(error) };
    }
  });
  progress.clear();
  return examined;
}

/**
 * Runs `work` on every item, at most `limit` at a time. After a rejection no further items are started, and
 * this rejects with the reason when the running ones have ended.
 */
export async function forEachOf<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  let rejected = false;
  // The workers share one iterator, so each item is processed once.
  const worker = async () => {
    for (const item of queue) {
      if (rejected) return;
      await work(item).catch((error: unknown) => {
        rejected = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
