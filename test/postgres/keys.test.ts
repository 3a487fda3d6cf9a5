import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate, openStore } from '../../src/store/index.js';
import { clusterPath, ensureCluster } from '../../src/postgres/directory.js';
import { childEnvironment, type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/postgres/index.js';
import { findBinaries, outputOf, PIPED } from '../../src/postgres/programs.js';
import { chooseRunner } from '../../src/postgres/runner.js';
import { acceptSome, nextCommit } from '../support/chain.js';

/*
 * The database has neither the service's keys nor a way to them: not in the environment of its processes, not
 * by SQL in the role that the service works as, and under root not in the file system either.
 */

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const SECRETS = {
  INGAM_LOG_KEY: 'PRIVATE+KEY+log',
  INGAM_OPERATOR_PASSWORD: 'operator-password',
  DATABASE_URL: 'postgresql://user:database-password@host/db',
  AWS_SECRET_ACCESS_KEY: 'cloud-secret',
  PGPASSWORD: 'other-password',
};
const isRoot = process.getuid?.() === 0;

/** As the service's data directory: keys in one folder, PostgreSQL in another. */
let dataDir: string;
let keyFile: string;
let server: EmbeddedPostgres;

beforeAll(async () => {
  Object.assign(process.env, SECRETS);
  dataDir = await mkdtemp(join(tmpdir(), 'ingam-keys-'));
  // Not even the folder protects the key here.
  await chmod(dataDir, 0o755);
  await mkdir(join(dataDir, 'keys'));
  keyFile = join(dataDir, 'keys', 'log.key');
  await writeFile(keyFile, 'PRIVATE+KEY+file', { mode: 0o600 });
  server = await startEmbeddedPostgres({ directory: join(dataDir, 'postgres'), log });
  await migrate(server);
});
afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
  for (const name of Object.keys(SECRETS)) Reflect.deleteProperty(process.env, name);
});

async function connected<T>(url: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}

test.runIf(process.platform === 'linux')('no process of the server has a secret in its environment', () =>
  connected(server.url, async () => {
    const cluster = await realpath(clusterPath(join(dataDir, 'postgres')));
    const pids = await processesIn(cluster);
    expect(pids).toContain(server.pid());
    // The postmaster, its background processes, and the one of this connection.
    expect(pids.length).toBeGreaterThan(4);
    for (const pid of pids) {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
      const names = environment.split('\0').flatMap((each) => each.split('=')[0] || []);
      for (const value of Object.values(SECRETS)) expect(environment).not.toContain(value);
      expect(names.filter((name) => !/^(PATH|LANG|LC_[A-Z]+|TZ|HOME|PWD|SHLVL|_)$/.test(name))).toEqual([]);
    }
  }),
);

/** Every process of a server works in its data directory. */
async function processesIn(cluster: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name)).map(Number);
  const directories = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_, i) => directories[i] === cluster);
}

test('a child process inherits what it needs, and a worker of our own what Node needs', () => {
  Object.assign(process.env, { TZ: 'Asia/Seoul', NODE_EXTRA_CA_CERTS: '/etc/own.pem' });
  try {
    const names = Object.keys(childEnvironment());
    expect(names).toEqual(expect.arrayContaining(['PATH', 'TZ']));
    for (const name of [...Object.keys(SECRETS), 'NODE_EXTRA_CA_CERTS']) expect(names).not.toContain(name);
    expect(childEnvironment(true)).toMatchObject({ NODE_EXTRA_CA_CERTS: '/etc/own.pem' });
    for (const name of Object.keys(SECRETS)) expect(childEnvironment(true)).not.toHaveProperty(name);
  } finally {
    Reflect.deleteProperty(process.env, 'TZ');
    Reflect.deleteProperty(process.env, 'NODE_EXTRA_CA_CERTS');
  }
});

