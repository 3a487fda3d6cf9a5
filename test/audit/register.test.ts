import { beforeAll, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.js';
import { createStore, type TestStore } from '../support/database.js';
import { acceptEntries, buildChain, createSigner } from './audited-chain.js';

// The chain contradicts whatever a database administrator changes in an organization's register.

const signer = createSigner();

async function audited(db: TestStore, limit = 100) {
  const { findings, findingCount } = await audit({ store: db.store, logKey: signer.key, limit });
  expect(findingCount).toBe(findings.length);
  return findings.map(({ table, key, column, problem }) => [table, ...Object.values(key), column, problem]);
}

/**
 * Positions 0, 4, 8, … of each block belong to two organizations alternately, each in a run of its own; 3 are
 * unsealed.
 */
async function createChain(): Promise<TestStore> {
  const db = await createStore();
  await buildChain(db.store, signer, [9, 9]);
  await acceptEntries(db.store, 3, 60_000);
  return db;
}

const asSuperuser = (db: TestStore, statement: string) =>
  db.query(`SET session_replication_role = replica; ${statement}`);

test('finds nothing in a register that agrees with the chain, also after erasures', async () => {
  await using db = await createChain();
  expect(await audited(db)).toEqual([]);
  for (const position of [0, 1, 4]) await db.store.erase(position);
  expect(await audited(db)).toEqual([]);
});

const RUN = 'register_run';
const TAMPERINGS: readonly (readonly [string, string, readonly unknown[][]])[] = [
  ['a run taken away', 'DELETE FROM register_run WHERE first_position = 4', [[RUN, '4', null, 'missing']]],
  [
    'the deletion of all runs',
    'DELETE FROM register_run',
    ['0', '4', '8', '9', '13', '17', '18'].map((position) => [RUN, position, null, 'missing']),
  ],
  [
    'a run of another organization',
    'UPDATE register_run SET organization_number = 3 - organization_number WHERE first_position = 8',
    [[RUN, '8', 'organization_number', 'register_mismatch']],
  ],
  [
    'a run of an organization that does not exist',
    'UPDATE register_run SET organization_number = 77 WHERE first_position = 18',
    [[RUN, '18', 'organization_number', 'register_mismatch']],
  ],
  [
    'an anonymous entry in a run',
    `INSERT INTO register_run SELECT organization_number, 5, accepted_at, 1, '' FROM register_run WHERE first_position = 4`,
    [[RUN, '5', 'organization_number', 'register_mismatch']],
  ],
  [
    'an extended run',
    'UPDATE register_run SET entry_count = 2 WHERE first_position = 4',
    [[RUN, '4', 'organization_number', 'register_mismatch']],
  ],
  [
    'a run beyond the end of the chain',
    'UPDATE register_run SET entry_count = 9, first_position = 20 WHERE first_position = 18',
    [
      [RUN, '20', 'entry_count', 'register_mismatch'],
      [RUN, '20', 'organization_number', 'register_mismatch'],
      [RUN, '18', null, 'missing'],
    ],
  ],
  [
    'a changed time',
    'UPDATE register_run SET accepted_at = accepted_at + 1 WHERE first_position = 13',
    [[RUN, '13', 'accepted_at', 'register_mismatch']],
  ],
];

test.each(TAMPERINGS)('names %s', async (_, statement, expected) => {
  await using db = await createChain();
  await asSuperuser(db, statement);
  expect(await audited(db)).toEqual(expected);
});

test('names a run that overlaps another of the same organization', async () => {
  await using db = await createStore();
  await acceptEntries(db.store, 1, 0);
  await acceptEntries(db.store, 1, 0);
  await asSuperuser(db, 'UPDATE register_run SET entry_count = 2 WHERE first_position = 0');
  expect(await audited(db)).toEqual([[RUN, '1', null, 'extra']]);
});

test('names a change of the chain only in the chain, not in the register', async () => {
  await using db = await createChain();
  await asSuperuser(db, `UPDATE entry SET account_tag = NULL WHERE position = 4`);
  expect(await audited(db)).toEqual([['entry', '4', null, 'leaf_mismatch']]);
});

let many: TestStore;
beforeAll(async () => {
  many = await createStore();
  return () => many.drop();
});

test('checks more runs than one page, and counts findings beyond the limit', async () => {
  await buildChain(many.store, signer, [5_000]);
  expect(await audited(many)).toEqual([]);
  await asSuperuser(many, 'UPDATE register_run SET organization_number = 3 - organization_number');
  const { findings, findingCount } = await audit({ store: many.store, logKey: signer.key, limit: 10 });
  expect([findings.length, findingCount]).toEqual([10, 1_250]);
});
