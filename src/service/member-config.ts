import { resolve } from 'node:path';
import { z } from 'zod';
import { parseVerifierKey, policyOfKeys, type VerifierKey } from '../proof/index.js';
import {
  address,
  type DirectoryConfig,
  type Environment,
  type ExposureConfig,
  integer,
  keyName,
  list,
  type LogConfig,
  nodeSettings,
  ownerMistakes,
  parsedBy,
  privateKey,
  proxies,
  readSettings,
  type Values,
} from './settings.js';

/** Everything that is configured from outside. */
export interface MemberConfig extends LogConfig, ExposureConfig, DirectoryConfig {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** null: the node runs its own PostgreSQL in the data directory. */
  readonly databaseUrl: string | null;
  /** The same database for the role that owns its tables; null: the role of `databaseUrl` does. */
  readonly databaseOwnerUrl: string | null;
  /** Address and key of the log that is followed. */
  readonly upstream: string;
  readonly upstreamKey: VerifierKey;
  /** Name of the node's key; null: kept from the first start, or made up then. */
  readonly name: string | null;
  /** The node's private key in note form; null: kept in the data directory, made on the first start. */
  readonly key: string | null;
  readonly peers: readonly string[];
  readonly otherLogs: readonly VerifierKey[];
  readonly webhook: string | null;
  readonly pollMs: number;
  /** Reverse proxies whose forwarded client addresses are trusted: their number, or their addresses. */
  readonly trustProxy: number | readonly string[];
}

/** Keys of logs: keys of other types do not sign checkpoints. */
const logKeys = parsedBy('a list of verifier keys', (text): readonly VerifierKey[] => {
  const keys = list(text).map(parseVerifierKey);
  policyOfKeys(keys);
  return keys;
}).refine((keys) => new Set(keys.map(({ name }) => name)).size === keys.length, 'names a log twice');

/** Unless INGAM_DATA_DIR names another one. */
export const MEMBER_DATA_DIR = 'member-data';

const MEMBER_SETTINGS = {
  ...nodeSettings({ port: 8081, dataDir: MEMBER_DATA_DIR }),
  INGAM_MEMBER_UPSTREAM: address,
  INGAM_MEMBER_UPSTREAM_KEY: logKeys.transform((keys, context): VerifierKey => {
    const [key] = keys;
    if (key !== undefined && keys.length === 1) return key;
    context.addIssue('must be one verifier key');
    return z.NEVER;
  }),
  INGAM_MEMBER_NAME: keyName('a host name is usual: ingam.partner.example'),
  INGAM_MEMBER_KEY: privateKey,
  INGAM_MEMBER_PEERS: z.string().transform(list).pipe(z.array(address)).default([]),
  INGAM_MEMBER_LOGS: logKeys.default([]),
  INGAM_MEMBER_WEBHOOK: address.nullable().default(null),
  INGAM_MEMBER_POLL_MS: integer(100, 3_600_000).default(5000),
  INGAM_TRUST_PROXY: proxies.default(0),
};

/** Whether an environment is that of a member's node: no setting of a service begins so. */
export function isForMember(env: Environment): boolean {
  return Object.entries(env).some(
    ([name, value]) => name.startsWith('INGAM_MEMBER_') && (value ?? '') !== '',
  );
}

/**
 * The member's private key, if the environment gives it; null: it is in the data directory.
 * @throws {ConfigError}
 */
export function givenMemberKey(env: Environment): string | null {
  const { INGAM_MEMBER_KEY, INGAM_MEMBER_KEY_FILE } = env;
  const own = { INGAM_MEMBER_KEY, INGAM_MEMBER_KEY_FILE };
  return readSettings({ INGAM_MEMBER_KEY: privateKey }, own, () => []).INGAM_MEMBER_KEY?.text ?? null;
}

/** Those of docs/members.md. */
export const MEMBER_SETTING_NAMES: readonly string[] = Object.keys(MEMBER_SETTINGS);

/**
 * @param env the process's environment; empty values count as absent
 * @throws {ConfigError}
 */
export function loadMemberConfig(env: Environment): MemberConfig {
  return memberConfigOf(loadMemberSettings(env));
}

export type MemberValues = Values<typeof MEMBER_SETTINGS>;

/** What may change while the node runs. */
export type ReloadedMemberConfig = Pick<MemberConfig, 'logLevel' | 'metricsToken'>;
export const RELOADED_MEMBER: readonly (keyof MemberValues)[] = ['INGAM_LOG_LEVEL', 'INGAM_METRICS_TOKEN'];

/** By their names. @param env as for `loadMemberConfig`. @throws {ConfigError} */
export function loadMemberSettings(env: Environment): MemberValues {
  return readSettings(
    MEMBER_SETTINGS,
    env,
    (
      {
        INGAM_MEMBER_UPSTREAM_KEY: upstream,
        INGAM_MEMBER_LOGS: logs,
        INGAM_MEMBER_NAME: name,
        INGAM_MEMBER_KEY: key,
      },
      isSet,
    ) => {
      const mistakes = ownerMistakes(isSet);
      if (upstream !== undefined && logs?.some((log) => log.name === upstream.name) === true) {
        mistakes.push('INGAM_MEMBER_LOGS names the followed log, which is cosigned anyway');
      }
      if (typeof name === 'string' && key && key.key.name !== name) {
        mistakes.push(
          `INGAM_MEMBER_NAME is ${name}, but INGAM_MEMBER_KEY is for ${key.key.name}; a member keeps its name for life`,
        );
      }
      return mistakes;
    },
  );
}

export function memberConfigOf(value: MemberValues): MemberConfig {
  return Object.freeze({
    host: value.HOST,
    port: value.PORT,
    databaseUrl: value.DATABASE_URL,
    databaseOwnerUrl: value.DATABASE_OWNER_URL,
    dataDir: resolve(value.INGAM_DATA_DIR),
    requireVolume: value.INGAM_REQUIRE_VOLUME === 'on',
    metricsToken: value.INGAM_METRICS_TOKEN,
    connectionsPerNetwork: value.INGAM_CONNECTIONS_PER_NETWORK,
    logLevel: value.INGAM_LOG_LEVEL,
    logFormat: value.INGAM_LOG_FORMAT,
    upstream: value.INGAM_MEMBER_UPSTREAM,
    upstreamKey: value.INGAM_MEMBER_UPSTREAM_KEY,
    name: value.INGAM_MEMBER_NAME,
    key: value.INGAM_MEMBER_KEY?.text ?? null,
    peers: value.INGAM_MEMBER_PEERS,
    otherLogs: value.INGAM_MEMBER_LOGS,
    webhook: value.INGAM_MEMBER_WEBHOOK,
    pollMs: value.INGAM_MEMBER_POLL_MS,
    trustProxy: value.INGAM_TRUST_PROXY,
  });
}
