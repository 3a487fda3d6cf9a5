import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { parsePrivateKey } from '../crypto/keys.js';
import { ProofError, utf8Decode } from '../proof/index.js';
import { databaseUrlMistake } from '../store/index.js';

/*
 * How settings are read, and the kinds of values that a service and a member's node share.
 */

export const integer = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^(0|[1-9][0-9]{0,15})$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, `must be from ${minimum} to ${maximum}`);

/**
 * Text that `parse` accepts.
 * @param what completes "is not …" in the message about text that it rejects
 */
export const parsedBy = <T>(what: string, parse: (text: string) => T) =>
  z.string().transform((text, context): T => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      context.addIssue(`is not ${what}: ${error.message}`);
      return z.NEVER;
    }
  });

/** A private key in note form; null: it is kept in the data directory. */
export const privateKey = parsedBy('a private key as "ingam keygen" writes it', parsePrivateKey)
  .nullable()
  .default(null);

/** @param example what a usual name looks like */
export const keyName = (example: string) =>
  z
    .string()
    .regex(/^[^\s+]+$/, `must have no spaces and no plus sign; ${example}`)
    .nullable()
    .default(null);

export const databaseUrl = z
  .string()
  .transform((text, context) => {
    const mistake = databaseUrlMistake(text);
    if (mistake !== null) context.addIssue(mistake);
    return text;
  })
  .nullable()
  .default(null);

/** For everything that listens and has a database and a data directory. */
export const nodeSettings = (defaults: { readonly port: number; readonly dataDir: string }) => ({
  HOST: z.string().min(1, 'must be a host name or an address').default('127.0.0.1'),
  PORT: integer(0, 65535).default(defaults.port),
  DATABASE_URL: databaseUrl,
  DATABASE_OWNER_URL: databaseUrl,
  INGAM_DATA_DIR: z.string().min(1, 'must be a directory').default(defaults.dataDir),
  INGAM_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  INGAM_LOG_FORMAT: z.enum(['json', 'text']).nullable().default(null),
  INGAM_METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, 'must have 16 or more visible ASCII characters')
    .nullable()
    .default(null),
  INGAM_CONNECTIONS_PER_NETWORK: integer(1, 1_000_000).default(1000),
  INGAM_REQUIRE_VOLUME: z.enum(['on', 'off']).default('off'),
});

/** Where a node keeps what must not be lost. */
export interface DirectoryConfig {
  /** Absolute. Contains keys, the embedded PostgreSQL, and of a service its last checkpoint. */
  readonly dataDir: string;
  /** Whether to refuse a data directory that would be lost with the container. */
  readonly requireVolume: boolean;
}

export interface LogConfig {
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** null: text on a terminal, JSON elsewhere. */
  readonly logFormat: 'json' | 'text' | null;
}

/** What strangers get of a node that listens. */
export interface ExposureConfig {
  /** With which other machines may read the metrics; null: none may. */
  readonly metricsToken: string | null;
  /** Open connections of one network, in all processes together. */
  readonly connectionsPerNetwork: number;
}

/** Thrown with every mistake found, not only the first. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`;
    super(`The configuration has ${count}:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
    this.name = 'ConfigError';
    this.mistakes = mistakes;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Each may be in a file instead, which NAME_FILE names: secrets, because more can see the environment, and what can be
 * changed while the program runs.
 */
const IN_FILES: ReadonlySet<string> = new Set([
  ...[
    'DATABASE_URL',
    'DATABASE_OWNER_URL',
    'INGAM_READ_DATABASE_URL',
    'INGAM_LOG_KEY',
    'INGAM_RECEIPT_KEY',
    'INGAM_SECRET',
  ],
  ...['INGAM_MEMBER_KEY', 'INGAM_METRICS_TOKEN', 'INGAM_OPERATOR_PASSWORD', 'INGAM_OIDC_CLIENT_SECRET'],
  ...['INGAM_VAULT_KEY', 'INGAM_VAULT_S3_ACCESS_KEY', 'INGAM_VAULT_S3_SECRET_KEY'],
  ...['INGAM_ALARM_WEBHOOK', 'INGAM_MEMBER_WEBHOOK', 'INGAM_SMTP_URL', 'INGAM_LOG_LEVEL'],
]);

const fileSetting = (name: string) => `${name}_FILE`;

type Shape = Readonly<Record<string, z.ZodType>>;
export type Values<S extends Shape> = { readonly [Name in keyof S]: z.output<S[Name]> };

/** Read by the command line, not by a node. */
const CLIENT_SETTINGS = new Set(['INGAM_SERVER', 'INGAM_TRUST', 'INGAM_KEY']);

/**
 * Reads settings, each for itself, and then checks them against each other as far as they could be read, so
 * that every mistake is reported at once.
 *
 * @param env the process's environment; empty values count as absent
 * @param conflicts the mistakes that no single setting shows; a value that could not be read is undefined
 * @throws {ConfigError}
 */
