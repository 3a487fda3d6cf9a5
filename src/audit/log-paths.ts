import { readLimited } from '../background/bodies.js';
import { parseStates } from '../log/state-statements.js';
import { cutEntryBundle, readEntryBundle } from '../log/tiles.js';
import {
  decodeHeader,
  HASH_LENGTH,
  parseCheckpointNote,
  ProofError,
  rowPath,
  TILE_WIDTH,
  tilePath,
  utf8Decode,
} from '../proof/index.js';
import type { LogSource } from './log-source.js';

type Body = AsyncIterable<Uint8Array>;

/**
 * Reads what has a path below the address of a log. null: there is none (404).
 * @param orForbidden whether 403 says so too: a bucket answers so for what it does not have, unless its readers may
 *   list it
 */
export type ReadPath = <T>(
  path: string,
  take: (body: Body) => Promise<T>,
  orForbidden?: boolean,
) => Promise<T | null>;

/** A full bundle of headers has 34,816 bytes, a tile 8,192. */
const MAX_TILE_LENGTH = 64 * 1024;
/** A checkpoint with a hundred ML-DSA-44 signatures has 330 kB. */
const MAX_CHECKPOINT_LENGTH = 512 * 1024;
/** 256 statements of 4 KiB, in which each quotation mark is escaped. */
const MAX_STATES_LENGTH = 4 * 1024 * 1024;
/** 65,536 signed events take 4.5 MB; each automatic one some hundred bytes. */
const MAX_CHANGES_LENGTH = 8 * 1024 * 1024;
/** Each change of a key takes about 4 KiB. */
const MAX_STATEMENTS_LENGTH = 1024 * 1024;

/** Files of leaf hashes that are requested at once. */
const FILES_AT_ONCE = 8;

/** The rows that are served beside the log, in files of 256: leaf hashes by position, state statements by height. */
type RowName = 'leaves' | 'states';

/** The path of a file of one of these rows. */
export function rowFilePath(row: RowName, index: number, width: number): string {
  return `v1/tile/${row}/${rowPath(index, width)}`;
}

/**
 * A log at an address: a service, a member, or files that "ingam publish" has written, which take no questions. The
 * bytes are hostile input. Its methods reject with what `read` rejects with; `statements` also with a ProofError.
 */
