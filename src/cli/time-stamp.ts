import { resolve } from 'node:path';
import { sha256 } from '../proof/index.js';
import { DerError, MAX_RESPONSE, readClaims, tokenOfFile, type TokenClaims } from '../proof/time/rfc3161.js';
import { Failure } from './failure.js';
import { type HashedDocument, readHead } from './files.js';
import type { Io } from './io.js';
import { timeMessages } from './messages/time.js';

/** A file with a time-stamp: a token, or a whole response (.tsr). */
export interface TimeStampFile {
  readonly token: Uint8Array;
  /** What the token states, which nobody has checked. */
  readonly claims: TokenClaims;
  /** What the log of the authority has registered: the token, without the response around it. */
  readonly document: HashedDocument;
}

/**
 * @param shown the file's name in messages, and its path
 * @throws {Failure} unreadable, or malformed with the reason why it is no time-stamp
 */
export async function readTimeStamp(shown: string, io: Io): Promise<TimeStampFile> {
  const bytes = await readHead(resolve(io.cwd, shown), shown, MAX_RESPONSE + 1);
  try {
    const token = tokenOfFile(bytes);
    return { token, claims: readClaims(token), document: { sha256: sha256(token), size: token.length } };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new Failure('malformed', timeMessages().notATimeStamp(shown, error.message), {
      code: 'not_a_time_stamp',
      cause: error,
    });
  }
}
