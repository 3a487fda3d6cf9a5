import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { Access, isLoopback } from './access/index.js';
import { CertificateWorkers } from './certificate/workers.js';
import type { Config } from './config.js';
import { closeServer, createApp, createServer, listen, Metrics, WitnessMetrics } from './http/index.js';
import { Intake, Receipts } from './intake/index.js';
import { loadKeys } from './keys.js';
import { CosignedView, Cosigning, Notarizations, PublishedLog, Register } from './log/index.js';
import { formatVerifierKey, type Witnesses } from './proof/index.js';
import { LogSigners, RollbackGuard, Sealer, type SealerStatus } from './seal/index.js';
import { LastCheckpointFile, migrate, openStore, startEmbeddedPostgres, type Store } from './store/index.js';

export interface RunningServer {
  /** Where it answers, for example http://127.0.0.1:8080. */
  readonly url: string;
  /** The log's verifier key: what to give to those who shall be able to check proofs. */
  readonly verifierKey: string;
  readonly databaseUrl: string;
  /** Where whoever reads the terminal can become the first operator, once; null: there is an operator. */
  readonly setUpUrl: string | null;
  /** Ordered: answers who is waiting, takes in nothing new, lets every write end. Safe to call twice. */
  stop(): Promise<void>;
}

/** How long a database that does not answer may hold the end up: later than answers, and well before a supervisor's patience ends. */
const ABANDON_MS = 7000;
const IDEMPOTENCY_LIFETIME_MS = 24 * 3600 * 1000;
const HOUSEKEEPING_INTERVAL_MS = 3600 * 1000;

/** The web page's built files. */
const PUBLIC_DIR = fileURLToPath(new URL('../dist/public', import.meta.url));

/**
 * Builds the service from its parts and starts it. What was started before a failure is stopped again.
 * @throws {SealProblem} rolled_back or wrong_key, {StoreError}, {ProofError} malformed_key, or the listening socket's error
 */
export async function startServer(config: Config, logger: Logger): Promise<RunningServer> {
  const started: (() => Promise<void>)[] = [];
  const stopStarted = async () => {
    for (const stop of started.splice(0).reverse()) await stop();
  };
  try {
    const databaseUrl = config.databaseUrl ?? (await startDatabase(config, logger, started));
    const migrations = await migrate(databaseUrl);
    if (migrations.length > 0) logger.info({ migrations }, 'database migrated');
    const store = await openStore({ url: databaseUrl, log: logger });
    let patience: NodeJS.Timeout | undefined;
    started.push(async () => {
      await store.close();
      clearTimeout(patience);
    });
    const server = await startOn(store, config, logger, started);
    let stopped: Promise<void> | null = null;
    const stop = () => {
      patience ??= setTimeout(() => {
        logger.warn('the database does not answer; the service ends without it');
        store.abandon();
      }, ABANDON_MS);
      return (stopped ??= stopStarted());
    };
    return { ...server, databaseUrl, stop };
  } catch (error) {
    await stopStarted();
    throw error;
  }
}

async function startDatabase(
  config: Config,
  logger: Logger,
  started: (() => Promise<void>)[],
): Promise<string> {
  const database = await startEmbeddedPostgres({ directory: join(config.dataDir, 'postgres'), log: logger });
  started.push(() => database.stop());
  return database.url;
}

async function startOn(store: Store, config: Config, logger: Logger, started: (() => Promise<void>)[]) {
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
  const metrics = new Metrics();
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
  const access = await startAccess(store, config, { secret: keys.access, origin: keys.log.key.name }, logger);
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
      logger,
      publicDir: PUBLIC_DIR,
      maxUploadBytes: config.maxUploadBytes,
      maxLagMs: config.sealPromiseMs,
      stopping: stopping.signal,
    }),
  );
  const url = await listen(server, config);
  started.push(async () => {
    stopping.abort();
    await closeServer(server);
  });
  const token = await access.firstStartToken();
  const setUpUrl =
    token === null ? null : new URL(`account.html#setup=${token}`, config.access.publicUrl ?? url).href;
  return { url, verifierKey: log.keys.latest.map(formatVerifierKey).join(' '), setUpUrl };
}

async function startAccess(
  store: Store,
  config: Config,
  identity: { readonly secret: Uint8Array; readonly origin: string },
  logger: Logger,
): Promise<Access> {
  const { anonymousSubmission, privateVerification, oidc, operator } = config.access;
  const access = new Access({
    store: store.access,
    rateLimits: store.rateLimits,
    ...identity,
    policy: { anonymousSubmission, privateVerification },
    oidc,
    operator,
    logger,
  });
  await access.start();
  return access;
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
