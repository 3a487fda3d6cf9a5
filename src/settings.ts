import { z } from 'zod';

/** Settings that a service and a member's node have in common, and how they are read. */

export const integer = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^(0|[1-9][0-9]{0,15})$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, `must be from ${minimum} to ${maximum}`);

/** A private key in note form; null: it is kept in the data directory. */
export const PRIVATE_KEY = z
  .string()
  .startsWith('PRIVATE+KEY+', 'must be a private key as "ingam keygen" writes it')
  .nullable()
  .default(null);

/** @param example what a name of the kind looks like */
export const keyName = (example: string) =>
  z
    .string()
    .regex(/^[^\s+]+$/, `must have no spaces and no plus sign; ${example}`)
    .nullable()
    .default(null);

/** Of everything that listens and has a database and a data directory. */
export const nodeSettings = (defaults: { readonly port: number; readonly dataDir: string }) => ({
  HOST: z.string().min(1, 'must be a host name or an address').default('127.0.0.1'),
  PORT: integer(0, 65535).default(defaults.port),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://')
    .nullable()
    .default(null),
  INGAM_DATA_DIR: z.string().min(1, 'must be a directory').default(defaults.dataDir),
  INGAM_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** Read by the command line, not by a node. */
const CLIENT = new Set(['INGAM_SERVER', 'INGAM_TRUST', 'INGAM_KEY']);

/** What is set: empty values count as absent. */
export function settingsGiven(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
}

/** Names that begin like ours but are not: a misspelt setting must not be ignored. */
export function unknownSettings(
  given: Readonly<Record<string, string | undefined>>,
  known: Readonly<Record<string, unknown>>,
): string[] {
  return Object.keys(given).filter(
    (name) =>
      name.startsWith('INGAM_') &&
      !name.startsWith('INGAM_TEST_') &&
      !Object.hasOwn(known, name) &&
      !CLIENT.has(name),
  );
}
