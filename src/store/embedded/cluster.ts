import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries.js';
import { EmbeddedError } from './errors.js';
import type { Runner } from './os-user.js';
import { output } from './output.js';

export const SUPERUSER = 'ingam';
const UNFINISHED = 'unfinished-';

export interface Cluster {
  /** PostgreSQL's data directory. */
  readonly path: string;
  readonly password: string;
}

/** Where things lie in the directory given to the embedded server. */
export function clusterPath(directory: string): string {
  return join(directory, 'cluster');
}

export function passwordPath(directory: string): string {
  return join(directory, 'password');
}

/**
 * The data directory, made on the first start. It is made under another name and renamed when it is whole: an interrupted
 * attempt leaves only rubbish, which the next one sweeps away.
 * @throws {EmbeddedError} bad_directory, wrong_version, init_failed
 */
export async function ensureCluster(directory: string, binaries: Binaries, runner: Runner): Promise<Cluster> {
  await sweep(directory);
  const path = clusterPath(directory);
  if (!existsSync(path)) {
    const password = (await readPassword(directory)) ?? (await makePassword(directory));
    await initialise(directory, path, password, binaries, runner);
    return { path, password };
  }
  await assertVersion(path, binaries);
  const password = await readPassword(directory);
  if (password === null) {
    throw new EmbeddedError(
      'bad_directory',
      `${passwordPath(directory)} is missing, but ${path} is there: put the file back from a backup`,
    );
  }
  return { path, password };
}

async function sweep(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith(UNFINISHED)) {
      // An initdb whose service was killed may still be writing here: a few tries, and it fails by itself.
      await rm(join(directory, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    }
  }
}

async function initialise(
  directory: string,
  path: string,
  password: string,
  binaries: Binaries,
  runner: Runner,
): Promise<void> {
  const unfinished = join(directory, `${UNFINISHED}${randomBytes(6).toString('hex')}`);
  const passwordFile = `${unfinished}-password`;
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
  await Promise.all([runner.own(unfinished), runner.own(passwordFile)]);
  const args = [
    `--pgdata=${unfinished}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--data-checksums',
    '--no-instructions',
  ];
  const { code, text } = await output(runner.spawn(binaries.initdb, args, ['ignore', 'pipe', 'pipe']));
  await rm(passwordFile, { force: true });
  if (code !== 0) {
    await rm(unfinished, { recursive: true, force: true });
    throw new EmbeddedError('init_failed', `initdb could not make ${path}: ${text.trim()}`);
  }
  await rename(unfinished, path);
  await syncDirectory(directory);
}

async function assertVersion(path: string, { version }: Binaries): Promise<void> {
  const written = (await readFile(join(path, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
  if (written === '') {
    throw new EmbeddedError('bad_directory', `${path} is not a PostgreSQL data directory: move it away`);
  }
  if (version !== written) {
    throw new EmbeddedError(
      'wrong_version',
      `${path} was written by PostgreSQL ${written}, and the one at hand is ${version}: run the version of this program that made it, and move the data with pg_dump`,
    );
  }
}

async function readPassword(directory: string): Promise<string | null> {
  const text = await readFile(passwordPath(directory), 'utf8').catch(() => null);
  return text === null || text.trim() === '' ? null : text.trim();
}

async function makePassword(directory: string): Promise<string> {
  const password = randomBytes(24).toString('hex');
  const unfinished = join(directory, `${UNFINISHED}password`);
  await writeFile(unfinished, `${password}\n`, { mode: 0o600, flush: true });
  await chmod(unfinished, 0o600);
  await rename(unfinished, passwordPath(directory));
  await syncDirectory(directory);
  return password;
}

/** Makes a rename durable. Windows has no such call and needs none. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
