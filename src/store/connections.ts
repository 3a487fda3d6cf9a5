import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { ErasureKeys } from '../crypto/erasure-keys.js';
import { DATABASE_LIMITS } from '../background/time-limits.js';
import { tracedQuery } from '../background/tracing.js';
import { TYPES } from './column-types.js';
import { DatabaseClient, type DatabaseClientConfig, databaseConfig } from './client.js';
import { parseDatabaseUrl } from './database-url.js';
import { isReadOnly, isRolledBack, nothingWritten, StoreError } from './errors.js';
import { isUnconfirmed, NamedClient } from './named-client.js';
import {
  Confirmed,
  type Durability,
  DURABILITY,
  notReplicated,
  type Part,
  standbyIsSilent,
} from './replication.js';
import { type Extent, Seen } from './seen.js';

/** Advisory locks are (class, lock) pairs within one database; the class spells "INGM". */
export const ADVISORY_CLASS = 0x49_4e_47_4d;
/** Held by the transaction that commits blocks. */
export const SEALING_LOCK = 1;
/** Held by the leader's session. */
export const LEADER_LOCK = 2;
/** Held by a transaction that changes who is an operator. */
export const OPERATORS_LOCK = 3;
/** Held by a transaction that changes which key signs access tokens. */
export const SIGNING_KEYS_LOCK = 4;
/** Held by a transaction that adds an event, from then on: each event's MAC is over the one before. */
export const EVENTS_LOCK = 5;
/** Held by a transaction that adds an anchor, for the same reason. */
export const ANCHORS_LOCK = 6;
/** Held while the file of data keys is written. */
export const ERASURE_KEYS_LOCK = 7;
/** Held while an event for webhooks is added. */
export const WEBHOOK_EVENTS_LOCK = 8;

/** NOTIFY channel; the payload is the new block's height. */
export const SEALED_CHANNEL = 'ingam_sealed';
/** The payload is the size of a checkpoint with a new cosignature. */
export const COSIGNED_CHANNEL = 'ingam_cosigned';
/** The payload is the size of a checkpoint with a new anchor. */
export const ANCHORED_CHANNEL = 'ingam_anchored';

/** The part of a pino logger that the store uses. */
export interface StoreLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Limits of every connection of the pool, which the server enforces. */
const POOL_LIMITS = {
  statement_timeout: DATABASE_LIMITS.statementMs,
  lock_timeout: DATABASE_LIMITS.lockMs,
  idle_in_transaction_session_timeout: DATABASE_LIMITS.idleInTransactionMs,
};

/** Why the database cannot be used as a whole. */
export type DatabaseProblem =
  /** It does not respond. */
  | 'silent'
  /** Its commits wait for a synchronous standby that does not respond. */
  | 'standby'
  /** It has no synchronous standby, although one is required. */
  | 'unreplicated';

export type Write<T> = (client: pg.ClientBase) => Promise<T>;

interface ConnectionOptions {
  readonly poolSize: number;
  readonly log: StoreLog;
  /** Under which rows get their MACs (row-mac.ts); null: they get none. */
  readonly rowKey?: Uint8Array | null;
  /** null: the service has none. */
  readonly erasureKeys?: { readonly keys: ErasureKeys } | null;
  /** PostgreSQL settings for every connection, as command line options (`-c name=value`). */
  readonly settings?: string;
  /** When the store was opened; null: what the store reads is neither acknowledged nor published. */
  readonly durability?: Durability | null;
  /** Whether writes are refused that no synchronous standby would confirm. */
  readonly requireSync?: boolean;
  /** Whether connections to a standby are welcome. */
  readonly acceptStandby?: boolean;
}

/** All connections of one store to one database: a pool for short work, single connections for long work. */
export class Connections {
  readonly pool: pg.Pool;
  /** Under which rows get their MACs (row-mac.ts); null: they get none. */
  readonly rowKey: Uint8Array | null;
  readonly #erasureKeys: { readonly keys: ErasureKeys } | null;
  /** In which the tables are. */
  readonly schema: string;
  readonly seen = new Seen();
  readonly #config: DatabaseClientConfig;
  readonly #log: StoreLog;
  /** Names of connections that were lost during a write. */
  readonly #lost = new Set<string>();
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Set<NamedClient>();
  readonly #watch: NodeJS.Timeout;
  readonly #requireSync: boolean;
  readonly #confirmedPart = new Confirmed(() => this.confirm());
  #durability: Durability | null;
  #problem: DatabaseProblem | null = null;
  /** What ends the wait for each commit that runs. */
  readonly #commits = new Set<() => void>();
  /** Commits that were reported without their synchronous standby. */
  #unconfirmed = 0;
  #abandoned = false;

