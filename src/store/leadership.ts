import type pg from 'pg';
import type { Connections } from './connections.js';
import { LOCK_NOT_AVAILABLE, nothingWritten, sqlStateOf } from './errors.js';
import { ADVISORY_CLASS, LEADER_LOCK } from './names.js';
import type { Leadership } from './store.js';

const LOCK = [ADVISORY_CLASS, LEADER_LOCK];

/** One pinned connection: through a pool, a session lock would be taken on one connection and given back on another. */
export async function tryLead(connections: Connections): Promise<Leadership | null> {
  return lead(connections, async (client) => {
    const { rows } = await client.query<{ locked: boolean }>(
      'SELECT pg_try_advisory_lock($1, $2) AS locked',
      LOCK,
    );
    return rows[0]?.locked === true;
  });
}

export async function takeLead(connections: Connections): Promise<Leadership | null> {
  return lead(connections, async (client) => {
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks
       WHERE locktype = 'advisory' AND classid = $1 AND objid = $2 AND objsubid = 2 AND granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      LOCK,
    );
    // The ended backend gives its lock up a moment later.
    await client.query("SET lock_timeout = '2s'");
    try {
      await client.query('SELECT pg_advisory_lock($1, $2)', LOCK);
    } catch (error) {
      if (sqlStateOf(error) === LOCK_NOT_AVAILABLE) return false;
      throw error;
    }
    return true;
  });
}

async function lead(
  connections: Connections,
  lock: (client: pg.Client) => Promise<boolean>,
): Promise<Leadership | null> {
  const client = await connections.dedicated();
  const loss = new AbortController();
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => (ending ??= client.end().catch(() => undefined));
  client.once('end', () => {
    if (ending === undefined) loss.abort(new Error('the connection that held the leadership was lost'));
  });
  try {
    if (await lock(client)) return { lost: loss.signal, release: end };
  } catch (error) {
    await end();
    throw nothingWritten(error, 'taking the lead');
  }
  await end();
  return null;
}
