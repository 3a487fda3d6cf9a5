import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMapPath } from '../../src/merkle/map-pages.js';
import { toHex } from '../../src/proof/index.js';
import { EMPTY_MAP_ROOT, lookUp } from '../../src/proof/map.js';
import { parseAutomatic } from '../../src/proof/records/automatic.js';
import { changesDigest, NO_CHANGES, parseChanges } from '../../src/proof/records/changes.js';
import type { RecordState } from '../../src/proof/records/state.js';
import { parseStatement } from '../../src/proof/time/state.js';
import type { Sealer } from '../../src/sealer/index.js';
import { acceptSome, sampleEntry, sampleGroup } from '../support/chain.js';
import { createStore, type TestStore } from '../support/database.js';
import { createDirectory, type Directory, sealerOver } from '../support/parts.js';
import { acceptEvents, digestOf, signer, Subject } from '../support/record-chain.js';
import { until } from '../support/until.js';

let db: TestStore;
let directory: Directory;
let sealer: Sealer;
/** What the sealer's clock shows is so much ahead of the time. */
let ahead = 0;
/** Heights for which the sealer asked for a document. */
const asked: number[] = [];

beforeAll(async () => {
  directory = await createDirectory();
  db = await createStore();
  sealer = sealerOver(db.store, directory.path, {
    clock: () => Date.now() + ahead,
    acceptForDeadlines: async (height) => {
      asked.push(height);
      await acceptSome(db.store, 1);
    },
  });
  sealer.start();
});
afterAll(async () => {
  await sealer.stop();
  await db.drop();
  await directory[Symbol.asyncDispose]();
});

const [alice, bob, issuer] = [signer('alice'), signer('bob'), signer('issuer')];

async function sealed(): Promise<void> {
  await until('everything that was accepted to be sealed', async () => {
    const { nextPosition, firstUnsealed } = await db.store.sealingState();
    return nextPosition > 0 && nextPosition === firstUnsealed;
  });
}

async function stateOf({ id }: Subject): Promise<RecordState | null> {
  const [row] = await db.store.sealedRecords([id]);
  return row === undefined ? null : (JSON.parse(row.state) as RecordState);
}

async function eventsOf({ id }: Subject) {
  return db.query<{
    sequence: string;
    type: string;
    height: string;
    void: string | null;
    note: string;
    position: string | null;
  }>('SELECT sequence, type, height, void, note, position FROM event WHERE record = $1 ORDER BY id', [
    Buffer.from(id),
  ]);
}

const documentOf = (text: string) => ({ document: { sha256: digestOf(text) } });

async function createdDocument(text: string): Promise<Subject> {
  const subject = new Subject();
  await acceptEvents(db, [
    subject.event('document.create', { ...documentOf(text), holder: alice.text }, [alice]),
  ]);
  await sealed();
  return subject;
}

async function registeredItem(serial: string): Promise<Subject> {
  const subject = new Subject();
  const members = {
    title: 'A stone',
    serial,
    features: [{ name: 'colour', value: 'blue' }],
    documents: [],
    issuer: issuer.text,
    holder: alice.text,
  };
  await acceptEvents(db, [subject.event('item.register', members, [issuer, alice])]);
  await sealed();
  expect(await stateOf(subject)).toMatchObject({ kind: 'item', status: 'held' });
  return subject;
}

/** @param more terms */
async function proposed(more: object = {}): Promise<Subject> {
  const subject = new Subject();
  const members = {
    title: 'Sale',
    ...documentOf('sale'),
    parties: [{ name: 'Bob', key: bob.text, order: 1 }],
    holder: alice.text,
    ...more,
  };
  await acceptEvents(db, [subject.event('contract.propose', members, [alice])]);
  await sealed();
  return subject;
}

async function statementAt(height: number) {
  const [placed] = await db.store.stateStatements(height, height + 1);
  return placed === undefined ? null : parseStatement(placed.statement).map;
}

async function tipHeight(): Promise<number> {
  return (await db.store.tip())?.height ?? -1;
}

