import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lexemesOf, openStore, type RegisterQuery, type Store } from '../../../src/store/index.js';
import { nextCommit, receiptOf, sampleEntry, sampleGroup } from '../../support/chain.js';
import { createDatabase, createStore, type TestDatabase, type TestStore } from '../../support/database.js';
import { rowsRead } from './reads.js';
import { newOrganization } from './support.js';

const TAG = new Uint8Array(16).fill(7);

interface Row {
  readonly position: number;
  readonly organization: number | null;
  readonly digest: string;
  readonly acceptedAt: number;
  readonly name: string | null;
  readonly submittedBy: string;
}

/** Accepts a run, and answers what a register should say of it. */
async function acceptRun(
  store: Store,
  organization: number | null,
  names: readonly (string | null)[],
  acceptedAt: number,
  digest: () => Uint8Array = () => randomBytes(32),
): Promise<Row[]> {
  const submittedBy = `key:${acceptedAt}`;
  const entries = names.map(() =>
    sampleEntry({ digest: digest(), ...(organization === null ? {} : { accountTag: TAG }) }),
  );
  const { first } = await store.accept({
    acceptedAt,
    entries,
    receipt: receiptOf(entries, acceptedAt),
    details: names.flatMap((name, index) =>
      name === null
        ? []
        : [
            {
              index,
              json: '{}',
              words: organization === null ? [] : lexemesOf(organization, { name, tags: [name] }),
            },
          ],
    ),
    idempotency: [],
    register: organization === null ? [] : [{ offset: 0, count: names.length, organization, submittedBy }],
  });
  return entries.map((entry, i) => ({
    position: first + i,
    organization,
    digest: Buffer.from(entry.digest).toString('hex'),
    acceptedAt,
    name: names[i] ?? null,
    submittedBy,
  }));
}

