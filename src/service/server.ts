import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { Access, isLoopback } from '../auth/index.js';
import { CertificateWorkers } from '../certificate/workers.js';
import { loadKeys, type ServiceKeys } from './keys.js';
import { closeServer, createApp, createServer, listen, Metrics, WitnessMetrics } from '../http/index.js';
import { Intake, Receipts } from '../intake/index.js';
import { CosignedView, Cosigning, Notarizations, PublishedLog, Register } from '../log/index.js';
import { formatVerifierKey, type Witnesses } from '../proof/index.js';
import { LogSigners, RollbackGuard, Sealer, type SealerStatus } from '../sealer/index.js';
import { LastCheckpointFile, openStore, type Store } from '../store/index.js';
import type { Config } from './config.js';

/** A configuration for a database that is there, and migrated. */
export type ServerConfig = Config & { readonly databaseUrl: string };

export interface RunningServer {
  /** Where it answers, for example http://127.0.0.1:8080. */
  readonly url: string;
  /** The log's verifier key: what to give to those who shall be able to check proofs. */
  readonly verifierKey: string;
  /** What the first operator's link is made of; null: there is an operator, or nobody asked. */
  readonly setUpToken: string | null;
  /** Ordered: answers who is waiting, takes in nothing new, lets every write end. Safe to call twice. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly metrics?: Metrics;
  /** Figures of all processes, for who asks this one; by default its own. */
  readonly figures?: () => Promise<string>;
  /** How it comes by its connections, with the address that they are made to; by default it listens. */
  readonly listen?: (server: Server) => string;
  /** Whether to make a token for the first operator while there is none. */
  readonly setUp?: boolean;
}

/** How long a database that does not answer may hold the end up: later than answers, and well before a supervisor's patience ends. */
const ABANDON_MS = 7000;
const IDEMPOTENCY_LIFETIME_MS = 24 * 3600 * 1000;
const HOUSEKEEPING_INTERVAL_MS = 3600 * 1000;

/** The web page's built files. */
const PUBLIC_DIR = fileURLToPath(new URL('../../dist/public', import.meta.url));

/**
 * Builds one accepting process of the service from its parts and starts it. What was started before a failure is stopped again.
 * @throws {SealProblem} rolled_back or wrong_key, {StoreError}, {ProofError} malformed_key, or the listening socket's error
 */
export async function startServer(
  config: ServerConfig,
  logger: Logger,
  options: ServerOptions = {},
): Promise<RunningServer> {
  const started: (() => Promise<void>)[] = [];
  const stopStarted = async () => {
    for (const stop of started.splice(0).reverse()) await stop();
  };
  try {
    const store = await openStore({ url: config.databaseUrl, poolSize: poolSize(config), log: logger });
    let patience: NodeJS.Timeout | undefined;
    started.push(async () => {
      await store.close();
      clearTimeout(patience);
    });
    const server = await startOn(store, config, logger, started, options);
    let stopped: Promise<void> | null = null;
    const stop = () => {
      patience ??= setTimeout(() => {
        logger.warn('the database does not answer; the service ends without it');
        store.abandon();
      }, ABANDON_MS);
      return (stopped ??= stopStarted());
    };
    return { ...server, stop };
  } catch (error) {
    await stopStarted();
    throw error;
  }
}

/** Many processes together stay below the hundred connections that a PostgreSQL takes by default; one has as many as it can use. */
function poolSize({ workers }: Config): number {
  return Math.min(10, Math.max(3, Math.ceil(32 / workers)));
}

