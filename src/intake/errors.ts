/** Why a submission was rejected. Nothing of it is stored, except possibly with `outcome_unknown`. */
export type IntakeErrorCode =
  /** Too many documents are waiting for their commit. */
  | 'queue_full'
  /** This machine's clock is behind the times of earlier entries. */
  | 'clock_behind'
  /** The database cannot be written to at the moment. */
  | 'unavailable'
  /** The database became unavailable during the commit: the submission may or may not have been accepted. */
  | 'outcome_unknown'
  /** The idempotency key was used before with other documents. */
  | 'idempotency_mismatch'
  /** A notarization that was accepted under this idempotency key has been erased. */
  | 'erased'
  /** The service is shutting down. */
  | 'stopping';

export class IntakeError extends Error {
  readonly code: IntakeErrorCode;
  /** When a retry may succeed; null: the same request never will. */
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
