import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ACCESS_SETTINGS, accessConfig, type AccessConfig } from './access/settings.js';
import { WITNESS_SETTINGS } from './log/witnesses/settings.js';
import { MAX_BLOCK_ENTRIES, MAX_DIFFICULTY, type Witnesses } from './proof/index.js';
import { integer, keyName, nodeSettings, PRIVATE_KEY, settingsGiven, unknownSettings } from './settings.js';

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
