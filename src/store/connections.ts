import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { isRolledBack, nothingWritten, StoreError } from './errors.js';

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

/** NOTIFY channel; the payload is the new block's height. */
export const SEALED_CHANNEL = 'ingam_sealed';
/** The payload is the size of a checkpoint with a new cosignature. */
export const COSIGNED_CHANNEL = 'ingam_cosigned';

/** The part of a pino logger that the store uses. */
export interface StoreLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const parseBytea = pg.types.getTypeParser(pg.types.builtins.BYTEA) as (text: string) => Buffer;

/** Above pg, bytes are plain Uint8Arrays: a Buffer's `slice` and `toJSON` behave differently. */
function bytes(text: string): Uint8Array {
  const { buffer, byteOffset, length } = parseBytea(text);
  return new Uint8Array(buffer, byteOffset, length);
}

/** How the store's own statements read columns. 64-bit integers stay text until `safe` has checked them. */
const TYPES = new pg.TypeOverrides();
TYPES.setTypeParser(pg.types.builtins.BYTEA, bytes);

/** The same, with exact 64-bit integers. */
export const EXACT_TYPES = new pg.TypeOverrides();
EXACT_TYPES.setTypeParser(pg.types.builtins.BYTEA, bytes);
EXACT_TYPES.setTypeParser(pg.types.builtins.INT8, BigInt);

/**
 * Limits of every connection of the pool. A process that is paused inside its transaction is terminated
 * before others that wait for its locks give up.
 */
const POOL_LIMITS = {
  statement_timeout: 30_000,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 5_000,
};
const CONNECT_TIMEOUT_MS = 5_000;
const FENCE_TIMEOUT_MS = 10_000;

/** Every connection has a name of its own, by which `fence` finds its backend on the server. */
class NamedClient extends pg.Client {
  readonly applicationName: string;

  constructor(config: pg.ClientConfig = {}) {
    const applicationName = `ingam ${randomUUID()}`;
    super({
      ...config,
      connectionString: withParameter(config.connectionString ?? '', 'application_name', applicationName),
    });
    this.applicationName = applicationName;
    // The running statement rejects with the same error. Without a listener the error would end the process.
    this.on('error', () => undefined);
  }
}

export type Write<T> = (client: pg.ClientBase) => Promise<T>;

/** All connections of one store to one database: a pool for short work, single connections for long work. */
export class Connections {
  readonly pool: pg.Pool;
  readonly #config: pg.ClientConfig;
  readonly #log: StoreLog;
  /** Names of connections that were lost during a write. */
  readonly #lost = new Set<string>();
  readonly #sockets = new Set<Socket>();
  #abandoned = false;

