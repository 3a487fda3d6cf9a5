import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino, type Logger } from 'pino';
import { NO_TIME_SOURCES, type TimeSources } from '../../src/anchoring/index.js';
import type { AccessPolicy, OidcConfig } from '../../src/auth/index.js';
import type { HttpDeps, ServerLimits } from '../../src/http/index.js';
import type { Cosigning } from '../../src/log/index.js';
import type { Witnesses } from '../../src/proof/index.js';
import { buildService, type BuildOptions } from '../../src/service/build.js';
import { loadConfig, type Config } from '../../src/service/config.js';
import type { Store } from '../../src/store/index.js';
import type { TsaSettings } from '../../src/tsa/index.js';
import { createDatabase } from './database.js';
import { LOG_KEY, RECEIPT_KEY, SECRET } from './parts.js';

export interface ServiceOptions
  extends
    ServerLimits,
    Pick<
      BuildOptions,
      | 'anchoring'
      | 'certificates'
      | 'clock'
      | 'hosts'
      | 'housekeepingMs'
      | 'memberTimeoutMs'
      | 'publicDir'
      | 'sealingClock'
      | 'slowestBody'
      | 'timeStampClock'
      | 'webhooks'
      | 'wrapStore'
    > {
  /** false: nothing is sealed until `startSealing` is called. */
  readonly sealing?: boolean;
  readonly sealIntervalMs?: number;
  readonly maxBlockEntries?: number;
  readonly maxUploadBytes?: number;
  readonly maxQueue?: number;
  /** Whether nothing is accepted without a synchronous standby; by default not. */
  readonly requireSync?: boolean;
  /** Also how soon receipts promise the seal. */
  readonly maxLagMs?: number;
  readonly logger?: Logger;
  readonly members?: Witnesses;
  readonly timeSources?: Partial<TimeSources>;
  readonly alarmWebhook?: string;
  /** Private networks that webhooks may lead to; by default none. */
  readonly webhookPrivate?: readonly string[];
  /** By default no e-mails are sent. */
  readonly mail?: Config['mail'];
  /** Where people reach it, as links in e-mails have it. */
  readonly publicUrl?: URL;
  /** File of data keys; by default there is none. */
  readonly erasureKeys?: string;
  readonly vault?: Config['vault'];
  readonly pdfSigning?: Config['pdfSigning'];
  /** By default as on a developer's own machine: anybody may notarize and verify. */
  readonly policy?: Partial<AccessPolicy>;
  readonly oidc?: OidcConfig;
  /** By default any free one. */
  readonly port?: number;
  readonly trustProxy?: HttpDeps['trustProxy'];
  readonly metricsToken?: string;
  readonly connectionsPerNetwork?: number;
  /** The time-stamping authority; by default there is none. */
  readonly tsa?: Partial<TsaSettings> & { readonly key?: string; readonly organization?: string };
  /** By default an empty one, which is removed in the end. */
  readonly dataDir?: string;
  /** A migrated database; by default one of its own. */
  readonly databaseUrl?: string;
  /** Another instance of this service: on its database, with its keys. */
  readonly beside?: TestService;
}

/** The service as `ingam serve` builds it, in this process, on a port and (unless `beside`) a database of its own. */
export interface TestService extends AsyncDisposable {
  /** http://127.0.0.1:<port> */
  readonly url: string;
  readonly port: number;
  readonly store: Store;
  readonly databaseUrl: string;
  /** The same database for a superuser. */
  readonly adminUrl: string;
  readonly deps: HttpDeps;
  /** null: the log has no members. */
  readonly cosigning: Cosigning | null;
  /** The log's verifier key in text form. */
  readonly verifierKey: string;
  startSealing(): void;
  /** Begins to stop as on SIGTERM: waiting clients get their responses. */
  beginStop(): void;
}

const TSA: TsaSettings = { policy: '1.3.6.1.4.1.55555.1', accuracyMs: 1000, servers: [] };

export async function startService(options: ServiceOptions = {}): Promise<TestService> {
  const { beside, policy, headersTimeoutMs, idleTimeoutMs } = options;
  const given = options.databaseUrl ?? beside?.databaseUrl;
  const database = given === undefined ? await createDatabase() : null;
  const databaseUrl = database?.url ?? given ?? '';
  const adminUrl = database?.adminUrl ?? beside?.adminUrl ?? '';
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'ingam-service-')));
  const defaults = loadConfig({ PORT: '0', INGAM_WORKERS: '1' });
  const config = {
    ...defaults,
    port: options.port ?? defaults.port,
    databaseUrl,
    dataDir,
    logKey: LOG_KEY.text,
    receiptKey: RECEIPT_KEY.text,
    secret: SECRET,
    // The chain is read as often, also while nothing happens: services of tests would spend a tenth of the run on that.
    sealIntervalMs: options.sealIntervalMs ?? 200,
    maxBlockEntries: options.maxBlockEntries ?? defaults.maxBlockEntries,
    minDifficulty: 1,
    miningTargetMs: 1,
    sealPromiseMs: options.maxLagMs ?? defaults.sealPromiseMs,
    requireSync: options.requireSync ?? defaults.requireSync,
    maxQueue: options.maxQueue ?? defaults.maxQueue,
    maxUploadBytes: options.maxUploadBytes ?? null,
    members: options.members ?? null,
    timeSources: { ...NO_TIME_SOURCES, ...options.timeSources },
    alarmWebhook: options.alarmWebhook ?? null,
    webhookPrivate: options.webhookPrivate ?? null,
    mail: options.mail ?? null,
    erasureKeys: options.erasureKeys ?? null,
    vault: options.vault ?? null,
    pdfSigning: options.pdfSigning ?? null,
    metricsToken: options.metricsToken ?? null,
    tsa: options.tsa === undefined ? null : { ...TSA, ...options.tsa },
    tsaKey: options.tsa?.key ?? null,
    tsaOrganization: options.tsa?.organization ?? null,
    connectionsPerNetwork: options.connectionsPerNetwork ?? defaults.connectionsPerNetwork,
    // Another instance has an empty directory of its own.
    sealWithoutKeptCheckpoint: beside !== undefined,
    access: {
      ...defaults.access,
      ...policy,
      oidc: options.oidc ?? null,
      ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
      trustProxy: options.trustProxy ?? [],
    },
  };
  const service = await buildService(config, options.logger ?? pino({ level: 'silent' }), {
    publicDir: join(import.meta.dirname, '../../public'),
    mailsEveryMs: 100,
    ...options,
    limits: {
      ...(headersTimeoutMs === undefined ? {} : { headersTimeoutMs }),
      ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
    },
  });
  const url = await service.start({ sealing: options.sealing ?? true });
  return {
    url,
    port: Number(new URL(url).port),
    store: service.parts.store,
    databaseUrl,
    adminUrl,
    deps: service.parts,
    cosigning: service.parts.cosigning,
    verifierKey: service.verifierKey(),
    startSealing: () => {
      service.parts.sealer.start();
    },
    beginStop: () => {
      void service.stop();
    },
    [Symbol.asyncDispose]: async () => {
      await service.stop(0);
      await database?.drop();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
