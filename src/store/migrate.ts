import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { connectAsOwner, connectTo } from './client.js';
import { parseDatabaseUrl } from './database-url.js';
import { INSUFFICIENT_PRIVILEGE, StoreError, isRolledBack, nothingWritten, sqlStateOf } from './errors.js';
import { assertSuitable } from './server-checks.js';

/** The package's root is two folders up from src/store and from dist/store alike. */
export const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** The lock of Prisma's own migration engine: the two exclude each other. */
const PRISMA_LOCK = 72_707_369;

/** Prisma's table, column for column, so that `prisma migrate status` agrees. */
const TABLE = `
CREATE TABLE _prisma_migrations (
  id                  VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum            VARCHAR(64) NOT NULL,
  finished_at         TIMESTAMPTZ,
  migration_name      VARCHAR(255) NOT NULL,
  logs                TEXT,
  rolled_back_at      TIMESTAMPTZ,
  started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, lower-case hex. */
  readonly checksum: string;
}

interface AppliedRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

/** Addresses of one database, for two roles or for one. */
export interface DatabaseUrls {
  /** For the service's work. */
  readonly url: string;
  /** For migrations: the role that owns the tables. The same as `url` where one role does both. */
  readonly ownerUrl: string;
}

/**
 * Brings the database to this version's schema. Any number of processes may do so concurrently: one applies
 * the migrations, the others wait and find nothing to do. All migrations are one transaction, applied as a
 * whole or not at all. Where another role does the service's work, it is granted what it needs.
 *
 * @param database a string: one role does both
 * @param directory of the migrations, by default the package's own
 * @returns the names of the migrations that were applied
 * @throws {StoreError} migration_edited, migration_failed, migration_unknown, unsuitable_database, bad_url,
 *   unavailable
 */
export async function migrate(
  database: string | DatabaseUrls,
  directory: string = MIGRATIONS,
): Promise<string[]> {
  const { url, ownerUrl } = typeof database === 'string' ? { url: database, ownerUrl: database } : database;
  const migrations = await readMigrations(directory);
  const { schema } = parseDatabaseUrl(ownerUrl);
  let client: pg.Client | undefined;
  try {
    client = await connectAsOwner(ownerUrl);
    await assertSuitable(client);
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
    const pending = outstanding(migrations, await readApplied(client));
    await client.query('BEGIN');
    if (schema !== 'public') await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    if (!(await hasTable(client))) await client.query(TABLE);
    for (const migration of pending) await apply(client, migration);
    if (url !== ownerUrl) {
      const role = roleOf(url);
      await grant(client, role, schema);
      const name = client.escapeIdentifier(role);
      await client.query(`REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations FROM ${name}`);
    }
    await client.query('COMMIT');
    return pending.map(({ name }) => name);
  } catch (error) {
    throw nothingWritten(error, 'migrating the database');
  } finally {
    await client?.end().catch(() => undefined); // ends the session, and with it the lock
  }
}

/**
 * What the service's work needs. The role owns nothing: it can neither change a table nor switch off the
 * triggers of append-only ones, which refuse it what it is granted here.
 */
export async function grant(client: pg.Client, role: string, schema: string): Promise<void> {
  const name = client.escapeIdentifier(role);
  await client.query(`
    GRANT USAGE ON SCHEMA ${schema} TO ${name};
    GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${schema} TO ${name};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${name}`);
}

export function roleOf(url: string): string {
  return parseDatabaseUrl(url).user;
}

/**
 * The names of the migrations that `migrate` would apply. Changes nothing.
 * @throws {StoreError} as `migrate`
 */
export async function pendingMigrations(url: string): Promise<string[]> {
  const migrations = await readMigrations(MIGRATIONS);
  let client: pg.Client | undefined;
  try {
    client = await connectTo(url);
    return outstanding(migrations, await readApplied(client)).map(({ name }) => name);
  } catch (error) {
    throw nothingWritten(error, 'reading the state of the database');
  } finally {
    await client?.end().catch(() => undefined);
  }
}

export async function readMigrations(directory: string): Promise<Migration[]> {
  const found = await readdir(directory, { withFileTypes: true });
  const names = found.filter((item) => item.isDirectory()).map((item) => item.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const bytes = await readFile(join(directory, name, 'migration.sql'));
      return {
        name,
        sql: bytes.toString('utf8'),
        checksum: createHash('sha256').update(bytes).digest('hex'),
      };
    }),
  );
}

async function hasTable(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ exists: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS exists`,
  );
  return rows[0]?.exists === true;
}

export async function readApplied(client: pg.Client): Promise<AppliedRow[]> {
  if (!(await hasTable(client))) return [];
  const { rows } = await client.query<AppliedRow>(
    `SELECT migration_name, checksum, finished_at FROM _prisma_migrations
     WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return rows;
}

export function outstanding(migrations: readonly Migration[], rows: readonly AppliedRow[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { migration_name: name, checksum, finished_at: finishedAt } of rows) {
    const migration = known.get(name);
    if (migration === undefined) {
      throw new StoreError(
        'migration_unknown',
        `the database has the migration "${name}", which this version does not know: run the version that applied it, or a newer one`,
      );
    }
    if (finishedAt === null) {
      throw new StoreError(
        'migration_failed',
        `the migration "${name}" was started and did not finish: restore the database, or resolve it with "prisma migrate resolve"`,
      );
    }
    if (checksum !== migration.checksum) {
      throw new StoreError(
        'migration_edited',
        `the migration "${name}" differs from the one that was applied: put the original file back, and make changes in a new migration`,
      );
    }
  }
  const done = new Set(rows.map((row) => row.migration_name));
  return migrations.filter(({ name }) => !done.has(name));
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  const id = randomUUID();
  try {
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at)
       VALUES ($1, $2, $3, clock_timestamp())`,
      [id, checksum, name],
    );
    await client.query(sql);
    await client.query(
      `UPDATE _prisma_migrations SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE id = $1`,
      [id],
    );
  } catch (error) {
    // After a lost connection, only the next start can tell whether it was applied.
    if (!isRolledBack(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const remedy =
      sqlStateOf(error) === INSUFFICIENT_PRIVILEGE
        ? '. Set DATABASE_OWNER_URL to the URL of the role that owns the tables'
        : '';
    throw new StoreError(
      'migration_failed',
      `the migration "${name}" failed, and nothing was changed: ${reason}${remedy}`,
      { cause: error },
    );
  }
}
