import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { EmbeddedError } from './errors.js';
import { output } from './output.js';

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
