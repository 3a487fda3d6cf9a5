import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AccessEvent, EventFilter, NewAccessEvent } from '../../../src/store/index.js';
import { createDatabase, createStore, type TestStore } from '../../support/database.js';
import { rowsRead } from './reads.js';
import { event } from './support.js';

let db: TestStore;
/** In the order of time and id, latest first. */
let all: AccessEvent[];

const ORGANIZATIONS = ['a', 'b', null];
const PEOPLE = ['p', 'q', 'oidc:r', null];
const KINDS = ['sign_in', 'sign_in_failed', 'key_created', 'limit_hit'] as const;

beforeAll(async () => {
  db = await createStore();
  for (let i = 0; i < 120; i++) {
    await db.store.access.appendEvent(
      event({
        // Several at one time, and some that a clock behind the others wrote late.
        at: 1_000 + Math.floor(i / 3) - (i % 7 === 0 ? 5 : 0),
        kind: KINDS[i % 4] ?? 'sign_in',
        organizationId: ORGANIZATIONS[i % 3] ?? null,
        personId: PEOPLE[i % 4] ?? null,
        keyId: i % 5 === 0 ? 'k' : null,
        address: i % 2 === 0 ? null : '2001:db8::1',
        detail: { name: '인감', position: i, enabled: true, reason: null },
      }),
    );
  }
  all = await db.store.access.events({ limit: 10_000 });
});
afterAll(() => db.drop());

test('returns events as written, latest first', () => {
  expect(all).toHaveLength(120);
  expect(all).toEqual([...all].sort((a, b) => b.at - a.at || b.id - a.id));
  const written = all.find(({ detail }) => detail.position === 5);
  expect(written).toEqual({
    id: expect.any(Number) as number,
    at: 1_001,
    kind: 'sign_in_failed',
    organizationId: null,
    personId: 'q',
    keyId: 'k',
    address: '2001:db8::1',
    detail: { name: '인감', position: 5, enabled: true, reason: null },
  });
});

const FILTERS: readonly Omit<EventFilter, 'limit'>[] = [
  {},
  { organizationId: 'a' },
  { organizationId: 'nobody' },
  { personId: 'oidc:r' },
  { kinds: ['sign_in'] },
  { kinds: ['sign_in', 'limit_hit'] },
  { kinds: [] },
  { from: 1_010 },
  { to: 1_010 },
  { from: 1_005, to: 1_020, organizationId: 'b', kinds: ['key_created', 'sign_in'] },
  { personId: 'p', organizationId: 'a', from: 1_003 },
];

test.each(FILTERS)('%j: every page of every size', async (filter) => {
  const { organizationId, personId, kinds, from = 0, to = Infinity } = filter;
  const expected = all.filter(
    (each) =>
      (organizationId === undefined || each.organizationId === organizationId) &&
      (personId === undefined || each.personId === personId) &&
      (kinds === undefined || kinds.includes(each.kind)) &&
      each.at >= from &&
      each.at < to,
  );
  for (const limit of [1, 7, 1000]) {
    const found: AccessEvent[] = [];
    for (;;) {
      const last = found.at(-1);
      const page = await db.store.access.events({
        ...filter,
        limit,
        ...(last === undefined ? {} : { before: last.id }),
      });
      found.push(...page);
      if (page.length < limit) break;
    }
    expect(found).toEqual(expected);
  }
});

const download = (change: Partial<NewAccessEvent>) =>
  event({ kind: 'proof_downloaded', organizationId: 'a', personId: 'p', ...change });

test('writes events that are like others only once since a time, whoever writes them at once', async () => {
  await using own = await createStore();
  const { access } = own.store;
  const some = [
    download({ at: 10, detail: { position: 1 } }),
    download({ at: 10, detail: { position: 12 } }),
    download({ at: 11, detail: { position: 1 }, keyId: 'k', personId: null }),
    download({ at: 11, kind: 'certificate_downloaded', detail: { position: 1 } }),
    download({ at: 12, kind: 'register_exported', detail: { conditions: 0 } }),
  ];
  await Promise.all([1, 2, 3].map(() => access.appendUnlike(some, 10)));
  const written = async () => (await access.events({ limit: 100 })).map(({ kind, detail }) => [kind, detail]);
  expect(await written()).toHaveLength(5);
  await access.appendUnlike(
    some.map((each) => ({ ...each, address: '203.0.113.1', at: 19 })),
    10,
  );
  expect(await written()).toHaveLength(5);
  // From another time on, they are written again.
  await access.appendUnlike(
    some.map((each) => ({ ...each, at: 20 })),
    20,
  );
  expect(await written()).toHaveLength(10);
});

