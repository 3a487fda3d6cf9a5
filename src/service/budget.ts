import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { connectionsPerStore, readServerConnections } from '../store/index.js';
import type { Config } from './config.js';
import { ConfigError } from './settings.js';

/*
 * What the service uses of its machine and its database. Limits are for the whole service, and divided among
 * its processes.
 */

/** As many connections as the statements of one process can keep busy. */
const MAX_POOL = 10;
/** Below this, one long statement would hold up everything else in the process. */
const MIN_POOL = 3;
/** For the pools of all processes: a third of what PostgreSQL allows by default. */
const POOLED_CONNECTIONS = 32;
/** For everything that is no part of the service: `ingam audit`, backups, a person with psql. */
const SPARE_CONNECTIONS = 20;
/** Each thread has fonts of some hundred megabytes in memory. */
const MAX_CERTIFICATE_THREADS = 4;
const MAX_WAITING_CERTIFICATES = 32;

export interface ProcessBudget {
  /** Connections in the pool of the process; its store uses one more. */
  readonly poolSize: number;
  /** Documents that may wait for their commit. */
  readonly maxQueue: number;
  /** Connections of one network. */
  readonly connectionsPerNetwork: number;
  readonly certificates: { readonly threads: number; readonly maxWaiting: number };
}

/** What each of the processes may use. Every process gets at least one of everything. */
export function processBudget({
  workers,
  maxQueue,
  connectionsPerNetwork,
}: Pick<Config, 'workers' | 'maxQueue' | 'connectionsPerNetwork'>): ProcessBudget {
  const threads = Math.min(MAX_CERTIFICATE_THREADS, Math.floor(availableParallelism() / 2));
  return {
    poolSize: Math.min(MAX_POOL, Math.max(MIN_POOL, Math.ceil(POOLED_CONNECTIONS / workers))),
    maxQueue: Math.ceil(maxQueue / workers),
    // They are dispatched to the processes in turn.
    connectionsPerNetwork: Math.ceil(connectionsPerNetwork / workers),
    certificates: {
      threads: Math.max(1, Math.floor(threads / workers)),
      maxWaiting: Math.ceil(MAX_WAITING_CERTIFICATES / workers),
    },
  };
}

/** The most connections to PostgreSQL that a service with this many processes uses at a time. */
export function connectionsNeeded(workers: number): number {
  return (
    workers * connectionsPerStore(processBudget({ workers, maxQueue: 0, connectionsPerNetwork: 0 }).poolSize)
  );
}

/** What the embedded PostgreSQL allows. */
export function embeddedConnections(workers: number): number {
  return Math.max(100, connectionsNeeded(workers) + SPARE_CONNECTIONS);
}

/**
 * The same for the standby that readers are served from, of which every process uses as many connections. It may be
 * away: the primary serves readers then.
 * @throws {ConfigError}
 */
export async function checkReadConnections(url: string, workers: number, log: Logger): Promise<void> {
  const needed = connectionsNeeded(workers);
  let available: number;
  try {
    ({ available } = await readServerConnections(url, true));
  } catch (error) {
    log.warn(
      { err: error },
      'the server of INGAM_READ_DATABASE_URL does not respond: readers are served from the primary until it does',
    );
    return;
  }
  if (needed > available) {
    throw new ConfigError([
      `INGAM_READ_DATABASE_URL names a server that allows ${available} connections, but the service uses up to ${needed} of it: ` +
        `raise max_connections of the server to at least ${needed + SPARE_CONNECTIONS}`,
    ]);
  }
}

/**
 * Checks before anything is started that PostgreSQL allows all the connections that the service may open:
 * else it would fail under load, one request at a time.
 * @throws {ConfigError}, or {StoreError} unavailable
 */
export async function checkConnections(url: string, workers: number, log: Logger): Promise<void> {
  const needed = connectionsNeeded(workers);
  const { available, used } = await readServerConnections(url);
  if (needed > available) {
    const fitting = Array.from({ length: workers }, (_, i) => workers - i).find(
      (fewer) => connectionsNeeded(fewer) <= available,
    );
    const lower = fitting === undefined ? '' : `lower INGAM_WORKERS to ${fitting}, or `;
    throw new ConfigError([
      `INGAM_WORKERS is ${workers}, for which the service uses up to ${needed} connections to PostgreSQL, ` +
        `but the server allows it ${available}: ${lower}raise max_connections of the server to at least ${needed + SPARE_CONNECTIONS}`,
    ]);
  }
  if (needed > available - used) {
    log.warn(
      { needed, available, used },
      'other clients use so many connections to PostgreSQL that this service may not get all of its own',
    );
  }
}
