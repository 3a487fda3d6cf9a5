/*
 * How long this program waits for others that may never respond: a database, another node, an identity
 * provider. All such limits are here, because they depend on each other. In milliseconds.
 *
 * A party that closes its connection is noticed at once. These limits are for one that goes silent: its
 * process is paused, its machine hangs, or a network drops its packets. TCP alone would notice that after
 * minutes to hours.
 */

/** The database server. Limits with "server" are enforced by PostgreSQL itself, the others by this process. */
export const DATABASE_LIMITS = {
  /** To connect and to authenticate; also for a free connection of a pool. */
  connectMs: 5_000,
  /** For one of several hosts to say whether it accepts writes. */
  hostMs: 2_000,
  /** A connection that is idle for this long is probed by TCP: ten times, a second apart. */
  keepAliveMs: 10_000,
  /**
   * Long-running processes query the server this often on a connection of their own. A statement may
   * rightly take long without a sign of life, so its silence says nothing about the server.
   */
  heartbeatMs: 1_000,
  /**
   * Heartbeats without a response after which the server counts as silent, and all connections to it are
   * closed. A busy machine delays a response by less.
   */
  missedHeartbeats: 5,
  /** For the heartbeat's query of a read replica; then the primary is asked. */
  replicaMs: 2_000,
  /** A read replica that has not replayed what the primary had so long ago is not asked for what can be erased. */
  replicaAgeMs: 4_000,
  /** A commit that waits for its synchronous standby longer than this makes new writes fail at once. */
  standbyMs: 3_000,
  /**
   * Server: between two statements of a transaction. A process that is paused there is terminated before
   * others give up waiting for its locks.
   */
  idleInTransactionMs: 5_000,
  /** Server: for a lock. */
  lockMs: 7_000,
  /**
   * For a statement that writes and commits, and for a COMMIT. Longer than the wait for a lock, which the
   * server ends with a definite failure. PostgreSQL has no limit for a commit that waits for a standby.
   */
  commitMs: 10_000,
  /** Server: for any other statement. */
  statementMs: 30_000,
  /** Server: for each statement that writes the tiles of a large block. */
  largeBlockMs: 60_000,
  /** Server: for each statement that migrates the database. */
  migrationMs: 600_000,
  /** For another process that migrates the database. */
  migrationLockMs: 60_000,
  /** How much longer than the server this process waits: in that time the server's own error arrives. */
  marginMs: 5_000,
  /** For statements of a lost connection to end on the server, before what they did is read. */
  fenceMs: 5_000,
  /** For the outcome of a commit whose connection was lost; the client is then told that it is unknown. */
  outcomeMs: 10_000,
  /** How long a terminated leader's session may need to give up its lock. */
  takeOverMs: 2_000,
  /** How long a database that does not respond may delay a shutdown: longer than clients get for responses. */
  abandonMs: 7_000,
} as const;

/** The service, for a command of `ingam`: without any sign of life. Longer than `Prefer: wait` may ask for. */
export const SERVICE_SILENCE_MS = 75_000;

/** Other nodes. */
export const NODE_LIMITS = {
  /** A member's response to `add-checkpoint`. It verifies whole blocks first. */
  cosigningMs: 10_000,
  /** How long a member verifies blocks before it responds to `add-checkpoint` that it needs longer. */
  examineMs: 8_000,
  /** A response of the log that a member follows, or of another member, with its whole body. */
  followingMs: 15_000,
  /** The last checkpoint that a member or the service's own address publishes, before a process seals. */
  checkpointMs: 2_000,
  /** A receiver of alarms. */
  webhookMs: 10_000,
} as const;

/** The S3 server of a vault. People and programs wait for it, no longer than `SERVICE_SILENCE_MS`. */
export const STORAGE_LIMITS = {
  /** Without any sign of life, also before it is connected. */
  silenceMs: 30_000,
  /** More for each part of an upload that it puts together: it may copy them. */
  partMs: 500,
} as const;

/** A response of a time source, or of a server with revocation lists, with its whole body. Nobody waits for it. */
export const TIME_SOURCE_MS = 15_000;

/** A receiver of a webhook, with the look-up of its name, until the status of its answer. Standard Webhooks: 15 to 30 s. */
export const WEBHOOK_MS = 20_000;

/** A time server's answer, with the look-up of its name. */
export const TIME_SERVER_MS = 3_000;

/** An identity provider's keys. Its people wait for them; keys loaded earlier stay in use. */
export const IDENTITY_PROVIDER_MS = 5_000;

/**
 * A signal that aborts after `milliseconds`, or with `stop`. Its timer refers to it: a signal of
 * `AbortSignal.timeout` to which only `AbortSignal.any` refers may be collected, and then never aborts.
 */
export function timeLimit(milliseconds: number, stop?: AbortSignal): AbortSignal {
  const limit = new AbortController();
  const timer = setTimeout(() => {
    limit.abort(new DOMException(`no response within ${milliseconds} ms`, 'TimeoutError'));
  }, milliseconds);
  timer.unref();
  return stop === undefined ? limit.signal : AbortSignal.any([stop, limit.signal]);
}