export function logAt(read: ReadPath): Required<LogSource> {
  /** Whether it has files in place of answers. */
  let isStatic = false;
  const bytes = (path: string, limit: number, orForbidden?: boolean) =>
    read(path, (body) => readLimited(body, limit), orForbidden);
  const text = (path: string, limit: number, orForbidden?: boolean) =>
    read(path, async (body) => utf8Decode(await readLimited(body, limit)), orForbidden);

  const log: Required<LogSource> = {
    checkpoint: () => text('checkpoint', MAX_CHECKPOINT_LENGTH),
    keyStatements: () => text('v1/log-keys', MAX_STATEMENTS_LENGTH),
    // A log may drop a partial tile when the full one is there (c2sp.org/tlog-tiles).
    tile: async (tile) => {
      const exact = await bytes(tilePath(tile), MAX_TILE_LENGTH, true);
      if (exact !== null || tile.width === TILE_WIDTH) return exact;
      const full = await bytes(tilePath({ ...tile, width: TILE_WIDTH }), MAX_TILE_LENGTH, true);
      return full?.subarray(0, tile.width * HASH_LENGTH) ?? null;
    },
    entryBundle: async (index, width) => {
      const path = (of: number) => `tile/entries/${rowPath(index, of)}`;
      const exact = await bytes(path(width), MAX_TILE_LENGTH, true);
      if (exact !== null || width === TILE_WIDTH) return exact;
      const full = await bytes(path(TILE_WIDTH), MAX_TILE_LENGTH, true);
      return full === null ? null : cutEntryBundle(full, width);
    },
    changes: (height) => bytes(`v1/blocks/${height}/changes`, MAX_CHANGES_LENGTH),
    statements: async (first, count) => {
      if (!isStatic) {
        const path = `v1/states?first=${first}&count=${count}`;
        const answer = await text(path, MAX_STATES_LENGTH, true);
        if (answer !== null) return parseStates(answer, count);
      }
      const files = await filesOf('states', first, count, async (path, width) => {
        const file = await text(path, MAX_STATES_LENGTH, true);
        return file === null ? null : parseStates(file, width);
      });
      if (files === null) return null;
      isStatic = true;
      const from = first % TILE_WIDTH;
      return files.flat().slice(from, from + count);
    },
    leaves: async (first, target) => {
      const count = target.length / HASH_LENGTH;
      if (!isStatic) {
        const path = `v1/leaves?first=${first}&count=${count}`;
        const length = await read(path, (body) => readInto(body, target), true);
        if (length !== null) return length;
      }
      const files = await filesOf('leaves', first, count, (path) => bytes(path, MAX_TILE_LENGTH, true));
      if (files === null) return null;
      isStatic = true;
      let at = 0;
      for (const [i, file] of files.entries()) {
        const part = file.subarray(i === 0 ? (first % TILE_WIDTH) * HASH_LENGTH : 0);
        const isLast = i === files.length - 1;
        const wanted = isLast ? part.subarray(0, target.length - at) : part;
        // What does not fit is as long as the caller must see.
        if (at + wanted.length > target.length) return target.length + 1;
        target.set(wanted, at);
        at += wanted.length;
      }
      return at;
    },
  };

  /** The files with [first, first + count) of a row; null: not all of them are there. */
  async function filesOf<T>(
    row: RowName,
    first: number,
    count: number,
    readFile: (path: string, width: number) => Promise<T | null>,
  ): Promise<T[] | null> {
    const start = Math.floor(first / TILE_WIDTH);
    const indexes = Array.from(
      { length: Math.floor((first + count - 1) / TILE_WIDTH) - start + 1 },
      (_, i) => start + i,
    );
    const files: T[] = [];
    for (let at = 0; at < indexes.length; at += FILES_AT_ONCE) {
      const some = await Promise.all(
        indexes.slice(at, at + FILES_AT_ONCE).map(async (index) => {
          const full = await readFile(rowFilePath(row, index, TILE_WIDTH), TILE_WIDTH);
          if (full !== null) return full;
          const width = (await lengthOf(row)) - index * TILE_WIDTH;
          const isPartial = width > 0 && width < TILE_WIDTH;
          return isPartial ? readFile(rowFilePath(row, index, width), width) : null;
        }),
      );
      const there = some.filter((file) => file !== null);
      if (there.length < some.length) return null;
      files.push(...there);
    }
    return files;
  }

  /** How long a row is under the checkpoint that is served now: its last file has a name that says so. */
  async function lengthOf(row: RowName): Promise<number> {
    const note = await log.checkpoint();
    if (note === null) return 0;
    try {
      const { size } = parseCheckpointNote(note).checkpoint;
      if (size === 0 || row === 'states') return size;
      const index = Math.floor((size - 1) / TILE_WIDTH);
      const bundle = readEntryBundle(await log.entryBundle(index, size - index * TILE_WIDTH));
      const last = bundle?.at(-1);
      if (last === undefined) return 0;
      const { firstPosition, entryCount } = decodeHeader(last);
      return firstPosition + entryCount;
    } catch (error) {
      // Whoever follows the log verifies the same bytes, and says what is wrong.
      if (error instanceof ProofError) return 0;
      throw error;
    }
  }

  return log;
}

/** @returns as `LogSource.leaves` */
async function readInto(body: Body, target: Uint8Array): Promise<number> {
  let length = 0;
  for await (const chunk of body) {
    if (length + chunk.length > target.length) return target.length + 1;
    target.set(chunk, length);
    length += chunk.length;
  }
  return length;
}
