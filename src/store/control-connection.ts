import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Background, BackgroundTask } from '../background/index.js';
import { DATABASE_LIMITS } from '../background/time-limits.js';
import {
  type Connections,
  type StoreLog,
  ADVISORY_CLASS,
  ANCHORED_CHANNEL,
  COSIGNED_CHANNEL,
  LEADER_LOCK,
  SEALED_CHANNEL,
} from './connections.js';
import { nothingWritten, StoreError } from './errors.js';
import { type Durability, DURABILITY } from './replication.js';

/** The time during which this process leads. */
export interface Leadership {
  /** Aborts when the session that holds the lock is lost: from then on another process may lead. */
  readonly lost: AbortSignal;
  /** Gives the leadership up. Safe to call twice, and after the loss. */
  release(): Promise<void>;
}

export interface Subscription {
  close(): Promise<void>;
}

const TAKE_OVER_POLL_MS = 20;

const CHANNELS = [SEALED_CHANNEL, COSIGNED_CHANNEL, ANCHORED_CHANNEL] as const;
type Channel = (typeof CHANNELS)[number];
type Listener = (number: number | null) => void;

const LOCK = [ADVISORY_CLASS, LEADER_LOCK];

const TERMINATE_LEADER = `
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND classid = $1 AND objid = $2 AND objsubid = 2 AND granted AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/**
 * How many commits of this role have waited for a synchronous standby for longer than $1 milliseconds, and
 * what a commit means now.
 */
const HEARTBEAT = `
SELECT count(*)::integer AS stalled, ${DURABILITY} AS durability FROM pg_stat_activity
WHERE datname = current_database() AND wait_event = 'SyncRep'
  AND query_start < clock_timestamp() - $1 * interval '1 millisecond'`;

interface Term {
  readonly client: pg.Client;
  readonly loss: AbortController;
}

/**
 * The one connection of a process outside the pool. It listens on every channel and holds the leader's lock,
 * both of which belong to a session: through a pool, a lock would be taken on one connection and given back
 * on another.
 *
 * It is opened when it is first needed. While there are subscriptions it is kept open, and reopened with
 * increasing delays after a loss. Losing it loses the leadership. Its heartbeat notices a database that does
 * not respond, whose connections are all closed then.
 */
export class ControlConnection {
  readonly #connections: Connections;
  readonly #log: StoreLog;
  readonly #listeners = new Map<Channel, Set<Listener>>(CHANNELS.map((channel) => [channel, new Set()]));
  readonly #closing = new AbortController();
  /** The open connection, or the attempt to open one. */
  #client: Promise<pg.Client> | null = null;
  #isListening = false;
  #term: Term | null = null;
  readonly #listeningTask: BackgroundTask;
  #keepingOpen: Promise<void> | null = null;
  /**
   * Lock requests run one after the other: PostgreSQL grants a lock again to the session that already holds
   * it.
   */
  #lockRequests: Promise<unknown> = Promise.resolve();

  constructor(connections: Connections, log: StoreLog, background: Background) {
    this.#connections = connections;
    this.#log = log;
    this.#listeningTask = background.task('listening for notifications');
  }

  /** Calls `listener` with the number of each notification, and with null after every (re)connection. */
  subscribe(channel: Channel, listener: Listener): Subscription {
    const listeners = this.#listeners.get(channel);
    // An entry of its own for each subscription, also when two share one function.
    const entry: Listener = (number) => {
      listener(number);
    };
    listeners?.add(entry);
    if (this.#isListening) {
      queueMicrotask(() => {
        if (listeners?.has(entry) === true) entry(null);
      });
    }
    this.keepOpen();
    return {
      close: () => {
        listeners?.delete(entry);
        return Promise.resolve();
      },
    };
  }

  /** See `Store.acquireLeadership`. */
  acquireLeadership(): Promise<Leadership | null> {
    return this.#requestLock((client) => this.#tryLock(client));
  }

  /** See `Store.takeOverLeadership`. */
  takeOverLeadership(): Promise<Leadership | null> {
    return this.#requestLock(async (client) => {
      await this.#query(client, TERMINATE_LEADER, LOCK);
      for (const deadline = performance.now() + DATABASE_LIMITS.takeOverMs; performance.now() < deadline;) {
        if (await this.#tryLock(client)) return true;
        await delay(TAKE_OVER_POLL_MS);
      }
      return false;
    });
  }

  /** Ends the connection, and with it the leadership. Safe to call twice. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#term = null;
    const client = await this.#client?.catch(() => null);
    await client?.end().catch(() => undefined);
    await this.#keepingOpen;
  }

  /** Keeps the connection open, and with it the heartbeat, until `close`. */
  keepOpen(): void {
    this.#keepingOpen ??= this.#keepOpen();
  }

  async #keepOpen(): Promise<void> {
    const { signal } = this.#closing;
    let timeouts = 0;
    while (!signal.aborted) {
      const started = performance.now();
      try {
        const client = await this.#connect();
        await this.#beat(client);
        timeouts = 0;
        this.#listeningTask.succeeded();
        if (await this.#whenLost(client)) throw new StoreError('unavailable', 'PostgreSQL does not respond');
      } catch (error) {
        // `close` ends a query that is under way.
        if (this.#closing.signal.aborted) return;
        // Any other failure of an attempt is a response. One may time out because this process was busy.
        timeouts = performance.now() - started < DATABASE_LIMITS.connectMs ? 0 : timeouts + 1;
        if (timeouts === 0) this.#connections.problem = null;
        else if (timeouts > 1) this.#connections.problem = 'silent';
        this.#listeningTask.failed(error);
        await this.#listeningTask.pause(signal);
      }
    }
  }

  /**
   * Resolves when the connection is lost or `close` is called.
   * @returns whether the database did not respond
   */
  async #whenLost(client: pg.Client): Promise<boolean> {
    let unanswered = 0;
    let isSilent = false;
    // Counted by this process's own timer: a process or a machine that was suspended has missed nothing.
    const heartbeat = setInterval(() => {
      if (unanswered++ > 0) {
        if (unanswered <= DATABASE_LIMITS.missedHeartbeats) return;
        isSilent = true;
        this.#connections.problem = 'silent';
        return;
      }
      this.#beat(client).then(
        () => {
          unanswered = 0;
        },
        () => undefined, // the connection is closed
      );
    }, DATABASE_LIMITS.heartbeatMs);
    await once(client, 'end', { signal: this.#closing.signal }).catch(() => undefined);
    clearInterval(heartbeat);
    return isSilent;
  }

  async #beat(client: pg.Client): Promise<void> {
    const { rows } = await this.#query(client, HEARTBEAT, [DATABASE_LIMITS.standbyMs]);
    const [row] = rows as { stalled: number; durability: Durability }[];
    if (row === undefined) return;
    this.#connections.durability = row.durability;
    this.#connections.problem = row.stalled > 0 ? 'standby' : null;
  }

  async #connect(): Promise<pg.Client> {
    if (this.#closing.signal.aborted) throw new StoreError('unavailable', 'the store is closed');
    this.#client ??= this.#open();
    return this.#client;
  }

  async #open(): Promise<pg.Client> {
    try {
      const client = await this.#connections.dedicated(true);
      client.once('end', () => {
        this.#client = null;
        this.#isListening = false;
        this.#term?.loss.abort(new Error('the connection that held the leadership was lost'));
        this.#term = null;
      });
      client.on('notification', ({ channel, payload }) => {
        this.#notify(channel as Channel, Number(payload));
      });
      await this.#query(client, CHANNELS.map((channel) => `LISTEN ${channel}`).join('; '));
      this.#isListening = true;
      for (const channel of CHANNELS) this.#notify(channel, null);
      return client;
    } catch (error) {
      this.#client = null;
      throw error;
    }
  }

  #notify(channel: Channel, number: number | null): void {
    for (const listener of this.#listeners.get(channel) ?? []) listener(number);
  }

  /** A connection on which a query failed is dropped: whether it holds the lock is unknown. */
  async #query(client: pg.Client, text: string, values?: readonly number[]): Promise<pg.QueryResult> {
    try {
      return await client.query(text, values === undefined ? undefined : [...values]);
    } catch (error) {
      client.connection.stream.destroy();
      throw nothingWritten(error, 'using the control connection');
    }
  }

  async #tryLock(client: pg.Client): Promise<boolean> {
    const { rows } = await this.#query(client, 'SELECT pg_try_advisory_lock($1, $2) AS locked', LOCK);
    return (rows as { locked: boolean }[])[0]?.locked === true;
  }

  #requestLock(lock: (client: pg.Client) => Promise<boolean>): Promise<Leadership | null> {
    const request = this.#lockRequests.then(async () => {
      if (this.#term !== null) return null;
      const client = await this.#connect();
      if (!(await lock(client))) return null;
      const term: Term = { client, loss: new AbortController() };
      this.#term = term;
      let released: Promise<void> | undefined;
      return { lost: term.loss.signal, release: () => (released ??= this.#release(term)) };
    });
    this.#lockRequests = request.catch(() => undefined);
    return request;
  }

  async #release(term: Term): Promise<void> {
    if (this.#term !== term) return;
    this.#term = null;
    await this.#query(term.client, 'SELECT pg_advisory_unlock($1, $2)', LOCK).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'the leadership ended with its connection');
    });
  }
}
