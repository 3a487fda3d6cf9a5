import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit, type AuditResult } from '../../src/audit/audit.js';
import { compareSchema, openStore, type SchemaComparison, type Store } from '../../src/store/index.js';
import { createDatabase, databaseOf, type TestDatabase } from '../support/database.js';
import { LOG_KEY } from '../support/parts.js';
import { type Manipulation, MANIPULATIONS } from './manipulations.js';
import { createWholeDatabase, type WholeDatabase } from './whole-database.js';

let whole: WholeDatabase;
/** Of the whole database, and of every copy in which only rows have changed. */
let ownSchema: SchemaComparison;
let rows: RowChanges;
beforeAll(async () => {
  whole = await createWholeDatabase();
  ownSchema = await schemaOf(whole.database);
  rows = await RowChanges.begin(await createDatabase({ copyOf: whole.database.url }));
});
afterAll(async () => {
  await rows.end();
  await whole.database.drop();
});

/** A superuser's, with triggers switched off. */
const FREE_HAND = 'SET session_replication_role = replica; SET allow_system_table_mods = on';

const openAsItIs = (url: string): Promise<Store> => openStore({ url, poolSize: 4, asItIs: true });

/** One copy of the whole database, in which rows are changed and put back: a copy for each change costs most of the test. */
class RowChanges {
  readonly #database: TestDatabase;
  readonly #client: pg.Client;
  /** Sets the sequences back. */
  readonly #sequences: string;
  readonly store: Store;

  private constructor(database: TestDatabase, client: pg.Client, sequences: string, store: Store) {
    this.#database = database;
    this.#client = client;
    this.#sequences = sequences;
    this.store = store;
  }

  static async begin(database: TestDatabase): Promise<RowChanges> {
    const client = new pg.Client({ connectionString: database.adminUrl });
    await client.connect();
    await client.query(FREE_HAND);
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
    );
    for (const { name } of tables)
      await client.query(`CREATE TEMP TABLE kept_${name} AS TABLE public.${name}`);
    const { rows: sequences } = await client.query<{ back: string }>(
      `SELECT format('setval(%L, %s, %L)', schemaname || '.' || sequencename, COALESCE(last_value, start_value),
         last_value IS NOT NULL) AS back FROM pg_sequences WHERE schemaname = 'public'`,
    );
    const back = `SELECT ${sequences.map((each) => each.back).join(', ')}`;
    return new RowChanges(database, client, back, await openAsItIs(database.url));
  }

  async during<T>(sql: string, look: () => Promise<T>): Promise<T> {
    await this.#client.query(`BEGIN; ${sql}`);
    const { rows: changed } = await this.#client.query<{ name: string }>(
      `SELECT relname::text AS name FROM pg_stat_xact_user_tables
       WHERE schemaname = 'public' AND n_tup_ins + n_tup_upd + n_tup_del > 0`,
    );
    await this.#client.query('COMMIT');
    expect(changed).not.toEqual([]);
    try {
      return await look();
    } finally {
      for (const { name } of changed) {
        await this.#client.query(
          `DELETE FROM public.${name}; INSERT INTO public.${name} OVERRIDING SYSTEM VALUE TABLE kept_${name}`,
        );
      }
      await this.#client.query(this.#sequences);
    }
  }

  async end(): Promise<void> {
    await this.store.close();
    await this.#client.end();
    await this.#database.drop();
  }
}

function schemaOf({ url, adminUrl }: TestDatabase): Promise<SchemaComparison> {
  return compareSchema({ url, ownerUrl: adminUrl });
}

function auditOf(store: Store, schema: SchemaComparison): Promise<AuditResult> {
  const { members, rowKeys } = whole;
  return audit({ store, logKey: LOG_KEY.key, members, rowKeys, schema });
}

/** Everything that a part of the result says, one line each. */
function linesOf({ findings, database }: AuditResult, part: Manipulation['part']): string[] {
  if (part === 'note') return database.notes.map(({ about, message }) => `${about}: ${message}`);
  return (part === 'chain' ? findings : database.findings).map(
    ({ table, problem, message }) => `${table} ${problem}: ${message}`,
  );
}

async function expectNoFinding(): Promise<void> {
  const result = await auditOf(rows.store, ownSchema);
  expect(linesOf(result, 'chain')).toEqual([]);
  expect(linesOf(result, 'database')).toEqual([]);
  expect(result.database.notChecked).toEqual([]);
}

test('finds nothing in what the service has written', () => expectNoFinding());

test('knows at least 60 manipulations', () => {
  expect(new Set(MANIPULATIONS.map(({ name }) => name)).size).toBeGreaterThan(60);
});

const isOfRows = ({ sql }: Manipulation) =>
  !/\b(CREATE|ALTER|DROP|GRANT|SECURITY)\b|\bpg_|_prisma/i.test(sql);

test.each(MANIPULATIONS.filter(isOfRows))('names $name in the part "$part"', async ({ sql, part, says }) => {
  const lines = linesOf(await rows.during(sql, () => auditOf(rows.store, ownSchema)), part);
  expect(lines, lines.join('\n')).toContainEqual(expect.stringMatching(says));
});

test('finds nothing when all these changes are undone', () => expectNoFinding());

/** They hide what others do, or hinder them. */
const ALONE: readonly string[] = [
  ...['a table dropped', 'a column dropped', 'row security', 'an event trigger that stops the comparison'],
  ...['a search_path of the database', 'triggers off for every session', 'the record of migrations dropped'],
];

/** Each costs a copy of the database and a comparison of its schema. */
const COPIES = 8;

/** The manipulations of each copy: none is beside its neighbours in the list, which are of the same kind. */
function perCopy(): Manipulation[][] {
  const others = MANIPULATIONS.filter((each) => !isOfRows(each));
  const together = others.filter(({ name }) => !ALONE.includes(name));
  return [
    ...others.filter(({ name }) => ALONE.includes(name)).map((each) => [each]),
    ...Array.from({ length: COPIES }, (_, copy) => together.filter((_each, i) => i % COPIES === copy)),
  ];
}

describe.each(perCopy().map((done) => ({ done })))('in copy %#', ({ done }) => {
  let result: AuditResult;
  /** Of the role that a manipulation gets for itself: roles belong to the whole server. */
  const others: string[] = [];
  const here = (text: string, i: number) => text.replaceAll('$OTHER', others[i] ?? '');
  beforeAll(async () => {
    await using copy = await createDatabase({ copyOf: whole.database.url });
    others.push(...done.map((_, i) => `other${i}_${databaseOf(copy.url)}`));
    try {
      await copy.query([FREE_HAND, ...done.map(({ sql }, i) => here(sql, i))].join('; '));
      const store = await openAsItIs(copy.url);
      try {
        result = await auditOf(store, await schemaOf(copy));
      } finally {
        await store.close();
      }
    } finally {
      for (const [i, { sql }] of done.entries()) {
        if (sql.includes('$OTHER'))
          await copy.query(here('DROP OWNED BY $OTHER CASCADE; DROP ROLE $OTHER', i));
      }
    }
  });

  test.each(done.map((each, i) => ({ ...each, i })))('names $name in the part "$part"', ({ part, i }) => {
    const lines = linesOf(result, part);
    const about = (line: string) =>
      done.flatMap(({ says }, k) => (new RegExp(here(says.source, k)).test(line) ? [k] : []));
    expect(lines.map(about), lines.join('\n')).toContainEqual([i]);
  });
});