  /** @param settings PostgreSQL settings for every connection, as command line options (`-c name=value`) */
  constructor(url: string, poolSize: number, log: StoreLog, settings = '') {
    this.#log = log;
    this.#config = {
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      types: TYPES,
      stream: () => this.#socket(),
      // Prisma names the schema in every statement; our own statements must use the same tables.
      options: String.raw`-c search_path=public -c default_transaction_isolation=read\ committed ${settings}`,
    };
    this.pool = new pg.Pool({ ...this.#config, ...POOL_LIMITS, max: poolSize, Client: NamedClient });
    this.pool.on('error', (error) => {
      log.warn({ err: error }, 'an idle database connection was lost');
    });
  }

  /** See `Store.abandon`. */
  abandon(): void {
    this.#abandoned = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #socket(): Socket {
    const socket = new Socket();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Only after pg has started to connect it, which would revive a destroyed socket.
    if (this.#abandoned) setImmediate(() => socket.destroy());
    return socket;
  }

  /**
   * A connection outside the pool, for work that is bound to one session. The caller ends it.
   * @param queryTimeoutMs after which a query fails on this side, whatever the server does; by default never
   * @throws {StoreError} unavailable
   */
  async dedicated(queryTimeoutMs?: number): Promise<pg.Client> {
    const client = new pg.Client({
      ...this.#config,
      ...(queryTimeoutMs === undefined ? {} : { query_timeout: queryTimeoutMs }),
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
      return (await this.pool.query<R>(text, values)).rows;
    } catch (error) {
      throw nothingWritten(error, 'reading from PostgreSQL');
    }
  }

  /** The same for a frequent statement: it is parsed and planned once per connection, under its name. */
  async prepared<R extends pg.QueryResultRow>(name: string, text: string, values: unknown[]): Promise<R[]> {
    try {
      return (await this.pool.query<R>({ name, text, values })).rows;
    } catch (error) {
      throw nothingWritten(error, 'reading from PostgreSQL');
    }
  }

  /** The same, each row as an array of its values. */
  async readArrays<R extends unknown[]>(query: Omit<pg.QueryArrayConfig, 'rowMode'>): Promise<R[]> {
    try {
      return (await this.pool.query<R>({ ...query, rowMode: 'array' })).rows;
    } catch (error) {
      throw nothingWritten(error, 'reading from PostgreSQL');
    }
  }

  /**
   * Runs one auto-committed statement that writes. `refused` maps its failure to a StoreError when the server
   * rolled it back.
   * @throws {StoreError} outcome_unknown: the connection was lost
   */
  async write<T>(statement: Write<T>, refused: (error: unknown) => unknown): Promise<T> {
    const client = await this.checkOut();
    try {
      const result = await statement(client);
      client.release();
      return result;
    } catch (error) {
      if (isRolledBack(error)) {
        client.release();
        throw refused(error);
      }
      throw this.discard(client, error);
    }
  }

  async checkOut(): Promise<pg.PoolClient> {
    try {
      return await this.pool.connect();
    } catch (error) {
      throw nothingWritten(error, 'connecting to PostgreSQL');
    }
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
   * to it.
   * @throws {StoreError} unavailable
   */
  async fence(): Promise<void> {
    const names = [...this.#lost];
    const deadline = Date.now() + FENCE_TIMEOUT_MS;
    while (names.length > 0) {
      // A backend leaves this view only after its transaction has ended.
      const running = await this.read(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ANY ($1::text[])',
        [names],
      );
      if (running.length === 0) break;
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
}

function withParameter(url: string, name: string, value: string): string {
  const parsed = new URL(url);
  parsed.searchParams.set(name, value);
  return parsed.href;
}

/**
 * The most connections that one open store uses at a time: its pool, and the control connection, which
 * listens and holds the leadership. Snapshots are not counted: each uses one more while it runs.
 */
export function connectionsPerStore(poolSize: number): number {
  return poolSize + 1;
}

/** How many connections a PostgreSQL server can give. */
export interface ServerConnections {
  /**
   * Most that our role may have in our database: the server's limit less its reserves, or a lower limit of
   * database or role.
   */
  readonly available: number;
  /** Those open now on the whole server, without this query's own. */
  readonly used: number;
}

const CONNECTIONS = `
SELECT LEAST(
    current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
      - COALESCE(current_setting('reserved_connections', true)::integer, 0), -- PostgreSQL 16
    NULLIF(datconnlimit, -1),
    NULLIF(rolconnlimit, -1)
  ) AS available,
  (SELECT count(*)::integer FROM pg_stat_activity WHERE datid IS NOT NULL AND pid <> pg_backend_pid()) AS used
FROM pg_database, pg_roles WHERE datname = current_database() AND rolname = current_user`;

/**
 * How many connections the server can give, for a service to compare with its need before it starts.
 * @throws {StoreError} unavailable
 */
export async function readServerConnections(url: string): Promise<ServerConnections> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // the running query rejects with the same error
  try {
    await client.connect();
    const { rows } = await client.query<ServerConnections>(CONNECTIONS);
    const [row] = rows;
    if (row === undefined) throw new StoreError('refused', 'the server does not know this role or database');
    return row;
  } catch (error) {
    throw nothingWritten(error, 'reading the limits of the server');
  } finally {
    await client.end().catch(() => undefined);
  }
}
