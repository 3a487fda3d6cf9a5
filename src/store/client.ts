import pg from 'pg';
import { DATABASE_LIMITS } from '../background/time-limits.js';
import { type DatabaseAddress, parseDatabaseUrl } from './database-url.js';
import { StoreError } from './errors.js';

type Host = DatabaseAddress['hosts'][number];

export interface DatabaseClientConfig extends pg.ClientConfig {
  readonly hosts?: Hosts;
  /** Whether a standby will do, to read from, where there is no primary. By default it is refused. */
  readonly acceptStandby?: boolean;
}

/** The problem of a host that answers, and accepts no writes. */
const STANDBY = 'it is a standby';

/** Of several hosts, finds the one that accepts writes. pg itself takes one host only. */
class Hosts {
  readonly #hosts: readonly Host[];
  readonly #config: DatabaseClientConfig;
  /** The one that accepted writes last is asked first. */
  #last = 0;

  constructor(hosts: readonly Host[], config: DatabaseClientConfig) {
    this.#hosts = hosts;
    this.#config = config;
  }

  /**
   * The last one is asked alone; when it does not suit any more, all others at once, because each may need
   * the whole time limit. Of those that suit, the first in the order of the URL is taken.
   * @throws {Error} no host accepts writes, with what each has said
   */
  async choose(): Promise<Host> {
    const [last] = this.#hosts.slice(this.#last);
    if (last === undefined) throw new RangeError('there are no hosts');
    const problem = await this.#problemOf(last);
    if (problem === null) return last;
    const problems = await Promise.all(
      this.#hosts.map(async (host) => (host === last ? problem : this.#problemOf(host))),
    );
    const primary = problems.indexOf(null);
    const suitable =
      primary === -1 && this.#config.acceptStandby === true ? problems.indexOf(STANDBY) : primary;
    const host = this.#hosts[suitable];
    if (host !== undefined) {
      this.#last = suitable;
      return host;
    }
    const said = this.#hosts.map((each, i) => `${each.host}:${each.port} (${problems[i] ?? ''})`);
    throw new Error(`no host accepts writes: ${said.join(', ')}`);
  }

  async #problemOf(host: Host): Promise<string | null> {
    const client = new pg.Client({
      ...this.#config,
      ...host,
      connectionTimeoutMillis: DATABASE_LIMITS.hostMs,
      query_timeout: DATABASE_LIMITS.hostMs,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
      return rows[0]?.standby === false ? null : STANDBY;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      void client.end().catch(() => undefined);
    }
  }
}

/** What a server reports of a setting of the session, at its start and on each change. */
interface ParameterStatus {
  readonly parameterName: string;
  readonly parameterValue: string;
}

/**
 * A client that connects to a primary: of several hosts it finds that one. The role is checked on the
 * connection itself, because a name or a proxy may lead to another server than a moment ago.
 */
export class DatabaseClient extends pg.Client {
  readonly #hosts: Hosts | undefined;
  readonly #acceptStandby: boolean;
  #isStandby = false;

  constructor(config: DatabaseClientConfig = {}) {
    super(config);
    this.#hosts = config.hosts;
    this.#acceptStandby = config.acceptStandby ?? false;
    this.connection.on('parameterStatus', ({ parameterName, parameterValue }: ParameterStatus) => {
      if (parameterName === 'in_hot_standby') this.#isStandby = parameterValue === 'on';
    });
  }

  override connect(): Promise<this>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): Promise<this> | undefined {
    const connected = this.#connect();
    if (callback === undefined) return connected;
    connected.then(
      () => {
        (callback as (error: Error | null) => void)(null);
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : new Error(String(error)));
      },
    );
    return undefined;
  }

  async #connect(): Promise<this> {
    if (this.#hosts !== undefined) Object.assign(this, await this.#hosts.choose());
    await super.connect();
    if (!this.#isStandby || this.#acceptStandby) return this;
    await this.end().catch(() => undefined);
    throw new StoreError(
      'unavailable',
      'this PostgreSQL server is a standby, which accepts no writes: name the primary, or all hosts, separated by commas',
    );
  }
}

/**
 * What a `DatabaseClient` needs to use the database.
 * @param settings of each session, as command line options (`-c name=value`)
 * @param acceptStandby whether a standby will do
 * @throws {StoreError} bad_url
 */
export function databaseConfig(url: string, settings: string, acceptStandby = false): DatabaseClientConfig {
  const address = parseDatabaseUrl(url);
  const { hosts, schema, options, ...account } = address;
  const config = {
    ...account,
    ...hosts[0],
    acceptStandby,
    // Prisma names the schema in every statement; our own statements must use the same tables.
    options: `${options} ${SESSION_SETTINGS} -c search_path=${schema} ${settings}`,
  };
  return hosts.length === 1 ? config : { ...config, hosts: new Hosts(hosts, config) };
}

/**
 * What a database or a role may set for its sessions, and what our statements rely on. Time limits are set
 * where they are meant.
 */
const SESSION_SETTINGS = [
  String.raw`default_transaction_isolation=read\ committed`,
  'default_transaction_deferrable=off',
  'standard_conforming_strings=on',
  // A COMMIT that is not on the synchronous standby is reported by a warning.
  'client_min_messages=warning',
  'datestyle=iso',
  'bytea_output=hex',
  'extra_float_digits=1',
  'array_nulls=on',
  'statement_timeout=0',
  'lock_timeout=0',
  'idle_in_transaction_session_timeout=0',
  'idle_session_timeout=0',
]
  .map((each) => `-c ${each}`)
  .join(' ');

/** An open connection for statements that make tables: they take longer, and wait for locks. The caller ends it. */
export function connectAsOwner(ownerUrl: string, config: DatabaseClientConfig = {}): Promise<pg.Client> {
  return connectTo(ownerUrl, {
    query_timeout: DATABASE_LIMITS.migrationMs + DATABASE_LIMITS.marginMs,
    statement_timeout: DATABASE_LIMITS.migrationMs,
    lock_timeout: DATABASE_LIMITS.migrationLockMs,
    ...config,
  });
}

/** An open connection for a few statements. The caller ends it. */
export async function connectTo(
  url: string,
  { acceptStandby, ...config }: DatabaseClientConfig = {},
): Promise<pg.Client> {
  const client = new DatabaseClient({
    ...databaseConfig(url, '', acceptStandby),
    connectionTimeoutMillis: DATABASE_LIMITS.connectMs,
    query_timeout: DATABASE_LIMITS.statementMs + DATABASE_LIMITS.marginMs,
    ...config,
  });
  client.on('error', () => undefined); // the running query rejects with the same error
  try {
    await client.connect();
    // Older servers do not know this setting, and refuse a connection that names it.
    await client.query(
      `SELECT set_config('transaction_timeout', '0', false) WHERE current_setting('transaction_timeout', true) IS NOT NULL`,
    );
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}
