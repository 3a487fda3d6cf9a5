import type { Dirent, Stats } from 'node:fs';
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

export interface FoundFiles {
  readonly files: readonly FoundFile[];
  /** Files and folders that do not exist or cannot be read. */
  readonly failed: readonly { readonly path: string; readonly shown: string; readonly failure: Failure }[];
  /** Links and devices inside folders. */
  readonly skippedOthers: number;
}

/**
 * The files named by the arguments, folders recursively, in a stable order.
 * @param isSkipped what to leave out of folders, by its path in the folder that was named
 * @throws {Failure} interrupted
 */
export async function findFiles(
  args: readonly string[],
  io: Io,
  isSkipped: (inside: string) => boolean = () => false,
): Promise<FoundFiles> {
  const files = new Map<string, FoundFile>();
  const failed: FoundFiles['failed'][number][] = [];
  let skippedOthers = 0;

  const add = (path: string, shown: string, { size, mtimeMs: modified }: Stats, inner: string) => {
    if (!files.has(path)) files.set(path, { path, shown, size, modified, inner });
  };

  /** Runs `work` on what is at `path`. What goes wrong there is no reason to leave out the rest. */
  const guard = async (path: string, shown: string, work: () => Promise<void>) => {
    throwIfStopped(io.signal);
    await work().catch((error: unknown) => {
      const failure = failureOf(error);
      if (failure.reason === 'interrupted') throw failure;
      failed.push({ path, shown, failure });
    });
  };

  const walk = async (folder: string, name: string, root: string) => {
    for (const item of await list(folder, shownPath(folder, io.cwd))) {
      const path = join(folder, item.name);
      if (isSkipped(relative(root, path))) continue;
      const inner = join(name, item.name);
      const shown = shownPath(path, io.cwd);
      // Links inside folders are not followed: they can form cycles and lead out of the folder.
      if (item.isDirectory()) await guard(path, shown, () => walk(path, inner, root));
      else if (item.isFile()) {
        await guard(path, shown, async () => {
          add(path, shown, await statOf(path, shown), inner);
        });
      } else skippedOthers++;
    }
  };

  for (const arg of args) {
    const path = resolve(io.cwd, arg);
    await guard(path, arg, async () => {
      const stats = await statOf(path, arg);
      if (stats.isDirectory()) await walk(path, basename(path), path);
      else if (stats.isFile()) add(path, shownPath(path, io.cwd), stats, basename(path));
      else throw new Failure('unreadable', failureMessages().neitherFileNorFolder(arg));
    });
  }
  return { files: [...files.values()], failed, skippedOthers };
}

/** @param path absolute */
export async function isFolder(path: string): Promise<boolean> {
  return stat(fsPath(path)).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
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
