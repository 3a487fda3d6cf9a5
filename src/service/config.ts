import { BlockList, isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { WITNESS_SETTINGS } from '../log/members-setting.js';
import { MAX_BLOCK_ENTRIES, MAX_DIFFICULTY, type Witnesses } from '../proof/index.js';
import { isLoopback, type AccessConfig, type OidcRole } from '../auth/index.js';
import type { Role } from '../store/index.js';

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

const httpUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'must be an http(s) address',
  )
  .transform((text) => new URL(text));

const proxies = z.string().transform((text, context) => {
  if (/^[0-9]$/.test(text)) return Number(text);
  const list = text.split(/[\s,]+/).filter((item) => item !== '');
  for (const item of list.filter((each) => !isNetwork(each))) {
    context.addIssue(
      `must be a number of proxies, or addresses and networks: ${JSON.stringify(item)} is neither`,
    );
  }
  return list;
});

const roles = z.string().transform((text, context) =>
  text
    .split(/[\s,]+/)
    .filter((item) => item !== '')
    .flatMap((item) => {
      const match = /^(.+)=(owner|notary|auditor)@([^@=\s]+)$/.exec(item);
      if (match?.[1] !== undefined && match[3] !== undefined) {
        return [{ claimValue: match[1], role: match[2] as Role, organizationId: match[3] }];
      }
      context.addIssue(`must read VALUE=ROLE@ORGANIZATION, separated by spaces; got ${JSON.stringify(item)}`);
      return [];
    }),
);

/** Settings of the environment, by name. */
export const ACCESS_SETTINGS = {
  INGAM_ANONYMOUS: z.enum(['on', 'off']).nullable().default(null),
  INGAM_VERIFICATION: z.enum(['public', 'private']).default('public'),
  INGAM_PUBLIC_URL: httpUrl.transform(asFolder).nullable().default(null),
  INGAM_TRUST_PROXY: proxies.default(0),
  INGAM_OPERATOR_EMAIL: z.string().nullable().default(null),
  INGAM_OPERATOR_PASSWORD: z.string().nullable().default(null),
  INGAM_OIDC_ISSUER: z.string().nullable().default(null),
  INGAM_OIDC_AUDIENCE: z.string().nullable().default(null),
  INGAM_OIDC_JWKS_URL: httpUrl.nullable().default(null),
  INGAM_OIDC_ROLE_CLAIM: z.string().default('roles'),
  INGAM_OIDC_ROLES: roles.default([]),
};

type Values = z.infer<z.ZodObject<typeof ACCESS_SETTINGS>>;

/** @returns the settings' meaning, and what does not fit together in them */
export function accessConfig(value: Values, host: string): { config: AccessConfig; mistakes: string[] } {
  const mistakes = [
    ...together(value, ['INGAM_OPERATOR_EMAIL', 'INGAM_OPERATOR_PASSWORD']),
    ...together(value, ['INGAM_OIDC_ISSUER', 'INGAM_OIDC_AUDIENCE', 'INGAM_OIDC_JWKS_URL']),
  ];
  const { INGAM_OPERATOR_EMAIL: email, INGAM_OPERATOR_PASSWORD: password } = value;
  const { INGAM_OIDC_ISSUER: issuer, INGAM_OIDC_AUDIENCE: audience, INGAM_OIDC_JWKS_URL: jwksUrl } = value;
  const proxied = value.INGAM_TRUST_PROXY !== 0;
  const config: AccessConfig = {
    // Behind a proxy, whoever comes to loopback can be anybody.
    anonymousSubmission:
      value.INGAM_ANONYMOUS === null ? isLoopback(host) && !proxied : value.INGAM_ANONYMOUS === 'on',
    privateVerification: value.INGAM_VERIFICATION === 'private',
    publicUrl: value.INGAM_PUBLIC_URL,
    trustProxy: value.INGAM_TRUST_PROXY,
    operator: email === null || password === null ? null : { email, password },
    oidc:
      issuer === null || audience === null || jwksUrl === null
        ? null
        : {
            issuer,
            audience,
            jwksUrl,
            roleClaim: value.INGAM_OIDC_ROLE_CLAIM,
            roles: value.INGAM_OIDC_ROLES,
          },
  };
  return { config, mistakes };
}

/** Pages of the service are addressed relative to it: without a slash at its end, its last part would be lost. */
function asFolder(url: URL): URL {
  const folder = new URL(url);
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  return folder;
}

function together(value: Values, names: readonly (keyof Values)[]): string[] {
  const missing = names.filter((name) => value[name] === null);
  if (missing.length === 0 || missing.length === names.length) return [];
  return [`${missing.join(', ')} must be set as well: ${names.join(', ')} go together`];
}

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

