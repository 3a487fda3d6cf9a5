import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLOCK_TOLERANCE_MS, type AcceptGroup } from '../../src/store/index.js';
import { acceptSome, sampleEntry, sampleGroup } from '../support/chain.js';
import { createStore, type TestStore } from '../support/database.js';
import { codeOf } from '../support/store-error.js';

let db: TestStore;
beforeAll(async () => {
  db = await createStore();
});
afterAll(() => db.drop());

/** The store takes any receipt: the sealer verifies it. */
const group = (change: Partial<AcceptGroup> = {}) => sampleGroup({ receipt: 'a receipt\n', ...change });

describe('accept', () => {
  test('returns an entry as it was given', async () => {
    const entries = [
      sampleEntry({ size: null, kind: 255 }),
      sampleEntry({ size: 0, accountTag: randomBytes(16), detailsDigest: randomBytes(32) }),
      sampleEntry({ size: Number.MAX_SAFE_INTEGER }),
    ];
    const acceptedAt = Date.now();
    const { first } = await db.store.accept(group({ acceptedAt, entries }));
    const stored = await db.store.entries(first, 3);
    expect(stored.map((entry) => ({ ...entry }))).toEqual(
      entries.map((entry, i) => ({
        ...entry,
        erased: false,
        position: first + i,
        acceptedAt,
        digest: new Uint8Array(entry.digest),
        detailsDigest: new Uint8Array(entry.detailsDigest),
        accountTag: new Uint8Array(entry.accountTag),
        salt: new Uint8Array(entry.salt),
      })),
    );
    expect(await db.store.entry(first + 1)).toEqual(stored[1]);
    expect(await db.store.entry(first + 3)).toBeNull();
    expect(await db.store.entries(first + 3, 10)).toEqual([]);
  });

  test('assigns positions without gaps and in order, also with concurrent and refused groups', async () => {
    const before = await db.store.head();
    const key = randomBytes(8).toString('hex');
    const keyed = { scope: 's', key, fingerprint: randomBytes(32), offset: 0, count: 1 };
    await db.store.accept(group({ idempotency: [keyed] }));
    const groups = Array.from({ length: 60 }, (_, i) =>
      group({
        entries: Array.from({ length: (i % 7) + 1 }, () => sampleEntry()),
        idempotency: i % 5 === 0 ? [keyed] : [],
      }),
    );
    const results = await Promise.allSettled(groups.map((each) => db.store.accept(each)));
    let accepted = before.nextPosition + 1;
    for (const [i, result] of results.entries()) {
      expect(result.status).toBe(i % 5 === 0 ? 'rejected' : 'fulfilled');
      if (result.status === 'rejected') continue;
      const wanted = groups[i]?.entries ?? [];
      const stored = await db.store.entries(result.value.first, wanted.length);
      expect(stored.map((entry) => !entry.erased && Buffer.from(entry.salt))).toEqual(
        wanted.map(({ salt }) => salt),
      );
      accepted += wanted.length;
    }
    expect((await db.store.head()).nextPosition).toBe(accepted);
    const [row] = await db.query<{ count: number; highest: number }>(
      'SELECT count(*)::integer AS count, max(position)::integer AS highest FROM entry',
    );
    expect(row).toEqual({ count: accepted, highest: accepted - 1 });
  });

  test('writes details and idempotency keys with the positions of their entries', async () => {
    const entries = [sampleEntry(), sampleEntry(), sampleEntry()];
    const key = randomBytes(8).toString('hex');
    const fingerprint = randomBytes(32);
    const acceptedAt = Date.now();
    const { first } = await db.store.accept({
      acceptedAt,
      entries,
      receipt: 'a receipt\n',
      details: [
        { index: 0, json: '{"name":"인감 \\u0000"}', words: [] },
        { index: 2, json: '{}', words: [] },
      ],
      idempotency: [{ scope: 'a', key, fingerprint, offset: 1, count: 2 }],
      register: [],
    });
    expect(await db.store.detailsIn([{ first: first, count: 3 }])).toEqual(
      new Map([
        [first, '{"name":"인감 \\u0000"}'],
        [first + 2, '{}'],
      ]),
    );
    expect(await db.store.idempotencyRecord('a', key)).toEqual({
      fingerprint: new Uint8Array(fingerprint),
      firstPosition: first + 1,
      entryCount: 2,
      createdAt: acceptedAt,
    });
    expect(await db.store.idempotencyRecord('b', key)).toBeNull();
  });

  test('an existing key refuses the whole group, and nothing is written', async () => {
    const keyed = {
      scope: 's',
      key: randomBytes(8).toString('hex'),
      fingerprint: randomBytes(32),
      offset: 0,
      count: 1,
    };
    await db.store.accept(group({ idempotency: [keyed] }));
    const before = await db.store.head();
    const again = group({ details: [{ index: 0, json: '{}', words: [] }], idempotency: [keyed] });
    expect(await codeOf(db.store.accept(again))).toBe('idempotency_conflict');
    expect(await db.store.head()).toEqual(before);
    expect(await db.store.detailsIn([{ first: before.nextPosition, count: 1 }])).toEqual(new Map());
    await db.store.accept(group({ idempotency: [{ ...keyed, scope: 'other' }] }));
  });

  test('deletes expired keys and keeps younger ones', async () => {
    await using own = await createStore();
    const keyed = (key: string): AcceptGroup['idempotency'] => [
      { scope: 's', key, fingerprint: randomBytes(32), offset: 0, count: 1 },
    ];
    await own.store.accept(group({ acceptedAt: 1000, idempotency: keyed('old') }));
    await own.store.accept(group({ acceptedAt: 2000, idempotency: keyed('young') }));
    expect(await own.store.expireIdempotency(2000)).toBe(1);
    expect(await own.store.expireIdempotency(2000)).toBe(0);
    expect(await own.store.idempotencyRecord('s', 'old')).toBeNull();
    expect(await own.store.idempotencyRecord('s', 'young')).not.toBeNull();
  });

  test('refuses a clock that went back too far, and tolerates a little', async () => {
    await using own = await createStore();
    await acceptSome(own.store, 1, 1_000_000);
    await acceptSome(own.store, 1, 1_000_000 - CLOCK_TOLERANCE_MS);
    expect(await codeOf(acceptSome(own.store, 1, 1_000_000 - CLOCK_TOLERANCE_MS - 1))).toBe('clock_behind');
    expect(await own.store.head()).toEqual({ nextPosition: 2, latestTime: 1_000_000 });
  });

  // Each is a statement of its own.
  const COMBINATIONS = [0, 1, 2].flatMap((details) =>
    [false, true].flatMap((keys) => [false, true].map((registered) => ({ details, keys, registered }))),
  );
  test.each(COMBINATIONS)('whatever a group has beside its entries is written: %j', async (has) => {
    const key = randomBytes(8).toString('hex');
    const words = has.details === 2 ? ['5/word'] : [];
    const { first } = await db.store.accept({
      acceptedAt: Date.now(),
      entries: [sampleEntry(), sampleEntry()],
      receipt: 'a receipt\n',
      details: has.details === 0 ? [] : [{ index: 1, json: '{"a":1}', words }],
      idempotency: has.keys ? [{ scope: 'c', key, fingerprint: randomBytes(32), offset: 1, count: 1 }] : [],
      register: has.registered ? [{ offset: 1, count: 1, organization: 5, submittedBy: 'key:k' }] : [],
    });
    const range = [{ first, count: 2 }];
    expect(await db.store.detailsIn(range)).toEqual(new Map(has.details > 0 ? [[first + 1, '{"a":1}']] : []));
    const record = await db.store.idempotencyRecord('c', key);
    expect(record?.firstPosition).toBe(has.keys ? first + 1 : undefined);
    const rows = await db.query<{ run: string; words: string }>(
      `SELECT (SELECT submitted_by FROM register_run WHERE first_position = $1) AS run,
              (SELECT words::text FROM details_words WHERE position = $1) AS words`,
      [first + 1],
    );
    const word = has.details === 2 ? "'5/word'" : null;
    expect(rows).toEqual([{ run: has.registered ? 'key:k' : null, words: word }]);
  });

  test.each([
    ['no entries', group({ entries: [] })],
    ['a 31-byte digest', group({ entries: [sampleEntry({ digest: new Uint8Array(31) })] })],
    ['a 17-byte salt', group({ entries: [sampleEntry({ salt: new Uint8Array(17) })] })],
    ['a negative size', group({ entries: [sampleEntry({ size: -1 })] })],
    ['kind 256', group({ entries: [sampleEntry({ kind: 256 })] })],
    ['a fractional time', group({ acceptedAt: 1.5 })],
    ['details beyond the group', group({ details: [{ index: 1, json: '{}', words: [] }] })],
    [
      'a key beyond the group',
      group({ idempotency: [{ scope: '', key: '', fingerprint: new Uint8Array(1), offset: 0, count: 2 }] }),
    ],
  ])('%s is refused before anything is sent', async (_, wrong) => {
    await expect(db.store.accept(wrong)).rejects.toThrow(RangeError);
  });
});
