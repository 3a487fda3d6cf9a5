import { resolve } from 'node:path';
import { z } from 'zod';
import { integer, keyName, nodeSettings, PRIVATE_KEY, settingsGiven, unknownSettings } from './config.js';
import { parseVerifierKey, policyOfKeys, ProofError, type VerifierKey } from '../proof/index.js';

/** Everything a member's node is told from outside. */
export interface MemberConfig {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** null: the node runs its own PostgreSQL in the data directory. */
  readonly databaseUrl: string | null;
  /** Absolute. The node's key and the embedded PostgreSQL live here. */
  readonly dataDir: string;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
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
}

const address = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:\/\/[^?#]+$/.test(text), 'must be an http(s) address')
  .transform((text) => text.replace(/\/+$/, ''));

const list = (text: string) => text.split(/[\s,]+/).filter((item) => item !== '');

/** Keys that sign logs: another kind would never be met. */
const logKeys = z.string().transform((text, context): VerifierKey[] => {
  try {
    const keys = list(text).map(parseVerifierKey);
    policyOfKeys(keys);
    if (new Set(keys.map(({ name }) => name)).size < keys.length) context.addIssue('names a log twice');
    return keys;
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    context.addIssue(error.message);
    return z.NEVER;
  }
});

const Environment = z.object({
  ...nodeSettings({ port: 8081, dataDir: 'member-data' }),
  INGAM_MEMBER_UPSTREAM: address,
  INGAM_MEMBER_UPSTREAM_KEY: logKeys.refine((keys) => keys.length === 1, 'must be one verifier key'),
  INGAM_MEMBER_NAME: keyName('a host name is usual: ingam.partner.example'),
  INGAM_MEMBER_KEY: PRIVATE_KEY,
  INGAM_MEMBER_PEERS: z.string().transform(list).pipe(z.array(address)).default([]),
  INGAM_MEMBER_LOGS: logKeys.default([]),
  INGAM_MEMBER_WEBHOOK: address.nullable().default(null),
  INGAM_MEMBER_POLL_MS: integer(100, 3_600_000).default(5000),
});

/**
 * @param env the process's environment; empty values count as absent
 * @returns the configuration, or every mistake that is in it
 */
export function readMemberSettings(
  env: Readonly<Record<string, string | undefined>>,
): { readonly config: MemberConfig } | { readonly mistakes: readonly string[] } {
  const given = settingsGiven(env);
  const unknown = unknownSettings(given, Environment.shape).map(
    (name) => `${name} is not a setting of a member`,
  );
  const parsed = Environment.safeParse(given);
  const wrong = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => {
        const name = path.join('.');
        return given[name] === undefined ? `${name} is missing` : `${name} ${message}`;
      });
  const [upstreamKey] = parsed.data?.INGAM_MEMBER_UPSTREAM_KEY ?? [];
  if (!parsed.success || unknown.length > 0 || upstreamKey === undefined)
    return { mistakes: [...wrong, ...unknown] };
  const value = parsed.data;
  if (value.INGAM_MEMBER_LOGS.some(({ name }) => name === upstreamKey.name)) {
    return { mistakes: ['INGAM_MEMBER_LOGS names the log that is followed: it is cosigned anyway'] };
  }
  return {
    config: Object.freeze({
      host: value.HOST,
      port: value.PORT,
      databaseUrl: value.DATABASE_URL,
      dataDir: resolve(value.INGAM_DATA_DIR),
      logLevel: value.INGAM_LOG_LEVEL,
      upstream: value.INGAM_MEMBER_UPSTREAM,
      upstreamKey,
      name: value.INGAM_MEMBER_NAME,
      key: value.INGAM_MEMBER_KEY,
      peers: value.INGAM_MEMBER_PEERS,
      otherLogs: value.INGAM_MEMBER_LOGS,
      webhook: value.INGAM_MEMBER_WEBHOOK,
      pollMs: value.INGAM_MEMBER_POLL_MS,
    }),
  };
}