async function startOn(
  store: Store,
  config: Config,
  logger: Logger,
  started: (() => Promise<void>)[],
  { metrics = new Metrics(), figures, setUp = false, listen: otherwise }: ServerOptions,
) {
  const keys = await loadKeys(config);
  const guard = new RollbackGuard(store, new LastCheckpointFile(config.dataDir), keys.log.key);
  await guard.check();

  const receipts = new Receipts(keys.receipt, keys.log.key.name, config.sealPromiseMs);
  const cosigned = config.witnesses === null ? null : new CosignedView(store, config.witnesses);
  if (cosigned !== null) {
    started.push(() => cosigned.close());
    // A published checkpoint never goes back, across a restart neither.
    await cosigned.ready;
  }
  const notarizations = new Notarizations(store, receipts, cosigned);
  started.push(() => notarizations.close());
  const intake = new Intake({
    store,
    receipts,
    maxQueue: config.maxQueue,
    refusal: () => refusalFor(sealer.status),
  });
  const log = new PublishedLog(store, { logKey: keys.log.key, receiptKey: keys.receipt.key }, cosigned);
  await log.readKeys();
  const sealer = new Sealer({
    ...config,
    store,
    guard,
    logKey: keys.log,
    signers: new LogSigners(keys.logs, keys.reloadLogs),
    log: logger,
    onSealed: ({ block, miningMs, totalMs }) => {
      metrics.sealed({ entryCount: block.entryCount, miningMs, totalMs });
    },
  });
  sealer.start();
  started.push(() => sealer.stop());
  if (config.witnesses !== null) {
    started.push(startCosigning(store, config.witnesses, sealer, metrics, logger));
  }
  started.push(() => intake.close());
  const access = await openAccess(store, config, keys, logger);
  started.push(() => access.close());
  started.push(startHousekeeping(store, access, logger));

  const certificates = new CertificateWorkers();
  started.push(() => certificates.destroy());

  const stopping = new AbortController();
  const server = createServer(
    createApp({
      intake,
      notarizations,
      register: new Register(store, notarizations, logger),
      log,
      certificates,
      sealer,
      access,
      hosts: { publicUrl: config.access.publicUrl, loopbackOnly: isLoopback(config.host) },
      trustProxy: config.access.trustProxy,
      metrics,
      ...(figures === undefined ? {} : { serviceMetrics: figures }),
      logger,
      publicDir: PUBLIC_DIR,
      maxUploadBytes: config.maxUploadBytes,
      maxLagMs: config.sealPromiseMs,
      stopping: stopping.signal,
    }),
  );
  const url = otherwise?.(server) ?? (await listen(server, config));
  started.push(async () => {
    stopping.abort();
    await closeServer(server);
  });
  const token = setUp ? await access.invitations.firstOperatorToken() : null;
  return { url, verifierKey: log.keys.latest.map(formatVerifierKey).join(' '), setUpToken: token };
}

function startCosigning(
  store: Store,
  witnesses: Witnesses,
  sealer: Sealer,
  { registry }: Metrics,
  log: Logger,
): () => Promise<void> {
  const metrics = new WitnessMetrics(registry);
  const cosigning = new Cosigning({
    store,
    witnesses,
    leads: () => sealer.status.leading,
    log,
    onAnswer: (witness, { size, problem }, signed) => {
      metrics.answered(witness, signed ? 'cosigned' : (problem?.code ?? 'overtaken'), size);
    },
  });
  cosigning.start();
  return () => cosigning.stop();
}

/**
 * What is accepted into a database that is not the one this service signed for can never be sealed as promised; and positions
 * that a receipt stands for already would be given out again.
 */
function refusalFor({ problem }: SealerStatus): string | null {
  if (problem?.code !== 'rolled_back' && problem?.code !== 'wrong_key') return null;
  return 'the database is not the one that this service has signed for; nothing is accepted until that is put right';
}

function startHousekeeping(store: Store, access: Access, logger: Logger): () => Promise<void> {
  const timer = setInterval(() => {
    const tasks = [store.expireIdempotency(Date.now() - IDEMPOTENCY_LIFETIME_MS), access.tidy()];
    Promise.all(tasks).catch((error: unknown) => {
      logger.warn({ err: error }, 'what is long over could not be removed; trying again in an hour');
    });
  }, HOUSEKEEPING_INTERVAL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    return Promise.resolve();
  };
}

/** Access as it is configured, started: with a signing key, and with the configured operator. */
export async function openAccess(
  store: Store,
  config: Config,
  keys: ServiceKeys,
  logger: Logger,
): Promise<Access> {
  const { anonymousSubmission, privateVerification, oidc, operator } = config.access;
  const access = new Access({
    store: store.access,
    rateLimits: store.rateLimits,
    secret: keys.access,
    origin: keys.log.key.name,
    policy: { anonymousSubmission, privateVerification },
    oidc,
    operator,
    logger,
  });
  await access.start();
  return access;
}
