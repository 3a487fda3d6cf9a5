import type pg from 'pg';
import type { Connections } from './connections.js';
import { DEADLOCK, isRolledBack, nothingWritten, sqlStateOf } from './pg-errors.js';

/** A process that is paused inside its transaction is thrown out before those that wait for its locks give up. */
const BEGIN = `
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL lock_timeout = '10s';
SET LOCAL idle_in_transaction_session_timeout = '5s'`;

const ATTEMPTS = 4;

/**
 * Runs `work` in one transaction and commits it, all or nothing; what `work` throws rolls it back. It is run again when the
 * server ends it because of a deadlock, so it must do nothing but ask `client`.
 * @throws {StoreError} unavailable, refused: nothing was written. outcome_unknown: the answer to COMMIT was lost.
 */
export async function transaction<T>(
  connections: Connections,
  doing: string,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await connections.checkOut();
    let result: T;
    try {
      await client.query(BEGIN);
      result = await work(client);
    } catch (error) {
      // Without a COMMIT the server rolls back, whether it is told to or only sees the connection end.
      client.release(true);
      if (sqlStateOf(error) === DEADLOCK && attempt < ATTEMPTS) continue;
      throw nothingWritten(error, doing);
    }
    try {
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      if (!isRolledBack(error)) throw connections.discard(client, error);
      client.release(true);
      throw nothingWritten(error, doing);
    }
  }
}
