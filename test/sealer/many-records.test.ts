import { expect, test } from 'vitest';
import { parseChanges } from '../../src/proof/records/changes.js';
import type { SealerOptions } from '../../src/sealer/index.js';
import { acceptSome } from '../support/chain.js';
import { createStore, type TestStore } from '../support/database.js';
import { createDirectory, sealerOver } from '../support/parts.js';
import { acceptEvents, digestOf, signer, Subject } from '../support/record-chain.js';
import { until } from '../support/until.js';

const [alice, bob] = [signer('alice'), signer('bob')];

/** Runs a sealer until everything that was accepted is sealed. */
async function seal(db: TestStore, dataDir: string, change: Partial<SealerOptions> = {}): Promise<void> {
  const sealer = sealerOver(db.store, dataDir, change);
  sealer.start();
  try {
    await until('everything to be sealed', async () => {
      const { nextPosition, firstUnsealed } = await db.store.sealingState();
      return nextPosition === firstUnsealed;
    });
  } finally {
    await sealer.stop();
  }
}

const begun = (text: string) => {
  const body = { document: { sha256: digestOf(text) }, holder: alice.text };
  return new Subject().event('document.create', body, [alice]);
};

test('a block ends before it has more events than a change list may have, and the next one goes on', async () => {
  await using directory = await createDirectory();
  const db = await createStore();
  try {
    for (const count of [2, 1, 1, 3, 1])
      await acceptEvents(
        db,
        Array.from({ length: count }, (_, i) => begun(`${count} ${i} ${Math.random()}`)),
      );
    await acceptSome(db.store, 2);
    await seal(db, directory.path, { maxBlockEvents: 3 });
    const rows = await db.query<{ height: string; events: string; voids: string }>(
      `SELECT height, count(*) AS events, count(void) AS voids FROM event GROUP BY height ORDER BY height`,
    );
    expect(rows).toEqual([
      { height: '0', events: '3', voids: '0' },
      { height: '1', events: '1', voids: '0' },
      { height: '2', events: '3', voids: '0' },
      { height: '3', events: '1', voids: '0' },
    ]);
  } finally {
    await db.drop();
  }
});

const COUNT = 300;

test('all contracts whose deadline has come expire in the one block, however many they are', async () => {
  await using directory = await createDirectory();
  const db = await createStore();
  try {
    const deadline = Date.now() + 3_600_000;
    const contracts = Array.from({ length: COUNT }, (_, i) => {
      const parties = [{ name: 'Bob', key: bob.text, order: 1 }];
      const terms = {
        title: `${i}`,
        document: { sha256: digestOf(`${i}`) },
        parties,
        deadline,
        holder: alice.text,
      };
      return new Subject().event('contract.propose', terms, [alice]);
    });
    await acceptEvents(db, contracts);
    await seal(db, directory.path);
    await acceptSome(db.store, 1);
    await seal(db, directory.path, { clock: () => deadline + 1 });
    const [last] = (await db.store.changeLists(0, 100)).slice(-1);
    const changes = parseChanges(last?.list ?? new Uint8Array());
    const events = await db.query<{ count: string }>(
      `SELECT count(*) FROM event WHERE type = 'contract.expired' AND height = ${last?.height ?? -1}`,
    );
    expect([changes.length, events]).toEqual([COUNT, [{ count: String(COUNT) }]]);
    // In ascending order of ids, which everybody comes to.
    const keys = changes.map(({ key }) => Buffer.from(key).toString('hex'));
    expect(keys).toEqual([...keys].sort());
    const [open] = await db.query(`SELECT FROM record WHERE status <> 'expired'`);
    expect(open).toBeUndefined();
  } finally {
    await db.drop();
  }
});
