import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.js';
import type { Sealer } from '../../src/sealer/index.js';
import { sampleEntry, sampleGroup } from '../support/chain.js';
import { createStore, type TestStore } from '../support/database.js';
import { createDirectory, type Directory, LOG_KEY, sealerOver } from '../support/parts.js';
import { acceptEvents, digestOf, signer, Subject } from '../support/record-chain.js';
import { until } from '../support/until.js';

const [alice, bob] = [signer('alice'), signer('bob')];

/** A chain with records, and what it takes to make one. */
interface Scene extends AsyncDisposable {
  readonly db: TestStore;
  sealed(): Promise<void>;
  /** Findings about records, one text each. */
  audit(): Promise<string[]>;
}

/** @param states what the sealer finds instead of the states of records */
async function startScene(states: (text: string) => string = (text) => text): Promise<Scene> {
  const db = await createStore();
  const directory: Directory = await createDirectory();
  const sealedRecords: typeof db.store.sealedRecords = async (ids) =>
    (await db.store.sealedRecords(ids)).map((row) => ({ ...row, state: states(row.state) }));
  const sealer: Sealer = sealerOver({ ...db.store, sealedRecords }, directory.path);
  sealer.start();
  return {
    db,
    sealed: () =>
      until('everything to be sealed', async () => {
        const { nextPosition, firstUnsealed } = await db.store.sealingState();
        return nextPosition > 0 && nextPosition === firstUnsealed;
      }).then(() => undefined),
    audit: async () => {
      const { findings, database } = await audit({ store: db.store, logKey: LOG_KEY.key });
      expect(findings).toEqual([]);
      const own = database.findings.filter(({ problem }) => problem === 'record_mismatch');
      return own.map(
        ({ table, column, message }) => `${table}${column === null ? '' : `.${column}`}: ${message}`,
      );
    },
    [Symbol.asyncDispose]: async () => {
      await sealer.stop();
      await db.drop();
      await directory[Symbol.asyncDispose]();
    },
  };
}

const documentOf = (text: string) => ({ document: { sha256: digestOf(text) } });
const contractOf = (more: object) => ({
  title: 'Sale',
  ...documentOf('sale'),
  parties: [{ name: 'Bob', key: bob.text, order: 1 }],
  holder: alice.text,
  ...more,
});

let scene: Scene;
const open = new Subject();
beforeAll(async () => {
  scene = await startScene();
  const { db } = scene;
  const paper = new Subject();
  await acceptEvents(db, [
    paper.event('document.create', { ...documentOf('one'), holder: alice.text }, [alice]),
  ]);
  await acceptEvents(db, [paper.event('document.version', documentOf('two'), [alice])]);
  const contract = new Subject();
  const conditional = new Subject();
  const deadline = Date.now() + 3_600_000;
  await acceptEvents(db, [
    contract.event('contract.propose', contractOf({}), [alice]),
    conditional.event('contract.propose', contractOf({ when: { notarized: digestOf('paper') } }), [alice]),
    open.event('contract.propose', contractOf({ deadline, when: { notarized: digestOf('never') } }), [alice]),
  ]);
  await acceptEvents(db, [
    contract.event('contract.sign', { party: 0 }, [bob]),
    conditional.event('contract.sign', { party: 0 }, [bob]),
  ]);
  await scene.sealed();
  // Executes one, and makes the event behind it void.
  const late = contract.event('contract.cancel', {}, [alice, bob]);
  await db.store.accept(
    sampleGroup({ entries: [sampleEntry({ digest: Buffer.from(digestOf('paper'), 'hex') })] }),
  );
  await acceptEvents(db, [late]);
  await scene.sealed();
  await db.query(TABLES.map((table) => `CREATE TABLE kept_${table} AS TABLE ${table}`).join(';'));
});
afterAll(() => scene[Symbol.asyncDispose]());

const TABLES = ['event', 'record', 'record_watch', 'map_page', 'map_change'];

const unguarded = (sql: string) =>
  `SET session_replication_role = replica; ${sql}; SET session_replication_role = origin`;

test('the audit finds nothing wrong with records that follow from their events', async () => {
  const voids = await scene.db.query<{ void: string }>('SELECT void FROM event WHERE void IS NOT NULL');
  expect(voids).toEqual([{ void: 'stale_value' }]);
  const automatic = await scene.db.query('SELECT FROM event WHERE position IS NULL');
  expect(automatic).toHaveLength(2);
  expect(await scene.audit()).toEqual([]);
});

