import { createHash, randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  type DocumentFacts,
  editedText,
  isObject,
  type Json,
  type JsonObject,
  MAX_PROOF_LENGTH,
  MAX_PROOF_SOURCE,
  parseProof,
  isPdf,
  parseProofOrCertificate,
  parseStrictJson,
  type PendingProof,
  ProofError,
  type ProofFile,
  utf8Decode,
} from '../proof/index.js';
import { Failure, fileFailure, systemCode } from './failure.js';
import { createProgress, formatBytes, type Io, Rate } from './io.js';
import { type FileKind, failureMessages } from './messages/failures.js';
import { progressMessages } from './messages/progress.js';
import { fsPath } from './paths.js';

/** A document's proof has the document's path `withSuffix` this one, unless another path is given. */
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
export async function readProof(path: string, shown = path): Promise<ProofFile | PendingProof> {
  const bytes = await readSmall(path, shown);
  try {
    return parseProof(bytes);
  } catch (error) {
    throw malformed(error, shown, 'proof');
  }
}

/** Like readProof, but also reads the proof embedded in a certificate. For commands that only read. */
export async function readProofOrCertificate(path: string, shown = path): Promise<ProofFile | PendingProof> {
  return (await readEvidence(path, shown)).proof;
}

/** As `readProofOrCertificate`, and whether the proof came out of a certificate. */
export async function readEvidence(
  path: string,
  shown = path,
): Promise<{ readonly proof: ProofFile | PendingProof; readonly fromCertificate: boolean }> {
  return evidenceOf(await readHead(path, shown, MAX_PROOF_SOURCE), shown);
}

/** The same of bytes that were read. */
export function evidenceOf(
  bytes: Uint8Array,
  shown: string,
): { readonly proof: ProofFile | PendingProof; readonly fromCertificate: boolean } {
  try {
    return { proof: parseProofOrCertificate(bytes), fromCertificate: isPdf(bytes) };
  } catch (error) {
    throw malformed(error, shown, 'proof');
  }
}

