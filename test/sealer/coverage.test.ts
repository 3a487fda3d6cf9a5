import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import { Intake } from '../../src/intake/index.js';
import type { Sealer, SealerOptions } from '../../src/sealer/index.js';
import { openStore, type Store } from '../../src/store/index.js';
import { createStore, type TestStore } from '../support/database.js';
import {
  createDirectory,
  createLog,
  ORIGIN,
  RECEIPT_KEY,
  receiptsBy,
  RECEIPTS,
  sealerOver,
  submission,
  type Directory,
} from '../support/parts.js';
import { until } from '../support/until.js';

/** Somebody who can write rows of the database, but has no key of the service. */

let db: TestStore;
/** Of another process than the sealer's, which would notice that what it has accepted is missing. */
let accepting: Store;
let directory: Directory;
let sealer: Sealer | null = null;
const log = { current: createLog() };
beforeEach(async () => {
  directory = await createDirectory();
  db = await createStore();
  accepting = await openStore({ url: db.url });
  log.current = createLog();
});
afterEach(async () => {
  await sealer?.stop();
  sealer = null;
  await accepting.close();
  await db.drop();
  await directory[Symbol.asyncDispose]();
});

const STRANGER = generateKey(`${ORIGIN}/receipt`);

function intakeWith(receipts = RECEIPTS): Intake {
  return new Intake({ store: accepting, receipts, maxQueue: 1000 });
}

/** Three groups: positions 0 and 1, 2 to 4, and 5. */
async function acceptGroups(receipts = RECEIPTS): Promise<void> {
  const intake = intakeWith(receipts);
  for (const count of [2, 3, 1]) await intake.accept(submission(count));
}

function start(change: Partial<SealerOptions> = {}): Sealer {
  sealer = sealerOver(db.store, directory.path, { log: log.current, ...change });
  sealer.start();
  return sealer;
}

/** Runs SQL as somebody who has switched all triggers off. */
async function tamper(...statements: string[]): Promise<void> {
  await db.query(['SET session_replication_role = replica', ...statements].join(';\n'));
}

async function sealedEntries(): Promise<number> {
  const tip = await db.store.tip();
  return tip === null ? 0 : tip.firstPosition + tip.entryCount;
}

/** Waits until sealing has stopped for good. @returns what the sealer says */
async function stopped(): Promise<string> {
  const problem = await until('the sealer to stop', () => sealer?.status.problem ?? null);
  expect(problem.code).toBe('uncovered');
  await until('the log line', () =>
    log.current.lines.some((line) => line.includes('sealing stalled') && line.includes('cannot be sealed')),
  );
  return problem.message;
}

const NEW_ROW = (position: string, time: string, salt = 'decode(md5(random()::text), $$hex$$)') =>
  `INSERT INTO entry (position, accepted_at, kind, digest, salt)
   SELECT ${position}, ${time}, 0, sha256('a forged contract'), ${salt} FROM head`;
const GROW = 'UPDATE head SET next_position = next_position + 1';
/** Makes room for a row at a position, by moving everything behind it. */
const SHIFT = (from: number) => [
  `UPDATE entry SET position = position + 1000 WHERE position >= ${from}`,
  `UPDATE entry SET position = position - 999 WHERE position >= 1000`,
  `UPDATE receipt SET first_position = first_position + 1000 WHERE first_position >= ${from}`,
  `UPDATE receipt SET first_position = first_position - 999 WHERE first_position >= 1000`,
];

