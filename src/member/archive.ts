import { rowFilePath } from '../audit/log-paths.js';
import { readEntryBundle } from '../log/tiles.js';
import {
  equal,
  HASH_LENGTH,
  HEADER_LENGTH,
  type ReadTile,
  rowPath,
  splitHashes,
  TILE_WIDTH,
  tilePath,
} from '../proof/index.js';
import { UnavailableError } from './alarms.js';
import type { RemoteLog } from './remote-log.js';

/**
 * Where the files of a log go, for a web server to serve them. Names are the paths at which a service serves the same
 * bytes, without the slash at the beginning.
 */
export interface Archive {
  /** null: there is no such file. */
  read(name: string): Promise<Uint8Array | null>;
  /** Writes or replaces a file. Nobody sees a part of it; it is durable when this resolves. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Removes a folder with its files. It may not be there. */
  removeFolder(name: string): Promise<void>;
}

export type ArchiveProblem =
  /** It holds another log: that of the name `what`. */
  | 'other_log'
  /** The file `what` is missing or is not what the log has there. */
  | 'differs'
  /** It has more blocks than the log publishes: `what`. */
  | 'ahead'
  /** Another process writes there at the same time. */
  | 'busy';

/** Why an archive was left as it is. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly problem: ArchiveProblem;
  readonly what: string;

  constructor(problem: ArchiveProblem, what: string) {
    super(`${problem}: ${what}`);
    this.problem = problem;
    this.what = what;
  }
}

export const isSame = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : equal(a, b);

/** @throws {ArchiveError} differs */
export function tilesOf(archive: Archive): ReadTile {
  return async (tile) => {
    const name = tilePath(tile);
    const bytes = await archive.read(name);
    if (bytes?.length !== tile.width * HASH_LENGTH) throw new ArchiveError('differs', name);
    return splitHashes(bytes);
  };
}

const bundleName = (index: number, width: number) => `tile/entries/${rowPath(index, width)}`;

/**
 * The headers of a full bundle that is in the archive as the log serves it.
 * @throws {ArchiveError} differs; {UnavailableError}
 */
export async function knownBundle(archive: Archive, source: RemoteLog, index: number): Promise<Uint8Array[]> {
  const name = bundleName(index, TILE_WIDTH);
  const [there, served] = await Promise.all([archive.read(name), source.entryBundle(index, TILE_WIDTH)]);
  if (served === null) throw new UnavailableError(`${name} is not served`);
  const headers = readEntryBundle(served);
  if (!isSame(there, served) || headers === null) throw new ArchiveError('differs', name);
  return headers;
}

/**
 * The header of a block in an archive of this size.
 * @throws {ArchiveError} differs
 */
export async function archivedHeader(archive: Archive, height: number, size: number): Promise<Uint8Array> {
  const index = Math.floor(height / TILE_WIDTH);
  const name = bundleName(index, Math.min(TILE_WIDTH, size - index * TILE_WIDTH));
  const header = readEntryBundle(await archive.read(name))?.[height % TILE_WIDTH];
  if (header?.length !== HEADER_LENGTH) throw new ArchiveError('differs', name);
  return header;
}

/**
 * The leaf hashes in the last file of an archive, while it is not full. They must be those that the log serves.
 * @throws {ArchiveError} differs; {UnavailableError}
 */
export async function archivedLeaves(
  archive: Archive,
  source: RemoteLog,
  entries: number,
): Promise<Uint8Array[]> {
  const width = entries % TILE_WIDTH;
  if (width === 0) return [];
  const name = rowFilePath('leaves', Math.floor(entries / TILE_WIDTH), width);
  const served = new Uint8Array(width * HASH_LENGTH);
  const [there, length] = await Promise.all([archive.read(name), source.leaves(entries - width, served)]);
  if (length === null) throw new UnavailableError(`${name} is not served`);
  if (length !== served.length || !isSame(there, served)) throw new ArchiveError('differs', name);
  return splitHashes(served);
}
