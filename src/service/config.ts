import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import { z } from 'zod';
import { NO_TIME_SOURCES, parseTimeSources, type TimeSources } from '../anchoring/index.js';
import { type AccessConfig, AccessError } from '../auth/index.js';
import { parseNetworks } from '../auth/values.js';
import { CertificateError, type Issuer } from '../certificate/facts.js';
import { certificateSigner } from '../certificate/signature.js';
import { ErasureKeys } from '../crypto/erasure-keys.js';
import { parseLogKeys, parseReceiptKeys } from '../crypto/keys.js';
import { parseSecrets } from '../crypto/secrets.js';
import {
  MAX_BLOCK_ENTRIES,
  MAX_DIFFICULTY,
  parseWitnesses,
  ProofError,
  utf8Decode,
  type Witnesses,
} from '../proof/index.js';
import type { SmtpConfig } from '../mail/index.js';
import { isMailAddress } from '../messages/mail-address.js';
import { countHosts, databaseUrlMistake } from '../store/index.js';
import { type NtpServer, parseTsaKey, type TsaSettings } from '../tsa/index.js';
import type { PrivateNetworks } from '../webhooks/index.js';
import { ACCESS_SETTINGS, accessConfig, accessMistakes } from './access-config.js';
import {
  address,
  databaseUrl,
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
  printedText,
  readSettings,
  textOrFile,
  type Values,
} from './settings.js';
import { VAULT_SETTINGS, type VaultConfig, vaultConfig, vaultMistakes } from './vault-config.js';

const NTP_PORT = 123;

/** Time servers: `ntp.example`, `192.0.2.1:1123`, `[2001:db8::1]:123`. */
const timeServers = z.string().transform((text, context): readonly NtpServer[] =>
  list(text).flatMap((item) => {
    const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::([1-9][0-9]{0,4}))?$/i.exec(item);
    const port = Number(match?.[3] ?? NTP_PORT);
    const isAddress = match !== null && (match[1] === undefined || isIP(match[1]) === 6);
    if (isAddress && port <= 65_535) return [{ host: match[1] ?? match[2] ?? '', port }];
    context.addIssue(
      `must be host names or addresses of time servers, separated by spaces: ${JSON.stringify(item)} is neither. An IPv6 address needs brackets`,
    );
    return [];
  }),
);

/** An own policy of this program, by a random UUID (ITU-T X.667), for operators who have no identifier. */
const DEFAULT_TSA_POLICY = '2.25.125170070022977937687639345452800568862';

/** A private key and its certificates. */
const tsaKey = textOrFile(
  'the key of a time-stamping authority, with its certificates, in PEM',
  (text) => parseTsaKey(text).pem,
);

