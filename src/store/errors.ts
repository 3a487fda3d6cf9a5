/** Why a store operation failed. Callers decide by code; the message is for people. */
export type StoreErrorCode =
  /** The service's clock is more than CLOCK_TOLERANCE_MS behind the latest accepted time. Nothing was written. */
  | 'clock_behind'
  /** Accounts or keys have been changed since the version that the group relies on. Nothing was written. */
  | 'access_changed'
  /** One of the group's idempotency keys exists already. Nothing was written. */
  | 'idempotency_conflict'
  /** The database cannot serve this now (away, full, shutting down, busy). Certainly nothing was written. */
  | 'unavailable'
  /** The connection was lost while a write ran: it may or may not have been committed. Resolve it by reading. */
  | 'outcome_unknown'
  /** An erasure was asked for an entry that no block holds yet. */
  | 'not_sealed'
  /** There is no such position. */
  | 'unknown_position'
  /** The database refused the statement as wrong: a bug, or rows that do not fit together. Nothing was written. */
  | 'refused'
  /** The server is older than PostgreSQL 15. */
  | 'unsupported_server'
  /** An applied migration differs from the file of that name. */
  | 'migration_edited'
  /** A migration failed, now or earlier, and is not resolved. */
  | 'migration_failed'
  /** The database has a migration that this version of the program does not know. */
  | 'migration_unknown';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
