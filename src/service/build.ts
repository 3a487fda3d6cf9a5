import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { Checker, StatusView, trustOf } from '../anchoring/index.js';
import { type Access, isLoopback } from '../auth/index.js';
import { Background } from '../background/index.js';
import { CertificateWorkers } from '../certificate/workers.js';
import {
  closeServer,
  createApp,
  createServer,
  listen,
  Metrics,
  CosigningMetrics,
  type HostPolicy,
  type HttpDeps,
  type ServerLimits,
} from '../http/index.js';
import { acceptForDeadlines, EventIntake, Intake, Receipts, ReceiptSigning } from '../intake/index.js';
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
import { Digests } from '../mail/index.js';
import { formatVerifierKey } from '../proof/index.js';
import { LogSigners, Sealer, type SealProblemCode, type SealerStatus } from '../sealer/index.js';
import { Signing } from '../signing/index.js';
import type { Deliveries } from '../webhooks/index.js';
import { type ErasureKeyFile, openStore, type Store } from '../store/index.js';
import { type AnchoringOptions, buildAnchoring, buildSigner } from './anchoring.js';
import { processBudget } from './budget.js';
import type { ProcessConfig, ReloadedConfig } from './config.js';
import { buildOutbox } from './mail.js';
import { destroyDueKeys, openErasureKeys, tendErasureKeys } from './erasure-keys.js';
import { loadKeys, type ServiceKeys } from './keys.js';
import { Shutdown } from './lifecycle.js';
import { buildAccess, guardOf, putInOrder } from './startup.js';
import { buildAuthority, timeStampSubmitter } from './tsa.js';
import { buildVault } from './vault.js';
import { buildWebhooks, type WebhookOptions } from './webhooks.js';

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
  /** Goes on with these settings. */
  reload(reloaded: ReloadedConfig): void;
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
  /** The same for sealing. */
  readonly sealingClock?: () => number;
  /** The same for time-stamps. */
  readonly timeStampClock?: () => number;
  readonly hosts?: Partial<HostPolicy>;
  /** Directory of the web pages. */
  readonly publicDir?: string;
  readonly certificates?: { readonly threads?: number; readonly maxWaiting?: number };
  readonly slowestBody?: HttpDeps['slowestBody'];
  readonly limits?: ServerLimits;
  readonly memberTimeoutMs?: number;
  readonly anchoring?: AnchoringOptions;
  readonly webhooks?: WebhookOptions;
  /** How often to look for e-mails that are due, by default every five seconds. */
  readonly mailsEveryMs?: number;
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
    const erasureKeys = await openErasureKeys(config.erasureKeys);
    const opened = await openStore({
      ...{ url: config.databaseUrl, poolSize, log: logger, background },
      ...{ rowKey: keys.rows[0], erasureKeys, requireSync: config.requireSync },
      replica: config.readDatabaseUrl === null ? null : { url: config.readDatabaseUrl, poolSize },
    });
    shutdown.addStore(opened);
    const store = options.wrapStore?.(opened) ?? opened;
    return buildOn(store, { ...keys, erasureKeys }, config, logger, metrics, background, options, shutdown);
  });
}

