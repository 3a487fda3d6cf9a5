/** Why sealing is stalled. */
export type SealProblemCode =
  /** The clock of this machine is behind the times in the chain. */
  | 'clock_behind'
  /** The database is older than the last signed checkpoint, or has another history. */
  | 'rolled_back'
  /** The database belongs to a log with another key. */
  | 'wrong_key'
  /** The log must be signed by a key that this process does not have. */
  | 'key_missing'
  /** Rows are missing or contradict each other; `ingam audit` names them. */
  | 'inconsistent'
  /** The database is unavailable. */
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