/** What is written, up to which position the sealer seals, and what it says of the rest. */
const ATTACKS: readonly [what: string, sealed: number, says: string, ...statements: string[]][] = [
  [
    'a row added at the end, dated right after the last entry',
    6,
    'the entry at position 6 cannot be sealed, because no receipt is stored',
    NEW_ROW('next_position', '(SELECT max(accepted_at) + 1 FROM entry)'),
    GROW,
  ],
  [
    'a row added at the end, with the time and the salt of an earlier entry',
    6,
    'the entry at position 6 cannot be sealed, because no receipt is stored',
    NEW_ROW(
      'next_position',
      '(SELECT accepted_at FROM entry WHERE position = 1)',
      '(SELECT salt FROM entry WHERE position = 1)',
    ),
    GROW,
  ],
  [
    'a row added at the end, with a copy of another receipt',
    6,
    'the entry at position 6 cannot be sealed, because the receipt is for other entries',
    NEW_ROW('next_position', '(SELECT accepted_at FROM entry WHERE position = 5)'),
    'INSERT INTO receipt SELECT 6, 1, note FROM receipt WHERE first_position = 5',
    GROW,
  ],
  [
    'a row before all groups',
    0,
    'the entry at position 0 cannot be sealed, because no receipt is stored',
    ...SHIFT(0),
    NEW_ROW('0', '(SELECT min(accepted_at) FROM entry)'),
    GROW,
  ],
  [
    'a row between two groups',
    2,
    'the entry at position 2 cannot be sealed, because no receipt is stored',
    ...SHIFT(2),
    NEW_ROW('2', '(SELECT accepted_at FROM entry WHERE position = 1)'),
    GROW,
  ],
  [
    'a row within a group',
    2,
    'the entries at positions 2 to 4 cannot be sealed, because the receipt is for other entries',
    ...SHIFT(3),
    NEW_ROW('3', '(SELECT accepted_at FROM entry WHERE position = 2)'),
    GROW,
  ],
  [
    'a row within a group, and a receipt for one entry more',
    2,
    'the entries at positions 2 to 5 cannot be sealed, because the receipt is for another number of entries',
    ...SHIFT(3),
    NEW_ROW('3', '(SELECT accepted_at FROM entry WHERE position = 2)'),
    GROW,
    'UPDATE receipt SET entry_count = 4 WHERE first_position = 2',
  ],
  [
    'another digest',
    2,
    'the entries at positions 2 to 4 cannot be sealed, because the receipt is for other entries',
    "UPDATE entry SET digest = sha256('another document') WHERE position = 3",
  ],
  [
    'another size',
    2,
    'the entries at positions 2 to 4 cannot be sealed, because the receipt is for other entries',
    'UPDATE entry SET size = size + 1 WHERE position = 3',
  ],
  [
    'other details',
    0,
    'the entries at positions 0 to 1 cannot be sealed, because the receipt is for other entries',
    "UPDATE entry SET details_digest = sha256('other details') WHERE position = 1",
  ],
  [
    'another organization',
    0,
    'the entries at positions 0 to 1 cannot be sealed, because the receipt is for other entries',
    String.raw`UPDATE entry SET account_tag = '\x0123456789abcdef0123456789abcdef' WHERE position = 0`,
  ],
  [
    'another salt',
    5,
    'the entry at position 5 cannot be sealed, because the receipt is for other entries',
    String.raw`UPDATE entry SET salt = '\x0123456789abcdef0123456789abcdef' WHERE position = 5`,
  ],
  [
    'an earlier time of acceptance of one entry',
    2,
    'the entries at positions 2 to 4 cannot be sealed, because the receipt states another time of acceptance',
    'UPDATE entry SET accepted_at = accepted_at - 1 WHERE position = 4',
  ],
  [
    'an earlier time of acceptance of a whole group',
    2,
    'the entries at positions 2 to 4 cannot be sealed, because the receipt states another time of acceptance',
    'UPDATE entry SET accepted_at = accepted_at - 1 WHERE position BETWEEN 2 AND 4',
  ],
  [
    'two entries of a group in the other order',
    2,
    'the entries at positions 2 to 4 cannot be sealed, because the receipt is for other entries',
    'UPDATE entry SET position = position + 1000 WHERE position IN (2, 3)',
    'UPDATE entry SET position = 1005 - position WHERE position >= 1000',
  ],
  [
    'an entry of a group removed',
    2,
    'the entries at positions 2 to 4 cannot be sealed, because the receipt',
    'DELETE FROM entry WHERE position = 3',
    'UPDATE entry SET position = position - 1 WHERE position > 3',
    'UPDATE receipt SET first_position = first_position - 1 WHERE first_position > 3',
    'UPDATE head SET next_position = next_position - 1',
  ],
  [
    'a receipt removed',
    2,
    'the entries at positions 2 to 4 cannot be sealed, because no receipt is stored',
    'DELETE FROM receipt WHERE first_position = 2',
  ],
  [
    'all receipts removed',
    0,
    'the entries at positions 0 to 5 cannot be sealed, because no receipt is stored',
    'DELETE FROM receipt',
  ],
  [
    'a receipt replaced by that of another group',
    2,
    'the entries at positions 2 to 4 cannot be sealed, because the receipt is for another number of entries',
    'UPDATE receipt SET note = (SELECT note FROM receipt WHERE first_position = 0) WHERE first_position = 2',
  ],
  [
    'a receipt with another time',
    5,
    'the entry at position 5 cannot be sealed, because the signature of the receipt is invalid',
    String.raw`UPDATE receipt SET note = regexp_replace(note, '\n[0-9]{13}\n', E'\n1700000000000\n') WHERE first_position = 5`,
  ],
  [
    'a receipt that is no note',
    5,
    'the entry at position 5 cannot be sealed, because the receipt is malformed',
    "UPDATE receipt SET note = 'accepted, believe me' WHERE first_position = 5",
  ],
  [
    'a receipt moved by one position',
    2,
    'the entry at position 2 cannot be sealed, because no receipt is stored',
    'UPDATE receipt SET first_position = 3 WHERE first_position = 2',
  ],
];

