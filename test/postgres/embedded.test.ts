import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate, openStore } from '../../src/store/index.js';
import {
  EmbeddedError,
  findEmbeddedPostgres,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../src/postgres/index.js';
import { claim } from '../../src/postgres/directory.js';
import { acceptSome } from '../support/chain.js';
import { startTestServer } from '../support/postgres.js';
import { runScript } from '../support/process.js';
import { until } from '../support/until.js';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

// mkdtemp makes it with mode 0700: under root, the server's user could not pass.
let scratch: string;
let directory: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'ingam-embedded-'));
  directory = join(scratch, 'postgres');
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function started<T>(run: (server: EmbeddedPostgres) => Promise<T>): Promise<T> {
  const server = await startEmbeddedPostgres({ directory, log });
  try {
    return await run(server);
  } finally {
    await server.stop();
  }
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

/** A process that has ended counts as ended, also when nobody has waited for it yet (a container without an init). */
function isAlive(pid: number | null): boolean {
  try {
    if (pid === null) return false;
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !(existsSync(`/proc/${pid}/stat`) && readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '));
}

async function codeOf(starting: Promise<EmbeddedPostgres>): Promise<string> {
  const reason: unknown = await starting.catch((error: unknown) => error);
  return reason instanceof EmbeddedError ? reason.code : String(reason);
}

interface Told {
  readonly url: string;
  readonly ownerUrl: string;
  readonly pid: number;
  readonly code?: string;
  readonly message?: string;
}

/** A server run by another process. */
async function inProcess(): Promise<Told & { script: ReturnType<typeof runScript> }> {
  const script = runScript('store/scripts/embedded.ts', directory);
  return { ...(JSON.parse(await script.line()) as Told), script };
}

test('stops without leaving anything running, and starts again with the same data', async () => {
  const first = await started(async (server) => {
    expect(await migrate(server)).not.toEqual([]);
    const store = await openStore({ url: server.url });
    await acceptSome(store, 5);
    await store.close();
    expect(await findEmbeddedPostgres(directory)).toEqual({ url: server.url, ownerUrl: server.ownerUrl });
    return server;
  });
  const pid = first.pid();
  expect(isAlive(pid)).toBe(false);
  expect(await findEmbeddedPostgres(directory)).toBeNull();
  expect(existsSync(join(directory, 'cluster', 'postmaster.pid'))).toBe(false);
  expect((await stat(join(directory, 'secret'))).mode & 0o777).toBe(0o600);
  await first.stop();
  await started(async (server) => {
    expect(await query(server.url, 'SELECT next_position::integer FROM head')).toEqual([5]);
  });
});

test('switches on what the service relies on, and listens on loopback only', async () => {
  const { server, adminUrl } = await startTestServer({ directory: join(scratch, 'settings'), log });
  try {
    const names = [
      'fsync',
      'synchronous_commit',
      'full_page_writes',
      'data_checksums',
      'server_encoding',
      'lc_collate',
      'listen_addresses',
      'unix_socket_directories',
      'password_encryption',
    ];
    const found = await Promise.all(
      names.map(
        async (name) =>
          (
            await query(
              adminUrl,
              `SELECT coalesce(current_setting('${name}', true), datcollate)
        FROM pg_database WHERE datname = current_database()`,
            )
          )[0],
      ),
    );
    expect(found).toEqual(['on', 'on', 'on', 'on', 'UTF8', 'C', '127.0.0.1', '', 'scram-sha-256']);
    const wrong = new URL(server.url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  } finally {
    await server.stop();
  }
});

test('restarts a killed server at the same address with everything that was acknowledged', () =>
  started(async (server) => {
    const store = await openStore({ url: server.url });
    const before = (await store.head()).nextPosition;
    let acknowledged = 0;
    const lost: unknown[] = [];
    for (let kill = 0; kill < 2; kill++) {
      const load = Array.from({ length: 4 }, async () => {
        for (let i = 0; i < 30; i++) {
          await acceptSome(store, 1).then(
            () => acknowledged++,
            (error: unknown) => lost.push(error),
          );
        }
      });
      const pid = server.pid();
      if (pid !== null) process.kill(pid, 'SIGKILL');
      await Promise.all(load);
      await until('the killed server to be restarted', () => server.pid() !== null && server.pid() !== pid);
      await until('the restarted server to answer', () =>
        store.ping().then(
          () => true,
          () => false,
        ),
      );
    }
    const { nextPosition } = await store.head();
    expect(nextPosition - before).toBeGreaterThanOrEqual(acknowledged);
    expect(nextPosition - before).toBeLessThanOrEqual(acknowledged + lost.length);
    expect(await query(server.url, 'SELECT count(*)::integer FROM entry')).toEqual([nextPosition]);
    await store.close();
  }));

test('leaves nothing running when it is stopped during a restart', async () => {
  const server = await startEmbeddedPostgres({ directory, log });
  const pid = server.pid();
  if (pid !== null) process.kill(pid, 'SIGKILL');
  await until('the killed server to exit', () => server.pid(), null);
  await server.stop();
  expect(await findEmbeddedPostgres(directory)).toBeNull();
});

test('what root runs in a directory of another user leaves everything to that user', async () => {
  const usual = directory;
  directory = join(scratch, 'of-another');
  try {
    await mkdir(directory);
    const { uid, gid } = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : await stat(directory);
    await chown(directory, uid, gid);
    await started(async (server) => {
      expect(await query(server.url, 'SELECT 1')).toEqual([1]);
    });
    const names = ['secret', 'server.log', 'cluster', 'cluster/PG_VERSION'];
    const owners = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).uid));
    expect(owners).toEqual(names.map(() => uid));
  } finally {
    directory = usual;
  }
});

describe('another process', () => {
  test('that is alive keeps the directory', async () => {
    const holder = await inProcess();
    const second = await inProcess();
    expect(second).toMatchObject({ code: 'in_use' });
    expect(second.message).toContain(`in use by process ${holder.script.child.pid ?? '?'}`);
    expect(await codeOf(startEmbeddedPostgres({ directory, log }))).toBe('in_use');
    expect(await query(holder.url, 'SELECT 1')).toEqual([1]);
    holder.script.child.kill('SIGTERM');
    expect((await holder.script.ended).code).toBe(0);
    expect(isAlive(holder.pid)).toBe(false);
  });

  test('that was killed leaves its server running, which the next start stops', async () => {
    const holder = await inProcess();
    await query(holder.ownerUrl, 'CREATE TABLE left_behind AS SELECT 42 AS answer');
    await query(holder.ownerUrl, 'GRANT SELECT ON left_behind TO ingam');
    holder.script.child.kill('SIGKILL');
    await holder.script.ended;
    expect(isAlive(holder.pid)).toBe(true);
    await started(async (server) => {
      expect(isAlive(holder.pid)).toBe(false);
      expect(await query(server.url, 'SELECT answer FROM left_behind')).toEqual([42]);
    });
  });

  test('that was killed with its server leaves a stale postmaster.pid, with the number of any process', async () => {
    const holder = await inProcess();
    holder.script.child.kill('SIGKILL');
    process.kill(holder.pid, 'SIGKILL');
    await holder.script.ended;
    const path = join(directory, 'cluster', 'postmaster.pid');
    const lines = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, [String(process.pid), ...lines.slice(1)].join('\n'));
    await started(async (server) => {
      expect(await query(server.url, 'SELECT answer FROM left_behind')).toEqual([42]);
    });
  });

  test('that was killed while it created the data directory leaves nothing but files that the next start deletes', async () => {
    const usual = directory;
    directory = join(scratch, 'interrupted');
    try {
      const script = runScript('store/scripts/embedded.ts', directory);
      await until(
        'the unfinished cluster directory',
        () => readdir(directory).catch(() => []),
        (seen) => seen.some((name) => /^unfinished-[0-9a-f]+$/.test(name)),
      );
      script.child.kill('SIGKILL');
      await script.ended;
      expect(existsSync(join(directory, 'cluster'))).toBe(false);
      await started(async (server) => {
        expect(await query(server.url, 'SELECT 1')).toEqual([1]);
      });
      expect((await readdir(directory)).sort()).toEqual(['cluster', 'secret', 'server.log']);
    } finally {
      directory = usual;
    }
  });
});