/** Everything the service is told from outside. Read once, at start; nothing else reads the environment. */
export interface Config {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** null: the service runs its own PostgreSQL in the data directory. */
  readonly databaseUrl: string | null;
  /** Absolute. Keys, the last checkpoint, and the embedded PostgreSQL live here. */
  readonly dataDir: string;
  /** null: kept from the first start, or made up then. */
  readonly origin: string | null;
  /** Private keys in note form; null: kept in the data directory, made on the first start. */
  readonly logKey: string | null;
  readonly receiptKey: string | null;
  readonly sealIntervalMs: number;
  readonly maxBlockEntries: number;
  /** The difficulty of the first block, which is the chain's minimum from then on. */
  readonly minDifficulty: number;
  readonly miningTargetMs: number;
  /** What a receipt promises: sealed this long after acceptance, at the latest. */
  readonly sealPromiseMs: number;
  /** null: no limit. */
  readonly maxUploadBytes: number | null;
  /** Documents that may wait for their commit; beyond it, callers are sent away to come again. */
  readonly maxQueue: number;
  /** Accepting processes behind the one port. 1: no others beside this one. */
  readonly workers: number;
  /** Whom to ask for cosignatures; null: nobody. */
  readonly witnesses: Witnesses | null;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly access: AccessConfig;
}

/** Thrown with every mistake found, not only the first. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(
      `The configuration has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.mistakes = mistakes;
  }
}

/** One for each core: of two, the second takes in a sixth more although PostgreSQL and the mining want a core too (row `processes` of the bench). */
const DEFAULT_WORKERS = Math.min(16, availableParallelism());

const Environment = z.object({
  ...nodeSettings({ port: 8080, dataDir: 'data' }),
  INGAM_ORIGIN: keyName('a host name with a path is usual: notary.example.com/main'),
  INGAM_LOG_KEY: PRIVATE_KEY,
  INGAM_RECEIPT_KEY: PRIVATE_KEY,
  INGAM_SEAL_INTERVAL_MS: integer(10, 3_600_000).default(1000),
  INGAM_MAX_BLOCK_ENTRIES: integer(1, MAX_BLOCK_ENTRIES).default(65_536),
  INGAM_MIN_DIFFICULTY: integer(0, MAX_DIFFICULTY).default(12),
  INGAM_MINING_TARGET_MS: integer(0, 3_600_000).default(200),
  INGAM_SEAL_PROMISE_MS: integer(1000, 86_400_000).default(60_000),
  INGAM_MAX_UPLOAD_BYTES: integer(1, Number.MAX_SAFE_INTEGER).nullable().default(null),
  INGAM_MAX_QUEUE: integer(1, 10_000_000).default(100_000),
  INGAM_WORKERS: integer(1, 64).default(DEFAULT_WORKERS),
  ...WITNESS_SETTINGS,
  ...ACCESS_SETTINGS,
});

/**
 * @param env the process's environment; empty values count as absent
 * @throws {ConfigError}
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = settingsGiven(env);
  const unknown = unknownSettings(given, Environment.shape).map((name) => `${name} is not a setting`);
  const parsed = Environment.safeParse(given);
  const wrong = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  if (!parsed.success || unknown.length > 0) throw new ConfigError([...wrong, ...unknown]);
  const value = parsed.data;
  const access = accessConfig(value, value.HOST);
  if (access.mistakes.length > 0) throw new ConfigError(access.mistakes);
  if (value.INGAM_SEAL_INTERVAL_MS >= value.INGAM_SEAL_PROMISE_MS) {
    throw new ConfigError([
      'INGAM_SEAL_INTERVAL_MS must be below INGAM_SEAL_PROMISE_MS, or receipts promise what cannot be kept',
    ]);
  }
  return Object.freeze({
    host: value.HOST,
    port: value.PORT,
    databaseUrl: value.DATABASE_URL,
    dataDir: resolve(value.INGAM_DATA_DIR),
    origin: value.INGAM_ORIGIN,
    logKey: value.INGAM_LOG_KEY,
    receiptKey: value.INGAM_RECEIPT_KEY,
    sealIntervalMs: value.INGAM_SEAL_INTERVAL_MS,
    maxBlockEntries: value.INGAM_MAX_BLOCK_ENTRIES,
    minDifficulty: value.INGAM_MIN_DIFFICULTY,
    miningTargetMs: value.INGAM_MINING_TARGET_MS,
    sealPromiseMs: value.INGAM_SEAL_PROMISE_MS,
    maxUploadBytes: value.INGAM_MAX_UPLOAD_BYTES,
    maxQueue: value.INGAM_MAX_QUEUE,
    workers: value.INGAM_WORKERS,
    witnesses: value.INGAM_WITNESSES,
    logLevel: value.INGAM_LOG_LEVEL,
    access: access.config,
  });
}