describe('a register', () => {
  const START = 1_000_000;
  let db: TestStore;
  let rows: Row[];
  let sealed: number;
  /** Positions of organization 1, by hold. */
  const holds = new Map<string, readonly number[]>();

  beforeAll(async () => {
    db = await createStore();
    rows = [];
    // Three organizations and nobody in turn, runs of 1 to 9, on a clock that now and then goes back within the tolerance.
    for (let i = 0; i < 80; i++) {
      const organization = [1, 2, null, 3][i % 4] ?? null;
      const names = Array.from({ length: (i % 9) + 1 }, (_, k) =>
        (i + k) % 3 === 0 ? null : `${['deed', 'lease', '계약서'][(i + k) % 3] ?? ''} ${k}`,
      );
      const digest = i % 10 === 0 ? () => new Uint8Array(32).fill(0xab) : () => randomBytes(32);
      const time = START + i * 1_000 - (i % 5 === 0 ? 4_500 : 0);
      rows.push(...(await acceptRun(db.store, organization, names, time, digest)));
    }
    const half = Math.floor(rows.length / 2) + 1;
    await db.store.commitBlock(await nextCommit(db.store, half));
    sealed = half;
    for (const position of [0, 5, 17, 18, 19, half - 1]) await db.store.erase(position);
    rows = rows.filter(({ position }) => ![0, 5, 17, 18, 19, half - 1].includes(position));
    const own = rows.filter(({ organization }) => organization === 1).map(({ position }) => position);
    const told = { at: 5, organizationId: null, personId: 'p', keyId: null, address: null, detail: {} };
    const event = { ...told, kind: 'hold_placed' as const };
    for (const [id, every] of Object.entries({ hld_one: 2, hld_two: 3, hld_lifted: 5 })) {
      const kept = own.filter((_, i) => i % every === 0);
      const hold = { id, organization: 1, reason: 'r', placedAt: 1, placedBy: 'p' };
      expect(await db.store.placeHold(hold, kept, event)).toBe(kept.length);
      holds.set(id, kept);
    }
    for (const step of [
      { kind: 'request', at: 2, by: 'p', email: null, reason: 'r' },
      { kind: 'approve', at: 3, by: 'q', email: null },
    ] as const) {
      await db.store.liftHold(1, 'hld_lifted', step, event);
    }
    holds.set('any', [...(holds.get('hld_one') ?? []), ...(holds.get('hld_two') ?? [])]);
  });
  afterAll(() => db.drop());

  const matches = (row: Row, query: Omit<RegisterQuery, 'limit'>): boolean => {
    const {
      organization,
      words = [],
      tags = [],
      digestPrefix = '',
      from = 0,
      to = Infinity,
      status,
      order,
      beyond,
      submittedBy,
      hold,
    } = query;
    return (
      row.organization === organization &&
      (beyond === undefined || (order === 'oldest' ? row.position > beyond : row.position < beyond)) &&
      words.every((word) => row.name?.split(' ').some((each) => each.startsWith(word)) === true) &&
      tags.every((tag) => row.name === tag) &&
      row.digest.startsWith(digestPrefix) &&
      row.acceptedAt >= from &&
      row.acceptedAt < to &&
      (status === undefined || (status === 'sealed') === row.position < sealed) &&
      (submittedBy === undefined || row.submittedBy === submittedBy) &&
      (hold === undefined || (row.organization === 1 && holds.get(hold)?.includes(row.position) === true))
    );
  };

  const NARROWED: readonly Omit<RegisterQuery, 'organization' | 'limit'>[] = [
    {},
    { words: ['deed'] },
    { words: ['l', '1'] },
    { words: ['계약'] },
    { words: ['none'] },
    { tags: ['lease 1'] },
    { digestPrefix: 'abababab' },
    { digestPrefix: 'ab'.repeat(32) },
    { digestPrefix: 'ababababa' },
    { digestPrefix: 'ababababc' },
  ];
  const BOUNDED: readonly Omit<RegisterQuery, 'organization' | 'limit'>[] = [
    {},
    { status: 'sealed' },
    { status: 'accepted' },
    { from: START + 20_000 },
    { to: START + 20_000 },
    { from: START + 15_500, to: START + 60_001 },
    { from: START + 30_000, status: 'accepted' },
    { to: START + 60_000, status: 'sealed', beyond: 150 },
    { from: START + 99_000 },
    { to: 0 },
  ];
  const FROM_THEIR_OWN_INDEX: typeof NARROWED = [
    { submittedBy: `key:${START + 32_000}` },
    { submittedBy: `key:${START + 32_000}`, words: ['deed'] },
    { hold: 'any' },
    { hold: 'hld_lifted', words: ['lease'] },
    { hold: 'hld_one', digestPrefix: 'abababab' },
  ];
  const together = (some: typeof NARROWED, others: typeof BOUNDED) =>
    some.flatMap((one) => others.map((other) => ({ ...one, ...other })));
  const queries = [
    ...together(NARROWED, BOUNDED),
    ...together(FROM_THEIR_OWN_INDEX, [{}, { status: 'sealed' }, { from: START + 15_500, beyond: 150 }]),
  ];

  const numbered = queries.map((query, i) => [query, i] as const);
  test.each(numbered)('%j returns what a filter over all entries returns', async (query, i) => {
    // The one with holds, and another in turn.
    for (const [organization, order] of [1, 2 + (i % 3)].flatMap((n) => [
      [n, 'newest'] as const,
      [n, 'oldest'] as const,
    ])) {
      const ascending = rows.filter((row) => matches(row, { ...query, organization, order }));
      const expected = order === 'newest' ? ascending.reverse() : ascending;
      for (const limit of [9, 1000]) {
        const found: { position: number; submittedBy: string; digest: string }[] = [];
        for (;;) {
          const beyond = found.at(-1)?.position ?? query.beyond;
          const page = await db.store.searchRegister({
            ...query,
            organization,
            order,
            limit,
            ...(beyond === undefined ? {} : { beyond }),
          });
          found.push(
            ...page.map(({ entry, submittedBy }) => ({
              position: entry.position,
              submittedBy,
              digest: Buffer.from(entry.digest).toString('hex'),
            })),
          );
          if (page.length < limit) break;
        }
        expect(found).toEqual(
          expected.map(({ position, submittedBy, digest }) => ({ position, submittedBy, digest })),
        );
      }
      if (query.beyond !== undefined) continue;
      const page = await db.store.pageRegister({ ...query, organization, order, skip: 2, limit: 1000 });
      expect(page.map(({ entry, submittedBy }) => [entry.position, submittedBy])).toEqual(
        expected.slice(2, 1002).map(({ position, submittedBy }) => [position, submittedBy]),
      );
      const { order: _, ...counted } = { ...query, order };
      expect(await db.store.countRegister({ ...counted, organization }, 10_000)).toBe(expected.length);
    }
  });

  test('rejects a limit or a prefix out of range', async () => {
    for (const limit of [0, 1001, 1.5]) {
      await expect(db.store.searchRegister({ organization: 1, limit })).rejects.toThrow(RangeError);
    }
    for (const digestPrefix of ['abababa', 'ABABABAB', 'ab'.repeat(33), 'abababag', '']) {
      await expect(db.store.searchRegister({ organization: 1, limit: 1, digestPrefix })).rejects.toThrow(
        RangeError,
      );
    }
  });

  test('returns the organization of the number', async () => {
    const organization = await newOrganization(db.store.access);
    const own = await acceptRun(db.store, organization.number + 100, [null], START + 100_000);
    expect(
      await db.store.searchRegister({ organization: organization.number + 100, limit: 1 }),
    ).toMatchObject([{ organizationId: null, entry: { position: own[0]?.position } }]);
    await acceptRun(db.store, organization.number, [null], START + 100_000);
    expect(
      (await db.store.searchRegister({ organization: organization.number, limit: 1 }))[0]?.organizationId,
    ).toBe(organization.id);
  });

  test('loses the words and the publication of an erased entry', async () => {
    const [row] = rows.filter(
      ({ name, position, organization }) =>
        name !== null &&
        position < sealed &&
        organization === 1 &&
        holds.get('any')?.includes(position) !== true,
    );
    const position = row?.position ?? 0;
    expect(await db.store.publish(position, 5)).toBe(true);
    expect(await db.query('SELECT FROM details_words WHERE position = $1', [position])).toHaveLength(1);
    await db.store.erase(position);
    expect(await db.query('SELECT FROM details_words WHERE position = $1', [position])).toEqual([]);
    expect(await db.query('SELECT FROM publication WHERE position = $1', [position])).toEqual([]);
    const found = await db.store.searchRegister({ organization: 1, limit: 1000, tags: [row?.name ?? ''] });
    expect(found.map(({ entry }) => entry.position)).not.toContain(position);
    rows = rows.filter((each) => each !== row);
  });

  test('refuses to change or delete a row', async () => {
    const before = await db.query('SELECT * FROM register_run ORDER BY 1, 2');
    for (const statement of [
      'UPDATE register_run SET entry_count = entry_count',
      'DELETE FROM register_run',
      'TRUNCATE register_run',
    ]) {
      await expect(db.query(statement)).rejects.toMatchObject({ code: 'IG001' });
    }
    expect(await db.query('SELECT * FROM register_run ORDER BY 1, 2')).toEqual(before);
  });
});

