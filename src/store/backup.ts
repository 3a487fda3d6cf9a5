import type pg from 'pg';
import { copyIn, copyRows } from './binary.js';
import { connectAsOwner, connectTo } from './client.js';
import { parseDatabaseUrl } from './database-url.js';
import { nothingWritten, StoreError } from './errors.js';
import { type DatabaseUrls, MIGRATIONS, outstanding, readApplied, readMigrations } from './migrate.js';

/*
 * A copy of everything that the database has, outside of it, and the way back. The server does not have to have the
 * programs of PostgreSQL: rows are read and written by COPY.
 */

/** A table in a copy. */
export interface CopiedTable {
  readonly name: string;
  readonly columns: readonly string[];
}

/** The sequence behind an identity column. */
export interface CopiedSequence {
  readonly table: string;
  readonly column: string;
  /** The last number that it gave, or, if it is not `used`, the first that it will give. */
  readonly value: string;
  readonly used: boolean;
}

/** One state of a database. */
export interface DatabaseCopy {
  /** The version of the server, as it says it. */
  readonly server: string;
  readonly migrations: readonly { readonly name: string; readonly checksum: string }[];
  /** The latest checkpoint, a signed note; null: there is no block. */
  readonly checkpoint: string | null;
  readonly blocks: number;
  readonly entries: number;
  readonly tables: readonly CopiedTable[];
  /** What is left out: tables that PostgreSQL itself keeps out of its backups. */
  readonly leftOut: readonly string[];
  /** Read after the tables: whatever they hold has a number below. */
  sequences(): Promise<readonly CopiedSequence[]>;
  /** A table in PostgreSQL's binary COPY format, in pieces of some megabytes. One table at a time. */
  rows(table: CopiedTable): AsyncGenerator<{ readonly bytes: Uint8Array; readonly rows: number }>;
}

/** Of its own bookkeeping, a migrated database writes its own. */
const MIGRATIONS_TABLE = '_prisma_migrations';

const TABLES = `
SELECT relname::text AS name, relpersistence = 'u' AS unlogged,
  ARRAY(SELECT attname::text FROM pg_attribute
        WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum) AS columns
FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname <> '${MIGRATIONS_TABLE}'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
ORDER BY relname`;

const SEQUENCES = `
SELECT relname::text AS table, attname::text AS column,
  pg_get_serial_sequence(quote_ident(current_schema()) || '.' || quote_ident(relname), attname) AS sequence
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attidentity <> '' ORDER BY 1, 2`;

interface TableRow {
  readonly name: string;
  readonly unlogged: boolean;
  readonly columns: readonly string[];
}

/** Long statements have no limit but that of TCP, which notices a server that is gone. */
const UNLIMITED = { query_timeout: 0, statement_timeout: 0, keepAlive: true } as const;

/**
 * Runs `read` on one state of the database, the same for all tables. The service may be working meanwhile. A
 * standby will do.
 * @throws {StoreError} unavailable, refused; unsuitable_database when it has no tables of this program
 */
