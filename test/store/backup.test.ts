import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyDatabase, migrate, restoreDatabase, type RestorePlan } from '../../src/store/index.js';
import { createWholeDatabase } from '../audit/whole-database.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

let original: TestDatabase;
let plan: RestorePlan & { readonly leftOut: readonly string[] };
const files = new Map<string, Uint8Array[]>();

beforeAll(async () => {
  original = (await createWholeDatabase()).database;
  // Two tables that do not fit into one piece: one has many rows, one has large values.
  await original.query(`INSERT INTO idempotency
    SELECT 'test', repeat('x', 60) || n, sha256(n::text::bytea), 0, 1, 1 FROM generate_series(1, 60000) AS n`);
  await original.query(`INSERT INTO evidence (found_at, digest, reason, proven, document)
    SELECT 1, sha256(n::text::bytea), 'fork', false,
      (SELECT string_agg(encode(sha256((n * 1000 + part)::text::bytea), 'hex'), '') FROM generate_series(1, 250) AS part)
    FROM generate_series(1, 600) AS n`);
  plan = await copyDatabase(original.url, async (copy) => {
    // What is written from now on is in another state of the database.
    await original.query(`INSERT INTO idempotency VALUES ('test', 'later', '\\x00', 0, 1, 1)`);
    const tables: RestorePlan['tables'][number][] = [];
    for (const table of copy.tables) {
      const pieces: Uint8Array[] = [];
      let rows = 0;
      for await (const piece of copy.rows(table)) {
        pieces.push(piece.bytes);
        rows += piece.rows;
      }
      files.set(table.name, pieces);
      tables.push({ ...table, rows });
    }
    const { migrations, leftOut } = copy;
    return { migrations, tables, sequences: await copy.sequences(), leftOut };
  });
  await original.query(`DELETE FROM idempotency WHERE key = 'later'`);
});
afterAll(() => original.drop());

async function* open(table: string): AsyncGenerator<Uint8Array> {
  for (const piece of files.get(table) ?? []) yield await Promise.resolve(piece);
}

/** An empty database whose tables belong to the role that uses it. */
async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createDatabase({ empty: true });
  await migrate(database.url);
  return database;
}

const restoreInto = (database: TestDatabase, changed: Partial<RestorePlan> = {}, read = open) =>
  restoreDatabase({ url: database.url, ownerUrl: database.url }, { ...plan, ...changed }, read);

/** The rows of each table, as one hash. */
async function contents(database: TestDatabase): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { name } of plan.tables) {
    const [row] = await database.query<{ rows: string }>(
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') AS rows FROM ${name} AS t`,
    );
    found[name] = row?.rows ?? '';
  }
  return found;
}

test('every table comes back as it was, in one state, however large', async () => {
  await using database = await emptyDatabase();
  await restoreInto(database);
  expect(await contents(database)).toEqual(await contents(original));
  // Both were read in pieces, and no table but those that another one fills was left out.
  for (const name of ['idempotency', 'evidence']) expect(files.get(name)?.length).toBeGreaterThan(2);
  expect(plan.leftOut).toEqual(['unlogged_words']);
  const sequences = await copyDatabase(database.url, (copy) => copy.sequences());
  expect(sequences).toEqual(plan.sequences);
  expect(sequences.length).toBeGreaterThan(3);
  // What protects the chain is in force again.
  await expect(database.query('DELETE FROM head')).rejects.toThrow('append-only');
});

test('a database that has rows is refused and stays as it is', async () => {
  await using database = await emptyDatabase();
  await database.query('INSERT INTO erasure VALUES (7)');
  await expect(restoreInto(database)).rejects.toMatchObject({
    code: 'unsuitable_database',
    message: expect.stringContaining('rows in "erasure"') as string,
  });
  await database.query('UPDATE head SET next_position = 1');
  await expect(restoreInto(database)).rejects.toThrow('the database is not empty');
  expect(await database.query('SELECT next_position, (SELECT count(*) FROM entry) FROM head')).toEqual([
    { next_position: '1', count: '0' },
  ]);
});

test.each<[string, () => Partial<RestorePlan>, string]>([
  [
    'a newer version',
    () => ({ migrations: [...plan.migrations, { name: '29990101000000_new', checksum: '0'.repeat(64) }] }),
    'migration_unknown',
  ],
  ['an older version', () => ({ migrations: plan.migrations.slice(0, -1) }), 'migration_failed'],
  [
    'other rows',
    () => ({ tables: plan.tables.map((table) => ({ ...table, rows: table.rows + 1 })) }),
    'refused',
  ],
  ['fewer tables', () => ({ tables: plan.tables.slice(1) }), 'refused'],
])('a copy with %s is refused, and leaves nothing', async (_, changed, code) => {
  await using database = await emptyDatabase();
  const before = await contents(database);
  await expect(restoreInto(database, changed())).rejects.toMatchObject({ code });
  expect(await contents(database)).toEqual(before);
});

test('a file that cannot be read to its end is named, and leaves nothing', async () => {
  await using database = await emptyDatabase();
  const before = await contents(database);
  const broken = async function* (table: string) {
    yield* open(table);
    if (table === 'evidence') throw new Error('the disk is gone');
  };
  await expect(restoreInto(database, {}, broken)).rejects.toThrow('the disk is gone');
  const cut = async function* (table: string) {
    const pieces = files.get(table) ?? [];
    for (const piece of table === 'evidence' ? pieces.slice(0, 1) : pieces)
      yield await Promise.resolve(piece);
  };
  await expect(restoreInto(database, {}, cut)).rejects.toMatchObject({ code: 'refused' });
  expect(await contents(database)).toEqual(before);
});

test('a database without tables has nothing to copy', async () => {
  await using database = await createDatabase({ empty: true });
  await expect(copyDatabase(database.url, () => Promise.resolve())).rejects.toMatchObject({
    code: 'unsuitable_database',
  });
});
