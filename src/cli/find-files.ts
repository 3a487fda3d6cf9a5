import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { Failure, failureOf, fileFailure } from './failure.js';
import { throwIfStopped } from './files.js';
import type { Io } from './io.js';
import { decodePath, fsPath } from './paths.js';
import { failureMessages } from './messages/failures.js';

export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  /** The path in messages: relative to the working directory where that is shorter. */
  readonly shown: string;
  /** Bytes at the time of the search. */
  readonly size: number;
  /** When its content was last changed, in milliseconds since the Unix epoch, with fractions. */
  readonly modified: number;
  /** The name of the file, after that of the folder that was named, if one was. */
  readonly inner: string;
}

export interface FailedFile {
  /** Absolute. */
  readonly path: string;
  readonly shown: string;
  readonly failure: Failure;
}

/** 'other' stands for a link or a device inside a folder. */
type Found = FoundFile | FailedFile | 'other';

export interface FoundFiles {
  readonly files: readonly FoundFile[];
  /** Files and folders that do not exist or cannot be read. */
  readonly failed: readonly FailedFile[];
  /** Links and devices inside folders. */
  readonly skippedOthers: number;
}

/**
 * The files named by the arguments, folders recursively, in a stable order.
 * @throws {Failure} interrupted
 */
export async function findFiles(args: readonly string[], io: Io): Promise<FoundFiles> {
  const files = new Map<string, FoundFile>();
  const failed: FailedFile[] = [];
  let skippedOthers = 0;
  for (const arg of args) {
    for await (const found of eachFile(arg, io)) {
      if (found === 'other') skippedOthers++;
      else if ('failure' in found) failed.push(found);
      else if (!files.has(found.path)) files.set(found.path, found);
    }
  }
  return { files: [...files.values()], failed, skippedOthers };
}

/**
 * The same of one argument, one file after the other: of a folder with a million files, only their names are in memory.
 * @param isSkipped what to leave out of folders, by its path in the folder that was named
 * @throws {Failure} interrupted
 */
export async function* eachFile(
  arg: string,
  io: Io,
  isSkipped: (inside: string) => boolean = () => false,
): AsyncGenerator<Found> {
  const root = resolve(io.cwd, arg);

  /** What goes wrong at `path` is no reason to leave out the rest. */
  async function* guarded(
    path: string,
    shown: string,
    find: () => AsyncGenerator<Found>,
  ): AsyncGenerator<Found> {
    throwIfStopped(io.signal);
    try {
      yield* find();
    } catch (error) {
      const failure = failureOf(error);
      if (failure.reason === 'interrupted') throw failure;
      yield { path, shown, failure };
    }
  }

  async function* file(path: string, shown: string, inner: string): AsyncGenerator<FoundFile> {
    const { size, mtimeMs: modified } = await statOf(path, shown);
    yield { path, shown, size, modified, inner };
  }

  async function* walk(folder: string, name: string): AsyncGenerator<Found> {
    for (const item of await list(folder, shownPath(folder, io.cwd))) {
      const path = join(folder, item.name);
      if (isSkipped(relative(root, path))) continue;
      const inner = join(name, item.name);
      const shown = shownPath(path, io.cwd);
      // Links inside folders are not followed: they can form cycles and lead out of the folder.
      if (item.kind === 'folder') yield* guarded(path, shown, () => walk(path, inner));
      else if (item.kind === 'file') yield* guarded(path, shown, () => file(path, shown, inner));
      else yield 'other';
    }
  }

  yield* guarded(root, arg, async function* () {
    const stats = await statOf(root, arg);
    if (stats.isDirectory()) yield* walk(root, basename(root));
    else if (stats.isFile()) yield* file(root, shownPath(root, io.cwd), basename(root));
    else throw new Failure('unreadable', failureMessages().neitherFileNorFolder(arg));
  });
}

/** @param path absolute */
export async function isFolder(path: string): Promise<boolean> {
  return stat(fsPath(path)).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

interface Item {
  readonly name: string;
  readonly kind: 'folder' | 'file' | 'other';
}

/** Stands in names for bytes that are not UTF-8. */
const REPLACEMENT = '\ufffd';

async function list(folder: string, shown: string): Promise<Item[]> {
  try {
    // A hundred thousand names as text take a tenth of the memory that they take as bytes.
    const items = await readdir(fsPath(folder), { withFileTypes: true });
    const names = items.some(({ name }) => name.includes(REPLACEMENT))
      ? await readdir(fsPath(folder), { withFileTypes: true, encoding: 'buffer' })
      : items;
    return names
      .map((item): Item => {
        const kind = item.isDirectory() ? 'folder' : item.isFile() ? 'file' : 'other';
        return { name: typeof item.name === 'string' ? item.name : decodePath(item.name), kind };
      })
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
