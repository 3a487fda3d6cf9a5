import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { Failure } from './failure.js';
import { type HashedDocument, throwIfStopped } from './files.js';
import { fsPath } from './paths.js';
import { failureMessages } from './messages/failures.js';

/** Zips with proofs, such as the pages and `ingam evidence-pack` make. Nothing is unpacked to disk. */

/** More files than any of our zips has, and few enough to judge. */
const MAX_FILES = 20_000;

export interface ZipMember {
  readonly name: string;
  readonly size: number;
  hash(signal: AbortSignal, onBytes: (count: number) => void): Promise<HashedDocument>;
  /** The first `limit` bytes. */
  read(limit: number): Promise<Uint8Array>;
}

export interface OpenZip {
  readonly members: readonly ZipMember[];
  close(): void;
}

/**
 * @param path absolute
 * @throws {Failure} malformed, for a file that is no zip or that tools may read in two ways
 */
export async function openZip(path: string, shown: string): Promise<OpenZip> {
  const refuse = (why: string, cause?: unknown) =>
    new Failure('malformed', failureMessages().notValid(shown, 'zip', why), { code: 'malformed_zip', cause });
  const reading = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof Failure || !(error instanceof Error) ? error : refuse(error.message, error);
    }
  };
  // yauzl takes text only; the bytes of such a name are not in it.
  const given = fsPath(path);
  if (typeof given !== 'string') throw refuse(failureMessages().zipName);
  const zip = await reading(() => openPromise(given, { autoClose: false, strictFileNames: true }));
  const members = new Map<string, ZipMember>();
  try {
    await reading(async () => {
      for await (const entry of zip.eachEntry()) {
        if (entry.fileName.endsWith('/')) continue;
        // Another tool may take another one of them.
        if (members.has(entry.fileName)) throw refuse(failureMessages().zipTwice(entry.fileName));
        if (members.size === MAX_FILES) throw refuse(failureMessages().zipTooMany(MAX_FILES));
        if (!entry.canDecodeFileData()) throw refuse(failureMessages().zipUnusual(entry.fileName));
        members.set(entry.fileName, memberOf(zip, entry, reading, refuse));
      }
    });
  } catch (error) {
    zip.close();
    throw error;
  }
  return {
    members: [...members.values()],
    close: () => {
      zip.close();
    },
  };
}

function memberOf(
  zip: ZipFile,
  entry: Entry,
  reading: <T>(work: () => Promise<T>) => Promise<T>,
  refuse: (why: string) => Failure,
): ZipMember {
  const contents = async (each: (chunk: Uint8Array) => boolean) => {
    const stream = await zip.openReadStreamPromise(entry);
    for await (const chunk of stream as AsyncIterable<Uint8Array>) if (!each(chunk)) break;
  };
  return {
    name: entry.fileName,
    size: entry.uncompressedSize,
    hash: (signal, onBytes) =>
      reading(async () => {
        const hash = createHash('sha256');
        let sum = 0;
        let size = 0;
        await contents((chunk) => {
          throwIfStopped(signal);
          hash.update(chunk);
          sum = crc32(chunk, sum);
          size += chunk.length;
          onBytes(chunk.length);
          return true;
        });
        if (sum !== entry.crc32) throw refuse(failureMessages().zipDamaged(entry.fileName));
        return { sha256: new Uint8Array(hash.digest()), size };
      }),
    read: (limit) =>
      reading(async () => {
        const chunks: Uint8Array[] = [];
        let length = 0;
        await contents((chunk) => {
          chunks.push(chunk);
          length += chunk.length;
          return length < limit;
        });
        return new Uint8Array(Buffer.concat(chunks)).subarray(0, limit);
      }),
  };
}
