import { createHash } from 'node:crypto';
import { type FileHandle, open, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type DocumentFacts,
  MAX_PROOF_LENGTH,
  MAX_PROOF_SOURCE,
  parseProof,
  parseProofOrCertificate,
  type PendingProof,
  ProofError,
  type ProofFile,
  utf8Decode,
} from '../proof/index.js';
import { Failure, fileFailure, systemCode } from './failure.js';
import { createProgress, formatBytes, type Io, printable } from './io.js';

/** A document's proof has the document's path plus this suffix, unless another path is given. */
export const PROOF_SUFFIX = '.ingam.json';

/** The path of a proof without its suffix, if it has it. */
export function withoutSuffix(path: string): string {
  return path.endsWith(PROOF_SUFFIX) ? path.slice(0, -PROOF_SUFFIX.length) : path;
}

/**
 * @param path absolute
 * @param shown the file's name in messages
 * @throws {Failure} unreadable, or malformed with the code of the ProofError
 */
export function readProof(path: string, shown = path): Promise<ProofFile | PendingProof> {
  // One byte more than the longest proof, to detect files that are too long.
  return readWith(parseProof, path, shown, MAX_PROOF_LENGTH + 1);
}

/** Like readProof, but also reads the proof embedded in a certificate. For commands that only read. */
export function readProofOrCertificate(path: string, shown = path): Promise<ProofFile | PendingProof> {
  return readWith(parseProofOrCertificate, path, shown, MAX_PROOF_SOURCE);
}

async function readWith(
  parse: (bytes: Uint8Array) => ProofFile | PendingProof,
  path: string,
  shown: string,
  limit: number,
): Promise<ProofFile | PendingProof> {
  const bytes = await readLimited(path, shown, limit);
  try {
    return parse(bytes);
  } catch (error) {
    throw malformed(error, shown, 'proof');
  }
}

/** Reads a small text file, such as a trust policy. */
export async function readText(path: string, shown = path): Promise<string> {
  const bytes = await readLimited(path, shown, MAX_PROOF_LENGTH + 1);
  try {
    return utf8Decode(bytes);
  } catch (error) {
    throw malformed(error, shown, 'text file');
  }
}

/** A readable message for a ProofError in a file. Any other error is returned unchanged. */
export function malformed(error: unknown, shown: string, what: string): unknown {
  if (!(error instanceof ProofError)) return error;
  return new Failure('malformed', `${shown} is not a valid ${what}: ${error.message}`, {
    code: error.code,
    cause: error,
  });
}

/**
 * Creates a file, durably. An existing file is never replaced.
 * @param path absolute
 * @throws {Failure} conflict, unreadable
 */
export async function writeNew(
  path: string,
  shown: string,
  content: string | Uint8Array,
  mode = 0o666,
): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx', mode, flush: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT')
      throw new Failure('unreadable', `${shown}: the folder does not exist`);
    if (systemCode(error) !== 'EEXIST') throw fileFailure(error, shown);
    throw new Failure('conflict', `${shown} already exists; it was not changed`, {
      hint: 'Choose another file with --out.',
    });
  }
}

/** At most the first `limit` bytes of a file. */
async function readLimited(path: string, shown: string, limit: number): Promise<Uint8Array> {
  let file: FileHandle | null = null;
  try {
    file = await open(path);
    // Devices report size 0.
    const { size } = await file.stat();
    const buffer = new Uint8Array(size === 0 ? limit : Math.min(size, limit));
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } catch (error) {
    throw fileFailure(error, shown);
  } finally {
    await file?.close();
  }
}

export type HashedDocument = Required<DocumentFacts>;

const CHUNK = 1024 * 1024;
/** Hashing smaller files is too fast for a progress bar. */
const SHOW_PROGRESS_FROM = 128 * 1024 * 1024;

/**
 * SHA-256 of a file, in constant memory.
 * @param path absolute
 * @param shown the file's name in messages
 * @throws {Failure} unreadable
 */
export async function hashFile(
  path: string,
  shown: string,
  signal: AbortSignal,
  onBytes: (count: number) => void = () => undefined,
): Promise<HashedDocument> {
  let file: FileHandle | null = null;
  try {
    file = await open(path);
    const stat = await file.stat();
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
    throw fileFailure(error, shown);
  } finally {
    await file?.close();
  }
}

/** @returns the size of the file. @throws {Failure} unreadable */
export async function assertFile(path: string, shown: string): Promise<number> {
  const stats = await stat(path).catch((error: unknown) => {
    throw fileFailure(error, shown);
  });
  if (stats.isDirectory()) throw new Failure('unreadable', `${shown}: is a folder`);
  return stats.size;
}

/**
 * Like hashFile, with a progress bar for large files.
 * @param shown the file's name in messages
 */
export async function hashDocument(path: string, shown: string, io: Io): Promise<HashedDocument> {
  const size = await assertFile(path, shown);
  if (size < SHOW_PROGRESS_FROM) return hashFile(path, shown, io.signal);
  const progress = createProgress(io, `Hashing ${printable(basename(path))}`, size);
  let done = 0;
  try {
    return await hashFile(path, shown, io.signal, (count) => {
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
  if (signal.aborted) throw new Failure('interrupted', 'interrupted');
}
