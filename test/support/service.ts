import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino, type Logger } from 'pino';
import { Access, type AccessPolicy, type OidcConfig } from '../../src/auth/index.js';
import { CertificateWorkers } from '../../src/certificate/workers.js';
import {
  createApp,
  createServer,
  Metrics,
  type HttpDeps,
  type HostPolicy,
  type ServerLimits,
} from '../../src/http/index.js';
import { Intake, Receipts } from '../../src/intake/index.js';
import { CosignedView, Cosigning, Notarizations, PublishedLog, Register } from '../../src/log/index.js';
import { formatVerifierKey, type Witnesses } from '../../src/proof/index.js';
import { RollbackGuard, Sealer } from '../../src/sealer/index.js';
import { LastCheckpointFile, openStore, type Store } from '../../src/store/index.js';
import { createStore } from './database.js';
import { LOG_KEY, ORIGIN, RECEIPT_KEY } from './parts.js';

export interface ServiceOptions extends ServerLimits {
  /** false: nothing is sealed until `startSealing` is called. */
  readonly sealing?: boolean;
  readonly sealIntervalMs?: number;
  readonly maxUploadBytes?: number;
  readonly maxQueue?: number;
  readonly maxLagMs?: number;
  readonly publicDir?: string;
  readonly logger?: Logger;
  /** Whom to ask for cosignatures. */
  readonly witnesses?: Witnesses;
  /** How long a witness may take to answer. */
  readonly witnessTimeoutMs?: number;
  /** By default as on a developer's own machine: strangers may notarize, everyone may verify. */
  readonly policy?: Partial<AccessPolicy>;
  readonly oidc?: OidcConfig;
  /** By default one that listens on loopback and has not been told its name. */
  readonly hosts?: Partial<HostPolicy>;
  readonly trustProxy?: HttpDeps['trustProxy'];
  /** Milliseconds since the Unix epoch, for all of access. */
  readonly clock?: () => number;
  readonly certificates?: { readonly threads?: number; readonly maxWaiting?: number };
  readonly slowestBody?: HttpDeps['slowestBody'];
  /** Another instance of this service: on its database, with its keys. */
  readonly beside?: TestService;
  /** Stands between the service and its store, to fail on purpose. */
  readonly wrapStore?: (store: Store) => Store;
}

/** The whole service in this process, on a database and a port of its own. */
export interface TestService extends AsyncDisposable {
  /** http://127.0.0.1:<port> */
  readonly url: string;
  readonly port: number;
  readonly store: Store;
  readonly databaseUrl: string;
  readonly deps: HttpDeps;
  /** What is known of the witnesses; null when nobody is asked. */
  readonly cosigning: Cosigning | null;
  /** The log's verifier key in text form. */
  readonly verifierKey: string;
  startSealing(): void;
  /** Begins to stop as the service does on SIGTERM: waiting callers are answered. */
  beginStop(): void;
}

export async function startService(options: ServiceOptions = {}): Promise<TestService> {
  const database = await openDatabase(options.beside);
  const directory = await mkdtemp(join(tmpdir(), 'ingam-service-'));
  const store = options.wrapStore?.(database.store) ?? database.store;
  const logKey = LOG_KEY;
  const receiptKey = RECEIPT_KEY;
  const logger = options.logger ?? pino({ level: 'silent' });
  const receipts = new Receipts(receiptKey, ORIGIN, 60_000);
  const cosigned = options.witnesses === undefined ? null : new CosignedView(store, options.witnesses);
  const notarizations = new Notarizations(store, receipts, cosigned);
  const intake = new Intake({ store, receipts, maxQueue: options.maxQueue ?? 100_000 });
  const metrics = new Metrics();
  const sealer = new Sealer({
    store,
    logKey,
    guard: new RollbackGuard(store, new LastCheckpointFile(directory), logKey.key),
    log: logger,
    sealIntervalMs: options.sealIntervalMs ?? 50,
    maxBlockEntries: 65_536,
    minDifficulty: 1,
    miningTargetMs: 1,
    onSealed: ({ block, miningMs, totalMs }) => {
      metrics.sealed({ entryCount: block.entryCount, miningMs, totalMs });
    },
  });
  const cosigning =
    options.witnesses === undefined
      ? null
      : new Cosigning({
          store,
          witnesses: options.witnesses,
          leads: () => sealer.status.leading,
          log: logger,
          timeoutMs: options.witnessTimeoutMs ?? 5000,
        });
  cosigning?.start();
  const access = new Access({
    store: store.access,
    rateLimits: store.rateLimits,
    secret: new Uint8Array(32).fill(3),
    origin: ORIGIN,
    policy: { anonymousSubmission: true, privateVerification: false, ...options.policy },
    oidc: options.oidc ?? null,
    logger,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  await access.start();
  const certificates = new CertificateWorkers(options.certificates);
  const stopping = new AbortController();
  const deps: HttpDeps = {
    intake,
    notarizations,
    register: new Register(store, notarizations, logger),
    log: new PublishedLog(store, { logKey: logKey.key, receiptKey: receiptKey.key }, cosigned),
    certificates,
    sealer,
    access,
    hosts: { publicUrl: null, loopbackOnly: true, ...options.hosts },
    trustProxy: options.trustProxy ?? [],
    metrics,
    logger,
    publicDir: options.publicDir ?? join(import.meta.dirname, '../../public'),
    maxUploadBytes: options.maxUploadBytes ?? null,
    maxLagMs: options.maxLagMs ?? 60_000,
    slowestBody: options.slowestBody,
    stopping: stopping.signal,
  };
  const server = createServer(createApp(deps), options);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  if (options.sealing !== false) sealer.start();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    store,
    databaseUrl: database.url,
    deps,
    cosigning,
    verifierKey: formatVerifierKey(logKey.key),
    startSealing: () => {
      sealer.start();
    },
    beginStop: () => {
      stopping.abort();
    },
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await certificates.destroy();
      await intake.close();
      await cosigning?.stop();
      await sealer.stop();
      await notarizations.close();
      await cosigned?.close();
      await access.close();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function openDatabase(beside: TestService | undefined) {
  if (beside === undefined) return createStore();
  const store = await openStore({ url: beside.databaseUrl });
  return { url: beside.databaseUrl, store, drop: () => store.close() };
}
