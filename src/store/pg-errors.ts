import pg from 'pg';
import { StoreError } from './errors.js';

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

/** The server's own SQLSTATE behind an error of pg or Prisma; null when the server did not say one. */
export function sqlStateOf(error: unknown): string | null {
  if (error instanceof pg.DatabaseError) return error.code ?? null;
  if (typeof error !== 'object' || error === null) return null;
  // Prisma's known errors carry the driver's at meta.driverAdapterError.cause.
  if ('originalCode' in error && typeof error.originalCode === 'string') return error.originalCode;
  for (const key of ['cause', 'driverAdapterError', 'meta']) {
    const inner: unknown = (error as Record<string, unknown>)[key];
    const found = inner === undefined ? null : sqlStateOf(inner);
    if (found !== null) return found;
  }
  return null;
}

/** Classes of SQLSTATE with which a server never ends a session: data, constraints, syntax and rights, our own. */
const NEVER_FATAL = new Set(['22', '23', '42', 'IG']);

/** True when the server answered with an ERROR: the statement was rolled back and the connection lives. */
export function isRolledBack(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  // pg passes the severity on in the server's language (lc_messages): FEHLER is an ERROR too. What is not recognised
  // counts as a lost connection, and is resolved by reading.
  return error.severity === 'ERROR' || NEVER_FATAL.has(error.code?.slice(0, 2) ?? '');
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
