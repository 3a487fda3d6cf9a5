import type pg from 'pg';
import { connectTo } from './client.js';
import { nothingWritten, StoreError } from './errors.js';

/**
 * The most connections that one open store uses at a time: its pool, and the control connection, which
 * listens and holds the leadership. Snapshots are not counted: each uses one more while it runs.
 */
export function connectionsPerStore(poolSize: number): number {
  return poolSize + 1;
}

/** How many connections a PostgreSQL server can give. */
export interface ServerConnections {
  /**
   * Most that our role may have in our database: the server's limit less its reserves, or a lower limit of
   * database or role.
   */
  readonly available: number;
  /** Those open now on the whole server, without this query's own. */
  readonly used: number;
}

const CONNECTIONS = `
SELECT LEAST(
    current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
      - COALESCE(current_setting('reserved_connections', true)::integer, 0), -- PostgreSQL 16
    NULLIF(datconnlimit, -1),
    NULLIF(rolconnlimit, -1)
  ) AS available,
  (SELECT count(*)::integer FROM pg_stat_activity WHERE datid IS NOT NULL AND pid <> pg_backend_pid()) AS used
FROM pg_database, pg_roles WHERE datname = current_database() AND rolname = current_user`;

/**
 * How many connections the server can give, for a service to compare with its need before it starts.
 * @param acceptStandby whether the server may be a standby
 * @throws {StoreError} unavailable
 */
export async function readServerConnections(url: string, acceptStandby = false): Promise<ServerConnections> {
  let client: pg.Client | undefined;
  try {
    client = await connectTo(url, { acceptStandby });
    const { rows } = await client.query<ServerConnections>(CONNECTIONS);
    const [row] = rows;
    if (row === undefined) throw new StoreError('refused', 'the server does not know this role or database');
    return row;
  } catch (error) {
    throw nothingWritten(error, 'reading the limits of the server');
  } finally {
    await client?.end().catch(() => undefined);
  }
}
