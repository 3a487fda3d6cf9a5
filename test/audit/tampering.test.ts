import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { audit, type AuditResult } from '../../src/audit/audit.js';
import type { AuditFinding } from '../../src/audit/finding.js';
import { createStore, type TestStore } from '../support/database.js';
import { acceptEntries, buildChain, createSigner } from './audited-chain.js';
import { Tampering, type RowKey } from './tampering.js';

/** Every table of the chain. `idempotency` is not one: its rows expire. */
const TABLES = ['head', 'entry', 'details', 'erasure', 'block', 'block_tile', 'log_tile', 'checkpoint'];

interface Chain {
  readonly name: string;
  /** The entries of each block. */
  readonly counts: readonly number[];
  readonly erased: readonly number[];
  /** The tables that are tampered with in this chain. */
  readonly tables: readonly string[];
}

/** Entries in blocks of every size around the width of a tile. */
const WIDE: Chain = {
  name: 'a chain of large blocks',
  counts: [1, 2, 7, 255, 256, 257, 300, 700, 1, 1],
  erased: [1, 5, 300, 700, 1000, 1600],
  tables: ['entry', 'details', 'erasure', 'block_tile'],
};
/** Two full tiles of the log, and some blocks of a third. */
const LONG: Chain = {
  name: 'a chain of many blocks',
  counts: [1, 2, 7, ...Array.from({ length: 512 }, () => 1)],
  erased: [1, 5, 300, 500],
  tables: ['head', 'block', 'log_tile', 'checkpoint'],
};
const UNSEALED = 5;

/** Rows that other rows confirm: nothing confirms an unsealed entry yet. */
const BOUND: Readonly<Record<string, string>> = {
  entry: 'position < (SELECT max(first_position + entry_count) FROM block)',
};

const at = (position: number) => ({ position: String(position) });
const height = (number: number) => ({ height: String(number) });
const size = (number: number) => ({ size: String(number) });
const tile = (number: number, level: number, index: number) => ({
  height: String(number),
  level: String(level),
  index: String(index),
});
const logTile = (level: number, index: number) => ({ level: String(level), index: String(index) });

/** Rows to copy, and the keys of the copies. In WIDE 1,780 entries are sealed and 5 are not. */
const ADDED: Readonly<Record<string, readonly (readonly [RowKey, RowKey])[]>> = {
  head: [[{ id: 'true' }, { id: 'false' }]],
  entry: [-1, 1785, 1786, 2 ** 40].map((position) => [at(1784), at(position)]),
  details: [-1, 1, 2, 1784, 2 ** 40].map((position) => [at(0), at(position)]),
  erasure: [-1, 0, 2, 1780, 2 ** 40].map((position) => [at(5), at(position)]),
  block: [-1, 515, 2 ** 40].map((number) => [height(100), height(number)]),
  block_tile: [
    tile(-1, 0, 0),
    tile(0, 0, 1),
    tile(5, 0, 2),
    tile(6, 1, 1),
    tile(7, 2, 0),
    tile(7, -1, 0),
    tile(10, 0, 0),
  ].map((key) => [tile(3, 0, 0), key]),
  log_tile: [logTile(-1, 0), logTile(0, -1), logTile(0, 2), logTile(1, 0), logTile(2, 5)].map((key) => [
    logTile(0, 0),
    key,
  ]),
  checkpoint: [-1, 0, 516, 2 ** 40].map((number) => [size(100), size(number)]),
};

const SWAPPED: Readonly<Record<string, readonly (readonly [RowKey, RowKey])[]>> = {
  entry: [
    [at(0), at(1779)],
    [at(600), at(601)],
    [at(1300), at(1700)],
  ],
  details: [[at(0), at(10)]],
  block: [
    [height(0), height(514)],
    [height(1), height(2)],
    [height(6), height(7)],
    [height(100), height(400)],
    [height(513), height(514)],
  ],
  block_tile: [
    [tile(7, 0, 0), tile(7, 0, 1)],
    [tile(2, 0, 0), tile(3, 0, 0)],
    [tile(5, 1, 0), tile(6, 1, 0)],
    [tile(0, 0, 0), tile(9, 0, 0)],
  ],
  log_tile: [[logTile(0, 0), logTile(0, 1)]],
  checkpoint: [
    [size(1), size(515)],
    [size(200), size(201)],
  ],
};

const signer = createSigner();
let db: TestStore;
let tampering: Tampering;

const run = () => audit({ store: db.store, logKey: signer.key });

function isAbout(finding: AuditFinding, table: string, keys: readonly RowKey[]): boolean {
  return (
    finding.table === table &&
    keys.some((key) => Object.entries(key).every(([column, value]) => finding.key[column] === value))
  );
}

