import type { Logger } from 'pino';
import { Balancer } from './balancer.js';
import { checkConnections, checkReadConnections, embeddedConnections } from './budget.js';
import type { Config, ProcessConfig, ReloadedConfig } from './config.js';
import { settleHeap } from '../background/garbage.js';
import { assertKept, givenDatabase, migrateDatabase, Shutdown, startDatabase } from './lifecycle.js';
import { Workers, type WorkersFailed } from './workers.js';

export interface RunningService {
  /** Its address, for example http://127.0.0.1:8080. */
  readonly url: string;
  /** The log's verifier keys, for verifiers. */
  readonly verifierKey: string;
  /**
   * A link to create the first operator's account, once, for whoever reads the terminal; null: there is an
   * operator.
   */
  readonly setUpUrl: string | null;
  /** Resolves when the service cannot continue by itself, with the reason; it still has to be stopped. */
  readonly failed: Promise<WorkersFailed>;
  /** All processes go on with these settings. */
  reload(reloaded: ReloadedConfig): void;
  /**
   * Responds to waiting clients, accepts no new requests, completes every write, then stops the database.
   * Safe to call twice.
   */
  stop(): Promise<void>;
}

type Running = Omit<RunningService, 'stop' | 'setUpUrl'> & {
  readonly setUpToken: string | null;
};

/**
 * Starts the service: first what exists once for all processes (its database server, migrations, the link for
 * the first operator), and then the processes that serve: this process itself, or several workers of it. What
 * was started before a failure is stopped again.
 * @throws what `buildService` and its `start` throw, {EmbeddedError}, {ConfigError}, or {WorkersFailed}
 */
export async function startService(config: Config, logger: Logger): Promise<RunningService> {
  await assertKept(config);
  const shutdown = new Shutdown(logger);
  // Workers load the program while the database starts.
  const workers = config.workers === 1 ? null : new Workers(config.workers, logger);
  try {
    const database =
      givenDatabase(config) ??
      (await startDatabase(config.dataDir, logger, shutdown, embeddedConnections(config.workers)));
    const databaseUrl = database.url;
    if (workers !== null) shutdown.add(() => workers.stop());
    await checkConnections(databaseUrl, config.workers, logger);
    if (config.readDatabaseUrl !== null)
      await checkReadConnections(config.readDatabaseUrl, config.workers, logger);
    await migrateDatabase(database, logger);
    // Whoever owns the tables can switch off their triggers: the processes that serve do not get that URL.
    const ready = { ...config, databaseUrl, databaseOwnerUrl: null };
    const { setUpToken, ...running } = await (workers === null
      ? startHere(ready, logger, shutdown)
      : startWorkers(workers, ready));
    settleHeap();
    return {
      ...running,
      setUpUrl: setUpToken === null ? null : setUpUrl(setUpToken, config, running.url),
      reload: (reloaded) => {
        logger.level = reloaded.logLevel;
        running.reload(reloaded);
      },
      stop: () => shutdown.run(),
    };
  } catch (error) {
    await workers?.stop();
    await shutdown.run();
    throw error;
  }
}

async function startHere(config: ProcessConfig, logger: Logger, shutdown: Shutdown): Promise<Running> {
  // Loaded here only: a process that supervises workers does without what they are made of.
  const { buildService } = await import('./build.js');
  const service = await buildService(config, logger);
  shutdown.add(() => service.stop());
  const url = await service.start();
  const setUpToken = (await service.parts.access.invitations.setUpLink())?.token ?? null;
  return {
    ...{ url, verifierKey: service.verifierKey(), setUpToken, failed: new Promise(() => undefined) },
    reload: (reloaded) => {
      service.reload(reloaded);
    },
  };
}

async function startWorkers(workers: Workers, config: ProcessConfig): Promise<Running> {
  const setUpToken = await workers.prepare(config);
  const balancer = await Balancer.open(config);
  // The configured operator exists by now.
  const access = { ...config.access, operator: null };
  const verifierKey = await workers.start({ ...config, access }, balancer);
  return {
    ...{ url: balancer.url, verifierKey, setUpToken, failed: workers.failed },
    reload: (reloaded) => {
      workers.reload(reloaded);
    },
  };
}

function setUpUrl(token: string, { access }: Config, url: string): string {
  return new URL(`account.html#setup=${token}`, access.publicUrl ?? url).href;
}
