import { expect, test } from 'vitest';
import { eventMac, type NewAccessEvent, openStore, runMac } from '../../../src/store/index.js';
import { encodeEntry, leafHash } from '../../../src/proof/index.js';
import { acceptSome, sampleGroup } from '../../support/chain.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

const KEY = new Uint8Array(32).fill(7);

const event = (number: number): NewAccessEvent => ({
  ...{ at: number, kind: 'sign_in', organizationId: null, personId: `p${number}`, keyId: null },
  ...{ address: '::1', detail: { position: number } },
});

interface EventRow {
  readonly at: string;
  readonly kind: string;
  readonly organization_id: string | null;
  readonly person_id: string | null;
  readonly key_id: string | null;
  readonly address: string | null;
  readonly detail: string;
  readonly mac: Buffer | null;
}

/** How many events do not follow from the one before. */
async function broken(database: TestDatabase): Promise<number> {
  const rows = await database.query<EventRow>('SELECT * FROM access_event ORDER BY id');
  let last: Buffer | null = null;
  let count = 0;
  for (const row of rows) {
    const expected = eventMac(KEY, last, {
      ...{ at: Number(row.at), kind: row.kind, organizationId: row.organization_id, personId: row.person_id },
      ...{ keyId: row.key_id, address: row.address, detail: row.detail },
    });
    if (row.mac === null || !row.mac.equals(expected)) count++;
    last = row.mac;
  }
  return count;
}

test('the events of several processes at once form one sequence, each over the one before', async () => {
  await using database = await createDatabase();
  const stores = await Promise.all(
    [1, 2, 3].map(() => openStore({ url: database.url, poolSize: 4, rowKey: KEY })),
  );
  try {
    await Promise.all(
      stores.flatMap(({ access }, s) => [
        ...Array.from({ length: 20 }, (_, i) => access.appendEvent(event(20 * s + i))),
        access.appendUnlike(
          [1, 2, 3].map((i) => ({ ...event(s), detail: { position: 10 * s + i } })),
          0,
        ),
      ]),
    );
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
  expect(await database.query('SELECT FROM access_event')).toHaveLength(69);
  expect(await broken(database)).toBe(0);
  // The sequence is what the test would notice.
  await database.query('SET session_replication_role = replica; DELETE FROM access_event WHERE id = 30');
  expect(await broken(database)).toBe(1);
});

test('a store without the key writes events without a MAC, and the sequence goes on after them', async () => {
  await using database = await createDatabase();
  const [service, command] = [
    await openStore({ url: database.url, rowKey: KEY }),
    await openStore({ url: database.url }),
  ];
  try {
    await service.access.appendEvent(event(1));
    await command.access.appendEvent(event(2));
    await service.access.appendEvent(event(3));
  } finally {
    await service.close();
    await command.close();
  }
  const rows = await database.query<{ mac: Buffer | null }>('SELECT mac FROM access_event ORDER BY id');
  expect(rows.map(({ mac }) => mac === null)).toEqual([false, true, false]);
  await database.query('SET session_replication_role = replica; DELETE FROM access_event WHERE mac IS NULL');
  expect(await broken(database)).toBe(0);
});

test('tells whether the newest event was written under one of the given keys', async () => {
  await using database = await createDatabase();
  const other = KEY.map((byte) => byte ^ 1);
  const stores = [
    await openStore({ url: database.url, rowKey: KEY }),
    await openStore({ url: database.url, rowKey: other }),
  ] as const;
  const isUnder = (...keys: Uint8Array[]) => stores[0].access.newestEventIsUnder(keys);
  try {
    expect(await isUnder(KEY)).toBe(true);
    for (const [i, key] of [KEY, KEY, other, KEY].entries()) {
      await stores[key === KEY ? 0 : 1].access.appendEvent(event(i));
      expect([await isUnder(KEY), await isUnder(other), await isUnder(other, KEY)]).toEqual([
        key === KEY,
        key === other,
        true,
      ]);
    }
  } finally {
    for (const store of stores) await store.close();
  }
});

test('a run of the register has a MAC over its first leaf hash, which is made before its position is known', async () => {
  await using database = await createDatabase();
  const store = await openStore({ url: database.url, rowKey: KEY });
  try {
    await acceptSome(store, 3);
    const [first] = await store.entries(0, 1);
    if (first === undefined || first.erased) throw new Error('nothing was accepted');
    const entry = { ...first, salt: new Uint8Array(16).fill(9) };
    const register = [{ offset: 0, count: 1, organization: 5, submittedBy: 'key:k' }];
    const accepted = await store.accept(
      sampleGroup({ acceptedAt: entry.acceptedAt, entries: [entry], register }),
    );
    expect(accepted.first).toBe(3);
    const [run] = await database.query<{ mac: Buffer }>('SELECT mac FROM register_run');
    const facts = { organization: 5, acceptedAt: entry.acceptedAt, count: 1, submittedBy: 'key:k' };
    expect(run?.mac).toEqual(runMac(KEY, { ...facts, leaf: leafHash(encodeEntry(entry)) }));
    expect(run?.mac).not.toEqual(
      runMac(KEY, { ...facts, submittedBy: 'key:l', leaf: leafHash(encodeEntry(entry)) }),
    );
  } finally {
    await store.close();
  }
});
