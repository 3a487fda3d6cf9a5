/** Why a submission was not accepted. Nothing of it was, except perhaps with `outcome_unknown`. */
export type IntakeErrorCode =
  /** Too many documents wait for their commit. */
  | 'queue_full'
  /** This machine's clock is behind the times that were accepted before. */
  | 'clock_behind'
  /** The database cannot be written to at the moment. */
  | 'unavailable'
  /** The database went away during the commit and has not come back: it may or may not have been accepted. */
  | 'outcome_unknown'
  /** The idempotency key was used before, with other documents. */
  | 'idempotency_mismatch'
  /** The idempotency key stands for notarizations of which one has been erased since. */
  | 'erased'
  /** The service is shutting down. */
  | 'stopping';

export class IntakeError extends Error {
  readonly code: IntakeErrorCode;
  /** When to come again; null: the same request will not do better later. */
  readonly retryAfterSeconds: number | null;

  constructor(
    code: IntakeErrorCode,
    message: string,
    retryAfterSeconds: number | null,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'IntakeError';
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
