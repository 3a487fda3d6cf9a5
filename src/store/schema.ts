import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { connectAsOwner } from './client.js';
import { parseDatabaseUrl } from './database-url.js';
import { nothingWritten, StoreError } from './errors.js';
import {
  type DatabaseUrls,
  grant,
  MIGRATIONS,
  outstanding,
  readApplied,
  readMigrations,
  roleOf,
} from './migrate.js';

/** What the schema of a database has, and what another has instead. */
export interface SchemaDifference {
  /** `table`, `column`, `trigger`, `function`, `privilege`, … */
  readonly kind: string;
  /** As people write it: `entry.entry_keep`, `refuse_change()`. */
  readonly name: string;
  /** What the migrations make; null: nothing of this name. */
  readonly expected: string | null;
  /** What the database has; null: nothing of this name. */
  readonly found: string | null;
}

export interface SchemaComparison {
  readonly differences: readonly SchemaDifference[];
  /** Why the objects could not be compared with the migrations; null: they were. */
  readonly unchecked: string | null;
  /** The role that owns most of the tables and functions. */
  readonly owner: string | null;
  /** The role that the service works as, where another one owns the tables; null: there is no other. */
  readonly worker: string | null;
}

interface ObjectRow {
  readonly space: string;
  readonly kind: string;
  readonly name: string;
  readonly definition: string;
}

interface OwnedRow {
  readonly kind: string;
  readonly name: string;
  readonly owner: string;
}

const PRISMA_TABLE = '_prisma_migrations';

/**
 * Compares the tables, triggers, functions, privileges, … of the database with those that the migrations of
 * this version make. The server makes them once more, in a schema of their own inside a transaction that is
 * rolled back, so that both sides are spelled by the same server. Whatever else the database contains is
 * named too; members of extensions are not.
 *
 * @param database its owner makes the tables; with one URL only, the role that works may be another
 * @throws {StoreError} unavailable, refused
 */
export async function compareSchema({ url, ownerUrl }: DatabaseUrls): Promise<SchemaComparison> {
  const { schema } = parseDatabaseUrl(ownerUrl);
  let client: pg.Client | undefined;
  try {
    client = await connectAsOwner(ownerUrl);
    const owned = await rows<OwnedRow>(client, OWNED, schema);
    const owner = mostFrequent(owned.map((each) => each.owner));
    const worker = url === ownerUrl ? await findWorker(client, schema) : roleOf(url);
    const differences = [
      ...(await foreignObjects(client, schema)),
      ...owned
        .filter((each) => each.owner !== owner)
        .map(({ kind, name, owner: found }) => ({
          kind: 'owner',
          name: `${kind} ${name}`,
          expected: owner,
          found,
        })),
      ...(await migrationFaults(client)),
    ];
    const compared = await compareWithMigrations(client, worker, schema);
    return {
      differences: [...differences, ...compared.differences],
      unchecked: compared.unchecked,
      owner,
      worker,
    };
  } catch (error) {
    throw nothingWritten(error, 'reading the schema');
  } finally {
    await client?.end().catch(() => undefined);
  }
}

/** The role besides the owner that has rights on most tables; null: none has. */
async function findWorker(client: pg.Client, schema: string): Promise<string | null> {
  const [found] = await rows<{ name: string }>(client, WORKER, schema);
  return found?.name ?? null;
}

/** @param values of $1, … in the text */
async function rows<R extends pg.QueryResultRow>(
  client: pg.Client,
  text: string,
  ...values: string[]
): Promise<R[]> {
  return (await client.query<R>(text, values)).rows;
}

async function foreignObjects(client: pg.Client, schema: string): Promise<SchemaDifference[]> {
  const found = await rows<Omit<ObjectRow, 'space'>>(client, FOREIGN, schema);
  return found.map(({ kind, name, definition }) => ({ kind, name, expected: null, found: definition }));
}

