import { afterAll, beforeAll, expect, test } from 'vitest';
import { audit, type AuditResult } from '../../src/audit/audit.js';
import { compareSchema, openStore, type SchemaComparison } from '../../src/store/index.js';
import { createDatabase, databaseOf, type TestDatabase } from '../support/database.js';
import { LOG_KEY } from '../support/parts.js';
import { type Manipulation, MANIPULATIONS } from './manipulations.js';
import { createWholeDatabase, type WholeDatabase } from './whole-database.js';

let whole: WholeDatabase;
/** Of the whole database, and of every copy in which only rows have changed. */
let ownSchema: SchemaComparison;
beforeAll(async () => {
  whole = await createWholeDatabase();
  ownSchema = await schemaOf(whole.database);
});
afterAll(async () => {
  await whole.database.drop();
});

function schemaOf({ url, adminUrl }: TestDatabase): Promise<SchemaComparison> {
  return compareSchema({ url, ownerUrl: adminUrl });
}

async function auditOf({ url }: TestDatabase, schema: SchemaComparison): Promise<AuditResult> {
  const store = await openStore({ url, poolSize: 4, asItIs: true });
  try {
    const { members, rowKeys } = whole;
    return await audit({ store, logKey: LOG_KEY.key, members, rowKeys, schema });
  } finally {
    await store.close();
  }
}

/** Everything that a part of the result says, one line each. */
function linesOf({ findings, database }: AuditResult, part: Manipulation['part']): string[] {
  if (part === 'note') return database.notes.map(({ about, message }) => `${about}: ${message}`);
  return (part === 'chain' ? findings : database.findings).map(
    ({ table, problem, message }) => `${table} ${problem}: ${message}`,
  );
}

test('finds nothing in what the service has written', async () => {
  const result = await auditOf(whole.database, ownSchema);
  expect(linesOf(result, 'chain')).toEqual([]);
  expect(linesOf(result, 'database')).toEqual([]);
  expect(result.database.notChecked).toEqual([]);
});

test('knows at least 60 manipulations', () => {
  expect(new Set(MANIPULATIONS.map(({ name }) => name)).size).toBeGreaterThan(60);
});

test.each(MANIPULATIONS)('names $name in the part "$part"', async ({ sql, part, says }) => {
  await using copy = await createDatabase({ copyOf: whole.database.url });
  // Roles belong to the whole server.
  const other = `other_${databaseOf(copy.url)}`;
  const here = (text: string) => text.replaceAll('$OTHER', other);
  try {
    await copy.query(
      `SET session_replication_role = replica; SET allow_system_table_mods = on; ${here(sql)}`,
    );
    // Comparing the schema takes longer than everything else, and most manipulations are of rows.
    const schema = /\b(CREATE|ALTER|DROP|GRANT|REVOKE|SECURITY|pg_|_prisma)/i.test(sql)
      ? await schemaOf(copy)
      : ownSchema;
    const lines = linesOf(await auditOf(copy, schema), part);
    const wanted = new RegExp(here(says.source));
    expect(lines, lines.join('\n')).toContainEqual(expect.stringMatching(wanted));
  } finally {
    if (sql.includes('$OTHER')) await copy.query(`DROP OWNED BY ${other} CASCADE; DROP ROLE ${other}`);
  }
});
