import { openStore, type Store } from '../../../src/store/index.js';
import type { TestDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';

/**
 * Rows that `ask` makes the server read of these tables: all together, and those that it met in walking through a whole table. Nobody
 * else may be connected to the database.
 */
export async function rowsRead(
  database: TestDatabase,
  tables: readonly string[],
  ask: (store: Store) => Promise<void>,
): Promise<{ readonly all: number; readonly walked: Readonly<Record<string, number>> }> {
  const counters = async () => {
    // A connection reports what it has read at its end, before it leaves this view.
    await until('the connections of the store to end', async () => {
      const rows = await database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'ingam %'`,
      );
      return rows.length === 0;
    });
    const rows = await database.query<{ table: string; walked: number; fetched: number }>(
      `SELECT relname AS table, seq_tup_read::integer AS walked, COALESCE(idx_tup_fetch, 0)::integer AS fetched
       FROM pg_stat_user_tables WHERE relname = ANY ($1)`,
      [tables],
    );
    return new Map(rows.map((row) => [row.table, row]));
  };
  const before = await counters();
  const store = await openStore({ url: database.url, poolSize: 1 });
  await ask(store);
  await store.close();
  const after = await counters();
  const grown = tables.map((table) => {
    const [was, is] = [before.get(table), after.get(table)];
    if (was === undefined || is === undefined) throw new Error(`there is no table ${table}`);
    return { table, walked: is.walked - was.walked, fetched: is.fetched - was.fetched };
  });
  return {
    all: grown.reduce((sum, { walked, fetched }) => sum + walked + fetched, 0),
    walked: Object.fromEntries(grown.map(({ table, walked }) => [table, walked])),
  };
}
