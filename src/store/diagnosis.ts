import type pg from 'pg';
import { connectTo } from './client.js';
import { nothingWritten, StoreError } from './errors.js';

/** What an administrator has to know about a database, read without a change. */
export interface DatabaseDiagnosis {
  /** Of the server: `150020`, `15.20`. */
  readonly versionNumber: number;
  readonly version: string;
  readonly encoding: string;
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
  readonly fsync: boolean;
  /** The value of synchronous_commit in a session of this role. */
  readonly synchronousCommit: string;
  /** The value of synchronous_standby_names; empty: commits wait for no standby. */
  readonly synchronousStandbyNames: string;
  /** Standbys that commits wait for and that are connected; null: this role may not know. */
  readonly synchronousStandbys: number | null;
  readonly role: string;
  readonly isSuperuser: boolean;
  /** Whether the role owns the chain's tables; null: there are none. */
  readonly ownsTables: boolean | null;
  /** How far the clock of the server is ahead of this machine's, in milliseconds, and how sure that is. */
  readonly clockAheadMs: number;
  readonly clockUncertaintyMs: number;
}

interface Row {
  readonly number: number;
  readonly version: string;
  readonly encoding: string;
  readonly standby: boolean;
  readonly read_only: boolean;
  readonly fsync: boolean;
  readonly commit: string;
  readonly standby_names: string;
  readonly standbys: number | null;
  readonly role: string;
  readonly superuser: boolean;
  readonly owner: boolean | null;
}

const DIAGNOSIS = `
SELECT current_setting('server_version_num')::integer AS number, current_setting('server_version') AS version,
  current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS standby,
  current_setting('default_transaction_read_only') = 'on' AS read_only, current_setting('fsync') = 'on' AS fsync,
  current_setting('synchronous_commit') AS commit, current_setting('synchronous_standby_names') AS standby_names,
  CASE WHEN rolsuper OR pg_has_role('pg_read_all_stats', 'USAGE') THEN
    (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum'))::integer END AS standbys,
  rolname::text AS role, rolsuper AS superuser,
  (SELECT relowner = pg_roles.oid FROM pg_class WHERE pg_class.oid = to_regclass('head')) AS owner
FROM pg_roles WHERE rolname = current_user`;

/**
 * Looks at a database of any state.
 * @throws {StoreError} unavailable, refused, bad_url
 */
export async function diagnoseDatabase(url: string): Promise<DatabaseDiagnosis> {
  let client: pg.Client | undefined;
  try {
    client = await connectTo(url, { acceptStandby: true });
    const { rows } = await client.query<Row>(DIAGNOSIS);
    const [row] = rows;
    if (row === undefined)
      throw new StoreError('refused', 'PostgreSQL does not know the role of this session');
    const { ahead, uncertainty } = await readClock(client);
    return {
      versionNumber: row.number,
      version: row.version,
      encoding: row.encoding,
      isStandby: row.standby,
      isReadOnly: row.read_only,
      fsync: row.fsync,
      synchronousCommit: row.commit,
      synchronousStandbyNames: row.standby_names,
      synchronousStandbys: row.standbys,
      role: row.role,
      isSuperuser: row.superuser,
      ownsTables: row.owner,
      clockAheadMs: ahead,
      clockUncertaintyMs: uncertainty,
    };
  } catch (error) {
    throw nothingWritten(error, 'looking at the database');
  } finally {
    await client?.end().catch(() => undefined);
  }
}

async function readClock(client: pg.Client): Promise<{ ahead: number; uncertainty: number }> {
  const [before, started] = [Date.now(), performance.now()];
  const { rows } = await client.query<{ now: number }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS now',
  );
  const uncertainty = (performance.now() - started) / 2;
  return { ahead: (rows[0]?.now ?? before) - (before + uncertainty), uncertainty };
}
