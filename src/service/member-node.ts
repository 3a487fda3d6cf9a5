import type { Logger } from 'pino';
import { AnonymousLimits } from '../auth/index.js';
import { Background } from '../background/index.js';
import {
  closeServer,
  createMemberApp,
  createServer,
  listen,
  MemberMetrics,
  type MemberDeps,
} from '../http/index.js';
import { LogReader } from '../log/index.js';
import { Member, type MemberOptions, type Progress } from '../member/index.js';
import { formatVerifierKey, type NoteSigner } from '../proof/index.js';
import { openStore, type Store } from '../store/index.js';
import { loadMemberKey } from './keys.js';
import type { MemberConfig, ReloadedMemberConfig } from './member-config.js';
import { assertKept, givenDatabase, migrateDatabase, Shutdown, startDatabase } from './lifecycle.js';

/** The configuration of a node whose database is up and migrated. */
type NodeConfig = MemberConfig & { readonly databaseUrl: string };

export interface BuiltMember {
  readonly parts: MemberDeps;
  /** The node's verifier key: what an operator lists it by. */
  readonly verifierKey: string;
  /** Goes on with these settings. */
  reload(reloaded: ReloadedMemberConfig): void;
  /**
   * Takes requests, and begins to follow the log.
   * @returns the node's address
   * @throws the listening socket's error; then everything has been stopped again
   */
  start(): Promise<string>;
  /**
   * Completes what has begun and closes the store. Safe to call twice.
   * @param drainMs how long open responses may take before they are cut; by default some seconds
   */
  stop(drainMs?: number): Promise<void>;
}

export interface MemberBuildOptions extends Pick<
  MemberOptions,
  'requestTimeoutMs' | 'examineMs' | 'onProgress'
> {
  /** Milliseconds; by default the system's clock. */
  readonly clock?: () => number;
  /** Wraps the store that the node uses. */
  readonly wrapStore?: (store: Store) => Store;
}

/**
 * Builds a member's node from its parts: opens its store, loads its key, and starts nothing.
 * @throws {StoreError}, {ProofError} malformed_key
 */
export async function buildMember(
  config: NodeConfig,
  logger: Logger,
  { wrapStore, ...options }: MemberBuildOptions = {},
): Promise<BuiltMember> {
  const signer = await loadMemberKey(config);
  const shutdown = new Shutdown(logger);
  const metrics = new MemberMetrics();
  const background = new Background(logger, metrics.backgroundFailed.bind(metrics));
  return shutdown.onFailureOf(async () => {
    const opened = await openStore({ url: config.databaseUrl, log: logger, background });
    shutdown.addStore(opened);
    const store = wrapStore?.(opened) ?? opened;
    return buildOn(store, signer, config, logger, metrics, background, options, shutdown);
  });
}

function buildOn(
  store: Store,
  signer: NoteSigner,
  config: NodeConfig,
  logger: Logger,
  metrics: MemberMetrics,
  background: Background,
  { clock = Date.now, ...options }: Omit<MemberBuildOptions, 'wrapStore'>,
  shutdown: Shutdown,
): BuiltMember {
  const member = new Member({
    ...config,
    ...options,
    store,
    signer,
    log: logger,
    background,
    onRefusal: (reason) => {
      metrics.refused(reason);
    },
  });
  shutdown.add(() => member.stop());
  let live: ReloadedMemberConfig = config;
  const stopping = new AbortController();
  const parts: MemberDeps = {
    member,
    reader: new LogReader(store),
    store,
    anonymousLimits: new AnonymousLimits(clock),
    trustProxy: config.trustProxy,
    metrics,
    metricsToken: () => live.metricsToken,
    background,
    logger,
    stopping: stopping.signal,
  };
  const server = createServer(createMemberApp(parts), {
    connectionsPerNetwork: config.connectionsPerNetwork,
  });
  return {
    parts,
    verifierKey: formatVerifierKey(signer.key),
    reload: (reloaded) => {
      logger.level = reloaded.logLevel;
      live = reloaded;
    },
    start: () =>
      shutdown.onFailureOf(async () => {
        const url = await listen(server, config);
        shutdown.add((drainMs) => {
          stopping.abort();
          return closeServer(server, drainMs);
        });
        member.start();
        return url;
      }),
    stop: (drainMs) => shutdown.run(drainMs),
  };
}

export interface RunningMember {
  readonly url: string;
  /** The node's verifier key: what an operator lists it by. */
  readonly verifierKey: string;
  /** Goes on with these settings. */
  reload(reloaded: ReloadedMemberConfig): void;
  /** Stops the node, then its database server. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts a member's node, with a database server of its own unless it is given one. What was started before a
 * failure is stopped again.
 * @throws what `buildMember` and its `start` throw, or {EmbeddedError}
 */
export async function startMember(
  config: MemberConfig,
  logger: Logger,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<RunningMember> {
  await assertKept(config);
  const shutdown = new Shutdown(logger);
  return shutdown.onFailureOf(async () => {
    const database = givenDatabase(config) ?? (await startDatabase(config.dataDir, logger, shutdown));
    await migrateDatabase(database, logger);
    const node = await buildMember({ ...config, databaseUrl: database.url }, logger, { onProgress });
    shutdown.add(() => node.stop());
    const url = await node.start();
    return {
      url,
      verifierKey: node.verifierKey,
      reload: (reloaded) => {
        node.reload(reloaded);
      },
      stop: () => shutdown.run(),
    };
  });
}