/**
 * Whether entries at the unsealed end were taken away or put there, or the head row was changed, no row can
 * tell when the times fit: then both are named.
 */
function isAboutTheEnd({ table, column, problem }: AuditFinding, wanted: string): boolean {
  if (wanted === 'entry') return table === 'head' && column === 'next_position';
  return wanted === 'head' && table === 'entry' && (problem === 'missing' || problem === 'extra');
}

/** A change of entries that wait for a block is named a second time, with their group. */
const isAboutGroup = ({ problem }: AuditFinding, wanted: string): boolean =>
  problem === 'uncovered' && (wanted === 'entry' || wanted === 'head');

/** Expects findings about the change and about nothing else, and few of them. */
function expectNamed(result: AuditResult, table: string, keys: readonly RowKey[]): void {
  const named = keys.filter((key) => result.findings.some((finding) => isAbout(finding, table, [key])));
  const others = result.findings.filter(
    (finding) =>
      !isAbout(finding, table, keys) && !isAboutTheEnd(finding, table) && !isAboutGroup(finding, table),
  );
  expect({ named, others }).toEqual({ named: keys, others: [] });
  const groups = result.findings.filter((finding) => isAboutGroup(finding, table)).length;
  expect(groups).toBeLessThanOrEqual(1);
  expect(result.findingCount).toBeLessThanOrEqual(Math.max(2, keys.length) + groups);
}

/** Audits a chain after the change `done`, and shows the findings when `expected` fails. */
async function auditAfter(
  table: string,
  done: unknown,
  expected: (result: AuditResult) => void,
): Promise<void> {
  const result = await run();
  try {
    expected(result);
  } catch (error) {
    throw new Error(JSON.stringify({ table, done, findings: result.findings }, null, 1), { cause: error });
  }
  await tampering.undo(table);
}

describe.each([WIDE, LONG])('in $name', ({ counts, erased, tables }) => {
  beforeAll(async () => {
    db = await createStore();
    await buildChain(db.store, signer, counts);
    for (const position of erased) await db.store.erase(position);
    await acceptEntries(db.store, UNSEALED, 1_000_000);
    tampering = await Tampering.begin(db.adminUrl, TABLES);
  });
  afterAll(async () => {
    await tampering.end();
    await db.drop();
  });

  test('finds nothing before a change', async () => {
    const expected = { findings: [], blocks: counts.length, erased: erased.length, unsealed: UNSEALED };
    expect(await run()).toMatchObject(expected);
  });

  describe.each(tables)('in table %s', (table) => {
    afterEach(async () => {
      await tampering.undo(table);
    });

    test('names a changed byte in every column', async () => {
      const columns = tampering.columns.filter((each) => each.table === table);
      expect(columns.length).toBeGreaterThan(0);
      for (const [i, column] of columns.entries()) {
        const rows = await tampering.threeRows(
          table,
          `${BOUND[table] ?? 'true'} AND ${column.column} IS NOT NULL`,
        );
        // Columns take turns with the first, the middle and the last row.
        const at = i % rows.length;
        const key = rows[at] ?? expect.fail(`no row for ${column.column}`);
        // Of a key, a byte that does not make it the key of another row.
        const byte = column.isKey ? (column.type === 'smallint' ? 1 : 2) : at * 3;
        const now = await tampering.changeByte(column, key, byte);
        await auditAfter(table, { column: column.column, key, now, byte }, (result) => {
          // A changed key is a missing row and an extra row.
          expectNamed(result, table, column.isKey ? [key, now] : [key]);
          if (!column.isKey) expect(result.findings[0]?.column).toBe(column.column);
        });
      }
    });

    test('names a deleted row', async () => {
      const rows = await tampering.threeRows(table, 'true');
      for (const key of rows) {
        await tampering.deleteRow(table, key);
        await auditAfter(table, { deleted: key }, (result) => {
          expectNamed(result, table, table === 'head' ? [{ id: 'true' }] : [key]);
        });
      }
    });

    test('names an added row', async () => {
      for (const [like, key] of ADDED[table] ?? []) {
        await tampering.addRow(table, like, key);
        await auditAfter(table, { added: key }, (result) => {
          expectNamed(result, table, [key]);
        });
      }
    });

    // A single row cannot be swapped, and rows that consist of their key are equal afterwards.
    if (!(table in SWAPPED)) return;
    test('names two swapped rows', async () => {
      for (const [a, b] of SWAPPED[table] ?? []) {
        await tampering.swapRows(table, a, b);
        await auditAfter(table, { swapped: [a, b] }, (result) => {
          expectNamed(result, table, [a, b]);
        });
      }
    });
  });
});