describe('the role that the service works as', () => {
  const refused: [string, (paths: { key: string; environ: string }) => string][] = [
    ['reads no file', ({ key }) => `SELECT pg_read_file('${key}')`],
    ['reads no environment', ({ environ }) => `SELECT pg_read_binary_file('${environ}')`],
    ['lists no directory', () => `SELECT pg_ls_dir('.')`],
    ['looks at no file', () => `SELECT pg_stat_file('postgresql.conf')`],
    ['copies from no file', ({ key }) => `COPY details (json) FROM '${key}'`],
    ['copies to no file', () => `COPY details TO '/tmp/ingam-copied'`],
    ['copies from no program', () => `COPY details (json) FROM PROGRAM 'id'`],
    ['copies to no program', () => `COPY details TO PROGRAM 'id'`],
    ['imports no file', ({ key }) => `SELECT lo_import('${key}')`],
    ['exports no file', () => `SELECT lo_export(1, '/tmp/ingam-exported')`],
    ['creates no extension', () => 'CREATE EXTENSION file_fdw'],
    ['creates no trusted extension', () => 'CREATE EXTENSION hstore'],
    ['creates no language', () => 'CREATE LANGUAGE plpython3u'],
    [
      'creates no function in C',
      () => `CREATE FUNCTION f() RETURNS void LANGUAGE c AS '/lib/libc.so.6', 'system'`,
    ],
    ['creates no function', () => 'CREATE FUNCTION f() RETURNS integer LANGUAGE sql RETURN 1'],
    [
      'creates no temporary function',
      () => 'CREATE FUNCTION pg_temp.f() RETURNS integer LANGUAGE sql RETURN 1',
    ],
    ['creates no table', () => 'CREATE TABLE own (a integer)'],
    ['creates no schema', () => 'CREATE SCHEMA own'],
    ['creates no database', () => 'CREATE DATABASE own'],
    ['creates no role', () => 'CREATE ROLE own'],
    ['loads no library', () => `LOAD '/lib/libc.so.6'`],
    ['changes no setting of the server', () => `ALTER SYSTEM SET archive_command = 'id'`],
    ['reloads no settings', () => 'SELECT pg_reload_conf()'],
    ['switches no triggers off for its session', () => 'SET session_replication_role = replica'],
    ['becomes no superuser', () => 'SET ROLE postgres'],
    ['becomes no other session', () => 'SET SESSION AUTHORIZATION postgres'],
    ['becomes no owner', () => 'SET ROLE ingam_owner'],
    ['becomes no reader of files', () => 'SET ROLE pg_read_server_files'],
    ['grants itself no file access', () => 'GRANT pg_read_server_files TO ingam'],
    ['grants itself no programs', () => 'GRANT pg_execute_server_program TO ingam'],
    ['gives itself no power', () => 'ALTER ROLE ingam SUPERUSER'],
    ['lets no superuser connect', () => 'ALTER ROLE postgres LOGIN'],
    ['reads no password hashes', () => 'SELECT rolpassword FROM pg_authid'],
    ['disables no trigger', () => 'ALTER TABLE entry DISABLE TRIGGER ALL'],
    ['drops no trigger', () => 'DROP TRIGGER block_keep ON block'],
    [
      'replaces no function',
      () =>
        `CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
    ],
    ['drops no constraint', () => 'ALTER TABLE entry DROP CONSTRAINT entry_lengths'],
    ['drops no table', () => 'DROP TABLE block'],
    ['truncates nothing', () => 'TRUNCATE rate_limit'],
    ['rewrites no record of migrations', () => `UPDATE _prisma_migrations SET checksum = ''`],
    ['signals no server', () => `SELECT pg_rotate_logfile()`],
  ];

  test.each(refused)('%s', async (_, statement) => {
    const paths = { key: keyFile, environ: `/proc/${server.pid() ?? ''}/environ` };
    await connected(server.url, async (client) => {
      // 42501 is "insufficient privilege"; 0A000 and 42704 would say that the server lacks something.
      await expect(client.query(statement(paths))).rejects.toMatchObject({ code: '42501' });
    });
  });

  test('is a member of no role, owns nothing, and has no power of its own', () =>
    connected(server.url, async (client) => {
      const { rows } = await client.query(
        `SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
           ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = oid) AS member_of,
           ARRAY(SELECT relname::text FROM pg_class WHERE relowner = pg_roles.oid) AS relations,
           ARRAY(SELECT proname::text FROM pg_proc WHERE proowner = pg_roles.oid) AS functions,
           has_database_privilege(rolname, current_database(), 'TEMPORARY') AS temporary,
           has_database_privilege(rolname, 'postgres', 'CONNECT') AS elsewhere
         FROM pg_roles WHERE rolname = current_user`,
      );
      expect(rows).toEqual([
        {
          ...{ rolname: 'ingam', rolsuper: false, rolcreaterole: false, rolcreatedb: false },
          ...{ rolreplication: false, rolbypassrls: false, member_of: [], relations: [], functions: [] },
          ...{ temporary: false, elsewhere: false },
        },
      ]);
    }));

  test('can append to the chain, and change nothing in it', async () => {
    const store = await openStore({ url: server.url });
    try {
      await acceptSome(store, 2);
      await store.commitBlock(await nextCommit(store));
    } finally {
      await store.close();
    }
    await connected(server.url, async (client) => {
      for (const statement of [
        `UPDATE entry SET digest = sha256('other')`,
        'DELETE FROM entry',
        'DELETE FROM block',
        'UPDATE head SET next_position = 0',
        `UPDATE checkpoint SET note = ''`,
      ]) {
        await expect(client.query(statement)).rejects.toMatchObject({ code: 'IG001' });
      }
    });
  });
});

test('the role that owns the tables is no superuser, and no superuser can connect', async () => {
  await connected(server.ownerUrl, async (client) => {
    await expect(client.query(`SELECT pg_read_file('${keyFile}')`)).rejects.toMatchObject({ code: '42501' });
    const { rows } = await client.query('SELECT rolname FROM pg_roles WHERE rolsuper AND rolcanlogin');
    expect(rows).toEqual([]);
  });
});

test('the two roles have passwords of their own', async () => {
  const crossed = new URL(server.ownerUrl);
  crossed.password = new URL(server.url).password;
  await expect(connected(crossed.href, () => Promise.resolve())).rejects.toMatchObject({ code: '28P01' });
});

// An ordinary user's PostgreSQL runs as that user: README.md says what that means.
describe.runIf(isRoot)('under root, the user that PostgreSQL runs as', () => {
  // Containers may not make namespaces.
  test('reaches a new data directory without a view of its own', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'ingam-new-'));
    await chmod(parent, 0o755);
    const lines: string[] = [];
    const keep = (_: object, message: string) => lines.push(message);
    try {
      const directory = join(parent, 'data', 'postgres');
      const started = await startEmbeddedPostgres({
        directory,
        log: { info: keep, warn: keep, error: keep },
      });
      await started.stop();
      expect(lines[0]).toBe(
        'PostgreSQL does not run as root: it runs as the operating system user "ingam-postgres"',
      );
    } finally {
      await rm(parent, { recursive: true, force: true });
    }
  });

  test('is one of its own, and reads neither keys nor the secret behind the passwords', async () => {
    const { postgres } = await findBinaries();
    const directory = join(dataDir, 'postgres');
    const runner = await chooseRunner(directory, postgres, log);
    const run = (...argv: [string, ...string[]]) => outputOf(runner.spawn(argv[0], argv.slice(1), PIPED));
    const user = (await run('id', '-u')).text.trim();
    const status = await readFile(`/proc/${server.pid() ?? ''}/status`, 'utf8');
    expect(/^Uid:\t(\d+)\t/m.exec(status)?.[1]).toBe(user);
    expect((await run('id', '-un')).text.trim()).toBe('ingam-postgres');
    // Neither those of root nor those of a group.
    expect((await run('id', '-G')).text.trim().split(' ')).toHaveLength(1);
    for (const file of [keyFile, join(directory, 'secret'), `/proc/${process.pid}/environ`]) {
      expect(await run('cat', file)).toEqual({ code: 1, text: expect.stringContaining('denied') as string });
    }
  });

  test('sees nothing but program and data of directories that only root can enter', async () => {
    const home = await mkdtemp(join(tmpdir(), 'ingam-closed-'));
    try {
      const found = await findBinaries();
      await cp(join(found.postgres, '../..'), join(home, 'native'), { recursive: true });
      const directory = join(home, 'data', 'postgres');
      await mkdir(directory, { recursive: true });
      await mkdir(join(home, 'data', 'keys'));
      const key = join(home, 'data', 'keys', 'log.key');
      await writeFile(key, 'PRIVATE+KEY', { mode: 0o644 });
      const bin = join(home, 'native/bin');
      const [initdb, pg_ctl, postgres] = ['initdb', 'pg_ctl', 'postgres'].map((name) => join(bin, name));
      const runner = await chooseRunner(directory, postgres ?? '', log);
      const binaries = { ...found, initdb: initdb ?? '', pg_ctl: pg_ctl ?? '', postgres: postgres ?? '' };
      const { path } = await ensureCluster(directory, binaries, runner);
      expect(await readFile(join(path, 'PG_VERSION'), 'utf8')).toMatch(/^\d+\n$/);
      const run = (...argv: [string, ...string[]]) => outputOf(runner.spawn(argv[0], argv.slice(1), PIPED));
      expect(await run('ls', home, join(home, 'data'))).toMatchObject({
        code: 0,
        text: expect.not.stringContaining('keys') as string,
      });
      expect((await run('cat', key)).code).toBe(1);
      expect((await run('cat', '/proc/self/status')).text).toMatch(/^CapEff:\t0+$/m);
      // The view is its own: everybody else still sees the directory as it is.
      expect((await readdir(join(home, 'data'))).sort()).toEqual(['keys', 'postgres']);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});
