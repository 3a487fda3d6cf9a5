import { createHash, createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { ownLikeFolder } from '../store/files.js';
import { type Binaries, EmbeddedError, outputOf, PIPED } from './programs.js';
import type { Runner } from './runner.js';

export interface Ownership {
  release(): Promise<void>;
}

const CLAIM_ATTEMPTS = 10;
const SOCKET_NAME = /^owner-[0-9a-f]{8}\.sock$/;
/** Addresses of local sockets hold 104 bytes on macOS and 108 on Linux, with a final NUL. */
const MAX_ADDRESS = 100;
const RESPONSE_TIMEOUT_MS = 2_000;

/**
 * Claims the directory for this process, with a local socket in the directory itself: only its owner can make
 * one there, and the system closes it when its holder dies, even by kill -9.
 *
 * Each claim has a socket of its own name. It is made first, and the other sockets in the directory are tried
 * after that: of two processes at least one sees the other. A socket that refuses connections is a dead
 * process's, and is deleted: its random name is never used again.
 *
 * Processes on other machines are not seen: a network file system must not be given to two of them, as with
 * any PostgreSQL.
 * @throws {EmbeddedError} in_use, bad_directory
 */
export async function claim(directory: string): Promise<Ownership> {
  if (process.platform === 'win32') return claimPipe(directory);
  for (let attempt = 1; ; attempt++) {
    const claimed = await openSocket(directory);
    const others = await otherHolders(directory, claimed.name);
    if (others.length === 0) {
      claimed.own();
      return { release: () => claimed.close() };
    }
    await claimed.close();
    const owner = others.find(({ isOwner }) => isOwner);
    if (owner !== undefined || attempt === CLAIM_ATTEMPTS) {
      throw new EmbeddedError(
        'in_use',
        `${directory} is in use by process ${(owner ?? others[0])?.pid ?? '?'}: stop that process first, or use another data directory`,
      );
    }
    // All are starting at this moment: random delays let one of them be alone.
    await delay(Math.random() * 100 * attempt);
  }
}

/**
 * Windows has no sockets in directories. A named pipe is closed by the system as well, but any user can take
 * its name first.
 */
async function claimPipe(directory: string): Promise<Ownership> {
  const hash = createHash('sha256').update(directory).digest('hex');
  const server = createServer((socket) => socket.end());
  server.listen(String.raw`\\.\pipe\ingam-` + hash.slice(0, 32));
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new EmbeddedError('in_use', `${directory} is in use by another process`, { cause: error });
  }
  server.unref();
  return {
    release: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

interface ClaimSocket {
  readonly name: string;
  /** From now on, the socket's response says that this process owns the directory. */
  own(): void;
  close(): Promise<void>;
}

async function openSocket(directory: string): Promise<ClaimSocket> {
  let state = 'starting';
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.setTimeout(RESPONSE_TIMEOUT_MS, () => socket.destroy());
    socket.end(`${process.pid} ${state}`);
  });
  const name = `owner-${randomBytes(4).toString('hex')}.sock`;
  try {
    await withAddress(directory, name, async (address) => {
      server.listen(address);
      await once(server, 'listening');
    });
  } catch (error) {
    throw new EmbeddedError(
      'bad_directory',
      `no local socket can be made in ${directory}: use a data directory on a local file system`,
      { cause: error },
    );
  }
  server.unref();
  return {
    name,
    own: () => {
      state = 'owner';
    },
    close: async () => {
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
      await rm(join(directory, name), { force: true });
    },
  };
}

interface Holder {
  readonly pid: string;
  readonly isOwner: boolean;
}

async function otherHolders(directory: string, own: string): Promise<Holder[]> {
  const names = (await readdir(directory)).filter((name) => SOCKET_NAME.test(name) && name !== own);
  const holders = await Promise.all(
    names.map(async (name) => {
      const holder = await readHolder(directory, name);
      if (holder === null) await rm(join(directory, name), { force: true });
      return holder;
    }),
  );
  return holders.filter((holder) => holder !== null);
}

/** null: nobody listens. A holder that does not answer in time owns the directory: it may be paused. */
function readHolder(directory: string, name: string): Promise<Holder | null> {
  return withAddress(directory, name, async (address) => {
    const socket = connect(address);
    try {
      await once(socket, 'connect');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      return code === 'ECONNREFUSED' || code === 'ENOENT' ? null : { pid: '?', isOwner: true };
    }
    socket.setTimeout(RESPONSE_TIMEOUT_MS, () => socket.destroy());
    const [pid = '', state] = (await text(socket).catch(() => '')).split(' ');
    return { pid: pid === '' ? '?' : pid, isOwner: state !== 'starting' };
  });
}

/**
 * The address of a socket in the directory; when that is too long, through a link from a new directory that
 * has a short name.
 */
async function withAddress<T>(
  directory: string,
  name: string,
  use: (address: string) => Promise<T>,
): Promise<T> {
  const address = join(directory, name);
  if (Buffer.byteLength(address) <= MAX_ADDRESS) return use(address);
  const short = await mkdtemp(join(tmpdir(), 'ingam-'));
  try {
    await symlink(directory, join(short, 'd'));
    return await use(join(short, 'd', name));
  } finally {
    await rm(short, { recursive: true, force: true });
  }
}

const UNFINISHED = 'unfinished-';

export const DATABASE = 'ingam';

/**
 * Who can connect to the embedded server. The service works as `ingam`, which owns nothing: it cannot switch
 * off the triggers of append-only tables. `ingam_owner` owns the database and its tables, and is used to
 * migrate them. Neither is a superuser. The only superuser cannot connect at all.
 */
