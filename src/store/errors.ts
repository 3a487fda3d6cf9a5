import pg from 'pg';

/** Why a store operation failed. Callers decide by code; the message is for people. */
export type StoreErrorCode =
  /** The service's clock is more than CLOCK_TOLERANCE_MS behind the latest accepted time. Nothing was written. */
  | 'clock_behind'
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

/** SQLSTATEs of our own functions and triggers (prisma/migrations). */
export const APPEND_ONLY = 'IG001';
export const NOT_SEALED = 'IG002';
export const UNKNOWN_POSITION = 'IG003';
export const UNIQUE_VIOLATION = '23505';
export const LOCK_NOT_AVAILABLE = '55P03';
export const DEADLOCK = '40P01';

/**
 * Classes of SQLSTATE that say "not now": connection (08), transaction rollback such as a deadlock (40), resources such as a
 * full disk (53), operator (57: shutdown, start-up, time-out), system error (58).
 */
const NOT_NOW = new Set(['08', '40', '53', '57', '58']);

/** A standby after a fail-over refuses writes with 25006; a paused transaction is ended with 25P03. */
const NOT_NOW_CODES = new Set([LOCK_NOT_AVAILABLE, '25006', '25P03']);

interface ServerError {
  /** SQLSTATE. */
  readonly code: string | undefined;
  readonly severity: string | undefined;
}

/** What the server said, behind an error of pg or Prisma; null when it said nothing. */
function serverErrorOf(error: unknown): ServerError | null {
  if (error instanceof pg.DatabaseError) return { code: error.code, severity: error.severity };
  if (typeof error !== 'object' || error === null) return null;
  // Prisma's known errors carry the driver's at meta.driverAdapterError.cause.
  if ('originalCode' in error && typeof error.originalCode === 'string') {
    const severity = 'severity' in error && typeof error.severity === 'string' ? error.severity : undefined;
    return { code: error.originalCode, severity };
  }
  for (const key of ['cause', 'driverAdapterError', 'meta']) {
    const inner: unknown = (error as Record<string, unknown>)[key];
    const found = inner === undefined ? null : serverErrorOf(inner);
    if (found !== null) return found;
  }
  return null;
}

/** The server's own SQLSTATE behind an error of pg or Prisma; null when the server did not say one. */
export function sqlStateOf(error: unknown): string | null {
  return serverErrorOf(error)?.code ?? null;
}

/** Classes of SQLSTATE with which a server never ends a session: data, constraints, syntax and rights, our own. */
const NEVER_FATAL = new Set(['22', '23', '42', 'IG']);

/** True when the server answered with an ERROR: the statement was rolled back and the connection lives. */
export function isRolledBack(error: unknown): boolean {
  const found = serverErrorOf(error);
  if (found === null) return false;
  // pg passes the severity on in the server's language (lc_messages): FEHLER is an ERROR too. What is not recognised
  // counts as a lost connection, and is resolved by reading.
  return found.severity === 'ERROR' || NEVER_FATAL.has(found.code?.slice(0, 2) ?? '');
}

/** The StoreError for a failure after which certainly nothing is written: a read, a failed connect, a rolled back write. */
export function nothingWritten(error: unknown, doing: string): unknown {
  // The caller's own mistakes stay what they are.
  if (error instanceof StoreError || error instanceof RangeError || error instanceof TypeError) return error;
  if (error instanceof Error && error.name === 'PrismaClientValidationError') return error;
  const message = error instanceof Error ? error.message : String(error);
  const state = sqlStateOf(error);
  const notNow = state === null || NOT_NOW.has(state.slice(0, 2)) || NOT_NOW_CODES.has(state);
  return new StoreError(notNow ? 'unavailable' : 'refused', `${doing}: ${message}`, { cause: error });
}
