import { open, type FileHandle } from 'node:fs/promises';
import {
  MAX_PROOF_LENGTH,
  MAX_PROOF_SOURCE,
  parseProof,
  parseProofOrCertificate,
  ProofError,
  utf8Decode,
  type PendingProof,
  type ProofFile,
} from '../../proof/index.js';
import { Failure, fileFailure } from '../failure.js';

/** Where the proof of a document lies unless one is named. */
export const PROOF_SUFFIX = '.ingam.json';

/**
 * @param path absolute
 * @param shown how messages call the file
 * @throws {Failure} unreadable, or malformed with the code of the ProofError
 */
export function readProof(path: string, shown = path): Promise<ProofFile | PendingProof> {
  // One byte more than a proof can have tells a file that is too long from one that just fits.
  return readWith(parseProof, path, shown, MAX_PROOF_LENGTH + 1);
}

/** The same of a proof file or of a certificate that carries one: for commands that only read. */
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
    throw malformed(error, shown, 'a proof');
  }
}

/** Reads a small text file, such as a trust policy. */
export async function readText(path: string, shown = path): Promise<string> {
  const bytes = await readLimited(path, shown, MAX_PROOF_LENGTH + 1);
  try {
    return utf8Decode(bytes);
  } catch (error) {
    throw malformed(error, shown, 'a text');
  }
}

/** A ProofError in words about the file it came from; anything else is passed on unchanged. */
export function malformed(error: unknown, shown: string, what: string): unknown {
  if (!(error instanceof ProofError)) return error;
  return new Failure('malformed', `${shown} is not ${what} that can be read: ${error.message}`, {
    code: error.code,
    cause: error,
  });
}

/** The file's first bytes, `limit` at most. */
async function readLimited(path: string, shown: string, limit: number): Promise<Uint8Array> {
  let file: FileHandle | null = null;
  try {
    file = await open(path);
    // A device has no size.
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
