import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureCluster, runAsSuperuser } from '../../src/postgres/directory.js';
import {
  type EmbeddedOptions,
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/postgres/index.js';
import { findBinaries } from '../../src/postgres/programs.js';
import { chooseRunner } from '../../src/postgres/runner.js';

export interface TestServer {
  readonly server: EmbeddedPostgres;
  /** Of the server's database, for a superuser: nobody has one but tests. */
  readonly adminUrl: string;
}

/** The directory of a server that never runs, and the password of its superuser. */
interface Original {
  readonly directory: string;
  readonly password: string;
}

/** How the processes of a run know its original. */
const ORIGINAL = 'INGAM_TEST_SERVER_ORIGINAL';

/**
 * An embedded server in a directory that does not exist yet, with a superuser who can connect.
 * @param settings of PostgreSQL, beside those that the service gives to its server
 */
export async function startTestServer(
  options: EmbeddedOptions,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestServer> {
  const { directory, log } = options;
  const password = (await copyOriginal(directory)) ?? (await createCluster(directory, log));
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
  await appendFile(join(directory, 'cluster', 'postgresql.auto.conf'), lines.join(''));
  const server = await startEmbeddedPostgres(options);
  const url = new URL(server.url);
  url.username = 'tester';
  url.password = password;
  return { server, adminUrl: url.href };
}

/** From now on all test servers of the run are copies: creating one takes a second of the processor. */
export async function prepareTestServers(directory: string, log: EmbeddedOptions['log']): Promise<void> {
  const original: Original = { directory, password: await createCluster(directory, log) };
  process.env[ORIGINAL] = JSON.stringify(original);
}

/** Spares a service that runs its own PostgreSQL the creation of its data, which first starts of their own test. */
export async function prepareData(dataDir: string): Promise<void> {
  const directory = join(dataDir, 'postgres');
  if (!existsSync(directory)) await copyOriginal(directory);
}

/** @returns the password of the superuser; null: this process belongs to no run */
async function copyOriginal(directory: string): Promise<string | null> {
  const text = process.env[ORIGINAL];
  if (text === undefined) return null;
  const original = JSON.parse(text) as Original;
  await makeDirectory(directory);
  const files = ['cluster', 'secret'].map((name) => join(original.directory, name));
  // The files keep their owners, of which one is the user that the server runs as.
  await promisify(execFile)('cp', ['-Rp', ...files, directory]);
  return original.password;
}

/** @returns the password of the superuser */
async function createCluster(directory: string, log: EmbeddedOptions['log']): Promise<string> {
  await makeDirectory(directory);
  const binaries = await findBinaries();
  const runner = await chooseRunner(directory, binaries.postgres, log);
  const { path } = await ensureCluster(directory, binaries, runner);
  const password = randomBytes(16).toString('hex');
  await runAsSuperuser(path, binaries, runner, [`CREATE ROLE tester SUPERUSER LOGIN PASSWORD '${password}'`]);
  return password;
}

async function makeDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o711);
}
