import { basename, join, resolve } from 'node:path';
import picomatch from 'picomatch';
import { Failure, isMissing, usageError } from '../failure.js';
import { hashFile, PROOF_SUFFIX } from '../files.js';
import { eachFile, isFolder, shownPath } from '../find-files.js';
import type { Io } from '../io.js';
import { watchMessages } from '../messages/watch.js';
import type { FoundDocument, Hash } from '../notarize/documents.js';
import { withSuffix } from '../paths.js';

export interface WatchedDocument extends FoundDocument {
  /** Its path in the source, which identifies it. */
  readonly inside: string;
  /** Another one whenever the document has changed. */
  readonly version: string;
  /** Whether nothing may be writing to it any more, for all that its own times say. */
  readonly isSettled: boolean;
}

/** A document, or what is there and cannot be read. */
export type Listed = WatchedDocument | { readonly shown: string; readonly failure: Failure };

/** A folder or a bucket that is watched. */
export interface Source {
  /** As the user named it. */
  readonly shown: string;
  /** Absolute path of the folder with its proofs, in which the state of the watch is as well. */
  readonly root: string;
  /** The name of a document in messages. */
  shownOf(inside: string): string;
  /**
   * One after the other, so that a million documents are never in memory at once.
   * @throws {Failure} when nothing of it can be read
   */
  list(): AsyncGenerator<Listed>;
  readonly hash: Hash<WatchedDocument>;
}

/** Names of files that programs write to until they rename them, and of hidden files and folders. */
const TEMPORARY = /^\.|^~\$|~$|\.(?:tmp|temp|part|partial|filepart|crdownload|download|swp)$/i;

/**
 * What is not watched: hidden and temporary files, proofs, and what the user excludes.
 * @param patterns globs: those without a slash are for names, the others for paths in the source
 */
export function exclusion(patterns: readonly string[]): (inside: string) => boolean {
  const isExcluded = picomatch([...patterns], { dot: true, matchBase: true });
  return (inside) => {
    const name = basename(inside);
    return TEMPORARY.test(name) || name.endsWith(PROOF_SUFFIX) || isExcluded(inside);
  };
}

export interface FolderOptions {
  /** Folder that mirrors the watched ones, with the proofs; null: proofs are beside the files. */
  readonly proofs: string | null;
  readonly isSkipped: (inside: string) => boolean;
  /** A file counts as settled when its content was last changed this long ago. */
  readonly settleMs: number;
}

/** @throws {Failure} usage, when it is no folder */
export async function folderSource(
  shown: string,
  { proofs, isSkipped, settleMs }: FolderOptions,
  io: Io,
): Promise<Source> {
  const path = resolve(io.cwd, shown);
  if (!(await isFolder(path)))
    throw usageError(watchMessages().notAFolder(shown), watchMessages().nameFolder);
  const root = proofs === null ? path : join(resolve(io.cwd, proofs), basename(path));
  return {
    shown,
    root,
    shownOf: (inside) => shownPath(join(path, inside), io.cwd),
    async *list() {
      for await (const found of eachFile(path, io, isSkipped)) {
        if (found === 'other') continue;
        if ('failure' in found) {
          const { failure } = found;
          if (found.path === path) throw new Failure('unreachable', failure.message, { cause: failure });
          // What was deleted since the folder was read is none of the failures.
          if (!isMissing(failure)) yield found;
          continue;
        }
        const inside = found.path.slice(path.length).replace(/^[/\\]/, '');
        yield {
          ...{ path: found.path, shown: found.shown, size: found.size, inside },
          proofPath: withSuffix(join(root, inside), PROOF_SUFFIX),
          version: `${found.size} ${found.modified}`,
          isSettled: Date.now() - found.modified >= settleMs,
        };
      }
    },
    hash: (file, signal, onBytes) => hashFile(file.path, file.shown, signal, onBytes),
  };
}
