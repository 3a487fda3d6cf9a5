import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { StoreLog } from '../store/index.js';
import { childEnvironment } from './environment.js';
import { EmbeddedError, outputOf, PIPED } from './programs.js';

/** Starts programs as an operating system user that PostgreSQL accepts. */
export interface Runner {
  spawn(command: string, args: readonly string[], stdio: StdioOptions): ChildProcess;
  /** Makes that user the owner of a file or a directory, with all that is in it. */
  own(path: string): Promise<void>;
}

/** Of our own: the user "postgres" of a distribution runs other servers, which could read our files. */
const OS_USER = 'ingam-postgres';

interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * initdb and the server look up the name of their user. A platform may run a container as a user that has none.
 * @throws {EmbeddedError} no_os_user
 */
function assertNamed(): void {
  try {
    userInfo();
  } catch (error) {
    throw new EmbeddedError(
      'no_os_user',
      `the embedded PostgreSQL cannot run as the user ${String(process.getuid?.())}, which has no name in /etc/passwd: run the container as its own ` +
        'user, or set DATABASE_URL to use another PostgreSQL server',
      { cause: error },
    );
  }
}

/**
 * PostgreSQL refuses to run as root, and must not be able to read the service's keys. Under root it runs as a
 * user of its own, which is created when missing; in a directory of another user, as that one. When that user cannot reach the directory or the program
 * (below a home directory of mode 0700, for example), PostgreSQL gets a view of the file system of its own, in
 * which the closed directory contains nothing but these two.
 * @param directory of the server's data, which must be open to be traversed by others
 * @throws {EmbeddedError} no_os_user
 */
export async function chooseRunner(directory: string, postgres: string, log: StoreLog): Promise<Runner> {
  if (process.getuid?.() !== 0) {
    assertNamed();
    return {
      own: () => Promise.resolve(),
      spawn: (command, args, stdio) => spawn(command, args, options(directory, stdio)),
    };
  }
  // Commands that root runs leave the data of a service to the user that runs it.
  const owner = await stat(directory);
  const user = owner.uid === 0 ? await findOrCreateUser(log) : { uid: owner.uid, gid: owner.gid };
  const name = owner.uid === 0 ? `the operating system user "${OS_USER}"` : 'the owner of its directory';
  const own = async (path: string): Promise<void> => {
    if ((await stat(path)).uid === user.uid) return;
    await outputOf(spawn('chown', ['-Rh', `${user.uid}:${user.gid}`, path], options(directory, PIPED)));
  };
  const asUser: Runner = {
    own,
    spawn: (command, args, stdio) => spawn(command, args, { ...options(directory, stdio), ...user }),
  };
  if (await canReach(asUser, directory, postgres)) {
    log.info({ user: user.uid }, `PostgreSQL does not run as root: it runs as ${name}`);
    return asUser;
  }
  const program = join(dirname(postgres), '..');
  const closed = new Set([await closedParent(asUser, program), await closedParent(asUser, directory)]);
  const view = [...closed].filter((path) => path !== '');
  const withView: Runner = {
    own,
    spawn: (command, args, stdio) =>
      spawn(
        'unshare',
        [
          ...['--mount', '--propagation', 'private', '--', '/bin/sh', '-c', VIEW, 'sh'],
          ...[String(user.uid), String(user.gid), program, directory, view[0] ?? '', view[1] ?? ''],
          ...[command, ...args],
        ],
        options(directory, stdio),
      ),
  };
  if (await canReach(withView, directory, postgres)) {
    log.info(
      { user: user.uid },
      `PostgreSQL does not run as root: it runs as ${name}, with a view of the file system of its own`,
    );
    return withView;
  }
  throw new EmbeddedError(
    'no_os_user',
    `PostgreSQL does not run as root, and ${name} cannot reach ${directory} or ${postgres}: run this program as an ordinary user, move both to a world-traversable directory, or set DATABASE_URL`,
  );
}

/**
 * Covers the closed directories, in this mount namespace only, with empty ones that contain the program and
 * the data under their own paths, and then runs the command as the user.
 */
const VIEW = `
set -e
exec 3<"$3" 4<"$4"
for closed in "$5" "$6"; do
  test -z "$closed" || mount -t tmpfs -o mode=0755 ingam "$closed"
done
umask 022
mkdir -p -- "$3" "$4"
mount --no-canonicalize --bind /proc/self/fd/3 "$3"
mount --no-canonicalize --bind /proc/self/fd/4 "$4"
exec 3<&- 4<&-
umask 077
cd -- "$4"
user=$1 group=$2
shift 6
exec setpriv --reuid "$user" --regid "$group" --clear-groups --bounding-set=-all --inh-caps=-all -- "$@"`;

/** The uppermost directory on the way to `path` that the user cannot enter; empty: none. */
async function closedParent(runner: Runner, path: string): Promise<string> {
  const parents: string[] = [];
  for (let at = path; at !== dirname(at); at = dirname(at)) parents.unshift(at);
  const script = 'for each; do test -x "$each" || { printf %s "$each"; exit; }; done';
  return (await outputOf(runner.spawn('/bin/sh', ['-c', script, 'sh', ...parents], PIPED))).text;
}

/** Checks with access(2), as initdb does, which ignores the capabilities of root. */
async function canReach(runner: Runner, directory: string, postgres: string): Promise<boolean> {
  const script = 'cd -- "$1" && test -n "$(find "$2" -prune -readable -executable)" && "$2" --version';
  const { code } = await outputOf(runner.spawn('/bin/sh', ['-c', script, 'sh', directory, postgres], PIPED));
  return code === 0;
}

function options(
  directory: string,
  stdio: StdioOptions,
): { cwd: string; stdio: StdioOptions; detached: boolean; env: NodeJS.ProcessEnv } {
  return {
    cwd: directory,
    stdio,
    // A session of its own: Ctrl-C in the terminal reaches the service alone, which stops the server at the
    // end.
    detached: true,
    env: { ...childEnvironment(), LC_ALL: 'C' },
  };
}

/**
 * The user may have been created since it was looked for. useradd itself would not notice: of two at a time, the second
 * one replaces the user by one with another number, and what belongs to the first belongs to nobody.
 */
const CREATE = `id -u "$1" > /dev/null 2>&1 ||
  exec useradd --system --user-group --no-create-home --shell /bin/false "$1"`;

/** Also when several processes do so at a time, they get the same user. @throws {EmbeddedError} no_os_user */
export async function findOrCreateUser(log: StoreLog): Promise<User> {
  const found = await findUser();
  if (found !== null) return found;
  log.warn(
    { user: OS_USER },
    `PostgreSQL does not run as root: creating the operating system user "${OS_USER}" for it, with useradd`,
  );
  // One process at a time: all that are on this machine know this directory.
  const locked = ['--close', '/etc', '/bin/sh', '-c', CREATE, 'sh', OS_USER];
  const created = await outputOf(spawn('flock', locked, { stdio: PIPED, env: childEnvironment() }));
  const user = await findUser();
  if (user !== null) return user;
  throw new EmbeddedError(
    'no_os_user',
    `PostgreSQL does not run as root, and the user "${OS_USER}" could not be created (${created.text.trim()}): create it, run this program as an ordinary user, or set DATABASE_URL`,
  );
}

async function findUser(): Promise<User | null> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map((flag) =>
      outputOf(spawn('id', [flag, OS_USER], { stdio: PIPED, env: childEnvironment() })),
    ),
  );
  if (uid?.code !== 0 || gid?.code !== 0) return null;
  return { uid: Number(uid.text), gid: Number(gid.text) };
}