export async function copyDatabase<T>(url: string, read: (copy: DatabaseCopy) => Promise<T>): Promise<T> {
  const client = await asStoreError(connectTo(url, { ...UNLIMITED, acceptStandby: true }));
  try {
    const { tables, migrations, fact } = await asStoreError(begin(client));
    return await read({
      ...{ server: fact.server, checkpoint: fact.checkpoint },
      ...{ blocks: Number(fact.blocks), entries: Number(fact.entries) },
      migrations: migrations.map(({ migration_name: name, checksum }) => ({ name, checksum })),
      tables: tables.flatMap(({ name, columns, unlogged }) => (unlogged ? [] : [{ name, columns }])),
      leftOut: tables.flatMap(({ name, unlogged }) => (unlogged ? [name] : [])),
      sequences: () => asStoreError(readSequences(client)),
      rows: (table) => readTable(client, table),
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface FactRow {
  readonly server: string;
  readonly checkpoint: string | null;
  readonly blocks: string;
  readonly entries: string;
}

const FACTS = `
SELECT current_setting('server_version') AS server,
  (SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1) AS checkpoint,
  (SELECT coalesce(max(height) + 1, 0) FROM block) AS blocks, next_position AS entries
FROM head`;

async function begin(client: pg.Client) {
  await client.query(
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0',
  );
  const { rows: tables } = await client.query<TableRow>(TABLES);
  const migrations = await readApplied(client);
  if (migrations.length === 0 || !tables.some(({ name }) => name === 'head')) {
    throw new StoreError('unsuitable_database', 'the database has no tables of this program');
  }
  const [fact] = (await client.query<FactRow>(FACTS)).rows;
  if (fact === undefined) throw new StoreError('refused', 'the table "head" has no row: run "ingam audit"');
  return { tables, migrations, fact };
}

async function asStoreError<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw nothingWritten(error, 'reading the database');
  }
}

async function readSequences(client: pg.Client): Promise<CopiedSequence[]> {
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(SEQUENCES);
  const found: CopiedSequence[] = [];
  for (const { table, column, sequence } of rows) {
    const state = await client.query<{ value: string; used: boolean }>(
      `SELECT last_value::text AS value, is_called AS used FROM ${sequence}`,
    );
    for (const { value, used } of state.rows) found.push({ table, column, value, used });
  }
  return found;
}

/** About so much is read at once. */
const PIECE_BYTES = 4 * 1024 * 1024;
/** Signature, flags and the length of an extension, which PostgreSQL never writes. */
const HEADER_BYTES = 19;
const TRAILER_BYTES = 2;

async function* readTable(
  client: pg.Client,
  { name, columns }: CopiedTable,
): ReturnType<DatabaseCopy['rows']> {
  const table = client.escapeIdentifier(name);
  const list = columns.map((each) => client.escapeIdentifier(each)).join(', ');
  const { rows } = await asStoreError(
    client.query<{ pages: string; bytes: string }>(
      `SELECT pg_relation_size(oid) / current_setting('block_size')::bigint AS pages, pg_table_size(oid) AS bytes
       FROM pg_class WHERE oid = to_regclass($1)`,
      [table],
    ),
  );
  const pages = Number(rows[0]?.pages ?? 0);
  // Large values are not in these pages: fewer pages make a piece then.
  const step = Math.max(1, Math.floor((PIECE_BYTES * pages) / Math.max(1, Number(rows[0]?.bytes ?? 0))));
  let last: Uint8Array | null = null;
  for (let page = 0; page === 0 || page < pages; page += step) {
    const where = `ctid >= '(${page},0)' AND ctid < '(${page + step},0)'`;
    const copied = await asStoreError(copyRows(client, `SELECT ${list} FROM ${table} WHERE ${where}`));
    const [from, to] = [page === 0 ? 0 : HEADER_BYTES, copied.bytes.length - TRAILER_BYTES];
    last = copied.bytes.subarray(to);
    if (to > from) yield { bytes: copied.bytes.subarray(from, to), rows: copied.rows };
  }
  if (last !== null) yield { bytes: last, rows: 0 };
}

/** What a copy says of itself, to be put back. */
export interface RestorePlan {
  readonly migrations: DatabaseCopy['migrations'];
  readonly tables: readonly (CopiedTable & { readonly rows: number })[];
  readonly sequences: readonly CopiedSequence[];
}

/**
 * Whether this program makes the tables that a copy has.
 * @throws {StoreError} migration_unknown, migration_edited, migration_failed when it does not
 */
export async function assertSameMigrations(copied: DatabaseCopy['migrations']): Promise<void> {
  const applied = copied.map(({ name, checksum }) => ({
    migration_name: name,
    checksum,
    finished_at: new Date(0),
  }));
  const [missing] = outstanding(await readMigrations(MIGRATIONS), applied);
  if (missing !== undefined) {
    throw new StoreError(
      'migration_failed',
      `the copy lacks the migration "${missing.name}": restore it with the version that made it, and then upgrade`,
    );
  }
}

/**
 * Puts a copy into a migrated database that has nothing else: all of it, or nothing.
 * @param open a table's bytes, as `rows` gave them
 * @throws {StoreError} unavailable; refused, unsuitable_database when the database is not empty or the copy does
 *   not fit
 */
export async function restoreDatabase(
  { ownerUrl }: DatabaseUrls,
  plan: RestorePlan,
  open: (table: string) => AsyncIterable<Uint8Array>,
): Promise<void> {
  await assertSameMigrations(plan.migrations);
  const { schema } = parseDatabaseUrl(ownerUrl);
  let client: pg.Client | undefined;
  let unreadable: unknown;
  const read = async function* (table: string) {
    try {
      yield* open(table);
    } catch (error) {
      unreadable = error;
      throw error;
    }
  };
  try {
    client = await connectAsOwner(ownerUrl, UNLIMITED);
    await client.query('BEGIN');
    const tables = await emptyTables(client, plan);
    // The only row that migrations make. Nothing may remove it otherwise.
    await client.query('ALTER TABLE head DISABLE TRIGGER head_keep; DELETE FROM head');
    for (const table of tables) await fill(client, table, read(table.name));
    await client.query('ALTER TABLE head ENABLE TRIGGER head_keep');
    for (const { table, column, value, used } of plan.sequences) {
      const place = `${schema}.${client.escapeIdentifier(table)}`;
      await client.query('SELECT setval(pg_get_serial_sequence($1, $2)::regclass, $3::bigint, $4)', [
        ...[place, column],
        ...[value, used],
      ]);
    }
    await client.query('COMMIT');
    // Without statistics, the first minutes would be slow.
    for (const { name } of tables) await client.query(`ANALYZE ${client.escapeIdentifier(name)}`);
  } catch (error) {
    throw unreadable ?? nothingWritten(error, 'restoring the database');
  } finally {
    await client?.end().catch(() => undefined);
  }
}

async function fill(
  client: pg.Client,
  { name, columns, rows }: RestorePlan['tables'][number],
  source: AsyncIterable<Uint8Array>,
): Promise<void> {
  const list = columns.map((each) => client.escapeIdentifier(each)).join(', ');
  const statement = `COPY ${client.escapeIdentifier(name)} (${list}) FROM STDIN (FORMAT binary)`;
  const count = await copyIn(client, statement, source);
  if (count === rows) return;
  throw new StoreError('refused', `the table "${name}" has ${count} rows in the copy, not ${rows}`);
}

const REFERENCES = `
SELECT conrelid::regclass::text AS from, confrelid::regclass::text AS to FROM pg_constraint
WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conrelid <> confrelid`;

/** The tables of the copy in the order in which they can be filled, locked. @throws {StoreError} */
async function emptyTables(client: pg.Client, plan: RestorePlan): Promise<RestorePlan['tables']> {
  const found = (await client.query<TableRow>(TABLES)).rows.filter(({ unlogged }) => !unlogged);
  const given = new Map(plan.tables.map((table) => [table.name, table]));
  for (const { name, columns } of found) {
    const table = given.get(name);
    if (table?.columns.join() !== columns.join()) {
      throw new StoreError('refused', `the copy does not have the table "${name}" as the database has it`);
    }
  }
  if (found.length !== given.size)
    throw new StoreError('refused', 'the copy has tables that the database lacks');
  const names = found.map(({ name }) => client.escapeIdentifier(name));
  await client.query(`LOCK TABLE ${names.join(', ')} IN ACCESS EXCLUSIVE MODE`);
  for (const { name } of found) {
    const unused = name === 'head' ? 'WHERE next_position > 0' : '';
    const { rowCount } = await client.query(`SELECT FROM ${client.escapeIdentifier(name)} ${unused} LIMIT 1`);
    if (rowCount === 0) continue;
    throw new StoreError(
      'unsuitable_database',
      `the database is not empty (there are rows in "${name}"): restore into a new one`,
    );
  }
  const { rows: references } = await client.query<{ from: string; to: string }>(REFERENCES);
  const ordered = new Set<string>();
  const place = (name: string): void => {
    if (ordered.has(name)) return;
    for (const { from, to } of references) if (from === name) place(to);
    ordered.add(name);
  };
  for (const { name } of found) place(name);
  return [...ordered].flatMap((name) => given.get(name) ?? []);
}
