import { accept, findRun, expireIdempotency, idempotencyRecord } from './accept.js';
import { accessRows } from './auth/index.js';
import { publish, publishedAmong, withdraw, register } from './register.js';
import { rateLimitRows } from './auth/rate-limits.js';
import {
  block,
  blocks,
  checkpoint,
  head,
  headers,
  tip,
  waiting,
  commitBlock,
  findCommitted,
} from './blocks.js';
import { Connections } from './connections.js';
import { ControlConnection } from './control-connection.js';
import { entries, entriesByDigest, entry, erase, blocksOver, detailsIn } from './entries.js';
import { StoreError } from './errors.js';
import { PrismaAccess } from './prisma-client.js';
import { acceptKeyStatement, keepKeyStatements, logKeyStatements } from './log-keys.js';
import {
  addCosignature,
  cosignatures,
  cosignedSizes,
  latestCosigned,
  addEvidence,
  evidence,
  keepCheckpoint,
  setWitnessed,
  witnessed,
} from './cosignatures.js';
import { followBlocks, followed, leafHashes } from './followed.js';
import { COSIGNED_CHANNEL, SEALED_CHANNEL } from './names.js';
import { snapshot } from './snapshot.js';
import type { Store, StoreLog } from './store.js';
import { blockTiles, logTile } from './tiles.js';

/** PostgreSQL 15: the oldest version that the migrations and statements are tested with. */
export const OLDEST_SERVER = 150_000;

const QUIET: StoreLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface StoreOptions {
  /** postgresql://user:password@host:port/database. A direct connection: transaction poolers break LISTEN and session locks. */
  readonly url: string;
  /**
   * Most connections in the pool, default 10. Listening and leading share one more (see `connectionsPerStore`), and each
   * running snapshot uses one of its own.
   */
  readonly poolSize?: number;
  readonly log?: StoreLog;
}

/**
 * Opens the store on a migrated database (see `migrate`).
 * @throws {StoreError} unavailable, unsupported_server
 */
export async function openStore({ url, poolSize = 10, log = QUIET }: StoreOptions): Promise<Store> {
  const connections = new Connections(url, poolSize, log);
  let settings: string;
  try {
    settings = await assertServer(connections, log);
  } catch (error) {
    await connections.pool.end();
    throw error;
  }
  if (settings === '') return storeOver(connections, log);
  await connections.pool.end();
  return storeOver(new Connections(url, poolSize, log, settings), log);
}

/** @returns what the server's own settings lack to keep our promises */
async function assertServer(connections: Connections, log: StoreLog): Promise<string> {
  const [row] = await connections.read<{ number: number; name: string; fsync: string; commit: string }>(
    `SELECT current_setting('server_version_num')::integer AS number, current_setting('server_version') AS name,
            current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit`,
  );
  if (row === undefined || row.number < OLDEST_SERVER) {
    throw new StoreError(
      'unsupported_server',
      `PostgreSQL ${row?.name ?? '?'} is too old: version 15 or newer is needed`,
    );
  }
  if (row.fsync === 'off') {
    log.warn(
      {},
      'this PostgreSQL runs with fsync=off: a crash of its machine can lose what was acknowledged',
    );
  }
  // An answer means "on disk"; with "off", PostgreSQL answers up to 0.6 s before that.
  return row.commit === 'off' ? '-c synchronous_commit=on' : '';
}

function storeOver(connections: Connections, log: StoreLog): Store {
  const prisma = new PrismaAccess(connections.pool, log);
  const control = new ControlConnection(connections, log);
  return {
    access: accessRows(connections, prisma, log),
    rateLimits: rateLimitRows(connections, prisma),
    register: (query) => register(connections, query),
    publish: (position, at, event) => publish(prisma, position, at, event),
    withdraw: (position, event) => withdraw(prisma, position, event),
    publishedAmong: (positions) => publishedAmong(connections, positions),
    accept: (group) => accept(connections, group),
    findAccepted: async (run) => {
      await connections.fence();
      return findRun(connections, run);
    },
    idempotencyRecord: (scope, key) => idempotencyRecord(connections, scope, key),
    expireIdempotency: (beforeMs) => expireIdempotency(connections, beforeMs),
    head: () => head(connections),
    tip: () => tip(connections),
    waiting: () => waiting(connections),
    entries: (first, count) => entries(connections, first, count),
    entry: (position) => entry(connections, position),
    entriesByDigest: (digest, limit) => entriesByDigest(connections, digest, limit),
    detailsIn: (ranges) => detailsIn(connections, ranges),
    blocksOver: (ranges) => blocksOver(connections, ranges),
    commitBlock: (commit) => commitBlock(connections, commit),
    findCommitted: async (wanted) => {
      await connections.fence();
      return findCommitted(connections, wanted);
    },
    block: (height) => block(connections, height),
    blocks: (range) => blocks(connections, range),
    headers: (from, to) => headers(connections, from, to),
    blockTiles: (height, tiles) => blockTiles(connections, height, tiles),
    logTile: (level, index, width) => logTile(connections, level, index, width),
    checkpoint: (size) => checkpoint(connections, size),
    erase: (position) => erase(connections, position),
    acquireLeadership: () => control.acquireLeadership(),
    takeOverLeadership: () => control.takeOverLeadership(),
    onSealed: (listener) => control.subscribe(SEALED_CHANNEL, listener),
    onCosigned: (listener) => control.subscribe(COSIGNED_CHANNEL, listener),
    addCosignature: (cosignature) => addCosignature(connections, cosignature),
    cosignatures: (size) => cosignatures(connections, size),
    latestCosigned: (witnesses) => latestCosigned(connections, witnesses),
    cosignedSizes: (range) => cosignedSizes(connections, range),
    followBlocks: (blocks, logTiles) => followBlocks(connections, blocks, logTiles),
    followed: () => followed(connections),
    leafHashes: (first, count) => leafHashes(connections, first, count),
    logKeyStatements: () => logKeyStatements(connections),
    acceptKeyStatement: (statement) => acceptKeyStatement(connections, statement),
    keepKeyStatements: (statements) => keepKeyStatements(connections, statements),
    keepCheckpoint: (kept) => keepCheckpoint(connections, kept),
    witnessed: (origin) => witnessed(connections, origin),
    setWitnessed: (next, old) => setWitnessed(connections, next, old),
    addEvidence: (found) => addEvidence(connections, found),
    evidence: (limit) => evidence(connections, limit),
    snapshot: (read) => snapshot(connections, read),
    ping: async () => {
      await connections.read('SELECT 1');
    },
    abandon: () => {
      connections.abandon();
    },
    close: async () => {
      await control.close();
      // Waits for running statements and transactions, of Prisma too.
      await connections.pool.end();
      await prisma.close();
    },
  };
}