async function buildOn(
  store: Store,
  keys: ServiceKeys & { readonly erasureKeys: ErasureKeyFile | null },
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
    await putInOrder(store, guard, keys, config, logger);
  }

  let live: ReloadedConfig = config;
  const reloadLogs = () => keys.reloadLogs(live.logKey);
  const signing = new ReceiptSigning(keys.receipts);
  shutdown.add(() => signing.close());
  const receipts = new Receipts(signing.sign, keys.log.key.name, config.sealPromiseMs);
  const cosigned = config.members === null ? null : new CosignedView(store, config.members, background);
  if (cosigned !== null) shutdown.add(() => cosigned.close());
  // For those who only look. What decides, writes or seals reads from the primary.
  const readers: Store = store.replica === null ? store : { ...store, ...store.replica };
  const notarizations = new Notarizations(
    readers,
    background,
    cosigned,
    config.timeSources.anchors.length > 0,
  );
  shutdown.add(() => notarizations.close());
  const published = { logKey: keys.log.key, receiptKeys: keys.receipts.map(({ key }) => key) };
  const log = new PublishedLog(readers, published, cosigned, trustOf(config.timeSources));
  const sealer = new Sealer({
    ...config,
    store,
    guard,
    logKey: keys.log,
    signers: new LogSigners(keys.logs, reloadLogs),
    receiptKeys: keys.receiptKeys,
    log: logger,
    background,
    ...(options.sealingClock === undefined ? {} : { clock: options.sealingClock }),
    acceptForDeadlines: (height) => acceptForDeadlines(store, receipts, keys.log.key.name, height),
    beacons: (sealedAt) => anchoring.beacons?.at(sealedAt) ?? [],
    onSealed: ({ block, miningMs, totalMs }) => {
      metrics.sealed({ entryCount: block.entryCount, miningMs, totalMs });
    },
  });
  shutdown.add(() => sealer.stop());
  const telling = background.task('writing alarms');
  const tell = (type: 'anchor.late' | 'member.alarm') => (alarm: object) => {
    void telling.run(async () => {
      await store.addAlarm(Date.now(), type, alarm, config.mail !== null);
      outbox?.wake();
    });
  };
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
            onAlarm: tell('member.alarm'),
            ...(options.memberTimeoutMs === undefined ? {} : { timeoutMs: options.memberTimeoutMs }),
          },
          metrics,
        );
  if (cosigning !== null) shutdown.add(() => cosigning.stop());
  const anchors = new StatusView(store, config.timeSources, options.anchoring?.lateMarginMs);
  const anchoring = buildAnchoring(
    {
      store,
      sealer,
      keys,
      config,
      logger,
      background,
      metrics,
      anchors,
      options: options.anchoring,
      onLate: tell('anchor.late'),
    },
    shutdown,
  );
  const { erasureKeys } = keys;
  const accepting = {
    ...(erasureKeys === null ? {} : { drawKey: () => erasureKeys.keys.draw() }),
    store,
    receipts,
    maxQueue: budget.maxQueue,
    refusal: () => refusalFor(sealer.status),
    background,
  };
  const intake = new Intake(accepting);
  shutdown.add(() => intake.close());
  const vault = buildVault(store, config.vault, erasureKeys, background, logger, options.clock);
  shutdown.add(() => Promise.resolve(vault?.close()));
  const signers = new LogSigners(keys.logs, reloadLogs);
  const erasures = new Erasures({
    ...{ store, intake, background },
    signers: async () => signers.of((await log.keys()).latest),
    origin: keys.log.key.name,
    clock: options.clock,
    ...(erasureKeys === null ? {} : { destroyKeys: () => destroyDueKeys(store, erasureKeys) }),
    ...(vault === null ? {} : { removeKept: vault.remove.bind(vault) }),
  });
  shutdown.add(() => erasures.close());
  const events = new EventIntake({
    ...accepting,
    origin: keys.log.key.name,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  shutdown.add(() => events.close());
  const access = buildAccess(store, config, keys, logger, background, {
    onMail: config.mail === null ? null : () => outbox?.wake(),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
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

  const recordReader = new Records(
    {
      store,
      checkpoints: new Checkpoints(store, cosigned),
      anchorsOf: (block) => notarizations.anchorsOf(block),
    },
    keys.log.key.name,
    options.clock,
  );
  const signingRequests = new Signing({
    ...{ store, events, records: recordReader, rateLimits: store.rateLimits, secret: keys.access },
    ...{ mails: config.mail !== null, clock: options.clock },
    onMail: () => outbox?.wake(),
  });
  const digests = new Digests({
    ...{ store, secret: keys.access, clock: options.clock },
    publicUrl: config.mail === null ? null : config.access.publicUrl,
  });
  const outbox = await buildOutbox(
    {
      ...{ store, access, signing: signingRequests, keys, metrics, background, logger, digests },
      ...{ clock: options.clock, everyMs: options.mailsEveryMs },
    },
    config,
  );
  if (outbox !== null) shutdown.add(() => outbox.close());

  const { webhooks, deliveries } = buildWebhooks(
    { store, cosigned, keys, config, metrics, background, logger, outbox },
    options.webhooks,
  );
  shutdown.add(() => deliveries.close());

  const stopping = new AbortController();
  const parts: ServiceParts = {
    store,
    intake,
    events,
    records: recordReader,
    signing: signingRequests,
    digests,
    webhooks,
    databaseProblem: () => store.problem(),
    durability: () => store.durability(),
    unconfirmedCommits: () => store.unconfirmedCommits(),
    notarizations,
    register: new Register(store, notarizations, logger),
    erasures,
    vault,
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
    metricsToken: () => live.metricsToken,
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
    outbox?.start();
    deliveries.start();
    if (sealing) erasures.start();
    await vault?.start();
    if (erasureKeys !== null) shutdown.add(tendErasureKeys(store, erasureKeys, background, sealing));
    shutdown.add(startHousekeeping(store, access, deliveries, background, options.housekeepingMs));
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
    reload: (reloaded) => {
      live = reloaded;
    },
    start: (startOptions = {}) => shutdown.onFailureOf(() => start(startOptions)),
    stop: (drainMs) => shutdown.run(drainMs),
  };
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
  deliveries: Deliveries,
  background: Background,
  intervalMs = HOUSEKEEPING_INTERVAL_MS,
): () => Promise<void> {
  const keys = background.task('purging idempotency keys');
  const sessions = background.task('purging sessions and rate limits');
  const attempts = background.task('purging attempts of webhooks');
  let running = Promise.resolve();
  const purge = async () => {
    await keys.run(() => store.expireIdempotency(Date.now() - IDEMPOTENCY_LIFETIME_MS));
    await sessions.run(() => access.purgeExpired());
    await attempts.run(() => deliveries.expire());
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
