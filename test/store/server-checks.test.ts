import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject, describe, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/postgres/index.js';
import { migrate, openStore } from '../../src/store/index.js';
import { acceptSome, nextCommit } from '../support/chain.js';
import { createDatabase, databaseOf, query, type TestDatabase } from '../support/database.js';
import { createLog } from '../support/parts.js';
import { startTestServer } from '../support/postgres.js';
import { newOrganization } from './auth/support.js';

const openingFails = async (url: string): Promise<Error> => {
  const store = await openStore({ url }).catch((error: unknown) => error);
  return store instanceof Error ? store : expect.fail('the store was opened');
};

/** Everything a store does in a minute, shortly. */
async function expectToWork(url: string): Promise<void> {
  const store = await openStore({ url });
  try {
    await acceptSome(store, 2);
    expect(await store.commitBlock(await nextCommit(store))).toBe('committed');
    const organization = await newOrganization(store.access);
    expect((await store.access.organization(organization.id))?.name).toBe(organization.name);
    await store.rateLimits.consume('key', 1, { limit: 10, windowSeconds: 60 });
    expect(await store.snapshot((snapshot) => snapshot.unregistered(10))).toEqual([]);
  } finally {
    await store.close();
  }
}

describe.each(['EUC_KR', 'LATIN1', 'SQL_ASCII'])('a database in %s', (encoding) => {
  test('is refused in one sentence, before anything is written', async () => {
    await using database = await createDatabase({ empty: true });
    const name = databaseOf(database.url);
    const owner = new URL(database.url).username;
    await query(inject('adminUrl'), `DROP DATABASE ${name}`);
    await query(
      inject('adminUrl'),
      `CREATE DATABASE ${name} OWNER ${owner} ENCODING '${encoding}' LOCALE 'C' TEMPLATE template0`,
    );
    for (const open of [() => migrate(database.url), () => openStore({ url: database.url })]) {
      await expect(open()).rejects.toMatchObject({
        code: 'unsuitable_database',
        message: expect.stringMatching(
          new RegExp(
            `^the database "${name}" has the encoding ${encoding}, .*ENCODING 'UTF8' TEMPLATE template0$`,
          ),
        ) as string,
      });
    }
    expect(await database.query(`SELECT FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
  });
});

test('a Korean locale of a UTF-8 database is as good as any', async () => {
  const { url, adminUrl } = await createDatabase({ empty: true });
  const name = databaseOf(url);
  await query(inject('adminUrl'), `DROP DATABASE ${name}`);
  await query(
    inject('adminUrl'),
    `CREATE DATABASE ${name} OWNER ${new URL(url).username} LOCALE_PROVIDER icu ICU_LOCALE 'ko-KR' LOCALE 'C' TEMPLATE template0`,
  );
  try {
    await migrate(url);
    await expectToWork(url);
  } finally {
    await query(inject('adminUrl'), `DROP DATABASE ${databaseOf(adminUrl)} WITH (FORCE)`);
  }
});

describe('settings of the database', () => {
  const withSettings = async (
    settings: readonly string[],
    check: (database: TestDatabase) => Promise<void>,
  ) => {
    await using database = await createDatabase();
    for (const setting of settings) {
      await query(inject('adminUrl'), `ALTER DATABASE ${databaseOf(database.url)} SET ${setting}`);
    }
    await check(database);
  };

  test('that forbid writes, or switch triggers off, are refused with what to do', async () => {
    await withSettings(['default_transaction_read_only = on'], async ({ url }) => {
      expect((await openingFails(url)).message).toContain('RESET default_transaction_read_only');
    });
    await withSettings(['session_replication_role = replica'], async ({ url }) => {
      expect((await openingFails(url)).message).toContain('switches triggers off');
    });
  });

  test('that concern sessions are replaced by those that the statements rely on', () =>
    withSettings(
      [
        'standard_conforming_strings = off',
        'statement_timeout = 1',
        'lock_timeout = 1',
        'idle_in_transaction_session_timeout = 1',
        'idle_session_timeout = 1',
        'transaction_timeout = 300',
        "default_transaction_isolation = 'serializable'",
        'default_transaction_deferrable = on',
        "datestyle = 'sql, dmy'",
        'bytea_output = escape',
        'client_encoding = EUC_KR',
        'client_min_messages = error',
        "search_path = 'pg_catalog'",
        'array_nulls = off',
      ],
      async ({ url }) => {
        expect(await migrate(url)).toEqual([]);
        await expectToWork(url);
      },
    ));
});

test('a superuser is warned of', async () => {
  await using database = await createDatabase();
  const log = createLog();
  await (await openStore({ url: database.adminUrl, log })).close();
  expect(log.lines).toEqual([expect.stringContaining('is a superuser')]);
  const quiet = createLog();
  await (await openStore({ url: database.url, log: quiet })).close();
  expect(quiet.lines).toEqual([]);
});

test.each(['schema=notary', 'options=-c%20search_path%3Dnotary'])(
  'the tables are in a schema of its own: ?%s',
  async (parameter) => {
    await using database = await createDatabase({ empty: true });
    const url = `${database.url}?${parameter}`;
    const migrations = await migrate(url);
    expect(await migrate(url)).toEqual([]);
    await expectToWork(url);
    const tables = await database.query<{ schema: string; tables: number }>(
      `SELECT schemaname AS schema, count(*)::integer AS tables FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema') GROUP BY 1`,
    );
    expect(tables).toEqual([{ schema: 'notary', tables: expect.any(Number) as number }]);
    expect(await database.query('SELECT FROM notary._prisma_migrations')).toHaveLength(migrations.length);
  },
);

test('of several hosts, the one that accepts writes is used, also after a failover', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'ingam-hosts-'));
  const log = createLog();
  try {
    const { server, adminUrl } = await startTestServer({ directory: join(scratch, 'one'), log });
    await server.stop();
    await cp(join(scratch, 'one'), join(scratch, 'two'), { recursive: true });
    await writeFile(join(scratch, 'two', 'cluster', 'standby.signal'), '');
    const [primary, standby] = [
      await startEmbeddedPostgres({ directory: join(scratch, 'one'), log }),
      await startEmbeddedPostgres({ directory: join(scratch, 'two'), log }),
    ];
    try {
      const [first, second] = [new URL(primary.ownerUrl), new URL(standby.ownerUrl)];
      // Nobody listens at the first, the second is a standby, the third accepts writes.
      const url = `postgresql://${first.username}:${first.password}@127.0.0.1:1,${second.host},${first.host}/ingam`;
      await expect(openStore({ url: second.href })).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('is a standby') as string,
      });
      await migrate(url);
      const store = await openStore({ url });
      try {
        await acceptSome(store, 2);
        // What the standby lacks is lost, so the store must not go on as if nothing had happened.
        await primary.stop();
        expect(await openingFails(url)).toMatchObject({
          code: 'unavailable',
          message: expect.stringMatching(/no host accepts writes: .*it is a standby/) as string,
        });
        const admin = new URL(adminUrl);
        admin.port = second.port;
        await query(admin.href, 'SELECT pg_promote()');
        expect(await migrate(url)).not.toEqual([]);
        await expect(acceptSome(store, 1)).rejects.toMatchObject({ code: 'rolled_back' });
        const restarted = await openStore({ url });
        expect(await acceptSome(restarted, 1)).toBe(0);
        await restarted.close();
      } finally {
        await store.close();
      }
    } finally {
      await Promise.all([primary.stop(), standby.stop()]);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
});