export type Role = 'ingam' | 'ingam_owner';

/** Nobody can connect as it. */
export const SUPERUSER = 'postgres';

export interface Cluster {
  /** PostgreSQL's data directory. */
  readonly path: string;
  /** The roles' passwords are derived from it. */
  readonly secret: string;
}

/** One role's password tells nothing about the other's. */
export function passwordOf(secret: string, role: Role): string {
  return createHmac('sha256', secret).update(role).digest('hex');
}

/** PostgreSQL's data directory, within the directory of the embedded server. */
export function clusterPath(directory: string): string {
  return join(directory, 'cluster');
}

function secretPath(directory: string): string {
  return join(directory, 'secret');
}

/**
 * PostgreSQL's data directory, made on the first start. It is made under another name and renamed when it is
 * complete: an interrupted attempt leaves a directory that the next one deletes.
 * @throws {EmbeddedError} bad_directory, wrong_version, init_failed
 */
export async function ensureCluster(directory: string, binaries: Binaries, runner: Runner): Promise<Cluster> {
  await sweep(directory);
  const path = clusterPath(directory);
  if (!existsSync(path)) {
    const secret = (await readSecret(directory)) ?? (await makeSecret(directory));
    await initialise(directory, path, secret, binaries, runner);
    return { path, secret };
  }
  await assertVersion(path, binaries);
  // Its user has another number after a restore on another machine.
  await runner.own(path);
  const secret = await readSecret(directory);
  if (secret === null) {
    throw new EmbeddedError(
      'bad_directory',
      `${secretPath(directory)} is missing, but ${path} exists: restore the file from a backup`,
    );
  }
  return { path, secret };
}

async function sweep(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith(UNFINISHED)) {
      // The initdb of a killed service may still be writing here. It fails once its files are deleted.
      await rm(join(directory, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    }
  }
}

async function initialise(
  directory: string,
  path: string,
  secret: string,
  binaries: Binaries,
  runner: Runner,
): Promise<void> {
  const unfinished = join(directory, `${UNFINISHED}${randomBytes(6).toString('hex')}`);
  const passwordFile = `${unfinished}-password`;
  await mkdir(unfinished, { mode: 0o700 });
  // initdb demands a password for its superuser; the roles below take it away again.
  await writeFile(passwordFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
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
  try {
    const { code, text } = await outputOf(runner.spawn(binaries.initdb, args, PIPED));
    if (code !== 0) throw new EmbeddedError('init_failed', `initdb could not create ${path}: ${text.trim()}`);
    await runAsSuperuser(unfinished, binaries, runner, rolesAndDatabase(secret));
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, path);
  await syncDirectory(directory);
}

function rolesAndDatabase(secret: string): string[] {
  const login = (role: Role) => `CREATE ROLE ${role} LOGIN PASSWORD '${passwordOf(secret, role)}'`;
  return [
    `ALTER ROLE ${SUPERUSER} NOLOGIN PASSWORD NULL`,
    login('ingam_owner'),
    login('ingam'),
    `CREATE DATABASE ${DATABASE} OWNER ingam_owner`,
    `REVOKE ALL ON DATABASE ${DATABASE} FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${DATABASE} TO ingam`,
    'REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC',
  ];
}

/**
 * Runs statements as PostgreSQL's superuser, in single-user mode: the program reads them from its input, and
 * nobody can connect. The server must not be running.
 * @throws {EmbeddedError} init_failed
 */
export async function runAsSuperuser(
  cluster: string,
  binaries: Binaries,
  runner: Runner,
  statements: readonly string[],
): Promise<void> {
  const args = ['--single', '-D', cluster, '-j', '-c', 'exit_on_error=on', 'postgres'];
  const child = runner.spawn(binaries.postgres, args, ['pipe', 'pipe', 'pipe']);
  // What is written to a program that has ended is told by its exit code.
  child.stdin?.on('error', () => undefined).end(statements.map((each) => `${each};\n\n`).join(''));
  const { code, text } = await outputOf(child);
  if (code === 0) return;
  throw new EmbeddedError('init_failed', `PostgreSQL could not prepare ${cluster}: ${text.trim()}`);
}

async function assertVersion(path: string, { version }: Binaries): Promise<void> {
  const written = (await readFile(join(path, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
  if (written === '') {
    throw new EmbeddedError('bad_directory', `${path} is not a PostgreSQL data directory: move it elsewhere`);
  }
  if (version !== written) {
    throw new EmbeddedError(
      'wrong_version',
      `${path} was written by PostgreSQL ${written}, but this program comes with PostgreSQL ${version}: run the version of this program that created it, and move the data with pg_dump`,
    );
  }
}

/** null: there is none. */
export async function readSecret(directory: string): Promise<string | null> {
  const text = await readFile(secretPath(directory), 'utf8').catch(() => null);
  return text === null || text.trim() === '' ? null : text.trim();
}

async function makeSecret(directory: string): Promise<string> {
  const secret = randomBytes(32).toString('hex');
  const unfinished = join(directory, `${UNFINISHED}secret`);
  await writeFile(unfinished, `${secret}\n`, { mode: 0o600, flush: true });
  await chmod(unfinished, 0o600);
  await ownLikeFolder(unfinished);
  await rename(unfinished, secretPath(directory));
  await syncDirectory(directory);
  return secret;
}

/** Makes a rename durable. Windows has no such call, and does not need it. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
