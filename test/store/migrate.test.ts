import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../src/store/index.js';
import { createDatabase } from '../support/database.js';
import { runScript } from '../support/process.js';
import { codeOf } from '../support/store-error.js';

const OWN = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
let scratch: string;
let names: string[];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'ingam-migrations-'));
  names = (await readdir(OWN)).filter((name) => !name.endsWith('.toml')).sort();
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** A copy of our migrations, changed. */
async function variant(name: string, files: Record<string, string>): Promise<string> {
  const directory = join(scratch, name);
  await cp(OWN, directory, { recursive: true });
  for (const [migration, sql] of Object.entries(files)) {
    await mkdir(join(directory, migration), { recursive: true });
    await writeFile(join(directory, migration, 'migration.sql'), sql);
  }
  return directory;
}

test('four concurrent processes apply each migration once', async () => {
  await using database = await createDatabase({ empty: true });
  const processes = Array.from({ length: 4 }, () => runScript('store/scripts/migrate.ts', database.url));
  const ends = await Promise.all(processes.map(async (each) => [await each.line(), (await each.ended).code]));
  expect(ends.sort()).toEqual([...Array.from({ length: 3 }, () => ['0', 0]), [String(names.length), 0]]);
  expect(await database.query('SELECT FROM _prisma_migrations')).toHaveLength(names.length);
  expect(await database.query('SELECT FROM head')).toHaveLength(1);
});

test('migrations are recorded as Prisma records them', async () => {
  await using database = await createDatabase({ empty: true });
  expect(await migrate(database.url)).toEqual(names);
  const rows = await database.query('SELECT *, finished_at >= started_at AS ordered FROM _prisma_migrations');
  const sql = await readFile(join(OWN, names[0] ?? '', 'migration.sql'));
  expect(rows[0]).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string,
    checksum: createHash('sha256').update(sql).digest('hex'),
    finished_at: expect.any(Date) as Date,
    migration_name: names[0],
    logs: null,
    rolled_back_at: null,
    started_at: expect.any(Date) as Date,
    applied_steps_count: 1,
    ordered: true,
  });
  const columns = await database.query(
    `SELECT column_name, data_type, character_maximum_length AS length, is_nullable FROM information_schema.columns
     WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`,
  );
  expect(columns.map((column) => Object.values(column).join(' '))).toEqual([
    'id character varying 36 NO',
    'checksum character varying 64 NO',
    'finished_at timestamp with time zone  YES',
    'migration_name character varying 255 NO',
    'logs text  YES',
    'rolled_back_at timestamp with time zone  YES',
    'started_at timestamp with time zone  NO',
    'applied_steps_count integer  NO',
  ]);
});

test('a later migration is applied, and an older program then refuses the database', async () => {
  await using database = await createDatabase();
  const newer = await variant('newer', { '29990101000000_more': 'CREATE TABLE more (a integer)' });
  expect(await migrate(database.adminUrl, newer)).toEqual(['29990101000000_more']);
  expect(await migrate(database.adminUrl, newer)).toEqual([]);
  expect(await codeOf(migrate(database.adminUrl))).toBe('migration_unknown');
});

test('an edited migration is refused', async () => {
  await using database = await createDatabase();
  const edited = await variant('edited', { [names[0] ?? '']: 'CREATE TABLE other (a integer)' });
  await expect(migrate(database.url, edited)).rejects.toThrow(/put the original file back/);
  expect(await codeOf(migrate(database.url, edited))).toBe('migration_edited');
});

test('a migration that fails is rolled back as a whole, and can be applied when it is corrected', async () => {
  await using database = await createDatabase();
  const name = '29990101000000_wrong';
  const wrong = await variant('wrong', { [name]: 'CREATE TABLE more (a integer); SELECT 1 / 0' });
  expect(await codeOf(migrate(database.adminUrl, wrong))).toBe('migration_failed');
  expect(await database.query(`SELECT FROM _prisma_migrations WHERE migration_name = '${name}'`)).toEqual([]);
  await writeFile(join(wrong, name, 'migration.sql'), 'CREATE TABLE more (a integer)');
  expect(await migrate(database.adminUrl, wrong)).toEqual([name]);
});

test('a migration that Prisma did not finish is refused until it is marked as rolled back', async () => {
  await using database = await createDatabase();
  await database.query('UPDATE _prisma_migrations SET finished_at = NULL');
  expect(await codeOf(migrate(database.adminUrl))).toBe('migration_failed');
  const name = '29990101000000_more';
  await database.query(`UPDATE _prisma_migrations SET finished_at = now();`);
  await database.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, rolled_back_at) VALUES ('x', 'y', '${name}', now())`,
  );
  const more = await variant('resolved', { [name]: 'CREATE TABLE more (a integer)' });
  expect(await migrate(database.adminUrl, more)).toEqual([name]);
});

test('of several pending migrations all are applied or none', async () => {
  await using database = await createDatabase({ empty: true });
  const wrong = await variant('none', { '29990101000000_wrong': 'SELECT 1 / 0' });
  await expect(migrate(database.url, wrong)).rejects.toThrow(
    'the migration "29990101000000_wrong" failed, and nothing was changed: division by zero',
  );
  expect(await database.query(`SELECT FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
  expect(await migrate(database.url)).toEqual(names);
});

test('a role that owns nothing is granted the work, and told when it would have to migrate', async () => {
  await using database = await createDatabase();
  const owner = { url: database.url, ownerUrl: database.adminUrl };
  const newer = await variant('owned', { '29990101000000_more': 'CREATE TABLE more (a integer)' });
  await expect(migrate(database.url, newer)).rejects.toThrow(/DATABASE_OWNER_URL/);
  expect(await migrate(owner, newer)).toEqual(['29990101000000_more']);
  expect(await migrate(database.url, newer)).toEqual([]);
  const privileges = await database.query<{ privilege_type: string }>(
    `SELECT privilege_type FROM information_schema.table_privileges
     WHERE table_name = 'more' AND grantee = '${new URL(database.url).username}' ORDER BY 1`,
  );
  expect(privileges.map((row) => row.privilege_type)).toEqual(['DELETE', 'INSERT', 'SELECT', 'UPDATE']);
});

test('later migrations keep the rows that are in the tables of earlier ones', async () => {
  await using database = await createDatabase({ empty: true });
  const first = join(scratch, 'first');
  await cp(join(OWN, '20261123010000_chain'), join(first, '20261123010000_chain'), { recursive: true });
  expect(await migrate(database.url, first)).toEqual(['20261123010000_chain']);
  // An anonymous entry and one of an organization, in a block.
  await database.query(`
    INSERT INTO entry SELECT i, 5, 1, 0, sha256('digest'), substring(sha256(i::text::bytea) FROM 1 FOR 16),
      CASE WHEN i = 1 THEN substring(sha256('tag') FROM 1 FOR 16) END FROM generate_series(0, 1) AS i;
    UPDATE head SET next_position = 2, latest_time = 5;
    INSERT INTO block (height, first_position, sealed_at, nonce, entry_count, difficulty, merkle_root, state, previous_hash, hash)
      VALUES (0, 0, 5, 0, 2, 0, sha256('a'), decode(repeat('00', 32), 'hex'), sha256('b'), sha256('c'))`);
  const before = await database.query('SELECT * FROM entry ORDER BY position');
  expect(await migrate(database.url)).toEqual(names.slice(1));
  expect(await database.query('SELECT * FROM entry ORDER BY position')).toEqual(before);
  expect(await database.query('SELECT erase_notarization(1) AS erased')).toEqual([{ erased: true }]);
});