describe('nothing is sealed that the service has not accepted', () => {
  test.each(ATTACKS)('%s', async (_what, sealed, says, ...statements) => {
    await acceptGroups();
    await tamper(...statements);
    start();
    expect(await stopped()).toContain(says);
    // The groups before are sealed, and nothing else, however often it is tried.
    expect(await sealedEntries()).toBe(sealed);
  });

  test('a group with the receipt of another key', async () => {
    await acceptGroups(receiptsBy([STRANGER]));
    start();
    expect(await stopped()).toContain('positions 0 to 1');
    expect(sealer?.status.problem?.message).toContain('not signed with a receipt key that the service has');
    expect(await db.store.tip()).toBeNull();
  });

  test('a group with a receipt for another log', async () => {
    await acceptGroups(receiptsBy([RECEIPT_KEY], 'other.example/log'));
    start();
    expect(await stopped()).toContain('the receipt is for another log');
    expect(await db.store.tip()).toBeNull();
  });

  test('a sealed group a second time', async () => {
    await acceptGroups();
    const [receipt] = await db.store.receipts(0, 1);
    start();
    await until('everything to be sealed', sealedEntries, 6);
    // The receipt is genuine, so it would cover a copy of its entries.
    const copy = tamper(
      `INSERT INTO entry SELECT 6 + position, accepted_at, size, kind, digest, salt, account_tag, details_digest
       FROM entry WHERE position < 2`,
      `INSERT INTO receipt VALUES (6, 2, '${receipt?.note ?? ''}')`,
      'UPDATE head SET next_position = 8',
    );
    await expect(copy).rejects.toThrow('entry_digest_salt');
  });
});

test('stores the receipt with the entries, and drops it with their block', async () => {
  await acceptGroups();
  const receipts = await db.store.receipts(0, 10);
  expect(receipts.map(({ firstPosition, entryCount }) => [firstPosition, entryCount])).toEqual([
    [0, 2],
    [2, 3],
    [5, 1],
  ]);
  expect((await db.store.receiptOf(4))?.firstPosition).toBe(2);
  expect(await db.store.receiptOf(6)).toBeNull();
  start();
  await until('everything to be sealed', sealedEntries, 6);
  expect(await db.store.receipts(0, 10)).toEqual([]);
});

test('seals whole groups: a larger group alone fills more than a block', async () => {
  await acceptGroups();
  start({ maxBlockEntries: 2 });
  await until('everything to be sealed', sealedEntries, 6);
  const blocks = await db.store.blocks({ limit: 10 });
  expect(blocks.map(({ entryCount }) => entryCount)).toEqual([1, 3, 2]);
});

test('seals what a former receipt key has signed, as long as the service has it', async () => {
  await acceptGroups(receiptsBy([STRANGER]));
  await acceptGroups();
  start({ receiptKeys: [RECEIPT_KEY.key, STRANGER.key] });
  await until('everything to be sealed', sealedEntries, 12);
  expect(sealer?.status.problem).toBeNull();
});

test('continues by itself when the rows are as they were accepted again', async () => {
  await acceptGroups();
  await tamper('CREATE TABLE kept AS TABLE receipt', 'DELETE FROM receipt WHERE first_position = 2');
  start();
  await stopped();
  await tamper('INSERT INTO receipt SELECT * FROM kept WHERE first_position = 2');
  await until('everything to be sealed', sealedEntries, 6);
  await until('the problem to be cleared', () => sealer?.status.problem, null);
});