export function readSettings<S extends Shape>(
  shape: S,
  env: Environment,
  conflicts: (values: Partial<Values<S>>, isSet: (name: keyof S) => boolean) => readonly string[],
): Values<S> {
  const set = new Map(
    Object.entries(env).filter((each): each is [string, string] => each[1] !== undefined && each[1] !== ''),
  );
  const values: Record<string, unknown> = {};
  const mistakes: string[] = [];
  for (const [name, schema] of Object.entries(shape)) {
    const { text, source, mistake } = given(name, set);
    if (mistake !== null) {
      mistakes.push(mistake);
      continue;
    }
    const { success, data, error } = schema.safeParse(text);
    if (success) values[name] = data;
    else if (text === undefined) mistakes.push(`${name} is missing`);
    else mistakes.push(...error.issues.map(({ message }) => `${source} ${message}`));
  }
  mistakes.push(...unknownSettings([...set.keys()], shape).map((name) => `${name} is not a setting`));
  mistakes.push(...conflicts(values as Partial<Values<S>>, (name) => isGiven(String(name), set)));
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return values as Values<S>;
}

interface Given {
  readonly text: string | undefined;
  /** The name under which it was given. */
  readonly source: string;
  readonly mistake: string | null;
}

/** A setting's text, from the environment or from the file that it names. */
function given(name: string, set: ReadonlyMap<string, string>): Given {
  const text = set.get(name);
  const source = fileSetting(name);
  const file = IN_FILES.has(name) ? set.get(source) : undefined;
  if (file === undefined) return { text, source: name, mistake: null };
  if (text !== undefined) {
    const mistake = `${name} and ${source} are the same setting: set one of them`;
    return { text: undefined, source, mistake };
  }
  try {
    const content = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    const mistake = content === '' ? `${source} names an empty file: ${file}` : null;
    return { text: content, source, mistake };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const mistake = `${source} must be the name of a file that can be read: ${reason}`;
    return { text: undefined, source, mistake };
  }
}

function isGiven(name: string, set: ReadonlyMap<string, string>): boolean {
  return set.has(name) || (IN_FILES.has(name) && set.has(fileSetting(name)));
}

/** Names with our prefix that are not ours: a misspelt setting must not be ignored. */
function unknownSettings(names: readonly string[], known: Shape): string[] {
  return names.filter(
    (name) =>
      name.startsWith('INGAM_') &&
      !name.startsWith('INGAM_TEST_') &&
      !Object.hasOwn(known, name) &&
      !Object.keys(known).some((each) => IN_FILES.has(each) && name === fileSetting(each)) &&
      !CLIENT_SETTINGS.has(name),
  );
}

/** Printed on certificates, in one line. */
export const printedText = z
  .string()
  .max(200, 'must have at most 200 characters')
  .regex(/^\P{Cc}*$/u, 'must be one line');

/** Addresses are published, printed and logged. */
const hasNoCredentials = [
  (text: string) => !URL.canParse(text) || new URL(text).username + new URL(text).password === '',
  'must not contain a user name or password: addresses are published and logged',
] as const;

export const httpUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'must be an http(s) address',
  )
  .refine(...hasNoCredentials)
  .transform((text) => new URL(text));

export const address = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:\/\/[^?#]+$/.test(text), 'must be an http(s) address')
  .refine(...hasNoCredentials)
  .transform((text) => text.replace(/\/+$/, ''));

export const proxies = z.string().transform((text, context) => {
  if (/^[0-9]$/.test(text)) return Number(text);
  const found = list(text);
  for (const item of found.filter((each) => !isNetwork(each))) {
    context.addIssue(
      `must be a number of proxies, or addresses and networks: ${JSON.stringify(item)} is neither`,
    );
  }
  return found;
});

/** RFC 6749, appendix A. */
export const clientText = z
  .string()
  .regex(/^[\x20-\x7e]+$/, 'must have visible ASCII characters and spaces only');

/** The items of a text, between spaces or commas. */
export const list = (text: string) => text.split(/[\s,]+/).filter((item) => item !== '');

/**
 * Text, or the name of a file that contains it: the name has no line feed, and the text has some.
 * @param what such as "a policy"
 * @param parse throws ProofError
 */
export const textOrFile = <T>(what: string, parse: (text: string) => T) =>
  z.string().transform((value, context): T => {
    try {
      return parse(value.includes('\n') ? value : utf8Decode(readFileSync(value)));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : null;
      if (code === null) throw error;
      context.addIssue(
        error instanceof ProofError
          ? `is not ${what}: ${error.message}`
          : `must be ${what} or a file that contains it: ${code === 'ENOENT' ? 'no such file' : `it cannot be read (${code})`}`,
      );
      return z.NEVER;
    }
  });

function isNetwork(text: string): boolean {
  if (/^(loopback|linklocal|uniquelocal)$/.test(text)) return true;
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  if (!/^[0-9]{1,3}$/.test(prefix)) return false;
  try {
    new BlockList().addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
    return true;
  } catch {
    return false;
  }
}

export function ownerMistakes(isSet: (name: 'DATABASE_URL' | 'DATABASE_OWNER_URL') => boolean): string[] {
  if (!isSet('DATABASE_OWNER_URL') || isSet('DATABASE_URL')) return [];
  return ['DATABASE_URL must be set as well: DATABASE_OWNER_URL is used to migrate that database'];
}
