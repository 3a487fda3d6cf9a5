import { fileURLToPath } from 'node:url';
import { nodeSha256 } from '../crypto/primitives.js';
import { toHex } from '../proof/index.js';
import { Failure, isMissing } from './failure.js';
import { readHead } from './files.js';
import { certificateMessages } from './messages/certificate.js';

/** The verifier in one file. It is built with the web pages, two folders above this file, in the sources and in the build. */
const PATH = fileURLToPath(new URL('../../dist/public/verify-offline.html', import.meta.url));
/** More than it has. In bytes. */
const MAX_LENGTH = 16 * 1024 * 1024;

/** @throws {Failure} when it was not built */
export async function offlineVerifier(): Promise<Uint8Array> {
  try {
    return await readHead(PATH, PATH, MAX_LENGTH);
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new Failure('unreadable', certificateMessages().noVerifier, {
      hint: certificateMessages().buildVerifier,
      cause: error,
    });
  }
}

/** In hexadecimal; null: it was not built. */
export async function offlineVerifierDigest(): Promise<string | null> {
  try {
    return toHex(nodeSha256(await readHead(PATH, PATH, MAX_LENGTH)));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