test('several events of one record are applied in one block, and the map has its value', async () => {
  const subject = new Subject();
  await acceptEvents(db, [
    subject.event('document.create', { ...documentOf('one'), holder: alice.text }, [alice]),
  ]);
  await acceptEvents(db, [subject.event('document.version', documentOf('two'), [alice])]);
  const withdrawal = subject.event('document.withdraw', {}, [alice]);
  const others = [1, 2, 3].map(() => new Subject());
  await acceptEvents(db, [
    withdrawal,
    ...others.map((each, i) =>
      each.event('document.create', { ...documentOf(`other ${i}`), holder: bob.text }, [bob]),
    ),
  ]);
  await sealed();
  expect(await stateOf(subject)).toMatchObject({ status: 'withdrawn', versions: 2 });
  const height = await tipHeight();
  const map = await statementAt(height);
  if (map === null) throw new Error('the block has no statement');
  expect(map.records).toBe(4);
  for (const each of [subject, ...others]) {
    const path = await readMapPath((prefixes) => db.store.mapPages(prefixes, height), map.root, each.id);
    expect(lookUp(map.root, each.id, path)).toEqual({ state: 'present', value: each.value });
  }
  const lists = await db.store.changeLists(0, height + 1);
  expect(
    lists
      .flatMap(({ list }) => parseChanges(list))
      .map(({ key }) => toHex(key))
      .sort(),
  ).toEqual([subject, subject, subject, ...others].map(({ hex }) => hex).sort());
  for (const { height: at, list } of lists)
    expect((await statementAt(at))?.changes).toEqual(changesDigest(list));
});

test('a block without events states the same map, without changes', async () => {
  await createdDocument('quiet');
  const before = await statementAt(await tipHeight());
  await acceptSome(db.store, 3);
  await sealed();
  expect(before?.root).not.toEqual(EMPTY_MAP_ROOT);
  expect(await statementAt(await tipHeight())).toEqual({ ...before, changes: NO_CHANGES });
});

test('of two events from one state the second is void, and so is what no rule allows', async () => {
  const subject = await createdDocument('raced');
  const first = subject.event('document.withdraw', {}, [alice]);
  const rival = subject.event('document.version', documentOf('rival'), [alice]);
  await acceptEvents(db, [first]);
  // The unique index stops this one when it is accepted; here it is made to look older.
  await db.query('ALTER TABLE event DISABLE TRIGGER USER; DROP INDEX event_sequence');
  await acceptEvents(db, [rival]);
  await db.query('ALTER TABLE event ENABLE TRIGGER USER');
  const again = new Subject();
  const unknown = subject.event('document.reinstate', {}, [alice]);
  await acceptEvents(db, [
    again.event('document.create', { ...documentOf('x'), holder: 'nobody' }, [alice]),
    { ...unknown, note: unknown.note },
  ]);
  await sealed();
  const { hex, value } = subject;
  await subject.reload(db);
  expect(subject).toMatchObject({ hex, sequence: 1 });
  expect(subject.value).not.toEqual(value);
  expect((await eventsOf(subject)).map((event) => event.void)).toEqual([
    null,
    null,
    'stale_value',
    'stale_value',
  ]);
  expect(await stateOf(again)).toBeNull();
  expect(await eventsOf(again)).toMatchObject([{ void: 'malformed_key' }]);
  const lists = await db.store.changeLists(0, (await tipHeight()) + 1);
  const listed = lists.flatMap(({ list }) => parseChanges(list));
  expect(listed.filter(({ key }) => toHex(key) === hex)).toHaveLength(2);
  expect(listed.some(({ key }) => toHex(key) === again.hex)).toBe(false);
  await db.query(
    'CREATE UNIQUE INDEX event_sequence ON event (record, sequence) WHERE void IS NULL AND position IS NOT NULL',
  );
});

test('a contract executes in the block that makes it true, and an item changes hands in the same block', async () => {
  const item = await registeredItem('SN 1');
  const contract = await proposed({ effects: [{ item: item.hex, to: 0 }] });
  await acceptEvents(db, [
    item.event('item.offer', { to: bob.text, on: { record: contract.hex, is: 'executed' } }, [alice]),
  ]);
  await acceptEvents(db, [item.event('item.accept', {}, [bob])]);
  await sealed();
  expect(await stateOf(item)).toMatchObject({ status: 'promised', holder: alice.text });
  await acceptEvents(db, [contract.event('contract.sign', { party: 0 }, [bob])]);
  await sealed();
  expect(await stateOf(contract)).toMatchObject({ status: 'executed' });
  expect(await stateOf(item)).toMatchObject({ status: 'held', holder: bob.text, transfers: 1 });
  const height = await tipHeight();
  const [{ list } = { list: new Uint8Array() }] = await db.store.changeLists(height, height + 1);
  const happened = parseChanges(list).flatMap((change) =>
    'text' in change ? [parseAutomatic(change.text)] : [],
  );
  expect(happened).toMatchObject([
    { type: 'contract.executed', record: contract.id, height },
    { type: 'item.transferred', record: item.id, height },
  ]);
  const { value } = contract;
  await contract.reload(db);
  expect(contract.value).not.toEqual(value);
  expect(happened[1]?.facts).toEqual([`record ${contract.hex} ${toHex(contract.value)}`]);
  expect(await eventsOf(contract)).toMatchObject([
    {},
    {},
    { type: 'contract.executed', position: null, height: String(height) },
  ]);
});