test('returns what happened to one position, and exports of the whole register, page by page', async () => {
  await using own = await createStore();
  const { access } = own.store;
  const all = [
    download({ at: 1, detail: { position: 7 } }),
    download({ at: 2, detail: { position: 77 } }),
    download({ at: 3, detail: { position: 7 }, organizationId: 'b' }),
    download({ at: 3, kind: 'register_exported', detail: { conditions: 0 } }),
    download({ at: 4, kind: 'details_published', detail: { position: 7 } }),
    download({ at: 4, kind: 'register_exported', detail: { conditions: 2 } }),
    download({ at: 4, kind: 'register_exported', detail: { conditions: 0 } }),
    download({ at: 5, kind: 'register_exported', detail: { conditions: 0 }, organizationId: 'b' }),
    download({ at: 6, kind: 'sign_in', detail: { name: '"position":7,' } }),
  ];
  for (const each of all) await access.appendEvent(each);
  const of = { organizationId: 'a', position: 7, acceptedAt: 4 };
  const expected = ['register_exported', 'details_published', 'proof_downloaded'];
  for (const limit of [1, 2, 10]) {
    const found: AccessEvent[] = [];
    for (;;) {
      const last = found.at(-1);
      const page = await access.positionEvents({
        ...of,
        limit,
        ...(last === undefined ? {} : { before: last.id }),
      });
      expect(page.beforeAt).toBe(last?.at ?? null);
      found.push(...page.events);
      if (page.events.length < limit) break;
    }
    expect(found.map(({ kind }) => kind)).toEqual(expected);
  }
});

test('rejects a limit out of range', async () => {
  for (const limit of [0, -1, 1.5, 10_001]) {
    await expect(db.store.access.events({ limit })).rejects.toThrow(RangeError);
  }
});

test('reads only the rows of the page, whatever the filter', async () => {
  await using own = await createDatabase();
  await own.query('ALTER TABLE access_event SET (autovacuum_enabled = false)');
  await own.query(`
    INSERT INTO access_event (at, kind, organization_id, person_id, detail)
    SELECT i, CASE WHEN i % 1000 = 0 THEN 'key_revoked' ELSE 'sign_in' END, CASE WHEN i % 1000 = 1 THEN 'rare' ELSE 'much' END,
      CASE WHEN i % 1000 = 2 THEN 'rare' ELSE 'much' END, CASE WHEN i % 2 = 0 THEN '{}' ELSE '{"position":' || i || '}' END
    FROM generate_series(1, 50000) AS i`);
  const [row] = await own.query<{ id: number }>('SELECT id::integer FROM access_event WHERE at = 20000');
  for (const statistics of [false, true]) {
    if (statistics) await own.query('ANALYZE access_event');
    const { all: ofPosition } = await rowsRead(own, ['access_event'], async ({ access }) => {
      const of = { organizationId: 'much', position: 20_003, acceptedAt: 0, limit: 20 };
      expect((await access.positionEvents(of)).events).toHaveLength(1);
      await access.appendUnlike([download({ at: 60_000, detail: { position: 20_005 } })], 0);
    });
    expect(ofPosition).toBeLessThan(100);
    for (const filter of [
      {},
      { organizationId: 'rare' },
      { personId: 'rare' },
      { kinds: ['key_revoked' as const] },
      { to: 100 },
      { from: 100, to: 200 },
      { before: row?.id ?? 0 },
      { organizationId: 'much', to: 300 },
    ]) {
      const { all: read } = await rowsRead(own, ['access_event'], async ({ access }) => {
        expect((await access.events({ ...filter, limit: 20 })).length).toBeGreaterThan(0);
      });
      expect([filter, read < 100]).toEqual([filter, true]);
    }
  }
});

test('refuses to change or delete an event', async () => {
  const before = await db.query('SELECT * FROM access_event ORDER BY id');
  for (const statement of [
    'UPDATE access_event SET at = at',
    'DELETE FROM access_event',
    'TRUNCATE access_event',
  ]) {
    await expect(db.query(statement)).rejects.toMatchObject({
      code: 'IG001',
      message: expect.stringMatching(/"access_event" is refused/) as string,
    });
  }
  expect(await db.query('SELECT * FROM access_event ORDER BY id')).toEqual(before);
});
