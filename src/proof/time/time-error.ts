import { printable, ProofError } from '../errors.js';

/** What could not be read. A closed union. */
export type TimeErrorCode =
  | 'malformed_ots' // an OpenTimestamps file, or a calendar's answer
  | 'malformed_bitcoin_header'
  | 'malformed_header_archive'
  | 'malformed_drand' // parameters of a chain, or a round
  | 'malformed_state'; // a block's state statement

/**
 * Thrown for malformed evidence of time. It is not a ProofError: such evidence is not authenticated, so a
 * proof that carries malformed evidence is still a proof.
 */
export class TimeError extends Error {
  readonly code: TimeErrorCode;

  constructor(code: TimeErrorCode, message: string) {
    super(printable(message));
    this.name = 'TimeError';
    this.code = code;
  }
}

/**
 * For parsers of this folder that use those of the folder above.
 * @throws {TimeError} with `code` instead of a ProofError
 */
export function reading<T>(code: TimeErrorCode, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProofError) throw new TimeError(code, error.message);
    throw error;
  }
}