test('a deadline that comes while nobody submits anything is met by a document of the service', async () => {
  const deadline = Date.now() + 3_600_000;
  const contract = await proposed({ deadline });
  expect(await stateOf(contract)).toMatchObject({ status: 'open' });
  asked.length = 0;
  const before = await tipHeight();
  ahead = 3_600_001;
  await until('the contract to expire', async () => (await stateOf(contract))?.status, 'expired');
  expect(asked).toEqual([before + 1]);
  expect((await db.store.sealingState()).recordsDueAt).toBeNull();
  // An outage is the same: the first block behind the deadline has it, and what was signed too late is void.
  const other = await proposed({ deadline: Date.now() + ahead + 3_600_000 });
  const late = other.event('contract.sign', { party: 0 }, [bob]);
  await sealer.stop();
  await acceptEvents(db, [late]);
  ahead += 3_600_001;
  sealer = sealerOver(db.store, directory.path, { clock: () => Date.now() + ahead });
  sealer.start();
  await sealed();
  expect(await stateOf(other)).toMatchObject({ status: 'expired' });
  expect(await eventsOf(other)).toMatchObject([
    { sequence: '0', void: null },
    { sequence: '1', type: 'contract.sign', void: 'too_late' },
    { sequence: '1', type: 'contract.expired', void: null, position: null },
  ]);
});

test('a contract waits for a document, whoever notarizes it', async () => {
  const [paper, unread] = [digestOf('bill of lading'), digestOf('never')];
  const contract = await proposed({
    when: { any: [{ notarized: paper }, { notarized: unread }] },
    quorum: 1,
  });
  await acceptEvents(db, [contract.event('contract.sign', { party: 0 }, [bob])]);
  await sealed();
  expect(await stateOf(contract)).toMatchObject({ status: 'open' });
  expect((await db.store.sealingState()).recordsWaitForDocuments).toBe(true);
  const entries = [sampleEntry(), sampleEntry({ digest: Buffer.from(paper, 'hex') })];
  await db.store.accept(sampleGroup({ entries }));
  await sealed();
  expect(await stateOf(contract)).toMatchObject({ status: 'executed' });
  expect((await db.store.sealingState()).recordsWaitForDocuments).toBe(false);
  const [, , executed] = await eventsOf(contract);
  expect(parseAutomatic(executed?.note ?? '').facts).toEqual([`notarized ${paper}`]);
  // One that was there before counts as well.
  const second = await proposed({ when: { notarized: paper } });
  await acceptEvents(db, [second.event('contract.sign', { party: 0 }, [bob])]);
  await sealed();
  expect(await stateOf(second)).toMatchObject({ status: 'executed' });
});

test('an event that waits behind an automatic one is void at its turn', async () => {
  const contract = await proposed({ when: { notarized: digestOf('paper') } });
  await acceptEvents(db, [contract.event('contract.sign', { party: 0 }, [bob])]);
  await sealed();
  await sealer.stop();
  await db.store.accept(
    sampleGroup({ entries: [sampleEntry({ digest: Buffer.from(digestOf('paper'), 'hex') })] }),
  );
  // Accepted while the contract was open; a block that ends before it executes the contract.
  await acceptEvents(db, [contract.event('contract.cancel', {}, [alice, bob])]);
  sealer = sealerOver(db.store, directory.path, { clock: () => Date.now() + ahead, maxBlockEntries: 1 });
  sealer.start();
  await sealed();
  expect(await stateOf(contract)).toMatchObject({ status: 'executed' });
  expect((await eventsOf(contract)).slice(2)).toMatchObject([
    { type: 'contract.cancel', void: 'stale_value' },
    { type: 'contract.executed', void: null },
  ]);
});

test('a process that dies while it writes a block has written nothing of it, and the next one writes all', async () => {
  const subject = await createdDocument('interrupted');
  const before = await tipHeight();
  // The server ends the session in the middle of the transaction, as a killed process would.
  await db.query(`
    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
    CREATE TRIGGER die BEFORE INSERT ON map_change FOR EACH ROW EXECUTE FUNCTION die()`);
  await acceptEvents(db, [subject.event('document.version', documentOf('second'), [alice])]);
  await until('the sealer to fail', () => sealer.status.problem?.code, 'unavailable');
  expect(await tipHeight()).toBe(before);
  expect(await stateOf(subject)).toMatchObject({ versions: 1 });
  expect(await eventsOf(subject)).toMatchObject([{ height: String(before) }, { height: null, void: null }]);
  expect(await db.store.changeLists(before + 1, before + 2)).toEqual([]);
  await db.query('DROP TRIGGER die ON map_change; DROP FUNCTION die()');
  await sealed();
  expect(await stateOf(subject)).toMatchObject({ versions: 2 });
  expect(await eventsOf(subject)).toMatchObject([{ void: null }, { height: String(before + 1), void: null }]);
  expect(await db.store.changeLists(before + 1, before + 2)).toHaveLength(1);
});
