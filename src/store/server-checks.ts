import type pg from 'pg';
import type { StoreLog } from './connections.js';
import { connectTo } from './client.js';
import { nothingWritten, StoreError } from './errors.js';
import { type Durability, DURABILITY } from './replication.js';

/** PostgreSQL 15: the oldest version that migrations and statements are tested with. */
const OLDEST_SERVER = 150_000;

interface Facts {
  readonly number: number;
  readonly version: string;
  readonly database: string;
  readonly encoding: string;
  readonly read_only: string;
  readonly triggers: string;
  readonly fsync: string;
  readonly commit: string;
  readonly durability: Durability;
  readonly standbys: string;
  readonly superuser: boolean;
}

const FACTS = `
SELECT current_setting('server_version_num')::integer AS number, current_setting('server_version') AS version,
  current_database() AS database, current_setting('server_encoding') AS encoding,
  current_setting('default_transaction_read_only') AS read_only,
  current_setting('session_replication_role') AS triggers, current_setting('fsync') AS fsync,
  current_setting('synchronous_commit') AS commit, ${DURABILITY} AS durability,
  current_setting('synchronous_standby_names') AS standbys, rolsuper AS superuser
FROM pg_roles WHERE rolname = current_user`;

/**
 * Checks that server, database and role suit, before anything is written. Locale and collation do not
 * matter: no statement compares texts by them.
 * @throws {StoreError} unsuitable_database, with what to do
 */
export async function assertSuitable(client: Pick<pg.ClientBase, 'query'>): Promise<Facts> {
  const facts = await readFacts(client);
  if (facts.number < OLDEST_SERVER) {
    throw unsuitable(`PostgreSQL ${facts.version} is too old: version 15 or newer is required`);
  }
  if (facts.encoding !== 'UTF8') {
    throw unsuitable(
      `the database "${facts.database}" has the encoding ${facts.encoding}, in which not every name can be stored: create another one with ` +
        `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`,
    );
  }
  if (facts.triggers !== 'origin') {
    throw unsuitable(
      `session_replication_role is "${facts.triggers}" for this role or database, which switches triggers off: remove it with ALTER ROLE … RESET ` +
        'session_replication_role, or ALTER DATABASE … RESET session_replication_role',
    );
  }
  if (facts.read_only === 'on') {
    throw unsuitable(
      'default_transaction_read_only is on for this server, database or role: remove it with ALTER ROLE … RESET ' +
        'default_transaction_read_only, ALTER DATABASE … RESET default_transaction_read_only, or ALTER SYSTEM RESET',
    );
  }
  return facts;
}

async function readFacts(client: Pick<pg.ClientBase, 'query'>): Promise<Facts> {
  const { rows } = await client.query<Facts>(FACTS);
  const [facts] = rows;
  if (facts === undefined) throw unsuitable('PostgreSQL does not know the role of this session');
  return facts;
}

/**
 * Warns about what weakens a promise but is the administrator's choice.
 * @param asItIs whether to look at a database that does not suit, instead of refusing it
 * @param requireSync whether each commit must wait for a synchronous standby
 * @returns settings that our guarantees need beside those of every session, as command line options, and
 *   what a commit with them means
 * @throws {StoreError} as `assertSuitable`, and bad_url
 */
export async function settingsFor(
  url: string,
  log: StoreLog,
  asItIs: boolean,
  requireSync: boolean,
): Promise<{ readonly settings: string; readonly durability: Durability }> {
  let client: pg.Client | undefined;
  let facts: Facts;
  try {
    client = await connectTo(url, { acceptStandby: asItIs });
    facts = await (asItIs ? readFacts(client) : assertSuitable(client));
  } catch (error) {
    throw nothingWritten(error, 'connecting to PostgreSQL');
  } finally {
    await client?.end().catch(() => undefined);
  }
  const { number, fsync, commit, durability, standbys, superuser } = facts;
  if (fsync === 'off') {
    log.warn(
      {},
      'this PostgreSQL runs with fsync=off: a crash of its machine can lose acknowledged documents',
    );
  }
  if (superuser) {
    log.warn(
      {},
      'the role of DATABASE_URL is a superuser: whoever gets SQL into this connection can read files and run programs on the ' +
        'database server. docs/postgresql.md shows how to make a role that cannot',
    );
  }
  // A response means "on disk"; with "off", PostgreSQL responds before that. "local" and "remote_write" are a
  // choice, but not where a standby must have flushed it.
  const isWeak = commit === 'off' || (requireSync && commit !== 'remote_apply');
  const settings = [
    ...(isWeak ? ['-c synchronous_commit=on'] : []),
    ...(number >= 170_000 ? ['-c transaction_timeout=0'] : []),
  ].join(' ');
  return { settings, durability: isWeak && standbys !== '' ? 'replicated' : durability };
}

function unsuitable(message: string): StoreError {
  return new StoreError('unsuitable_database', message);
}