/** More would make every certificate large. In bytes. */
const MAX_LOGO = 256 * 1024;
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The name of a file with a PNG; its bytes in base64. */
const logo = z.string().transform((path, context): string => {
  try {
    const bytes = readFileSync(path);
    if (bytes.subarray(0, PNG.length).equals(PNG) && bytes.length <= MAX_LOGO)
      return bytes.toString('base64');
    context.addIssue(`must be a PNG of at most ${MAX_LOGO / 1024} KiB`);
  } catch (error) {
    context.addIssue(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return z.NEVER;
});

/** The name of a file; see docs/time-sources.md. Every mistake in it is an issue of its own. */
const timeSources = z.string().transform((file, context): TimeSources => {
  try {
    const text = utf8Decode(readFileSync(file));
    const read = (name: string) => new Uint8Array(readFileSync(resolve(dirname(file), name)));
    const { sources, mistakes } = parseTimeSources(text, read);
    for (const mistake of mistakes) context.addIssue(`(${file}) ${mistake}`);
    return mistakes.length === 0 ? sources : z.NEVER;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    if (code === null) throw error;
    context.addIssue(
      error instanceof ProofError
        ? `(${file}) is not text: ${error.message}`
        : `must be the name of a file that can be read (${code}): docs/time-sources.md says what is in it`,
    );
    return z.NEVER;
  }
});

/** The absolute name of a file of data keys that is whole, and that nobody else can read. */
const erasureKeys = z.string().transform((name, context): string => {
  const path = resolve(name);
  try {
    ErasureKeys.parse(readFileSync(path, 'utf8'));
    accessSync(dirname(path), constants.W_OK);
    if ((statSync(path).mode & 0o077) === 0) return path;
    context.addIssue(`(${path}) can be read by others: chmod 600 ${path}`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    if (code === null) throw error;
    context.addIssue(
      error instanceof ProofError
        ? `(${path}) is no file of data keys: ${error.message}. Restore it from its copy`
        : `must be the name of a file that can be read, in a folder that can be written (${code}): make one with "ingam erasure-keys --new ${path}", or restore the one that the database was used with`,
    );
  }
  return z.NEVER;
});

/** Everything that is configured from outside. Read once, at start; nothing else reads the environment. */
export interface Config extends LogConfig, ExposureConfig, DirectoryConfig {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** null: the service runs its own PostgreSQL in the data directory. */
  readonly databaseUrl: string | null;
  /** The same database for the role that owns its tables; null: the role of `databaseUrl` does. */
  readonly databaseOwnerUrl: string | null;
  /** A standby of the same database, from which readers are served; null: they are served from the primary. */
  readonly readDatabaseUrl: string | null;
  /** Whether nothing is accepted that no synchronous standby of the database would confirm. */
  readonly requireSync: boolean;
  /** null: kept from the first start, or generated then. */
  readonly origin: string | null;
  /**
   * Private keys in note form, separated by spaces; null: kept in the data directory, generated on the first
   * start.
   */
  readonly logKey: string | null;
  readonly receiptKey: string | null;
  /** 64 hexadecimal digits, former ones behind it; null: kept and generated likewise. */
  readonly secret: string | null;
  /** The file with the data keys of documents; null: they have none. */
  readonly erasureKeys: string | null;
  /** Where documents are kept; null: they are not. */
  readonly vault: VaultConfig | null;
  readonly sealIntervalMs: number;
  readonly maxBlockEntries: number;
  /** The difficulty of the first block, which is the chain's minimum from then on. */
  readonly minDifficulty: number;
  readonly miningTargetMs: number;
  /** What a receipt promises: sealed this long after acceptance, at the latest. */
  readonly sealPromiseMs: number;
  /** null: no limit. */
  readonly maxUploadBytes: number | null;
  /** Documents that may wait for their commit, in all processes together; more are rejected with 503. */
  readonly maxQueue: number;
  /** Processes that serve the port. 1: this process alone. */
  readonly workers: number;
  /** The members and other witnesses that cosign this log; null: none. */
  readonly members: Witnesses | null;
  /** What gives the log anchors, and its blocks beacons. */
  readonly timeSources: TimeSources;
  /** Address to which alarms are posted as JSON; null: none. */
  readonly alarmWebhook: string | null;
  /** Which private networks the webhooks of organizations may lead to, in CIDR form; null: none. */
  readonly webhookPrivate: PrivateNetworks;
  /** Whether to seal on blocks although no kept checkpoint confirms that they are all. */
  readonly sealWithoutKeptCheckpoint: boolean;
  /** Who issues certificates, as it is printed on them; null: not printed. */
  readonly issuer: Issuer | null;
  /**
   * PEM of the private key that signs certificates, and of its X.509 certificates; `tsa`: which of the time
   * sources stamps the signature. null: not signed.
   */
  readonly pdfSigning: { readonly key: string; readonly chain: string; readonly tsa: string | null } | null;
  /** Where e-mails are handed in; null: links are delivered by hand. */
  readonly mail: SmtpConfig | null;
  readonly access: AccessConfig;
  /** The service's own time-stamping authority; null: it has none. */
  readonly tsa: TsaSettings | null;
  /** PEM of the authority's key and certificates; null: they are kept in the data directory. */
  readonly tsaKey: string | null;
  /** Id of the organization in whose register the tokens of anonymous clients are; null: in none. */
  readonly tsaOrganization: string | null;
}

/** The configuration of one process: its database is up and migrated. */
export type ProcessConfig = Config & { readonly databaseUrl: string };

/** What may change while the service runs. */
export type ReloadedConfig = Pick<Config, 'logLevel' | 'metricsToken' | 'logKey'>;

/** One per core: see "How many" in docs/design/running.md. */
const DEFAULT_WORKERS = Math.min(16, availableParallelism());

const privateNetworks = z.string().transform((text, context): PrivateNetworks => {
  if (text.trim() === 'off') return null;
  try {
    return parseNetworks(text.split(',').map((network) => network.trim()));
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    context.addIssue(`must be "off", or networks separated by commas: ${error.message}`);
    return z.NEVER;
  }
});

const smtpUrl = z
  .string()
  .refine(
    (text) => /^smtps?:\/\/[^/?#]+\/?$/.test(text) && URL.canParse(text) && new URL(text).hostname !== '',
    'must be the address of a mail server: smtps://user:password@mail.example.com, or smtp:// with its port',
  );

const SETTINGS = {
  ...nodeSettings({ port: 8080, dataDir: 'data' }),
  INGAM_ORIGIN: keyName('a host name with a path is usual: notary.example.com/main'),
  INGAM_LOG_KEY: parsedBy('a private key as "ingam keygen" writes it', parseLogKeys).nullable().default(null),
  INGAM_RECEIPT_KEY: parsedBy('a private key as "ingam keygen" writes it', parseReceiptKeys)
    .nullable()
    .default(null),
  INGAM_SECRET: parsedBy('a secret', (text) => (parseSecrets(text), text))
    .nullable()
    .default(null),
  INGAM_ERASURE_KEYS: erasureKeys.nullable().default(null),
  ...VAULT_SETTINGS,
  INGAM_SEAL_INTERVAL_MS: integer(10, 3_600_000).default(1000),
  INGAM_MAX_BLOCK_ENTRIES: integer(1, MAX_BLOCK_ENTRIES).default(65_536),
  INGAM_MIN_DIFFICULTY: integer(0, MAX_DIFFICULTY).default(12),
  INGAM_MINING_TARGET_MS: integer(0, 3_600_000).default(200),
  INGAM_SEAL_PROMISE_MS: integer(1000, 86_400_000).default(60_000),
  INGAM_MAX_UPLOAD_BYTES: integer(1, Number.MAX_SAFE_INTEGER).nullable().default(null),
  INGAM_MAX_QUEUE: integer(1, 10_000_000).default(100_000),
  INGAM_WORKERS: integer(1, 64).default(DEFAULT_WORKERS),
  INGAM_TIME_SOURCES: timeSources.default(NO_TIME_SOURCES),
  INGAM_ALARM_WEBHOOK: address.nullable().default(null),
  INGAM_WEBHOOK_PRIVATE: privateNetworks.default(null),
  INGAM_SMTP_URL: smtpUrl.nullable().default(null),
  INGAM_SMTP_FROM: z
    .string()
    .refine(isMailAddress, 'must be an e-mail address of the form NAME@HOST, in ASCII')
    .nullable()
    .default(null),
  INGAM_MEMBERS: textOrFile('a policy', parseWitnesses).nullable().default(null),
  INGAM_ISSUER_NAME: printedText.nullable().default(null),
  INGAM_ISSUER_CONTACT: printedText.nullable().default(null),
  INGAM_ISSUER_LOGO: logo.nullable().default(null),
  INGAM_PDF_KEY: textOrFile('a private key in PEM', String).nullable().default(null),
  INGAM_PDF_CHAIN: textOrFile('certificates in PEM', String).nullable().default(null),
  INGAM_PDF_TSA: z.string().nullable().default(null),
  INGAM_READ_DATABASE_URL: databaseUrl.refine(
    (url) => url === null || databaseUrlMistake(url) !== null || countHosts(url) === 1,
    'must name one server: a standby, or an address that leads to one',
  ),
  INGAM_REQUIRE_SYNC: z.enum(['on', 'off']).default('off'),
  INGAM_SEAL_WITHOUT_KEPT_CHECKPOINT: z.enum(['on', 'off']).default('off'),
  ...ACCESS_SETTINGS,
  INGAM_TSA: z.enum(['on', 'off']).default('off'),
  INGAM_TSA_KEY: tsaKey.nullable().default(null),
  INGAM_TSA_POLICY: z
    .string()
    .regex(
      /^(?=.{3,128}$)(?:[01]\.(?:[0-9]|[1-3][0-9])|2\.(?:0|[1-9][0-9]{0,38}))(?:\.(?:0|[1-9][0-9]{0,38}))*$/,
      'must be an object identifier in dotted decimal: 1.3.6.1.4.1.…',
    )
    .default(DEFAULT_TSA_POLICY),
  INGAM_TSA_ACCURACY_MS: integer(100, 60_000).default(1000),
  INGAM_TSA_NTP: timeServers.default([]),
  INGAM_TSA_ORGANIZATION: z.string().nullable().default(null),
};

/** Those of the README. */
export const SETTING_NAMES: readonly string[] = Object.keys(SETTINGS);

export type ServiceValues = Values<typeof SETTINGS>;
type Name = keyof typeof SETTINGS;

/** Those of `ReloadedConfig`. */
export const RELOADED: readonly Name[] = ['INGAM_LOG_LEVEL', 'INGAM_METRICS_TOKEN', 'INGAM_LOG_KEY'];

/** Settings that are set all together or not at all. */
const TOGETHER: readonly (readonly Name[])[] = [
  ['INGAM_OPERATOR_EMAIL', 'INGAM_OPERATOR_PASSWORD'],
  ['INGAM_OIDC_AUDIENCE', 'INGAM_OIDC_JWKS_URL'],
  ['INGAM_PDF_KEY', 'INGAM_PDF_CHAIN'],
  ['INGAM_SMTP_URL', 'INGAM_SMTP_FROM'],
];

/**
 * @param env the process's environment; empty values count as absent
 * @throws {ConfigError}
 */
export function loadConfig(env: Environment): Config {
  return configOf(loadSettings(env));
}

/** By their names. @param env as for `loadConfig`. @throws {ConfigError} */
export function loadSettings(env: Environment): ServiceValues {
  return readSettings(SETTINGS, env, conflictsIn);
}

export function configOf(value: ServiceValues): Config {
  return Object.freeze({
    host: value.HOST,
    port: value.PORT,
    databaseUrl: value.DATABASE_URL,
    databaseOwnerUrl: value.DATABASE_OWNER_URL,
    readDatabaseUrl: value.INGAM_READ_DATABASE_URL,
    dataDir: resolve(value.INGAM_DATA_DIR),
    requireVolume: value.INGAM_REQUIRE_VOLUME === 'on',
    origin: value.INGAM_ORIGIN,
    logKey: value.INGAM_LOG_KEY?.map(({ text }) => text).join(' ') ?? null,
    receiptKey: value.INGAM_RECEIPT_KEY?.map(({ text }) => text).join(' ') ?? null,
    secret: value.INGAM_SECRET,
    erasureKeys: value.INGAM_ERASURE_KEYS,
    vault: vaultConfig(value),
    sealIntervalMs: value.INGAM_SEAL_INTERVAL_MS,
    maxBlockEntries: value.INGAM_MAX_BLOCK_ENTRIES,
    minDifficulty: value.INGAM_MIN_DIFFICULTY,
    miningTargetMs: value.INGAM_MINING_TARGET_MS,
    sealPromiseMs: value.INGAM_SEAL_PROMISE_MS,
    maxUploadBytes: value.INGAM_MAX_UPLOAD_BYTES,
    maxQueue: value.INGAM_MAX_QUEUE,
    workers: value.INGAM_WORKERS,
    members: value.INGAM_MEMBERS,
    timeSources: value.INGAM_TIME_SOURCES,
    alarmWebhook: value.INGAM_ALARM_WEBHOOK,
    webhookPrivate: value.INGAM_WEBHOOK_PRIVATE,
    metricsToken: value.INGAM_METRICS_TOKEN,
    connectionsPerNetwork: value.INGAM_CONNECTIONS_PER_NETWORK,
    requireSync: value.INGAM_REQUIRE_SYNC === 'on',
    sealWithoutKeptCheckpoint: value.INGAM_SEAL_WITHOUT_KEPT_CHECKPOINT === 'on',
    issuer:
      value.INGAM_ISSUER_NAME === null
        ? null
        : {
            name: value.INGAM_ISSUER_NAME,
            contact: value.INGAM_ISSUER_CONTACT,
            logo: value.INGAM_ISSUER_LOGO,
          },
    pdfSigning:
      value.INGAM_PDF_KEY === null || value.INGAM_PDF_CHAIN === null
        ? null
        : { key: value.INGAM_PDF_KEY, chain: value.INGAM_PDF_CHAIN, tsa: value.INGAM_PDF_TSA },
    logLevel: value.INGAM_LOG_LEVEL,
    logFormat: value.INGAM_LOG_FORMAT,
    mail:
      value.INGAM_SMTP_URL === null || value.INGAM_SMTP_FROM === null
        ? null
        : { url: value.INGAM_SMTP_URL, from: value.INGAM_SMTP_FROM },
    access: accessConfig(value),
    tsa:
      value.INGAM_TSA === 'off'
        ? null
        : {
            policy: value.INGAM_TSA_POLICY,
            accuracyMs: value.INGAM_TSA_ACCURACY_MS,
            servers: value.INGAM_TSA_NTP,
          },
    tsaKey: value.INGAM_TSA_KEY,
    tsaOrganization: value.INGAM_TSA_ORGANIZATION,
  });
}

function conflictsIn(value: Partial<ServiceValues>, isSet: (name: Name) => boolean): string[] {
  const mistakes: string[] = [];
  for (const names of TOGETHER) {
    const missing = names.filter((name) => !isSet(name));
    if (missing.length > 0 && missing.length < names.length) {
      mistakes.push(`${missing.join(', ')} must be set as well: ${names.join(', ')} go together`);
    }
  }
  mistakes.push(...ownerMistakes(isSet), ...accessMistakes(value, isSet));
  if (isSet('INGAM_RECEIPT_KEY') && !isSet('INGAM_SECRET')) {
    // A machine would generate one of its own, or a new one whenever its data directory is empty.
    mistakes.push(
      'INGAM_SECRET must be set as well: all machines with this INGAM_RECEIPT_KEY must have the same. Take that of keys/service.secret if there is one, or make one with: openssl rand -hex 32',
    );
  }
  if (isSet('INGAM_SMTP_URL') && !isSet('INGAM_PUBLIC_URL'))
    mistakes.push('INGAM_PUBLIC_URL must be set as well: e-mails have links to it');
  const printed = (['INGAM_ISSUER_CONTACT', 'INGAM_ISSUER_LOGO'] as const).filter(isSet);
  if (printed.length > 0 && !isSet('INGAM_ISSUER_NAME'))
    mistakes.push(`INGAM_ISSUER_NAME must be set as well: ${printed.join(', ')} are printed beside it`);
  mistakes.push(...pdfSigningMistakes(value));
  const { INGAM_PDF_TSA: tsa, INGAM_TIME_SOURCES: sources } = value;
  if (
    typeof tsa === 'string' &&
    sources?.anchors.some(({ type, name }) => type === 'tsa' && name === tsa) === false
  )
    mistakes.push(
      `INGAM_PDF_TSA must be the name of a "tsa" line of INGAM_TIME_SOURCES; ${JSON.stringify(tsa)} is none`,
    );
  const { INGAM_ERASURE_KEYS: keyFile, INGAM_DATA_DIR: dataDir } = value;
  if (typeof keyFile === 'string' && dataDir !== undefined && isInside(keyFile, resolve(dataDir)))
    mistakes.push(
      `INGAM_ERASURE_KEYS must be outside of INGAM_DATA_DIR (${resolve(dataDir)}), which backups contain`,
    );
  mistakes.push(...vaultMistakes(value, isSet));
  if (value.INGAM_REQUIRE_SYNC === 'on' && !isSet('DATABASE_URL'))
    mistakes.push(
      'DATABASE_URL must be set as well: INGAM_REQUIRE_SYNC=on needs a PostgreSQL with a synchronous standby, and the embedded one has none',
    );
  if (isSet('INGAM_READ_DATABASE_URL') && !isSet('DATABASE_URL'))
    mistakes.push(
      'DATABASE_URL must be set as well: INGAM_READ_DATABASE_URL is a standby of that database, and the embedded one has none',
    );
  const { INGAM_SEAL_INTERVAL_MS: interval, INGAM_SEAL_PROMISE_MS: promise } = value;
  if (interval !== undefined && promise !== undefined && interval >= promise) {
    mistakes.push(
      'INGAM_SEAL_INTERVAL_MS must be below INGAM_SEAL_PROMISE_MS, or receipts promise what cannot be kept',
    );
  }
  const { INGAM_ORIGIN: origin, INGAM_LOG_KEY: logKeys, INGAM_RECEIPT_KEY: receiptKeys } = value;
  const logName = logKeys?.[0].key.name;
  if (logName !== undefined && typeof origin === 'string' && origin !== logName) {
    mistakes.push(
      `INGAM_ORIGIN is ${origin}, but INGAM_LOG_KEY is for ${logName}; a log keeps its name for life`,
    );
  }
  if (logKeys?.some((log) => receiptKeys?.some(({ text }) => text === log.text)) === true) {
    mistakes.push('INGAM_RECEIPT_KEY must not be the log key');
  }
  return mistakes;
}

const isInside = (file: string, folder: string): boolean =>
  !/^(?:\.\.(?:[\\/]|$)|[\\/]|[A-Za-z]:)/.test(relative(folder, file));

function pdfSigningMistakes({
  INGAM_PDF_KEY: key,
  INGAM_PDF_CHAIN: chain,
}: Partial<ServiceValues>): string[] {
  if (typeof key !== 'string' || typeof chain !== 'string') return [];
  try {
    const { notAfter } = certificateSigner(key, chain, null);
    return notAfter > Date.now()
      ? []
      : [`INGAM_PDF_CHAIN: the certificate has expired (${new Date(notAfter).toISOString()}); renew it`];
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return [`INGAM_PDF_KEY, INGAM_PDF_CHAIN: ${error.message}`];
  }
}
