import pg from 'pg';
import { query, startDatabaseServer } from '../../faults/harness/database.js';
import type { Scene } from '../../faults/harness/scene.js';
import { waitFor } from '../../faults/harness/wait.js';
import { Spoiled } from './statistics.js';

const SEAL_LIMIT_MS = 300_000;

/** The one PostgreSQL of a run. Every service and every yardstick has its own database in it. */
export interface BenchDatabase {
  readonly version: string;
  /** Creates an empty database, and returns its URL. */
  create(name: string): Promise<string>;
}

/** @throws {Spoiled} when the server would confirm a commit before it is on disk */
export async function startBenchDatabase(scene: Scene): Promise<BenchDatabase> {
  const server = await startDatabaseServer(scene);
  const [settings] = await server.query<{ fsync: string; commit: string; version: string }>(
    `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
            current_setting('server_version') AS version`,
  );
  if (settings?.fsync !== 'on' || settings.commit !== 'on') {
    throw new Spoiled('fsync and synchronous_commit must be on: rates without them are meaningless');
  }
  return {
    version: settings.version,
    create: async (name) => {
      const database = `bench_${name}`;
      await server.query(`CREATE DATABASE ${pg.escapeIdentifier(database)} OWNER ingam_owner`);
      const url = new URL(server.url);
      url.pathname = `/${database}`;
      return url.href;
    },
  };
}

/** Waits until every entry is in a block, so that sealing does not run into the next measurement. */
export async function untilSealed(url: string): Promise<void> {
  const statement = `SELECT (SELECT next_position FROM head) =
    COALESCE((SELECT first_position + entry_count FROM block ORDER BY height DESC LIMIT 1), 0) AS sealed`;
  await waitFor(
    'everything to be sealed',
    async () => (await query<{ sealed: boolean }>(url, statement))[0]?.sealed,
    SEAL_LIMIT_MS,
  );
}

/** Bytes of a chain's tables in PostgreSQL, with their indexes and TOAST tables. */
export async function chainBytes(url: string): Promise<number> {
  const [row] = await query<{ bytes: string }>(
    url,
    `SELECT sum(pg_total_relation_size(oid)) AS bytes FROM pg_class
     WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace`,
  );
  return Number(row?.bytes);
}
