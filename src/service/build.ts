import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import {
  Anchoring,
  Beacons,
  Checker,
  RevocationLists,
  stamp,
  Renewing,
  StatusView,
  trustOf,
  type TimeSources,
} from '../anchoring/index.js';
import { Access, isLoopback } from '../auth/index.js';
import { Background } from '../background/index.js';
import { Webhook } from '../background/webhook.js';
import { certificateSigner, type CertificateSigner } from '../certificate/signature.js';
import { CertificateWorkers } from '../certificate/workers.js';
import { signingKeys } from '../crypto/keys.js';
import {
  closeServer,
  createApp,
  createServer,
  listen,
  Metrics,
  AnchoringMetrics,
  CosigningMetrics,
  type HostPolicy,
  type HttpDeps,
  type ServerLimits,
} from '../http/index.js';
import {
  acceptForDeadlines,
  EventIntake,
  Intake,
  Receipts,
  ReceiptSigning,
  stateLogKeys,
} from '../intake/index.js';
import {
  Checkpoints,
  CosignedView,
  Cosigning,
  Erasures,
  Notarizations,
  PublishedLog,
  Records,
  Register,
  type CosigningOptions,
} from '../log/index.js';
import { formatVerifierKey, signNote } from '../proof/index.js';
import {
  elsewhere,
  LogSigners,
  RollbackGuard,
  Sealer,
  type SealProblemCode,
  type SealerStatus,
} from '../sealer/index.js';
import { LastCheckpointFile, openStore, type Store } from '../store/index.js';
import { processBudget } from './budget.js';
import type { Config } from './config.js';
import { loadKeys, type ServiceKeys } from './keys.js';
import { Shutdown } from './lifecycle.js';
import { buildAuthority, openTsaKey, timeStampSubmitter } from './tsa.js';

/** The configuration of one process: its database is up and migrated. */
export type ProcessConfig = Config & { readonly databaseUrl: string };

/** What one process of the service is made of. */
export interface ServiceParts extends HttpDeps {
  readonly store: Store;
  readonly sealer: Sealer;
  /** null: this log has no members. */
  readonly cosigning: Cosigning | null;
}

export interface BuiltService {
  readonly parts: ServiceParts;
  /**
   * Starts the background work, then takes requests.
   * @returns the service's address, for example http://127.0.0.1:8080
   * @throws {SealProblem} rolled_back or wrong_key, {StoreError}, {AccessError}, or the listening socket's
   *   error; then everything has been stopped again
   */
  start(options?: StartOptions): Promise<string>;
  /** The log's current verifier keys, for verifiers. Known once started. */
  verifierKey(): string;
  /**
   * Responds to waiting clients, accepts no new requests, completes every write, and closes the store. Safe
   * to call twice.
   * @param drainMs how long open responses may take before they are cut; by default some seconds
   */
  stop(drainMs?: number): Promise<void>;
}

export interface StartOptions {
  /**
   * Makes connections arrive, and returns the address that they are made to; by default the server listens by
   * itself.
   */
  readonly attach?: (server: Server) => string;
  /** false: sealing starts with `parts.sealer.start()`. */
  readonly sealing?: boolean;
}

/** What differs from the configuration's meaning: for a process among several, and for tests. */
export interface BuildOptions {
  readonly metrics?: Metrics;
  /** Whether `prepare` has run for this process. */
  readonly prepared?: boolean;
  /** Metrics of all processes as text; by default those of this process. */
  readonly serviceMetrics?: () => Promise<string>;
  /** Wraps the store that the service uses. */
  readonly wrapStore?: (store: Store) => Store;
  /** Milliseconds since the Unix epoch, for everything that concerns access. */
  readonly clock?: () => number;
  /** The same for time-stamps. */
  readonly timeStampClock?: () => number;
  readonly hosts?: Partial<HostPolicy>;
  /** Directory of the web pages. */
  readonly publicDir?: string;
  readonly certificates?: { readonly threads?: number; readonly maxWaiting?: number };
  readonly slowestBody?: HttpDeps['slowestBody'];
  readonly limits?: ServerLimits;
  readonly memberTimeoutMs?: number;
  readonly anchoring?: {
    readonly timeoutMs?: number;
    readonly lateMarginMs?: number;
    readonly alarmAfterMs?: number;
    readonly beaconsEveryMs?: number;
  };
  /** How often expired rows are purged, by default once an hour. */
  readonly housekeepingMs?: number;
}

