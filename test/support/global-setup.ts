import { randomBytes } from 'node:crypto';
import { access, chmod, constants, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/store/index.js';
import { prepareTestServers, startTestServer } from './postgres.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A database of the test server, to connect to as a superuser for creating and dropping others. */
    adminUrl: string;
    /** Whether that server is deleted with all its databases at the end of the run. */
    temporaryServer: boolean;
    /** Name and password of the role that services work as. It is no superuser, and owns no tables of copies. */
    worker: { readonly name: string; readonly password: string };
    /** A migrated database on that server, which tests copy. */
    templateDatabase: string;
  }
}

/** A run signs in to its databases ten thousand times; the iterations protect stored passwords, which nobody has here. */
const CHEAP_PASSWORDS = 'SET scram_iterations = 1';

/**
 * They are sent as they are, within this machine: SCRAM costs the client more of the processor than the rest of a sign-in. Tests of
 * the embedded server use servers of their own, which ask for SCRAM.
 */
const PLAIN_PASSWORDS = 'host all all 127.0.0.1/32 password\n';

const QUIET = { info: () => undefined, warn: () => undefined, error: console.error };

/**
 * One PostgreSQL for the whole run: the embedded server in a temporary directory, or the server that INGAM_TEST_DATABASE_URL
 * names. Its user must be a superuser.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['INGAM_TEST_DATABASE_URL'];
  const server = given === undefined ? await startTemporary() : { url: given, stop: () => Promise.resolve() };
  const templateDatabase = `ingam_template_${process.pid}`;
  const worker = { name: `ingam_worker_${process.pid}`, password: randomBytes(16).toString('hex') };
  try {
    await administer(
      server.url,
      CHEAP_PASSWORDS,
      `CREATE ROLE ${worker.name} LOGIN PASSWORD '${worker.password}'`,
    );
    await administer(server.url, `CREATE DATABASE ${templateDatabase}`);
    const ownerUrl = new URL(server.url);
    ownerUrl.pathname = `/${templateDatabase}`;
    const url = new URL(ownerUrl);
    url.username = worker.name;
    url.password = worker.password;
    await migrate({ url: url.href, ownerUrl: ownerUrl.href });
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide('adminUrl', server.url);
  project.provide('temporaryServer', given === undefined);
  project.provide('templateDatabase', templateDatabase);
  project.provide('worker', worker);
  return async () => {
    await administer(server.url, `DROP DATABASE ${templateDatabase} WITH (FORCE)`);
    if (given !== undefined) await administer(given, `DROP ROLE ${worker.name}`);
    await server.stop();
  };
}

/** What a server does now and then for databases that live longer than a test. */
const WITHOUT_CHORES = {
  autovacuum: 'off',
  bgwriter_lru_maxpages: '0',
  checkpoint_timeout: '1d',
  io_method: 'sync',
  wal_level: 'minimal',
  max_wal_senders: '0',
};

/** What a run needs is below a gigabyte or two at a time. */
const ENOUGH_MEMORY = 8 * 1024 ** 3;

/**
 * Where the server keeps its data: in memory where there is plenty, because the copies of the template would take half
 * of the run's time on a disk.
 */
export async function placeOfData(): Promise<string> {
  const memory = '/dev/shm';
  try {
    await access(memory, constants.W_OK);
    const { bavail, bsize } = await statfs(memory);
    return bavail * bsize >= ENOUGH_MEMORY ? memory : tmpdir();
  } catch {
    return tmpdir();
  }
}

async function startTemporary(): Promise<{ url: string; stop: () => Promise<void> }> {
  const directory = await mkdtemp(join(await placeOfData(), 'ingam-test-'));
  // Started by root, the server runs as another user, who must be able to reach its data.
  await chmod(directory, 0o711);
  await prepareTestServers(join(directory, 'original'), QUIET);
  const rules = join(directory, 'pg_hba.conf');
  await writeFile(rules, PLAIN_PASSWORDS);
  await chmod(rules, 0o644);
  const { server, adminUrl } = await startTestServer(
    { directory: join(directory, 'postgres'), log: QUIET },
    { ...WITHOUT_CHORES, hba_file: rules },
  );
  const { username, password } = new URL(adminUrl);
  await administer(adminUrl, CHEAP_PASSWORDS, `ALTER ROLE "${username}" PASSWORD '${password}'`);
  return {
    url: adminUrl,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function administer(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