describe('the audit names', () => {
  test.each([
    [
      'a changed state',
      `UPDATE record SET state = replace(state, '"versions":2', '"versions":3')`,
      /^record\.state: The state/,
    ],
    ['another holder', `UPDATE record SET holder = 'x' WHERE kind = 'document'`, /^record\.holder: /],
    ['another party', `UPDATE record SET parties = '{x}' WHERE kind = 'document'`, /^record\.parties: /],
    ['a record that is missing', `DELETE FROM record WHERE kind = 'document'`, /^record: The row of record/],
    [
      'a record without events',
      `INSERT INTO record SELECT sequence, height, sha256(id), value, kind, status, holder, parties, state FROM record LIMIT 1`,
      /^record: No event makes record/,
    ],
    [
      'a deadline that nobody waits for',
      `DELETE FROM record_watch WHERE kind = 'time'`,
      /^record_watch: Record \w+ does not wait/,
    ],
    ['another deadline', `UPDATE record_watch SET at = at + 1 WHERE kind = 'time'`, /^record_watch: /],
    [
      'an event that was hidden as void',
      `UPDATE event SET void = 'stale_value' WHERE type = 'document.version'`,
      /^event\.void: The row/,
    ],
    [
      'an event that is missing',
      `DELETE FROM event WHERE void IS NOT NULL`,
      /^event: The entry at position \d+ is an event, but/,
    ],
    [
      'an event with another note',
      `UPDATE event SET note = note || 'x' WHERE type = 'document.version'`,
      /^event\.note: The note at/,
    ],
    [
      'an automatic event that is missing',
      `DELETE FROM event WHERE position IS NULL`,
      /^event\.note: The automatic events of block/,
    ],
    [
      'another change list',
      `UPDATE map_change SET list = list || list WHERE height = 0`,
      /^map_change\.list: The change list of block 0 is not the one/,
    ],
    [
      'a page of the map that is another one',
      `UPDATE map_page SET page = page || page WHERE height = 0`,
      /^map_page\.page: Page "" of the map after block 0/,
    ],
    [
      'a page of the map that is missing',
      `DELETE FROM map_page WHERE height = 0`,
      /^map_page: Page "" of the map after block 0 is missing/,
    ],
    [
      'a page of a block that does not change it',
      `INSERT INTO map_page SELECT height, 'abc', page FROM map_page LIMIT 1`,
      /does not change page "abc"/,
    ],
    [
      'a page of no block',
      `INSERT INTO map_page SELECT 99, prefix, page FROM map_page LIMIT 1`,
      /^map_page: 1 rows/,
    ],
  ])('%s', async (_, sql, expected) => {
    const { db } = scene;
    await db.query(unguarded(sql));
    try {
      const found = await scene.audit();
      expect(
        found.some((each) => expected.test(each)),
        found.join('\n'),
      ).toBe(true);
    } finally {
      for (const table of TABLES) {
        const system = ['event', 'record_watch'].includes(table) ? 'OVERRIDING SYSTEM VALUE' : '';
        await db.query(
          unguarded(`TRUNCATE ${table}; INSERT INTO ${table} ${system} SELECT * FROM kept_${table}`),
        );
      }
    }
  });

  test('nothing but a note when bodies were erased', async () => {
    // Erased for good: this test is the last one over this chain.
    await scene.db.query(`SELECT erase_event_body(position) FROM event WHERE type = 'contract.propose'`);
    expect(await scene.audit()).toEqual([]);
    const { database } = await audit({ store: scene.db.store, logKey: LOG_KEY.key });
    const note = database.notes.find(({ about }) => about === 'records');
    expect(note?.message).toMatch(/^3 records were not recomputed/);
  });
});

test('an operator who signs for a holder, or executes what is not fulfilled, is found by the audit', async () => {
  await using own = await startScene();
  const { db } = own;
  const forged = new Subject();
  await acceptEvents(db, [
    forged.event('document.create', { ...documentOf('one'), holder: alice.text }, [alice]),
  ]);
  await acceptEvents(db, [forged.event('document.withdraw', {}, [bob])]);
  const contract = new Subject();
  await acceptEvents(db, [contract.event('contract.propose', contractOf({}), [alice])]);
  await own.sealed();
  await db.query(unguarded(`UPDATE record SET state = replace(state, '"answer":null', '"answer":"signed"')`));
  await acceptEvents(db, [contract.event('record.rekey', { holder: bob.text }, [alice, bob])]);
  await own.sealed();
  const [{ status } = { status: '' }] = await db.query<{ status: string }>(
    `SELECT status FROM record WHERE kind = 'contract'`,
  );
  expect(status).toBe('executed');
  const found = await own.audit();
  expect(found.find((each) => each.startsWith('event.note'))).toMatch(
    /is applied, but it is not signed as the rules ask/,
  );
  expect(found.find((each) => each.startsWith('map_change.list'))).toMatch(
    /is not what the rules make of its events/,
  );
});

test('an operator whose sealer makes a valid event void, or applies one that is void, is found by the audit', async () => {
  let status: string | null = null;
  await using own = await startScene((text) =>
    status === null ? text : JSON.stringify({ ...(JSON.parse(text) as object), status }),
  );
  const { db } = own;
  const accept = async (event: Parameters<typeof acceptEvents>[1][number]) => {
    await acceptEvents(db, [event]);
    await own.sealed();
  };
  const [dropped, applied] = [new Subject(), new Subject()];
  for (const subject of [dropped, applied])
    await accept(subject.event('document.create', { ...documentOf('one'), holder: alice.text }, [alice]));
  await accept(applied.event('document.withdraw', {}, [alice]));
  expect(await own.audit()).toEqual([]);
  status = 'withdrawn';
  await accept(dropped.event('document.version', documentOf('two'), [alice]));
  status = 'current';
  await accept(applied.event('document.version', documentOf('two'), [alice]));
  const found = await own.audit();
  expect(found).toContain('event.void: The event at position 3 is void, but the rules take it.');
  expect(found).toContain(
    'event.void: The event at position 4 is applied, but the rules refuse it (wrong_status).',
  );
});