const IDEMPOTENCY_LIFETIME_MS = 24 * 3600 * 1000;
const HOUSEKEEPING_INTERVAL_MS = 3600 * 1000;

/** The built web pages. */
const PUBLIC_DIR = fileURLToPath(new URL('../../dist/public', import.meta.url));

/**
 * Builds one process of the service from its parts: opens its store, loads its keys, and starts nothing.
 * @throws {SealProblem} rolled_back or wrong_key, {StoreError}, {ProofError} malformed_key
 */
export async function buildService(
  config: ProcessConfig,
  logger: Logger,
  options: BuildOptions = {},
): Promise<BuiltService> {
  const { metrics = new Metrics() } = options;
  const background = new Background(logger, metrics.backgroundFailed.bind(metrics));
  const shutdown = new Shutdown(logger);
  const { poolSize } = processBudget(config);
  return shutdown.onFailureOf(async () => {
    const keys = await loadKeys(config);
    const opened = await openStore({
      ...{ url: config.databaseUrl, poolSize, log: logger, background },
      rowKey: keys.rows[0],
    });
    shutdown.addStore(opened);
    const store = options.wrapStore?.(opened) ?? opened;
    return buildOn(store, keys, config, logger, metrics, background, options, shutdown);
  });
}

async function buildOn(
  store: Store,
  keys: ServiceKeys,
  config: ProcessConfig,
  logger: Logger,
  metrics: Metrics,
  background: Background,
  options: BuildOptions,
  shutdown: Shutdown,
): Promise<BuiltService> {
  const budget = processBudget(config);
  const guard = guardOf(store, config, keys);
  await guard.check(await store.tip());
  if (options.prepared !== true) {
    await guard.compareElsewhere();
    await warnOfOtherSecret(store, keys, logger);
    await warnOfForgottenSources(store, config.timeSources, logger);
    await stateFirstKeys(store, keys, config);
  }

  const signing = new ReceiptSigning(keys.receipts);
  shutdown.add(() => signing.close());
  const receipts = new Receipts(signing.sign, keys.log.key.name, config.sealPromiseMs);
  const cosigned = config.members === null ? null : new CosignedView(store, config.members, background);
  if (cosigned !== null) shutdown.add(() => cosigned.close());
  const notarizations = new Notarizations(store, background, cosigned, config.timeSources.anchors.length > 0);
  shutdown.add(() => notarizations.close());
  const published = { logKey: keys.log.key, receiptKeys: keys.receipts.map(({ key }) => key) };
  const log = new PublishedLog(store, published, cosigned, trustOf(config.timeSources));
  const sealer = new Sealer({
    ...config,
    store,
    guard,
    logKey: keys.log,
    signers: new LogSigners(keys.logs, keys.reloadLogs),
    receiptKeys: keys.receiptKeys,
    log: logger,
    background,
    acceptForDeadlines: (height) => acceptForDeadlines(store, receipts, keys.log.key.name, height),
    beacons: (sealedAt) => anchoring.beacons?.at(sealedAt) ?? [],
    onSealed: ({ block, miningMs, totalMs }) => {
      metrics.sealed({ entryCount: block.entryCount, miningMs, totalMs });
    },
  });
  shutdown.add(() => sealer.stop());
  const cosigning =
    config.members === null
      ? null
      : buildCosigning(
          {
            store,
            members: config.members,
            leads: () => sealer.status.leading,
            log: logger,
            background,
            ...(options.memberTimeoutMs === undefined ? {} : { timeoutMs: options.memberTimeoutMs }),
          },
          metrics,
        );
  if (cosigning !== null) shutdown.add(() => cosigning.stop());
  const anchors = new StatusView(store, config.timeSources, options.anchoring?.lateMarginMs);
  const anchoring = buildAnchoring(
    { store, sealer, keys, config, logger, background, metrics, anchors, options },
    shutdown,
  );
  const accepting = {
    store,
    receipts,
    maxQueue: budget.maxQueue,
    refusal: () => refusalFor(sealer.status),
    background,
  };
  const intake = new Intake(accepting);
  shutdown.add(() => intake.close());
  const signers = new LogSigners(keys.logs, keys.reloadLogs);
  const erasures = new Erasures({
    ...{ store, intake, notarizations, background },
    signers: async () => signers.of((await log.keys()).latest),
    origin: keys.log.key.name,
    clock: options.clock,
  });
  shutdown.add(() => erasures.close());
  const events = new EventIntake({
    ...accepting,
    origin: keys.log.key.name,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  shutdown.add(() => events.close());
  const access = buildAccess(store, config, keys, logger, background, options.clock);
  shutdown.add(() => access.close());
  const certificates = new CertificateWorkers({
    ...budget.certificates,
    ...options.certificates,
    signer: buildSigner(config, background, shutdown),
  });
  shutdown.add(() => certificates.destroy());
  const checker = new Checker();
  shutdown.add(() => checker.close());

  const authority = await buildAuthority(store, config, background, options.timeStampClock);
  shutdown.add(() => Promise.resolve(authority?.guard.stop()));
  const timeStampOwner = await timeStampSubmitter(store, config);

  const stopping = new AbortController();
  const parts: ServiceParts = {
    store,
    intake,
    events,
    records: new Records(
      {
        store,
        checkpoints: new Checkpoints(store, cosigned),
        anchorsOf: (block) => notarizations.anchorsOf(block),
      },
      keys.log.key.name,
      options.clock,
    ),
    databaseProblem: () => store.problem(),
    notarizations,
    register: new Register(store, notarizations, logger),
    erasures,
    holds: store,
    tags: store,
    log,
    certificates,
    checker,
    issuer: config.issuer,
    sealer,
    anchors,
    cosigning,
    access,
    authority,
    timeStampOwner,
    hosts: {
      publicUrl: config.access.publicUrl,
      loopbackOnly: isLoopback(config.host),
      ...options.hosts,
    },
    trustProxy: config.access.trustProxy,
    metrics,
    metricsToken: config.metricsToken,
    background,
    ...(options.serviceMetrics === undefined ? {} : { serviceMetrics: options.serviceMetrics }),
    logger,
    publicDir: options.publicDir ?? PUBLIC_DIR,
    maxUploadBytes: config.maxUploadBytes,
    maxLagMs: config.sealPromiseMs,
    slowestBody: options.slowestBody,
    stopping: stopping.signal,
  };
  const server = createServer(createApp(parts), {
    connectionsPerNetwork: budget.connectionsPerNetwork,
    ...options.limits,
  });

  const start = async ({ attach, sealing = true }: StartOptions): Promise<string> => {
    // A published checkpoint never goes back, nor does it across a restart.
    await cosigned?.ready;
    await log.keys();
    await access.start();
    if (sealing) sealer.start();
    cosigning?.start();
    anchoring.start();
    authority?.guard.start();
    if (sealing) erasures.start();
    shutdown.add(startHousekeeping(store, access, background, options.housekeepingMs));
    const url = attach?.(server) ?? (await listen(server, config));
    shutdown.add((drainMs) => {
      stopping.abort();
      return closeServer(server, drainMs);
    });
    return url;
  };
  return {
    parts,
    verifierKey: () => log.lastKeys.latest.map(formatVerifierKey).join(' '),
    start: (startOptions = {}) => shutdown.onFailureOf(() => start(startOptions)),
    stop: (drainMs) => shutdown.run(drainMs),
  };
}

function guardOf(store: Store, config: Config, { log: { key } }: ServiceKeys): RollbackGuard {
  return new RollbackGuard({
    store,
    file: new LastCheckpointFile(config.dataDir),
    key,
    elsewhere: elsewhere(key.name, config.members, config.access.publicUrl),
    withoutKept: config.sealWithoutKeptCheckpoint,
  });
}

function buildCosigning(options: Omit<CosigningOptions, 'onResponse'>, { registry }: Metrics): Cosigning {
  const metrics = new CosigningMetrics(registry);
  return new Cosigning({
    ...options,
    onResponse: (member, { size, problem }, signed) => {
      metrics.requested(member, signed ? 'cosigned' : (problem?.code ?? 'overtaken'), size);
    },
  });
}

/** After a failure, certificates are signed without a time-stamp for so long. */
const STAMPING_PAUSE_MS = 60_000;

/** The operator's signature on certificates; null: there is none. */
function buildSigner(
  { pdfSigning, timeSources }: Config,
  background: Background,
  shutdown: Shutdown,
): CertificateSigner | null {
  if (pdfSigning === null) return null;
  const { key, chain, tsa } = pdfSigning;
  const source = timeSources.anchors.find((each) => each.type === 'tsa' && each.name === tsa);
  if (source?.type !== 'tsa') return certificateSigner(key, chain, null);
  const checker = new Checker();
  shutdown.add(() => checker.close());
  const stop = new AbortController();
  shutdown.add(() => {
    stop.abort();
    return Promise.resolve();
  });
  const lists = new RevocationLists(checker);
  const task = background.task('time-stamping certificates');
  let pausedUntil = 0;
  return certificateSigner(key, chain, async (signature) => {
    if (performance.now() < pausedUntil) return null;
    try {
      const { token } = await stamp(source, signature, checker, lists, { signal: stop.signal });
      task.succeeded();
      return token;
    } catch (error) {
      // A certificate without a time-stamp is better than none.
      task.failed(error);
      pausedUntil = performance.now() + STAMPING_PAUSE_MS;
      return null;
    }
  });
}

/** What asks time sources for anchors and beacons. */
function buildAnchoring(
  {
    store,
    sealer,
    keys,
    config,
    logger,
    background,
    metrics,
    anchors,
    options,
  }: {
    readonly store: Store;
    readonly sealer: Sealer;
    readonly keys: ServiceKeys;
    readonly config: Config;
    readonly logger: Logger;
    readonly background: Background;
    readonly metrics: Metrics;
    readonly anchors: StatusView;
    readonly options: BuildOptions;
  },
  shutdown: Shutdown,
): { readonly beacons: Beacons | null; readonly start: () => void } {
  const { timeSources: sources } = config;
  if (sources.anchors.length === 0 && sources.drand === null && sources.node === null)
    return { beacons: null, start: () => undefined };
  const checker = new Checker();
  shutdown.add(() => checker.close());
  const stop = new AbortController();
  const webhook = new Webhook({ url: config.alarmWebhook, log: logger, background, stop: stop.signal });
  shutdown.add(() => {
    stop.abort();
    return webhook.idle();
  });
  const counts = new AnchoringMetrics(metrics.registry, background.task('reading the state of anchors'), () =>
    anchors.read(),
  );
  const { beaconsEveryMs, ...pace } = options.anchoring ?? {};
  const leads = () => sealer.status.leading;
  const anchoring = new Anchoring({
    ...{ store, sources, leads, checker, log: logger, background, webhook, ...pace },
    origin: keys.log.key.name,
    onResponse: (source, outcome) => {
      counts.requested(source, outcome);
    },
  });
  shutdown.add(() => anchoring.stop());
  const { timeoutMs } = pace;
  const beacons = new Beacons({ sources, leads, checker, background, timeoutMs, everyMs: beaconsEveryMs });
  shutdown.add(() => beacons.stop());
  const renewing = new Renewing({ store, sources, leads, checker, background, timeoutMs });
  shutdown.add(() => renewing.stop());
  const start = () => {
    anchoring.start();
    renewing.start();
    beacons.start();
  };
  return { beacons, start };
}

const UNSEALABLE: ReadonlySet<SealProblemCode> = new Set(['rolled_back', 'no_checkpoint', 'wrong_key']);

/**
 * What enters a database other than the one that this service signed for can never be sealed as promised, and
 * positions that receipts already name would be assigned twice.
 */
function refusalFor({ problem }: SealerStatus): string | null {
  if (problem === null || !UNSEALABLE.has(problem.code)) return null;
  return 'the database is not the one that this service has signed for; nothing is accepted until that is repaired';
}

/** @returns stops it, and resolves when nothing of it runs any more */
function startHousekeeping(
  store: Store,
  access: Access,
  background: Background,
  intervalMs = HOUSEKEEPING_INTERVAL_MS,
): () => Promise<void> {
  const keys = background.task('purging idempotency keys');
  const sessions = background.task('purging sessions and rate limits');
  let running = Promise.resolve();
  const purge = async () => {
    await keys.run(() => store.expireIdempotency(Date.now() - IDEMPOTENCY_LIFETIME_MS));
    await sessions.run(() => access.purgeExpired());
  };
  const timer = setInterval(() => {
    running = running.then(purge);
  }, intervalMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    return running;
  };
}

function buildAccess(
  store: Store,
  { access: { anonymousSubmission, privateVerification, oidc, operator } }: Config,
  keys: ServiceKeys,
  logger: Logger,
  background: Background,
  clock = Date.now,
): Access {
  return new Access({
    store: store.access,
    rateLimits: store.rateLimits,
    secret: keys.access,
    origin: keys.log.key.name,
    policy: { anonymousSubmission, privateVerification },
    oidc,
    operator,
    logger,
    background,
    clock,
  });
}

/** Their anchors are in proofs, but verifiers that fetch the trust policy would not believe them. */
async function warnOfForgottenSources(
  store: Store,
  { anchors, former }: TimeSources,
  logger: Logger,
): Promise<void> {
  const named = new Set([...anchors, ...former].map(({ name }) => name));
  const states = await store.anchorStates();
  const forgotten = states.filter(({ type, source }) => type === 'rfc3161' && !named.has(source));
  for (const { source } of forgotten) {
    logger.warn(
      { source },
      `the log has anchors of ${source}, which INGAM_TIME_SOURCES does not name any more: they do not count for those who verify with the trust policy of this service. If they should, add the line "former ${source} root FILE"`,
    );
  }
}

/** Not a reason to stop: a secret that is lost must not end the service. */
async function warnOfOtherSecret(store: Store, keys: ServiceKeys, logger: Logger): Promise<void> {
  if (await store.access.newestEventIsUnder(keys.rows)) return;
  logger.warn(
    'the access log was written with another service secret than the one of this process: all machines must have the same INGAM_SECRET. If it was replaced, put the former one behind it (docs/access.md, "The service secret"); until then the audit calls older rows not authentic',
  );
}

/**
 * A new log with a key of each algorithm is signed by both from its first checkpoint on: their statement is the
 * first entry of the chain. A second key of one algorithm waits for its announcement.
 */
async function stateFirstKeys(store: Store, keys: ServiceKeys, config: Config): Promise<void> {
  const signers = signingKeys(keys.logs);
  if (signers.length === 1 || (await store.sealingState()).nextPosition > 0) return;
  const sign = (text: string) => signNote(text, ...keys.receipts);
  await stateLogKeys(store, new Receipts(sign, keys.log.key.name, config.sealPromiseMs), 0, signers);
}

/**
 * What must be in order before several processes start, and is done once: the keys, the comparison with the
 * last checkpoint, the keys of a new log, a signing key, the configured operator.
 * @returns the token of the first operator's set-up link; null: there is an operator
 * @throws {SealProblem} rolled_back or wrong_key, {StoreError}, {ProofError} malformed_key, {AccessError}
 */
export async function prepare(config: ProcessConfig, logger: Logger): Promise<string | null> {
  const keys = await loadKeys(config);
  const background = new Background(logger);
  if (config.tsa !== null) await openTsaKey(config, background);
  const store = await openStore({ url: config.databaseUrl, poolSize: 2, log: logger, rowKey: keys.rows[0] });
  try {
    const guard = guardOf(store, config, keys);
    await guard.check(await store.tip());
    await guard.compareElsewhere();
    await warnOfOtherSecret(store, keys, logger);
    await warnOfForgottenSources(store, config.timeSources, logger);
    await stateFirstKeys(store, keys, config);
    const access = buildAccess(store, config, keys, logger, background);
    await access.start();
    const setUpToken = (await access.invitations.setUpLink())?.token ?? null;
    await access.close();
    return setUpToken;
  } finally {
    await store.close();
  }
}