  constructor(
    url: string,
    {
      poolSize,
      log,
      rowKey = null,
      erasureKeys = null,
      settings = '',
      durability = null,
      requireSync = false,
      acceptStandby = false,
    }: ConnectionOptions,
  ) {
    this.rowKey = rowKey;
    this.#erasureKeys = erasureKeys;
    this.#log = log;
    this.#durability = durability;
    this.#requireSync = requireSync;
    this.schema = parseDatabaseUrl(url).schema;
    this.#config = {
      ...databaseConfig(url, settings, acceptStandby),
      connectionTimeoutMillis: DATABASE_LIMITS.connectMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: DATABASE_LIMITS.keepAliveMs,
      types: TYPES,
      stream: () => this.#socket(),
    };
    this.pool = new pg.Pool({ ...this.#config, ...POOL_LIMITS, max: poolSize, Client: NamedClient });
    this.pool.on('error', (error) => {
      log.warn({ err: error }, 'an idle database connection was lost');
    });
    this.pool.on('connect', (client) => {
      if (!(client instanceof NamedClient)) return;
      this.#clients.add(client);
      client.on('notice', ({ code }) => {
        if (isUnconfirmed(code)) this.#unconfirmed++;
      });
    });
    this.pool.on('acquire', (client) => {
      if (client instanceof NamedClient) client.setPatience(DATABASE_LIMITS.statementMs);
    });
    this.pool.on('remove', (client) => {
      if (client instanceof NamedClient) this.#clients.delete(client);
    });
    this.#watch = setInterval(() => {
      for (const client of this.#clients) client.watch();
    }, DATABASE_LIMITS.heartbeatMs);
    this.#watch.unref();
  }

  /** Where `keys` come from. */
  get erasureKeys(): { readonly keys: ErasureKeys } | null {
    return this.#erasureKeys;
  }

  /** The data keys of what is accepted; null: the service has none. */
  get keys(): ErasureKeys | null {
    return this.#erasureKeys?.keys ?? null;
  }

