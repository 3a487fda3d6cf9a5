import { until } from './until.js';

/** Commits of a PostgreSQL server that wait for a synchronous standby. */

interface Server {
  /** Runs one statement as a superuser. */
  query(text: string): Promise<readonly unknown[]>;
}

const WAITING = `SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'`;

export const countWaiting = async (server: Server): Promise<number> => (await server.query(WAITING)).length;

/** Cancels their waits. */
export async function stopWaiting(server: Server): Promise<void> {
  await server.query(`SELECT pg_cancel_backend(pid) FROM (${WAITING}) AS waiting`);
}

/**
 * Resolves when each commit waits. Call it after the setting, while no standby can confirm: one process of the server tells all
 * others of the setting, in its own time.
 */
export async function untilCommitsWait(server: Server): Promise<void> {
  await until('a commit to wait', async () => {
    const wrote = { isOver: false };
    const writing = server
      .query(`SELECT pg_logical_emit_message(true, 'test', '')`)
      .finally(() => (wrote.isOver = true));
    await until('a commit to wait or to end', async () => wrote.isOver || (await countWaiting(server)) > 0);
    if (wrote.isOver) return false;
    await stopWaiting(server);
    await writing;
    return true;
  });
}