describe('claim', () => {
  const makeDirectory = () => mkdtemp(join(tmpdir(), 'ingam-claim-'));
  const sockets = async (path: string) => (await readdir(path)).filter((name) => name.endsWith('.sock'));

  test('one claim succeeds until it is released, and leaves nothing behind', async () => {
    const path = await makeDirectory();
    const first = await claim(path);
    await expect(claim(path)).rejects.toMatchObject({
      code: 'in_use',
      message: expect.stringContaining(`process ${process.pid}`) as string,
    });
    await first.release();
    await first.release();
    expect(await readdir(path)).toEqual([]);
    await (await claim(path)).release();
    await rm(path, { recursive: true });
  });

  test('of concurrent claims at most one succeeds', async () => {
    const path = await makeDirectory();
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => claim(path)));
    const claimed = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(claimed.length).toBeLessThanOrEqual(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'in_use' });
    }
    await Promise.all(claimed.map((ownership) => ownership.release()));
    await (await claim(path)).release();
    await rm(path, { recursive: true });
  });

  test('a socket that a killed process left behind does not lock anybody out', async () => {
    const path = await makeDirectory();
    const script = `require('node:net').createServer().listen(${JSON.stringify(join(path, 'owner-0123abcd.sock'))}, () => process.kill(process.pid, 'SIGKILL'))`;
    await once(spawn(process.execPath, ['-e', script]), 'exit');
    expect(await sockets(path)).toEqual(['owner-0123abcd.sock']);
    const ownership = await claim(path);
    expect(await sockets(path)).not.toContain('owner-0123abcd.sock');
    await ownership.release();
    await rm(path, { recursive: true });
  });

  test('works in a directory whose path is longer than the address of a socket', async () => {
    const top = await makeDirectory();
    const path = join(top, 'a'.repeat(100), 'b'.repeat(100));
    await mkdir(path, { recursive: true });
    const ownership = await claim(path);
    await expect(claim(path)).rejects.toMatchObject({ code: 'in_use' });
    await ownership.release();
    expect(await readdir(path)).toEqual([]);
    await rm(top, { recursive: true });
  });

  // Any user of the machine can listen on an abstract socket of any name.
  test.runIf(process.platform === 'linux')(
    'is not stopped by another user’s socket that is named after the directory',
    async () => {
      const path = await makeDirectory();
      const hash = createHash('sha256').update(realpathSync(path)).digest('hex');
      const squatter = createServer().listen(`\0ingam-${hash.slice(0, 32)}`);
      await once(squatter, 'listening');
      try {
        await (await claim(path)).release();
      } finally {
        squatter.close();
        await rm(path, { recursive: true });
      }
    },
  );
});

describe('a directory that cannot be used', () => {
  test('is refused: another version, another secret, no secret, other contents', async () => {
    const version = join(directory, 'cluster', 'PG_VERSION');
    const secret = join(directory, 'secret');
    const [rightVersion, rightSecret] = await Promise.all([readFile(version), readFile(secret)]);
    await writeFile(version, '9.6\n');
    expect(await codeOf(startEmbeddedPostgres({ directory, log }))).toBe('wrong_version');
    await writeFile(version, rightVersion);
    await writeFile(secret, 'foreign\n');
    expect(await codeOf(startEmbeddedPostgres({ directory, log }))).toBe('bad_directory');
    expect(await findEmbeddedPostgres(directory)).toBeNull();
    await rm(secret);
    expect(await codeOf(startEmbeddedPostgres({ directory, log }))).toBe('bad_directory');
    await writeFile(secret, rightSecret, { mode: 0o600 });
    const other = join(scratch, 'other');
    await mkdir(join(other, 'cluster'), { recursive: true });
    expect(await codeOf(startEmbeddedPostgres({ directory: other, log }))).toBe('bad_directory');
    await started(async (server) => {
      expect(await query(server.url, 'SELECT 1')).toEqual([1]);
    });
  });
});