  /** Resolves when every running statement and transaction has ended. */
  async close(): Promise<void> {
    await this.pool.end();
    clearInterval(this.#watch);
  }

  /** See `Store.abandon`. */
  abandon(): void {
    this.#abandoned = true;
    this.#cutAll();
  }

  /** null: nothing is known against the database. Only stores with a heartbeat ever know. */
  get problem(): DatabaseProblem | null {
    return this.#problem;
  }

  /**
   * What the last heartbeat showed. When the database does not respond, every connection is closed, and new
   * ones fail at once. When its standby does not, or a required one is missing, writes fail at once: each
   * would wait with a connection and its locks. Those that wait already are given up.
   */
  set problem(problem: DatabaseProblem | null) {
    const before = this.#problem;
    const isUnreplicated = this.#requireSync && this.#durability === 'local';
    this.#problem = problem ?? (isUnreplicated ? 'unreplicated' : null);
    if (problem === 'silent' && before !== 'silent') this.#cutAll();
    if (problem === 'standby') for (const giveUp of [...this.#commits]) giveUp();
  }

  /** What a confirmed commit means; null: this store does not know. */
  get durability(): Durability | null {
    return this.#durability;
  }

  /** As a heartbeat has shown it. To be set before `problem`. */
  set durability(durability: Durability | null) {
    this.#durability = durability;
  }

  /** Number of commits that were reported without the confirmation of their standby, in this process. */
  get unconfirmed(): number {
    return this.#unconfirmed;
  }

  /** Whether writes are refused that no synchronous standby would confirm. */
  get requiresSync(): boolean {
    return this.#requireSync;
  }

  /** Number of blocks that are known to be durable. */
  get confirmedBlocks(): number {
    return this.#confirmedPart.blocks;
  }

  /** Every position below it is known to this process as accepted. */
  get knownPositions(): number {
    return Math.max(this.#confirmedPart.nextPosition, this.seen.extent.nextPosition);
  }

  /** To be called when this process has committed the part, and the commit is confirmed. */
  addConfirmed(part: Part): void {
    this.#confirmedPart.add(part);
  }

  /**
   * Remembers what was read of the chain, as far as a failover to a synchronous standby does not lose it:
   * what nobody was told of may be missing afterwards.
   */
  addSeen({ nextPosition = 0, tip = null }: Partial<Extent>): void {
    if (this.#durability !== 'replicated') {
      this.seen.add({ nextPosition, tip });
      return;
    }
    if (this.#confirmedPart.covers({ nextPosition })) this.seen.add({ nextPosition });
    if (tip !== null && this.#confirmedPart.covers({ blocks: tip.height + 1 })) this.seen.add({ tip });
  }

  /**
   * Resolves when what was read can be shown as accepted or published: a failover to a synchronous standby
   * does not lose it.
   * @throws {StoreError} unavailable
   */
  async requireConfirmed(part: Part): Promise<void> {
    if (this.#durability === 'replicated') await this.#confirmedPart.require(part);
    else this.#confirmedPart.add(part);
  }

  #cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #socket(isHeartbeat = false): Socket {
    const socket = new Socket();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Only after pg has started to connect it, which would revive a destroyed socket.
    if (this.#abandoned || (this.#problem === 'silent' && !isHeartbeat)) {
      setImmediate(() => socket.destroy());
    }
    return socket;
  }

  /**
   * A connection outside the pool, for work that is bound to one session. The caller ends it.
   * @param control for the control connection, whose heartbeat finds out whether the database responds again:
   *   its statements are limited, and it connects to a silent database too
   * @throws {StoreError} unavailable
   */
  async dedicated(control = false): Promise<pg.Client> {
    const client = new DatabaseClient({
      ...this.#config,
      stream: () => this.#socket(control),
      ...(control ? { query_timeout: DATABASE_LIMITS.lockMs + DATABASE_LIMITS.marginMs } : {}),
    });
    // Without a listener, a lost idle connection would end the process.
    client.on('error', (error) => {
      this.#log.warn({ err: error }, 'a database connection was lost');
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw nothingWritten(error, 'connecting to PostgreSQL');
    }
  }

  /** Rows of one statement that only reads. */
  async read<R extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> {
    try {
      return (await tracedQuery('read', () => this.pool.query<R>(text, values))).rows;
    } catch (error) {
      throw nothingWritten(error, 'reading from PostgreSQL');
    }
  }

  /** The same for a frequent statement: it is parsed and planned once per connection, under its name. */
  async prepared<R extends pg.QueryResultRow>(name: string, text: string, values: unknown[]): Promise<R[]> {
    try {
      return (await tracedQuery(name, () => this.pool.query<R>({ name, text, values }))).rows;
    } catch (error) {
      throw nothingWritten(error, 'reading from PostgreSQL');
    }
  }

  /** The same, each row as an array of its values. */
  async readArrays<R extends unknown[]>(query: Omit<pg.QueryArrayConfig, 'rowMode'>): Promise<R[]> {
    try {
      const { name = 'read' } = query;
      return (await tracedQuery(name, () => this.pool.query<R>({ ...query, rowMode: 'array' }))).rows;
    } catch (error) {
      throw nothingWritten(error, 'reading from PostgreSQL');
    }
  }

  /**
   * Runs one auto-committed statement that writes. `refused` maps its failure to a StoreError when the server
   * rolled it back.
   * @param limitMs after which the outcome is unknown
   * @throws {StoreError} unavailable: nothing was written. outcome_unknown: the connection was lost, or the
   *   commit is not confirmed
   */
  write<T>(
    statement: Write<T>,
    refused: (error: unknown) => unknown,
    limitMs: number = DATABASE_LIMITS.commitMs,
  ): Promise<T> {
    return tracedQuery('write', () => this.#write(statement, refused, limitMs));
  }

  async #write<T>(statement: Write<T>, refused: (error: unknown) => unknown, limitMs: number): Promise<T> {
    const client = await this.checkOutToWrite();
    try {
      await this.#assertReplicated(client);
    } catch (error) {
      client.release(!(error instanceof StoreError));
      throw nothingWritten(error, 'writing to PostgreSQL');
    }
    try {
      const result = await this.#confirmed(client, () => statement(client), limitMs);
      client.release();
      return result;
    } catch (error) {
      if (isRolledBack(error)) {
        // The server behind a connection that became read-only is no primary any more.
        client.release(isReadOnly(error));
        throw refused(error);
      }
      throw this.discard(client, error);
    }
  }

  /** Sends COMMIT. @throws what PostgreSQL reports, or an error of a lost connection */
  async commit(client: pg.PoolClient): Promise<void> {
    await this.#assertReplicated(client);
    await this.#confirmed(client, () => client.query('COMMIT'), DATABASE_LIMITS.commitMs);
  }

  /** Settles as a statement that commits, and rejects when it may not be on the synchronous standby. */
  async #confirmed<T>(client: pg.PoolClient, send: () => Promise<T>, limitMs: number): Promise<T> {
    const named = client instanceof NamedClient ? client : null;
    if (named !== null) named.unconfirmed = false;
    let settled = false;
    const end = this.limitCommit(() => {
      // A response may have come while this process was busy. It is read before this is called.
      setImmediate(() => {
        if (!settled) named?.cut();
      });
    }, limitMs);
    try {
      const result = await send();
      if (named?.unconfirmed === true) throw new Error('the server gave up waiting for its standby');
      // Somebody may have removed the standby after it was asked for, and before the commit.
      await this.#assertReplicated(client).catch((error: unknown) => {
        throw new Error('whether the commit was replicated is unknown', { cause: error });
      });
      return result;
    } finally {
      settled = true;
      end();
    }
  }

  /**
   * Limits the wait for a commit: PostgreSQL itself waits for a standby without limit.
   * @param giveUp is called after `limitMs`, or when the heartbeat finds that the standby does not respond
   * @returns a function that ends the limit
   */
  limitCommit(giveUp: () => void, limitMs: number): () => void {
    const timer = setTimeout(giveUp, limitMs);
    this.#commits.add(giveUp);
    return () => {
      clearTimeout(timer);
      this.#commits.delete(giveUp);
    };
  }

  /** @throws {StoreError} unavailable: a standby is required, and this session does not wait for one */
  async #assertReplicated(client: pg.ClientBase): Promise<void> {
    if (!this.#requireSync) return;
    const { rows } = await client.query<{ durability: Durability }>(`SELECT ${DURABILITY} AS durability`);
    this.assertReplicated(rows[0]?.durability);
  }

  /** @throws {StoreError} unavailable: a standby is required, and there is none */
  assertReplicated(durability: Durability | undefined): void {
    if (this.#requireSync && durability !== 'replicated') throw notReplicated();
  }

  async checkOut(): Promise<pg.PoolClient> {
    try {
      return await this.pool.connect();
    } catch (error) {
      throw nothingWritten(error, 'connecting to PostgreSQL');
    }
  }

  /** @param limitMs how long the server lets a statement of it run */
  async checkOutToWrite(limitMs: number = DATABASE_LIMITS.statementMs): Promise<pg.PoolClient> {
    this.assertWritable();
    const client = await this.checkOut();
    if (client instanceof NamedClient) client.setPatience(limitMs);
    return client;
  }

  /** @throws {StoreError} unavailable: the standby does not respond, or a required one is missing */
  assertWritable(): void {
    if (this.#problem === 'standby') throw standbyIsSilent();
    if (this.#problem === 'unreplicated') throw notReplicated();
  }

  /** Drops a connection that was lost during a write, and remembers it for `fence`. */
  discard(client: pg.PoolClient, error: unknown): unknown {
    if (client instanceof NamedClient) this.#lost.add(client.applicationName);
    client.release(true);
    // An argument that cannot be sent is the caller's mistake: pg throws before it sends anything.
    if (error instanceof RangeError || error instanceof TypeError || error instanceof StoreError)
      return error;
    const message = error instanceof Error ? error.message : String(error);
    return new StoreError('outcome_unknown', `the connection was lost while writing: ${message}`, {
      cause: error,
    });
  }

  /**
   * Returns when no statement of a lost connection can commit any more. Without this, "the rows are not
   * there" could be followed by their late commit: the server notices a lost client only when it next writes
   * to it. A commit that waits for its standby is left alone: terminated, it would show rows that a failover
   * may lose.
   * @throws {StoreError} unavailable
   */
  async fence(): Promise<void> {
    const names = [...this.#lost];
    const deadline = Date.now() + DATABASE_LIMITS.fenceMs;
    while (names.length > 0) {
      // A backend leaves this view only after its transaction has ended.
      const running = await this.read<{ waits: boolean }>(FENCE, [names]);
      if (running.length === 0) break;
      if (running.some(({ waits }) => waits)) throw standbyIsSilent();
      if (Date.now() > deadline) {
        throw new StoreError(
          'unavailable',
          'a statement of a lost connection is still running on the server',
        );
      }
      await delay(20);
    }
    for (const name of names) this.#lost.delete(name);
  }

  /**
   * Resolves when the server has confirmed a commit, and with it everything that was visible before: its log
   * is one sequence, for synchronous standbys too.
   * @throws {StoreError} unavailable
   */
  async confirm(): Promise<void> {
    try {
      const { rows } = await this.write(
        (client) => client.query<{ read_only: boolean }>(CONFIRM),
        (error) => nothingWritten(error, 'writing to PostgreSQL'),
      );
      if (rows[0]?.read_only !== false) throw new StoreError('unavailable', 'the database is read-only');
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'outcome_unknown') throw error;
      throw new StoreError('unavailable', `PostgreSQL does not confirm a commit: ${error.message}`, {
        cause: error,
      });
    }
  }
}

/** A commit of nothing: its record in the server's log is made durable like any other. */
const CONFIRM = `
SELECT setting AS read_only, CASE WHEN NOT setting THEN pg_logical_emit_message(true, 'ingam', '') END
FROM (SELECT current_setting('transaction_read_only')::boolean AS setting) AS transaction`;

const FENCE = `
SELECT wait_event IS NOT DISTINCT FROM 'SyncRep' AS waits,
  CASE WHEN wait_event IS DISTINCT FROM 'SyncRep' THEN pg_terminate_backend(pid) END AS terminated
FROM pg_stat_activity WHERE application_name = ANY ($1::text[])`;
