import { createHash } from 'node:crypto';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import type { DocumentFacts } from '../../proof/index.js';
import { Failure, fileFailure } from '../failure.js';
import type { Io } from '../io.js';
import { createProgress } from '../output/progress.js';
import { formatBytes, printable } from '../output/text.js';

export type HashedDocument = Required<DocumentFacts>;

/** node:crypto gains nothing from larger pieces, and loses time to smaller ones. */
const CHUNK = 1024 * 1024;
/** Below this a bar would only flicker: about a tenth of a second of hashing. */
const SHOW_PROGRESS_FROM = 128 * 1024 * 1024;

/**
 * Streams a file through SHA-256, in flat memory.
 * @param path absolute
 * @throws {Failure} unreadable
 */
export async function hashFile(
  path: string,
  signal: AbortSignal,
  onBytes: (count: number) => void = () => undefined,
): Promise<HashedDocument> {
  let file: FileHandle | null = null;
  try {
    file = await open(path);
    const stat = await file.stat();
    if (stat.isDirectory()) throw new Failure('unreadable', `${path}: it is a folder`);
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(4096, stat.size + 1)));
    let size = 0;
    for (;;) {
      throwIfStopped(signal);
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return { sha256: new Uint8Array(hash.digest()), size };
      hash.update(buffer.subarray(0, bytesRead));
      size += bytesRead;
      onBytes(bytesRead);
    }
  } catch (error) {
    throw fileFailure(error, path);
  } finally {
    await file?.close();
  }
}

/**
 * The same with a progress bar when the file is large.
 * @param shown how messages call the file
 */
export async function hashDocument(path: string, shown: string, io: Io): Promise<HashedDocument> {
  const { size } = await stat(path).catch((error: unknown) => {
    throw fileFailure(error, shown);
  });
  return hashFileVisibly(path, size, io);
}

/** The same of a file whose length is known. */
export async function hashFileVisibly(path: string, size: number, io: Io): Promise<HashedDocument> {
  if (size < SHOW_PROGRESS_FROM) return hashFile(path, io.signal);
  const progress = createProgress(io, `Hashing ${printable(basename(path))}`, size);
  let done = 0;
  try {
    return await hashFile(path, io.signal, (count) => {
      done += count;
      progress.update(done, formatBytes(done));
    });
  } finally {
    progress.clear();
  }
}

export async function hashStream(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<HashedDocument> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of source) {
      throwIfStopped(signal);
      hash.update(chunk);
      size += chunk.length;
    }
  } catch (error) {
    throw fileFailure(error, 'standard input');
  }
  return { sha256: new Uint8Array(hash.digest()), size };
}

export function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new Failure('interrupted', 'stopped');
}
