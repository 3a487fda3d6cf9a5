/** Why sealing stands still. */
export type SealProblemCode =
  /** This machine's clock is behind the chain's times. */
  | 'clock_behind'
  /** The database is older than what was signed, or another history. */
  | 'rolled_back'
  /** The database belongs to a log with another key. */
  | 'wrong_key'
  /** The log says that a key signs it which this process does not have. */
  | 'key_missing'
  /** Rows are missing or do not fit together: `ingam audit` names them. */
  | 'inconsistent'
  /** The database cannot be used at the moment. */
  | 'unavailable'
  | 'unexpected';

export class SealProblem extends Error {
  readonly code: SealProblemCode;

  constructor(code: SealProblemCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SealProblem';
    this.code = code;
  }
}
