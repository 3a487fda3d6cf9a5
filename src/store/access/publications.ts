import { int8Array } from '../arrays.js';
import type { Connections } from '../connections.js';
import { safe } from '../rows.js';
import { transaction } from '../transaction.js';
import { insertEvent } from './events.js';
import type { NewAccessEvent } from './types.js';

/** The row lock keeps an erasure waiting, or waits for it: what is erased is not published. */
export function publish(
  connections: Connections,
  position: number,
  at: number,
  event?: NewAccessEvent,
): Promise<boolean> {
  return transaction(connections, 'publishing details', async (client) => {
    const { rowCount } = await client.query(
      `INSERT INTO publication (position, published_at)
       SELECT position, $2 FROM entry WHERE position = $1 AND digest IS NOT NULL FOR SHARE
       ON CONFLICT DO NOTHING`,
      [position, at],
    );
    if (rowCount === 1 && event !== undefined) await insertEvent(client, event);
    return rowCount === 1;
  });
}

export function withdraw(
  connections: Connections,
  position: number,
  event?: NewAccessEvent,
): Promise<boolean> {
  return transaction(connections, 'withdrawing details', async (client) => {
    const { rowCount } = await client.query('DELETE FROM publication WHERE position = $1', [position]);
    if (rowCount === 1 && event !== undefined) await insertEvent(client, event);
    return rowCount === 1;
  });
}

export async function publishedAmong(
  connections: Connections,
  positions: readonly number[],
): Promise<ReadonlySet<number>> {
  if (positions.length === 0) return new Set();
  const rows = await connections.prepared<{ position: string }>(
    'published_among',
    'SELECT position FROM publication WHERE position = ANY ($1::bigint[])',
    [int8Array(positions)],
  );
  return new Set(rows.map(({ position }) => safe(position)));
}