/** How a service writes a history. Other programs may write its members in another order: then the name tells. */
const HISTORY_HEAD = /^\s*\{\s*"format"\s*:\s*"ingam-history-/;
export const HISTORY_SUFFIX = '.ingam-history.json';
const HEAD_LENGTH = 256;

/**
 * Whether a file is the history of a record.
 * @param path absolute
 * @throws {Failure} unreadable
 */
export async function isHistoryFile(path: string, shown: string): Promise<boolean> {
  // What a pipe gives can be read only once.
  if (!(await isRegularFile(path))) return false;
  if (shown.toLowerCase().endsWith(HISTORY_SUFFIX)) return true;
  const head = await readHead(path, shown, HEAD_LENGTH);
  return HISTORY_HEAD.test(Buffer.from(head).toString('latin1'));
}

/**
 * Reads a small text file, such as a trust policy.
 * @throws {Failure} unreadable; malformed, also for a file that is too long
 */
export async function readText(path: string, shown = path): Promise<string> {
  const bytes = await readSmall(path, shown);
  try {
    return utf8Decode(bytes);
  } catch (error) {
    throw malformed(error, shown, 'text file');
  }
}

/**
 * The lines of a text file of any length.
 * @throws {Failure} unreadable
 */
export async function* readLines(path: string, shown = path): AsyncGenerator<string> {
  let file: FileHandle | null = null;
  try {
    file = await open(fsPath(path));
    for await (const line of file.readLines()) yield line;
  } catch (error) {
    throw fileFailure(error, shown);
  } finally {
    await file?.close();
  }
}

/**
 * Reads a file with a JSON object. It may begin with a byte order mark: people edit such files.
 * @throws {Failure} unreadable, malformed
 */
export async function readObject(path: string, shown = path): Promise<JsonObject> {
  const text = await readText(path, shown);
  let value: Json;
  try {
    value = parseStrictJson(editedText(text));
  } catch (error) {
    throw malformed(error, shown, 'JSON file');
  }
  if (!isObject(value)) throw new Failure('malformed', failureMessages().notAnObject(shown));
  return value;
}

/** A readable message for a ProofError in a file. Any other error is returned unchanged. */
export function malformed(error: unknown, shown: string, what: FileKind): unknown {
  if (!(error instanceof ProofError)) return error;
  return new Failure('malformed', failureMessages().notValid(shown, what, error.message), {
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
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
  mode = 0o666,
): Promise<void> {
  try {
    await writeFile(fsPath(path), content, { flag: 'wx', mode, flush: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw new Failure('unreadable', failureMessages().noFolder(shown));
    if (systemCode(error) !== 'EEXIST') throw fileFailure(error, shown);
    throw new Failure('conflict', failureMessages().exists(shown), {
      hint: failureMessages().otherOut,
    });
  }
}

/**
 * Writes a file atomically and durably: at every moment the path has no file or a whole one. Creates its
 * folder.
 * @param path absolute
 * @param replace whether an existing file may be replaced
 * @throws {Failure} conflict, unreadable
 */
export async function writeWhole(
  path: string,
  shown: string,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
  replace: boolean,
  mode = 0o666,
): Promise<void> {
  try {
    await withTemporary(path, mode, async (temporary, file) => {
      await writeFile(file, content);
      await file.sync();
      await file.close();
      if (replace) await rename(temporary, fsPath(path));
      else await linkOrRename(temporary, fsPath(path));
    });
  } catch (error) {
    if (systemCode(error) === 'EEXIST') {
      throw new Failure('conflict', failureMessages().createdMeanwhile(shown));
    }
    throw fileFailure(error, shown);
  }
}

/**
 * Finds out, before there is anything to lose, whether a file can be created in the folder of `path`.
 * @throws {Failure} unreadable
 */
export async function assertWritable(path: string, shown: string): Promise<void> {
  try {
    await withTemporary(path, 0o666, () => Promise.resolve());
  } catch (error) {
    throw fileFailure(error, shown);
  }
}

/** Creates the folder of `path` and an empty file in it, which is removed in the end. */
async function withTemporary(
  path: string,
  mode: number,
  use: (temporary: string | Buffer, file: FileHandle) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  // Without the file's own name, which may already be as long as the file system allows.
  const temporary = fsPath(join(folder, `.ingam-${randomBytes(12).toString('hex')}.tmp`));
  await mkdir(fsPath(folder), { recursive: true });
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await use(temporary, file);
    } finally {
      await file.close();
    }
  } finally {
    await rm(temporary, { force: true });
  }
}

/** As `withTemporary` names them. */
const TEMPORARY = /^\.ingam-[0-9a-f]{24}\.tmp$/;

/** What processes that were killed have left in folders: files that were not yet whole. */
export class Leftovers {
  readonly #since = Date.now();
  readonly #cleaned = new Set<string>();

  /** Removes them where it can, once for each folder. Whoever writes there now has begun since. */
  async remove(folder: string): Promise<void> {
    if (this.#cleaned.has(folder)) return;
    this.#cleaned.add(folder);
    for (const name of await readdir(fsPath(folder)).catch(() => [])) {
      if (!TEMPORARY.test(name)) continue;
      const path = fsPath(join(folder, name));
      const found = await stat(path).catch(() => null);
      if (found !== null && found.mtimeMs < this.#since) await rm(path, { force: true });
    }
  }
}

/**
 * A link never replaces a file, a rename does. File systems without links (FAT, some network disks) get the
 * rename.
 */
async function linkOrRename(temporary: string | Buffer, path: string | Buffer): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw error;
    await rename(temporary, path);
  }
}

/** The most bytes of a proof, a policy or another text. */
const LONGEST = MAX_PROOF_LENGTH;

/**
 * A whole file. One that is too long is refused, not cut: its end would change what it says.
 * @throws {Failure} unreadable, malformed
 */
export async function readSmall(path: string, shown: string): Promise<Uint8Array> {
  const bytes = await readHead(path, shown, LONGEST + 1);
  if (bytes.length <= LONGEST) return bytes;
  throw new Failure('malformed', failureMessages().tooLong(shown, LONGEST), {
    code: 'too_long',
  });
}

/** The first `limit` bytes of a file, for a format that says that the rest does not matter. */
export async function readHead(path: string, shown: string, limit: number): Promise<Uint8Array> {
  let file: FileHandle | null = null;
  try {
    file = await open(fsPath(path));
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
 * @throws {Failure} unreadable; changed, because the digest may be of bytes that the file never had
 */
export async function hashFile(
  path: string,
  shown: string,
  signal: AbortSignal,
  onBytes?: (count: number) => void,
): Promise<HashedDocument> {
  const { digest, size } = await digestFile(path, shown, 'sha256', signal, onBytes);
  return { sha256: digest, size };
}

/** The same with another algorithm of Node. */
export async function digestFile(
  path: string,
  shown: string,
  algorithm: string,
  signal: AbortSignal,
  onBytes: (count: number) => void = () => undefined,
): Promise<{ readonly digest: Uint8Array; readonly size: number }> {
  let file: FileHandle | null = null;
  try {
    file = await open(fsPath(path));
    const before = await file.stat({ bigint: true });
    const hash = createHash(algorithm);
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(4096, Number(before.size) + 1)));
    let size = 0;
    for (;;) {
      throwIfStopped(signal);
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      size += bytesRead;
      onBytes(bytesRead);
    }
    // Another file may stand at the path meanwhile.
    const after = [await file.stat({ bigint: true }), await stat(fsPath(path), { bigint: true })];
    if (before.isFile() && (size !== Number(before.size) || !after.every((now) => isSame(before, now)))) {
      throw new Failure('changed', failureMessages().changed(shown), {
        hint: failureMessages().changedHint,
      });
    }
    return { digest: new Uint8Array(hash.digest()), size };
  } catch (error) {
    throw fileFailure(error, shown);
  } finally {
    await file?.close();
  }
}

function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;
}

/** Whether there is a file that can be read again: what a pipe gives can be read only once. */
export async function isRegularFile(path: string): Promise<boolean> {
  return stat(fsPath(path)).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/** Whether other users of the machine can read a file. Windows keeps that elsewhere. */
export async function isReadByOthers(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const { mode } = await stat(fsPath(path));
  return (mode & 0o077) !== 0;
}

/** @returns whether there was one. @throws {Failure} unreadable */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await rm(fsPath(path));
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw fileFailure(error, path);
  }
}

/** @returns the size of the file. @throws {Failure} unreadable */
export async function assertFile(path: string, shown: string): Promise<number> {
  const stats = await stat(fsPath(path)).catch((error: unknown) => {
    throw fileFailure(error, shown);
  });
  if (stats.isDirectory()) throw new Failure('unreadable', `${shown}: ${failureMessages().isFolder}`);
  return stats.size;
}

/**
 * Like hashFile, with a progress bar for large files.
 * @param shown the file's name in messages
 */
export async function hashDocument(path: string, shown: string, io: Io): Promise<HashedDocument> {
  const size = await assertFile(path, shown);
  if (size < SHOW_PROGRESS_FROM) return hashFile(path, shown, io.signal);
  const progress = createProgress(io, progressMessages().hashingFile(basename(path)), size);
  const rate = new Rate(size);
  let done = 0;
  try {
    return await hashFile(path, shown, io.signal, (count) => {
      done += count;
      progress.update(done, `${formatBytes(done)}${rate.describe(done, formatBytes)}`);
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
    throw fileFailure(error, failureMessages().standardInput);
  }
  return { sha256: new Uint8Array(hash.digest()), size };
}

/** What standard input gives, at most `limit` bytes of it. */
export async function readStream(
  source: AsyncIterable<Uint8Array>,
  limit: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of source) {
      throwIfStopped(signal);
      chunks.push(chunk);
      length += chunk.length;
      if (length >= limit) break;
    }
  } catch (error) {
    throw fileFailure(error, failureMessages().standardInput);
  }
  return new Uint8Array(Buffer.concat(chunks)).subarray(0, limit);
}

export function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new Failure('interrupted', failureMessages().interrupted);
}
