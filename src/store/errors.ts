import pg from 'pg';

/** Why a store operation failed. Callers decide by the code; the message is for people. */
export type StoreErrorCode =
  /**
   * The service's clock is more than CLOCK_TOLERANCE_MS behind the latest accepted time. Nothing was written.
   */
  | 'clock_behind'
  /**
   * The database lacks what this process has seen in it: an older copy has taken its place. Nothing was
   * written.
   */
  | 'rolled_back'
  /** One of the group's idempotency keys exists already. Nothing was written. */
  | 'idempotency_conflict'
  /** A record has an event with this sequence already. Nothing was written. */
  | 'event_conflict'
  /**
   * The database cannot serve this now (unreachable, full, shutting down, busy). Certainly nothing was
   * written.
   */
  | 'unavailable'
  /**
   * The connection was lost during a write, which may or may not have been committed: only reading can tell.
   */
  | 'outcome_unknown'
  /** An entry that no block holds yet cannot be erased. */
  | 'not_sealed'
  /** There is no such position. */
  | 'unknown_position'
  /** A legal hold keeps the notarization from being erased. */
  | 'legal_hold'
  /** The data key of the notarization is not in `INGAM_ERASURE_KEYS`. */
  | 'key_missing'
  /** The log itself needs the entry, or it is an event of a record, of which only the body is erased. */
  | 'not_erasable'
  /** The database rejected the statement: a bug, or rows that do not fit together. Nothing was written. */
  | 'refused'
  /** The URL of the database has a mistake: the message says what to write instead. */
  | 'bad_url'
  /** The server is too old, or its database, its role or a setting does not suit. */
  | 'unsuitable_database'
  /** An applied migration differs from the file of that name. */
  | 'migration_edited'
  /** A migration failed, now or earlier, and the failure was not resolved. */
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

/** SQLSTATEs of our own functions (prisma/migrations). */
const NOT_SEALED = 'IG002';
const UNKNOWN_POSITION = 'IG003';
const IS_EVENT = 'IG004';
const LEGAL_HOLD = 'IG005';
const NEEDED = 'IG006';
export const UNIQUE_VIOLATION = '23505';
export const INSUFFICIENT_PRIVILEGE = '42501';
const LOCK_NOT_AVAILABLE = '55P03';
const READ_ONLY = '25006';
export const DEADLOCK = '40P01';

/**
 * Classes of SQLSTATE that mean "not now": connection (08), transaction rollback such as a deadlock (40),
 * resources such as a full disk (53), operator (57: shutdown, start-up, timeout), system error (58).
 */
const NOT_NOW = new Set(['08', '40', '53', '57', '58']);

/** After a failover a standby rejects writes with 25006; a paused transaction is terminated with 25P03. */
const NOT_NOW_CODES = new Set([LOCK_NOT_AVAILABLE, READ_ONLY, '25P03']);

interface ServerError {
  /** SQLSTATE. */
  readonly code: string | undefined;
  readonly severity: string | undefined;
}

/** The server's error behind an error of pg or Prisma; null when it is not the server's. */
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

/** The SQLSTATE behind an error of pg or Prisma; null when it is not the server's error. */
export function sqlStateOf(error: unknown): string | null {
  return serverErrorOf(error)?.code ?? null;
}

/** True when the server rejected a write because it accepts none. */
export function isReadOnly(error: unknown): boolean {
  return sqlStateOf(error) === READ_ONLY;
}

/** Classes of SQLSTATE that never terminate a session: data, constraints, syntax and privileges, our own. */
const NEVER_FATAL = new Set(['22', '23', '42', 'IG']);

/**
 * True when the server responded with an ERROR: the statement was rolled back, and the connection is intact.
 */
export function isRolledBack(error: unknown): boolean {
  const found = serverErrorOf(error);
  if (found === null) return false;
  // The severity is in the server's language (lc_messages): FEHLER is an ERROR too. An unknown one counts as
  // a lost connection, whose outcome is found by reading.
  return found.severity === 'ERROR' || NEVER_FATAL.has(found.code?.slice(0, 2) ?? '');
}

/**
 * The StoreError for a failure after which nothing is written: of a read, a connection attempt, a write that
 * was rolled back.
 */
export function nothingWritten(error: unknown, doing: string): unknown {
  // The caller's own mistakes are passed on.
  if (error instanceof StoreError || error instanceof RangeError || error instanceof TypeError) return error;
  if (error instanceof Error && error.name === 'PrismaClientValidationError') return error;
  const message = error instanceof Error ? error.message : String(error);
  const state = sqlStateOf(error);
  const notNow = state === null || NOT_NOW.has(state.slice(0, 2)) || NOT_NOW_CODES.has(state);
  return new StoreError(notNow ? 'unavailable' : 'refused', `${doing}: ${message}`, { cause: error });
}

/** The StoreError for a failed erasure, after which nothing is erased. */
export function notErased(error: unknown, doing: string): unknown {
  const codes: Readonly<Record<string, StoreErrorCode>> = {
    [NOT_SEALED]: 'not_sealed',
    [UNKNOWN_POSITION]: 'unknown_position',
    [IS_EVENT]: 'not_erasable',
    [NEEDED]: 'not_erasable',
    [LEGAL_HOLD]: 'legal_hold',
  };
  const code = codes[sqlStateOf(error) ?? ''];
  if (code === undefined) return nothingWritten(error, doing);
  return new StoreError(code, error instanceof Error ? error.message : String(error), { cause: error });
}