async function migrationFaults(client: pg.Client): Promise<SchemaDifference[]> {
  const fault = (found: string) => [{ kind: 'migrations', name: PRISMA_TABLE, expected: null, found }];
  try {
    const missing = outstanding(await readMigrations(MIGRATIONS), await readApplied(client));
    return missing.length === 0
      ? []
      : fault(`not recorded as applied: ${missing.map(({ name }) => name).join(', ')}`);
  } catch (error) {
    if (error instanceof StoreError) return fault(error.message);
    if (error instanceof Error && 'code' in error) return fault(error.message);
    throw error;
  }
}

async function compareWithMigrations(
  client: pg.Client,
  worker: string | null,
  schema: string,
): Promise<Pick<SchemaComparison, 'differences' | 'unchecked'>> {
  const scratch = `ingam_expected_${randomBytes(6).toString('hex')}`;
  try {
    // A role without the right to create tables, or a standby, cannot make them.
    await client.query(`BEGIN READ WRITE; CREATE SCHEMA ${scratch}; SET LOCAL search_path = ${scratch}`);
    for (const { sql } of await readMigrations(MIGRATIONS)) await client.query(sql);
    if (worker !== null) await grant(client, worker, scratch);
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    if (!(error instanceof Error && 'severity' in error)) throw error;
    return { differences: [], unchecked: error.message };
  }
  try {
    // With nothing but the catalog in the path, every name is written with its schema.
    await client.query('SET LOCAL search_path = pg_catalog');
    const objects = await rows<ObjectRow>(client, OBJECTS);
    return { differences: differencesOf(objects, scratch, schema), unchecked: null };
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

function differencesOf(objects: readonly ObjectRow[], scratch: string, schema: string): SchemaDifference[] {
  const expected = new Map<string, string>();
  const found = new Map<string, string>();
  for (const { space, kind, name, definition } of objects) {
    if (space === scratch) {
      const own = `${kind} ${name.replaceAll(scratch, schema)}`;
      expected.set(own, definition.replaceAll(scratch, schema));
    } else {
      found.set(`${kind} ${space === schema ? '' : `${space}.`}${name}`, definition);
    }
  }
  const names = [...new Set([...expected.keys(), ...found.keys()])].sort();
  return names.flatMap((key) => {
    const [before, after] = [expected.get(key) ?? null, found.get(key) ?? null];
    if (before === after) return [];
    const kind = key.slice(0, key.indexOf(' '));
    return [{ kind, name: key.slice(kind.length + 1), expected: before, found: after }];
  });
}

function mostFrequent(values: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? null;
}

/** Everybody's schemas but those of the server itself and of sessions. */
const SPACES = String.raw`
space AS (
  SELECT oid, nspname AS name FROM pg_namespace
  WHERE nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema') AND nspname !~ '^pg_(toast_)?temp_'
)`;

/** @param catalog whose `oid` is the object's */
const isNoMember = (catalog: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_depend WHERE classid = '${catalog}'::regclass AND objid = ${oid} AND deptype = 'e')`;

/** Tables, sequences and views that are not an extension's; `name` is theirs. */
const RELATIONS = `
relation AS (
  SELECT pg_class.*, space.name AS space FROM pg_class JOIN space ON space.oid = relnamespace
  WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c') AND relname <> '${PRISMA_TABLE}'
    AND ${isNoMember('pg_class', 'pg_class.oid')}
)`;

const FUNCTIONS = `
function AS (
  SELECT pg_proc.*, space.name AS space, proname || '(' || pg_get_function_identity_arguments(pg_proc.oid) || ')' AS name
  FROM pg_proc JOIN space ON space.oid = pronamespace WHERE ${isNoMember('pg_proc', 'pg_proc.oid')}
)`;

/** Grants to others than the owner. */
const grants = (from: string, acl: string, owner: string, what: string): string => `
SELECT space, 'privilege', what || ' for ' || COALESCE(grantee.rolname, 'everybody'),
  string_agg(privilege_type || CASE WHEN is_grantable THEN ' with grant option' ELSE '' END, ', ' ORDER BY privilege_type)
FROM ${from}, LATERAL (SELECT ${what} AS what) AS named, LATERAL aclexplode(${acl}) AS item
LEFT JOIN pg_roles AS grantee ON grantee.oid = item.grantee
WHERE item.grantee <> ${owner} GROUP BY space, what, grantee.rolname`;

const OBJECTS = `
WITH ${SPACES}, ${RELATIONS}, ${FUNCTIONS}
SELECT space,
  CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'view' WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'type' ELSE 'table' END AS kind,
  relname::text AS name,
  concat_ws(' ', relkind::text, relpersistence::text, array_to_string(reloptions, ' '),
    'row security ' || relrowsecurity::text || ' ' || relforcerowsecurity::text,
    CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END,
    (SELECT concat_ws(' ', format_type(seqtypid, NULL), seqstart, seqincrement, seqmin, seqmax, seqcycle)
     FROM pg_sequence WHERE seqrelid = relation.oid)) AS definition
FROM relation
UNION ALL
SELECT space, 'column', relname || '.' || attname,
  concat_ws(' ', format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'NOT NULL' END,
    'DEFAULT ' || pg_get_expr(adbin, adrelid), NULLIF(attidentity::text, ''), NULLIF(attgenerated::text, ''), attstorage::text,
    CASE WHEN attcollation <> 0 THEN attcollation::regcollation::text END)
FROM relation JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relkind IN ('r', 'p', 'f')
UNION ALL
SELECT space, 'constraint', relname || '.' || conname,
  concat_ws(' ', pg_get_constraintdef(pg_constraint.oid), CASE WHEN NOT convalidated THEN 'not validated' END)
FROM relation JOIN pg_constraint ON conrelid = relation.oid AND contype NOT IN ('n', 't')
UNION ALL
SELECT space, 'index', relname || '.' || indexrelid::regclass::text,
  concat_ws(' ', pg_get_indexdef(indexrelid), CASE WHEN NOT (indisvalid AND indisready AND indislive) THEN 'not in use' END)
FROM relation JOIN pg_index ON indrelid = relation.oid
UNION ALL
SELECT space, 'trigger', relname || '.' || tgname, pg_get_triggerdef(pg_trigger.oid) ||
  CASE tgenabled WHEN 'O' THEN '' WHEN 'D' THEN ' (switched off)' ELSE ' (switched to ' || tgenabled::text || ')' END
FROM relation JOIN pg_trigger ON tgrelid = relation.oid AND NOT tgisinternal
UNION ALL
-- The server's own triggers, which enforce foreign keys.
SELECT space, 'trigger', relname || '.' || conname || ' (' || tgfoid::regproc::text || ')',
  CASE tgenabled WHEN 'O' THEN 'in use' WHEN 'D' THEN 'switched off' ELSE 'switched to ' || tgenabled::text END
FROM relation JOIN pg_trigger ON tgrelid = relation.oid AND tgisinternal
JOIN pg_constraint ON pg_constraint.oid = tgconstraint
UNION ALL
SELECT space, 'rule', relname || '.' || rulename, pg_get_ruledef(pg_rewrite.oid) || ' ' || ev_enabled::text
FROM relation JOIN pg_rewrite ON ev_class = relation.oid AND rulename <> '_RETURN'
UNION ALL
SELECT space, 'policy', relname || '.' || polname, concat_ws(' ', polcmd::text, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
FROM relation JOIN pg_policy ON polrelid = relation.oid
UNION ALL
SELECT space, 'function', name, CASE WHEN prokind IN ('f', 'p') THEN pg_get_functiondef(oid) ELSE prokind::text END
FROM function
UNION ALL
SELECT space.name, 'type', typname, typtype::text || COALESCE(' ' || format_type(typbasetype, typtypmod), '')
FROM pg_type JOIN space ON space.oid = typnamespace
WHERE typtype <> 'c' AND typelem = 0 AND ${isNoMember('pg_type', 'pg_type.oid')}
UNION ALL
SELECT space.name, 'operator', oprname || '(' || oprleft::regtype::text || ', ' || oprright::regtype::text || ')', oprcode::text
FROM pg_operator JOIN space ON space.oid = oprnamespace WHERE ${isNoMember('pg_operator', 'pg_operator.oid')}
UNION ALL ${grants('relation', "COALESCE(relacl, acldefault('r', relowner))", 'relowner', "'table ' || relname")}
UNION ALL ${grants('relation JOIN pg_attribute ON attrelid = relation.oid', 'attacl', 'relowner', "'column ' || relname || '.' || attname")}
UNION ALL ${grants('function', "COALESCE(proacl, acldefault('f', proowner))", 'proowner', "'function ' || name")}`;

/** What a database of this service never has, in any schema. */
const FOREIGN = `
WITH ${SPACES}
SELECT 'schema' AS kind, name::text AS name, 'a schema' AS definition FROM space
WHERE name NOT IN ('public', $1::text) AND ${isNoMember('pg_namespace', 'oid')}
UNION ALL
SELECT 'event trigger', evtname, evtevent || ' ' || evtfoid::regproc::text FROM pg_event_trigger
UNION ALL
SELECT 'extension', extname, 'version ' || extversion FROM pg_extension WHERE extname <> 'plpgsql'
UNION ALL
SELECT 'language', lanname, 'a language' FROM pg_language WHERE lanname NOT IN ('internal', 'c', 'sql', 'plpgsql')
UNION ALL
SELECT 'cast', castsource::regtype::text || ' AS ' || casttarget::regtype::text, 'a cast' FROM pg_cast WHERE oid >= 16384
UNION ALL
SELECT 'function', proname::text, 'a function among those of the server' FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace AND oid >= 16384 AND ${isNoMember('pg_proc', 'oid')}
UNION ALL
SELECT 'foreign server', srvname, 'a foreign server' FROM pg_foreign_server
UNION ALL
SELECT 'publication for replication', pubname, 'a publication' FROM pg_publication
UNION ALL
SELECT 'subscription', subname, 'a subscription' FROM pg_subscription
WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL
SELECT 'default privilege', pg_get_userbyid(defaclrole), defaclacl::text FROM pg_default_acl
UNION ALL
SELECT 'privilege', 'schema ' || nspname || ' for ' || COALESCE(grantee.rolname, 'everybody'), 'CREATE'
FROM pg_namespace, aclexplode(nspacl) AS item LEFT JOIN pg_roles AS grantee ON grantee.oid = item.grantee
WHERE nspname = $1::text AND privilege_type = 'CREATE' AND item.grantee <> nspowner
UNION ALL
SELECT 'privilege', 'database for ' || COALESCE(grantee.rolname, 'everybody'), 'CREATE'
FROM pg_database, aclexplode(datacl) AS item LEFT JOIN pg_roles AS grantee ON grantee.oid = item.grantee
WHERE datname = current_database() AND privilege_type = 'CREATE' AND item.grantee <> datdba`;

const OWNED = `
WITH ${SPACES}, ${RELATIONS}, ${FUNCTIONS}
SELECT 'table' AS kind, relname::text AS name, pg_get_userbyid(relowner)::text AS owner FROM relation WHERE space = $1::text
UNION ALL
SELECT 'function', name, pg_get_userbyid(proowner) FROM function WHERE space = $1::text`;

const WORKER = `
SELECT grantee.rolname::text AS name
FROM pg_class, aclexplode(relacl) AS item JOIN pg_roles AS grantee ON grantee.oid = item.grantee
WHERE relnamespace = $1::text::regnamespace AND relkind = 'r' AND item.grantee <> relowner
  AND privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
GROUP BY 1 HAVING count(DISTINCT pg_class.oid) > (SELECT count(*) FROM pg_tables WHERE schemaname = $1::text) / 2
ORDER BY count(*) DESC, 1 LIMIT 1`;