test('rejects a run outside the group, and writes nothing of a rejected group', async () => {
  await using db = await createStore();
  const group = sampleGroup({ acceptedAt: 1 });
  for (const [offset, count] of [
    [0, 2],
    [1, 1],
    [0, 0],
    [-1, 1],
  ] as const) {
    const register = [{ offset, count, organization: 1, submittedBy: 'key:k' }];
    await expect(db.store.accept({ ...group, register })).rejects.toThrow(RangeError);
  }
  const keyed = { scope: 's', key: 'k', fingerprint: randomBytes(32), offset: 0, count: 1 };
  const register = [{ offset: 0, count: 1, organization: 1, submittedBy: 'key:k' }];
  const details = [{ index: 0, json: '{}', words: ['1/a'] }];
  await db.store.accept({ ...group, idempotency: [keyed] });
  await expect(db.store.accept({ ...group, idempotency: [keyed], register, details })).rejects.toThrow();
  expect(await db.query('SELECT FROM register_run')).toEqual([]);
  expect(await db.query('SELECT FROM details_words')).toEqual([]);
});

describe('publications', () => {
  test('are made and withdrawn once, with their event, and only for existing entries', async () => {
    await using db = await createStore();
    const { store } = db;
    await acceptRun(store, 1, ['a', 'b', 'c'], 1);
    await store.commitBlock(await nextCommit(store));
    await store.erase(2);
    const told = { at: 5, organizationId: null, personId: 'p', keyId: null, address: null, detail: {} };
    const published = { ...told, kind: 'details_published' as const };
    const withdrawn = { ...told, kind: 'details_withdrawn' as const };
    const made = await Promise.all([1, 2, 3].map(() => store.publish(0, 5, published)));
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await store.publish(2, 5, published)).toBe(false);
    expect(await store.publish(3, 5, published)).toBe(false);
    expect(await store.publish(1, 5)).toBe(true);
    expect(await store.publishedAmong([0, 1, 2, 3])).toEqual(new Set([0, 1]));
    expect(await store.publishedAmong([])).toEqual(new Set());
    expect([await store.withdraw(0, withdrawn), await store.withdraw(0, withdrawn)]).toEqual([true, false]);
    expect(await store.publishedAmong([0, 1])).toEqual(new Set([1]));
    const events = await store.access.events({ limit: 10 });
    expect(events.map(({ kind }) => kind)).toEqual(['details_withdrawn', 'details_published']);
  });
});

