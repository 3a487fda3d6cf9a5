import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit, ThreadLostError, type AuditOptions } from '../../src/audit/index.js';
import { RangeThread } from '../../src/audit/range-thread.js';
import type { SharedSnapshot, Store } from '../../src/store/index.js';
import { createStore, type TestStore } from '../support/database.js';
import { acceptEntries, buildChain, createSigner } from './audited-chain.js';
import { Tampering } from './tampering.js';

const TABLES = ['head', 'entry', 'details', 'erasure', 'block', 'block_tile', 'log_tile', 'checkpoint'];
/** One block is read in two steps, the others several at a time. */
const COUNTS = [1, 2, 300, 16_700, 255, 256, 257, 1, 1, 513, 7];
/** Some runs of one block, some of several. */
const RUN_ENTRIES = 500;

const signer = createSigner();
let db: TestStore;
let tampering: Tampering;

beforeAll(async () => {
  db = await createStore();
  await buildChain(db.store, signer, COUNTS);
  for (const position of [1, 5, 300, 301, 17_003, 17_010, 17_600]) await db.store.erase(position);
  await acceptEntries(db.store, 5, 1_000_000);
  tampering = await Tampering.begin(db.url, TABLES);
});
afterAll(async () => {
  await tampering.end();
  await db.drop();
});

const run = (options: Partial<AuditOptions>) =>
  audit({ store: db.store, logKey: signer.key, limit: 1000, runEntries: RUN_ENTRIES, ...options });

test('a sound chain is sound with any number of threads, and its progress only grows', async () => {
  const alone = await run({ threads: 0 });
  expect(alone).toMatchObject({ findings: [], blocks: COUNTS.length, erased: 7, unsealed: 5 });
  for (const threads of [1, 3]) {
    const seen: number[] = [];
    const result = await run({ threads, onProgress: ({ done }) => seen.push(done) });
    expect(result).toEqual(alone);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(alone.entries);
  }
});

/** What is done to the rows: mostly a changed byte somewhere, now and then a row that is taken away. */
interface Change {
  readonly column: number;
  readonly row: number;
  readonly byte: number;
  readonly isDeletion: boolean;
}

const change: fc.Arbitrary<Change> = fc.record({
  column: fc.nat(),
  row: fc.nat({ max: 2 }),
  byte: fc.nat({ max: 31 }),
  isDeletion: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
});

/** Answers the table that was changed. */
async function tamper({ column: nth, row, byte, isDeletion }: Change): Promise<string> {
  const columns = tampering.columns.filter(({ isKey }) => !isKey);
  const column = columns[nth % columns.length];
  if (column === undefined) throw new Error('there are no columns');
  const rows = await tampering.threeRows(column.table, `${column.column} IS NOT NULL`);
  const key = rows[row % Math.max(1, rows.length)];
  if (key !== undefined && isDeletion) await tampering.deleteRow(column.table, key);
  else if (key !== undefined) await tampering.changeByte(column, key, byte);
  return column.table;
}

test('whatever was changed wherever, the findings are the same with any number of threads', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
      const changed = new Set<string>();
      try {
        for (const each of changes) changed.add(await tamper(each));
        const alone = await run({ threads: 0 });
        expect(await run({ threads: 1 })).toEqual(alone);
        expect(await run({ threads: 3 })).toEqual(alone);
      } finally {
        for (const table of changed) await tampering.undo(table);
      }
    }),
    { numRuns: 8 },
  );
});

describe('a thread that cannot do its work', () => {
  /** The store, whose snapshots are shared as `change` makes them. */
  const sharing = (changed: Partial<SharedSnapshot>): Pick<Store, 'snapshot'> => ({
    snapshot: (read) =>
      db.store.snapshot((snapshot) =>
        read({ ...snapshot, share: async () => ({ ...(await snapshot.share()), ...changed }) }),
      ),
  });

  test.each([
    ['does not reach the database', { url: 'postgresql://127.0.0.1:1/x' }, 'unavailable'],
    ['cannot have the same view', { id: '00000000-00000000-1' }, 'refused'],
  ])('because it %s makes no sound chain', async (_, changed, code) => {
    await expect(run({ threads: 2, store: sharing(changed) })).rejects.toMatchObject({ code });
  });

  test('because it ends is an error, and so is every run that it is given after that', async () => {
    await db.store.snapshot(async (snapshot) => {
      const thread = new RangeThread(await snapshot.share());
      const asked = thread.check([], () => undefined);
      const lost = expect(asked).rejects.toThrow(ThreadLostError);
      await thread.end();
      await lost;
      await expect(thread.check([], () => undefined)).rejects.toThrow(ThreadLostError);
    });
  });
});
