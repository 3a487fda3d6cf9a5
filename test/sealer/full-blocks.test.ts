import { afterAll, beforeAll, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.js';
import { MapChain } from '../../src/log/map-chain.js';
import { PastStates } from '../../src/log/past-states.js';
import { HistoryReader } from '../../src/log/record-history.js';
import { FULL_AUTOMATIC, isFull, parseChanges } from '../../src/proof/records/changes.js';
import { verifyHistory } from '../../src/proof/records/history.js';
import { EMPTY_MAP } from '../../src/proof/records/map-step.js';
import { parseStatement } from '../../src/proof/time/state.js';
import { acceptSome } from '../support/chain.js';
import { createStore, type TestStore } from '../support/database.js';
import { createDirectory, type Directory, LOG_KEY, sealerOver } from '../support/parts.js';
import { acceptEvents, digestOf, type PreparedEvent, signer, Subject } from '../support/record-chain.js';
import { until } from '../support/until.js';

// More is due in one block than it takes. Each licence names 64 records, so that few fill it.

const [alice, bob] = [signer('alice'), signer('bob')];
const NAMED = 64;
/** Each text has 64 facts of 138 bytes. */
const LICENCES = Math.ceil(FULL_AUTOMATIC / (NAMED * 138)) + 1;

let db: TestStore;
let directory: Directory;
/** What the sealer's clock shows; 0: the time. */
let clock = 0;
const deadline = Date.now() + 3_600_000;
const works = Array.from({ length: LICENCES }, () => new Subject());
const contract = new Subject();
const item = new Subject();
/** Expires when it is due, and fits into no block before the licences. */
const expiring = new Subject();
let full = 0;

async function seal(): Promise<number> {
  const sealer = sealerOver(db.store, directory.path, { clock: () => Math.max(clock, Date.now()) });
  sealer.start();
  try {
    await until('everything to be sealed', async () => {
      const { nextPosition, firstUnsealed } = await db.store.sealingState();
      return nextPosition === firstUnsealed;
    });
  } finally {
    await sealer.stop();
  }
  return (await db.store.tip())?.height ?? -1;
}

/** Of which the record has an id that comes behind those of all others: what happens to it waits longest. */
function last(make: (nonce: number) => PreparedEvent): PreparedEvent {
  for (let nonce = 0; ; nonce++) {
    const event = make(nonce);
    if (digestOf(event.note).startsWith('ff')) return event;
  }
}

beforeAll(async () => {
  directory = await createDirectory();
  db = await createStore();
  const papers = Array.from({ length: NAMED }, () => new Subject());
  const claim = {
    ...{ title: 'A poem', kind: 'literary', authors: [{ name: 'Alice', role: 'author' }], published: null },
    ...{ madeForHire: false, basis: 'author', documents: [{ sha256: digestOf('poem') }], holder: alice.text },
  };
  const stone = { title: 'A stone', serial: '1', features: [], documents: [], issuer: alice.text };
  await acceptEvents(db, [
    ...papers.map((paper, i) =>
      paper.event('document.create', { document: { sha256: digestOf(`${i}`) }, holder: alice.text }, [alice]),
    ),
    ...works.map((work) => work.event('work.claim', claim, [alice])),
    item.event('item.register', { ...stone, holder: alice.text }, [alice]),
  ]);
  await seal();
  const terms = {
    ...{ title: 'Sale', document: { sha256: digestOf('sale') }, deadline, holder: alice.text },
    parties: [{ name: 'Bob', key: bob.text, order: 1 }],
  };
  const effects = [{ item: item.hex, to: 0 }];
  const propose = (subject: Subject, more: object) =>
    last((nonce) =>
      subject.event('contract.propose', { ...terms, title: `Sale ${nonce}`, ...more }, [alice]),
    );
  await acceptEvents(db, [propose(contract, { effects }), propose(expiring, { deadline: deadline - 1 })]);
  const on = { record: contract.hex, is: 'executed' };
  await acceptEvents(db, [item.event('item.offer', { to: bob.text, on }, [alice])]);
  await acceptEvents(db, [item.event('item.accept', {}, [bob])]);
  await seal();
  // All of it is due in one block: the sale, a millisecond before its deadline, the other contract, and the licences.
  const all = papers.map((paper) => ({ record: paper.hex, is: 'current' }));
  const licence = { to: { name: 'Bob' }, terms: 'all', exclusive: false, on: { all } };
  await acceptEvents(db, [
    ...works.map((work) => work.event('work.license', licence, [alice])),
    contract.event('contract.sign', { party: 0 }, [bob]),
  ]);
  clock = deadline - 1;
  full = await seal();
});
afterAll(async () => {
  await db.drop();
  await directory[Symbol.asyncDispose]();
});

const statusOf = async ({ id }: Subject) =>
  (await db.query<{ status: string }>('SELECT status FROM record WHERE id = $1', [Buffer.from(id)]))[0]
    ?.status;
const mapAt = async (height: number) => {
  const [placed] = await db.store.stateStatements(height, height + 1);
  return parseStatement(placed?.statement ?? '').map;
};
const changesAt = async (height: number) =>
  parseChanges((await db.store.changeLists(height, height + 1))[0]?.list ?? new Uint8Array());

async function verified(subject: Subject, height?: number) {
  const checkpoint = await db.store.checkpoint();
  if (checkpoint === null) throw new Error('nothing is sealed');
  const reader = await HistoryReader.open(
    {
      ...{ store: db.store, checkpoint, height: height ?? checkpoint.size - 1 },
      anchorsOf: () => Promise.resolve([]),
      mayRead: () => Promise.resolve(true),
    },
    subject.id,
  );
  if (reader === null) throw new Error('there is no history');
  const { steps, timeline, state } = verifyHistory({ history: await reader.read(), policy: null });
  return {
    failed: steps.flatMap(({ name, outcome }) => (outcome === 'failed' ? [name] : [])),
    automatic: steps.find(({ name }) => name === 'automatic')?.outcome,
    last: timeline.at(-1)?.type,
    status: state?.status,
  };
}

test('a block takes so much that is due and no more, and what is left is due in the next one', async () => {
  const changes = await changesAt(full);
  expect([isFull(changes), isFull(changes.slice(0, -1))]).toEqual([true, false]);
  expect(await mapAt(full)).toMatchObject({ full: true, now: null });
  expect([await statusOf(contract), await statusOf(expiring)]).toEqual(['open', 'open']);
  // As soon as the clock says that something is due, the leader makes a block.
  const { recordsDueAt } = await db.store.sealingState();
  expect(recordsDueAt).toBe(clock);
  expect(await verified(contract)).toMatchObject({
    failed: ['log_signature'],
    automatic: 'passed',
    status: 'open',
  });
});

test('what was due in time happens with the time of the full block, though a deadline has passed since', async () => {
  clock = deadline + 1000;
  await acceptSome(db.store, 1);
  const behind = await seal();
  const { sealedAt } = (await db.store.blocksAt([full]))[0] ?? { sealedAt: 0 };
  expect(await mapAt(behind)).toMatchObject({ full: false, now: sealedAt });
  expect([await statusOf(contract), await statusOf(expiring), await statusOf(item)]).toEqual([
    'executed',
    'expired',
    'held',
  ]);
  const types = await db.query<{ type: string }>(
    'SELECT type FROM event WHERE height = $1 AND position IS NULL ORDER BY id',
    [behind],
  );
  expect(types.slice(-1)).toEqual([{ type: 'item.transferred' }]);
  await acceptSome(db.store, 1);
  expect(await mapAt(await seal())).toMatchObject({ full: false, now: null, changes: EMPTY_MAP.changes });
  expect(await db.query("SELECT FROM record_watch WHERE kind = 'time'")).toEqual([]);

  const good = { failed: ['log_signature'], automatic: 'passed' };
  expect(await verified(contract)).toEqual({ ...good, last: 'contract.executed', status: 'executed' });
  expect(await verified(item)).toEqual({ ...good, last: 'item.transferred', status: 'held' });
  expect(await verified(expiring)).toEqual({ ...good, last: 'contract.expired', status: 'expired' });
  expect(await verified(contract, full)).toEqual({ ...good, last: 'contract.sign', status: 'open' });
});

test('states of the past are those of the histories', async () => {
  const { height: tip = 0 } = (await db.store.tip()) ?? {};
  for (const subject of [contract, item, expiring, ...works.slice(0, 1)])
    for (const height of [full, full + 1, tip])
      expect((await new PastStates(db.store, height).of(subject.id))?.state?.status).toBe(
        (await verified(subject, height)).status,
      );
});

test('audit and members come to the same', async () => {
  const { findings, database } = await audit({ store: db.store, logKey: LOG_KEY.key });
  expect(findings).toEqual([]);
  expect(database.findings.filter(({ problem }) => problem === 'record_mismatch')).toEqual([]);

  const size = ((await db.store.tip())?.height ?? -1) + 1;
  const faults = async (lie: (height: number) => object) => {
    const none = (prefixes: readonly string[]) => Promise.resolve(prefixes.map(() => null));
    const chain = new MapChain({ map: EMPTY_MAP, sealedAt: 0 }, none);
    for (const block of await db.store.blocksAt(Array.from({ length: size }, (_, height) => height))) {
      const { height, sealedAt, entryCount } = block;
      const [tile] = await db.store.blockTiles([{ height, level: 0, index: 0 }]);
      const leaf = (index: number) => tile?.slice(index * 32, index * 32 + 32) ?? null;
      const list = (await db.store.changeLists(height, height + 1))[0]?.list ?? new Uint8Array();
      const map = { ...(await mapAt(height)), ...lie(height) };
      const { fault } = await chain.follow({
        ...{ origin: LOG_KEY.key.name, height, sealedAt, entryCount, map, list, leaf },
      });
      if (fault !== null) return [height, fault];
    }
    return null;
  };
  expect(await faults(() => ({}))).toBeNull();
  expect(await faults((height) => (height === full ? { full: false } : {}))).toEqual([full, 'wrong_full']);
  expect(await faults((height) => (height === full + 1 ? { now: null } : {}))).toEqual([
    full + 1,
    'wrong_now',
  ]);
});