describe('among a hundred thousand', () => {
  const RUN = 10_000;
  let database: TestDatabase;
  let digest: string;

  /** Organization 1 in runs of ten thousand, organization 2 one by one between anonymous entries, all of organization 1 with a common word. */
  beforeAll(async () => {
    database = await createDatabase();
    for (const table of ['entry', 'details_words', 'register_run']) {
      await database.query(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`);
    }
    const store = await openStore({ url: database.url });
    const names = Array.from({ length: RUN }, (_, i) => (i % 5_000 === 7 ? `rare ${i}` : 'common'));
    for (let i = 0; i < 9; i++) {
      const accepted = await acceptRun(store, 1, names, 1_000_000 + i * 60_000);
      digest = accepted[1234]?.digest ?? '';
      await acceptRun(store, null, Array<null>(1_000).fill(null), 1_000_000 + i * 60_000 + 1);
      for (let k = 0; k < 30; k++) {
        await acceptRun(store, 2, ['common'], 1_000_000 + i * 60_000 + 2 + k);
      }
    }
    await store.close();
  });
  afterAll(() => database.drop());

  // A search for words looks through the newest few thousand first; what else is read follows from what is answered.
  const WINDOW = 2 * 4096;
  const cases = (): [string, Omit<RegisterQuery, 'organization'>, number][] => [
    ['the newest', { limit: 50 }, 50],
    ['a later page', { limit: 50, beyond: 20_000 }, 50],
    ['the oldest', { limit: 50, order: 'oldest' }, 50],
    ['a later page of the oldest', { limit: 50, order: 'oldest', beyond: 20_000 }, 50],
    ['many', { limit: 1000 }, 1000],
    ['a rare word', { limit: 50, words: ['rare'] }, 18],
    ['a word of nobody', { limit: 50, words: ['nowhere'] }, 0],
    ['a common word', { limit: 50, words: ['comm'] }, 50],
    ['a common word long ago', { limit: 50, words: ['common'], beyond: 30_000 }, 50],
    ['a common word, the oldest', { limit: 50, words: ['common'], order: 'oldest' }, 50],
    ['a tag', { limit: 50, tags: ['rare 5007'] }, 9],
    ['the beginning of a digest', { limit: 50, digestPrefix: digest.slice(0, 8) }, 1],
    ['a digest and a word', { limit: 50, digestPrefix: digest, words: ['common'] }, 1],
    ['a time long ago', { limit: 50, from: 1_060_000, to: 1_070_000 }, 50],
    ['a time long ago and a word', { limit: 50, from: 1_060_000, to: 1_070_000, words: ['common'] }, 50],
    ['of one submitter', { limit: 50, submittedBy: 'key:1060000' }, 50],
    ['of one submitter, a word', { limit: 50, submittedBy: 'key:1060000', words: ['rare'] }, 2],
    ['what waits', { limit: 50, status: 'accepted' }, 50],
    ['what is sealed', { limit: 50, status: 'sealed' }, 0],
  ];

  test.each([
    ['two thousand rows deep', { order: 'newest', skip: 2000, limit: 50 }],
    [
      'of one submitter, the oldest first',
      { order: 'oldest', skip: 2000, limit: 50, submittedBy: 'key:1060000' },
    ],
  ] as const)('a page %s reads only its own entries', async (_, query) => {
    const { all, walked } = await rowsRead(database, ['entry', 'register_run'], async (store) => {
      expect(await store.pageRegister({ ...query, organization: 1 })).toHaveLength(50);
    });
    expect([walked['entry'], all < 1000]).toEqual([0, true]);
  });

  test.each(['without statistics', 'with statistics'])(
    'an index is used for everything, %s',
    async (when) => {
      if (when === 'with statistics') await database.query('ANALYZE');
      for (const organization of [1, 2]) {
        for (const [what, query, expected] of cases()) {
          const tables = ['entry', 'details_words', 'register_run'];
          const { all, walked } = await rowsRead(database, tables, async (store) => {
            const found = await store.searchRegister({ ...query, organization });
            if (organization === 1) expect([what, found.length]).toEqual([what, expected]);
          });
          // Of 279 runs, reading all is as good a plan as asking an index.
          expect([what, walked['entry'], walked['details_words']]).toEqual([what, 0, 0]);
          const bound = (query.words ?? query.tags) === undefined ? 0 : WINDOW;
          expect([what, all < bound + 10 * query.limit + 1_000]).toEqual([what, true]);
        }
      }
    },
  );
});
