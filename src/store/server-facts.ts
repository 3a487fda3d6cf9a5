import type pg from 'pg';
import type { Connections } from './connections.js';

/** Settings, roles and memberships of a database, for an audit. */
export interface ServerFacts {
  /** Of this session, by name. */
  readonly session: Readonly<Record<string, string>>;
  /** Set for every session of the database or of a role. */
  readonly settings: readonly {
    /** `database`, `role ingam`, `role ingam in this database`, `every role in this database`. */
    readonly scope: string;
    readonly name: string;
    readonly value: string;
  }[];
  /** The role that owns the tables, and the one that this connection uses. */
  readonly roles: readonly {
    readonly name: string;
    readonly superuser: boolean;
    /** Other powers that reach beyond its own objects. */
    readonly powers: readonly string[];
    /** Roles whose rights it has. */
    readonly memberOf: readonly string[];
    /** Roles that have its rights. */
    readonly members: readonly string[];
  }[];
  readonly superusers: readonly { readonly name: string; readonly login: boolean }[];
  /** Members of the server's own roles that read or write every table, or files and programs of the server. */
  readonly powerful: readonly { readonly name: string; readonly through: string }[];
}

/** @throws {StoreError} unavailable */
export async function serverFacts(connections: Connections, owner: string | null): Promise<ServerFacts> {
  const read = <R extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
    connections.read<R>(text, values);
  const [session, settings, roles, superusers, powerful] = await Promise.all([
    read<{ name: string; setting: string }>(SESSION),
    read<ServerFacts['settings'][number]>(SETTINGS),
    read<ServerFacts['roles'][number]>(ROLES, [owner]),
    read<ServerFacts['superusers'][number]>(
      'SELECT rolname::text AS name, rolcanlogin AS login FROM pg_roles WHERE rolsuper ORDER BY 1',
    ),
    read<ServerFacts['powerful'][number]>(POWERFUL),
  ]);
  return {
    session: Object.fromEntries(session.map(({ name, setting }) => [name, setting])),
    settings,
    roles,
    superusers,
    powerful,
  };
}

const SESSION = `
SELECT name, setting FROM pg_settings WHERE name IN
  ('session_replication_role', 'fsync', 'full_page_writes', 'zero_damaged_pages', 'ignore_checksum_failure',
   'allow_system_table_mods', 'server_version')`;

const SETTINGS = `
SELECT CASE
    WHEN setdatabase <> 0 AND setrole = 0 THEN 'database'
    WHEN setdatabase <> 0 THEN 'role ' || pg_get_userbyid(setrole) || ' in this database'
    WHEN setrole = 0 THEN 'every role'
    ELSE 'role ' || pg_get_userbyid(setrole)
  END AS scope,
  split_part(item, '=', 1) AS name, substring(item FROM position('=' IN item) + 1) AS value
FROM pg_db_role_setting, unnest(setconfig) AS item
WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
ORDER BY 1, 2`;

const ROLES = `
SELECT rolname::text AS name, rolsuper AS superuser,
  array_remove(ARRAY[
    CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END,
    CASE WHEN rolreplication THEN 'REPLICATION' END], NULL) AS powers,
  ARRAY(SELECT pg_get_userbyid(roleid)::text FROM pg_auth_members WHERE member = pg_roles.oid ORDER BY 1) AS "memberOf",
  ARRAY(SELECT pg_get_userbyid(member)::text FROM pg_auth_members WHERE roleid = pg_roles.oid ORDER BY 1) AS members
FROM pg_roles WHERE rolname = $1 OR rolname = current_user ORDER BY 1`;

const POWERFUL = `
SELECT pg_get_userbyid(member)::text AS name, pg_get_userbyid(roleid)::text AS through
FROM pg_auth_members
WHERE pg_get_userbyid(roleid) IN
    ('pg_write_all_data', 'pg_read_all_data', 'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
ORDER BY 1, 2`;
