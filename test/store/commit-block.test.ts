import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { concat, encodeHeader, leafHash } from '../../src/proof/index.js';
import { openStore } from '../../src/store/index.js';
import { acceptSome, nextCommit, sampleEntry, sampleGroup } from '../support/chain.js';
import { createStore, LISTENING } from '../support/database.js';
import { createProxy } from '../support/proxy.js';
import { codeOf } from '../support/store-error.js';
import { until } from '../support/until.js';

test('a committed block is stored with its tiles and checkpoint', async () => {
  await using db = await createStore();
  const { store } = db;
  expect(await store.sealingState()).toEqual({
    tip: null,
    nextPosition: 0,
    latestTime: 0,
    firstUnsealed: 0,
    waitingSince: null,
    tipStatement: null,
    recordsDueAt: null,
    recordsWaitForDocuments: false,
  });
  await acceptSome(store, 300, 5_000);
  await acceptSome(store, 5, 6_000);
  expect(await store.sealingState()).toMatchObject({
    firstUnsealed: 0,
    nextPosition: 305,
    waitingSince: 5_000,
  });
  const commit = await nextCommit(store, 300);
  expect(await store.commitBlock(commit)).toBe('committed');
  expect(await store.tip()).toEqual(commit.block);
  expect(await store.block(0)).toEqual(commit.block);
  expect(await store.block(1)).toBeNull();
  expect(await store.blocksAt([1, 0])).toEqual([commit.block]);
  expect(await store.blocksContaining([{ first: 299, count: 2 }])).toEqual([commit.block]);
  expect(await store.blocksContaining([{ first: 300, count: 5 }])).toEqual([]);
  expect(await store.checkpoint()).toEqual({
    ...commit.checkpoint,
    root: new Uint8Array(commit.checkpoint.root),
  });
  expect(await store.checkpoint(1)).toEqual(await store.checkpoint());
  expect(await store.checkpoint(2)).toBeNull();
  const [first, second] = commit.blockTiles;
  const tiles = [2, 1, 0].map((index) => ({ height: 0, level: 0, index }));
  expect(await store.blockTiles(tiles)).toEqual([null, second?.hashes, first?.hashes]);
  expect(await store.blockTiles([{ height: 0, level: 64, index: 2 ** 40 }])).toEqual([null]);
  expect(await store.sealingState()).toMatchObject({
    tip: commit.block,
    firstUnsealed: 300,
    waitingSince: 6_000,
  });
  expect(await store.commitBlock(await nextCommit(store))).toBe('committed');
  expect(await store.sealingState()).toMatchObject({ firstUnsealed: 305, waitingSince: null });
  expect((await store.blocks({ limit: 5 })).map(({ height }) => height)).toEqual([1, 0]);
  expect((await store.blocks({ before: 1, limit: 5 })).map(({ height }) => height)).toEqual([0]);
  expect((await store.blocksBetween(0, 5)).map(({ height }) => height)).toEqual([0, 1]);
});

test('of concurrent sealers one commits its block', async () => {
  await using db = await createStore();
  await acceptSome(db.store, 10);
  const others = await Promise.all([1, 2, 3, 4].map(() => openStore({ url: db.url })));
  const commits = await Promise.all(others.map((store) => nextCommit(store)));
  const distinct = commits.map((commit) => ({
    ...commit,
    block: { ...commit.block, hash: randomBytes(32) },
  }));
  const results = await Promise.all(distinct.map(async (commit, i) => others[i]?.commitBlock(commit)));
  expect(results.sort()).toEqual(['committed', 'tip_moved', 'tip_moved', 'tip_moved']);
  expect(await db.query('SELECT FROM block')).toHaveLength(1);
  await Promise.all(others.map((store) => store.close()));
});

test('the constraints alone refuse a second block at a height or after the same block', async () => {
  await using db = await createStore();
  await acceptSome(db.store, 4);
  for (let i = 0; i < 3; i++) await db.store.commitBlock(await nextCommit(db.store, 1));
  const insert = (height: number, first: number, previous: string, hash: string): Promise<unknown> =>
    db.query(`INSERT INTO block SELECT ${height}, ${first}, sealed_at, nonce, 1, 0, ${previous}, merkle_root, state, ${hash}
      FROM block WHERE height = 2`);
  const fresh = "sha256('fresh')";
  const violation = (constraint: string): unknown => expect.objectContaining({ code: '23505', constraint });
  await expect(insert(2, 3, fresh, fresh)).rejects.toEqual(violation('block_pkey'));
  await expect(insert(3, 3, 'previous_hash', fresh)).rejects.toEqual(violation('block_previous_hash'));
  await expect(insert(3, 2, fresh, fresh)).rejects.toEqual(violation('block_first_position'));
  await expect(insert(3, 3, fresh, 'hash')).rejects.toEqual(violation('block_hash'));
});

test('a block that does not follow its tip is refused, and nothing is written', async () => {
  await using db = await createStore();
  await acceptSome(db.store, 3);
  const good = await nextCommit(db.store);
  const wrong = [
    { ...good, block: { ...good.block, height: 1 } },
    { ...good, block: { ...good.block, firstPosition: 1 } },
    { ...good, block: { ...good.block, entryCount: 4 } },
    { ...good, checkpoint: { ...good.checkpoint, size: 2 } },
    { ...good, blockTiles: [{ level: 0, index: 0, hashes: new Uint8Array(33) }] },
  ];
  for (const commit of wrong) expect(await codeOf(db.store.commitBlock(commit))).toBe('refused');
  expect(await db.store.commitBlock({ ...good, expectedTip: randomBytes(32) })).toBe('tip_moved');
  for (const table of ['block', 'block_tile', 'checkpoint'])
    expect(await db.query(`SELECT FROM ${table}`)).toEqual([]);
  expect(await db.store.commitBlock(good)).toBe('committed');
});

test('a sealer that is paused inside its transaction is terminated, and does not block the others', async () => {
  await using db = await createStore();
  await using proxy = await createProxy(db.url);
  await acceptSome(db.store, 1);
  const commit = await nextCommit(db.store);
  const paused = await openStore({ url: proxy.url });
  // Its COMMIT does not leave, and nothing that the server says arrives.
  proxy.loseAnswers('COMMIT\0', { before: true });
  const lost = codeOf(paused.commitBlock(commit));
  await proxy.seen;
  expect(await db.store.commitBlock(commit)).toBe('committed');
  expect(await lost).toBe('outcome_unknown');
  expect(await paused.findCommitted(commit.block)).toBe(true);
  await paused.close();
});

test('a log tile always has the same bytes, whether it is full or partial', async () => {
  await using db = await createStore();
  const { store } = db;
  await acceptSome(store, 258);
  const leaves: Uint8Array[] = [];
  for (let height = 0; height < 258; height++) {
    const commit = await nextCommit(store, 1);
    await store.commitBlock(commit);
    leaves.push(leafHash(encodeHeader(commit.block)));
    if (height === 99) {
      expect(await store.logTile(0, 0, 100)).toEqual(concat(...leaves));
      expect(await store.logTile(0, 0, 101)).toBeNull();
      expect(await store.logTile(1, 0, 1)).toBeNull();
    }
  }
  expect(await store.logTile(0, 0, 256)).toEqual(concat(...leaves.slice(0, 256)));
  expect(await store.logTile(0, 0, 100)).toEqual(concat(...leaves.slice(0, 100)));
  expect(await store.logTile(0, 1, 2)).toEqual(concat(...leaves.slice(256)));
  expect(await store.logTile(0, 1, 3)).toBeNull();
  expect(await store.logTile(0, 1, 256)).toBeNull();
  expect(await store.logTile(1, 0, 1)).toHaveLength(32);
  expect(await store.logTile(1, 0, 2)).toBeNull();
  expect(await store.logTile(63, 2 ** 50, 1)).toBeNull();
  await expect(store.logTile(0, 0, 257)).rejects.toThrow(RangeError);
});

test('entries with one digest are listed earliest first, with a flag for more', async () => {
  await using db = await createStore();
  const digest = randomBytes(32);
  for (let i = 0; i < 5; i++) {
    const entries = [sampleEntry({ digest }), sampleEntry()];
    await db.store.accept(sampleGroup({ entries }));
  }
  const some = await db.store.entriesByDigest(digest, 3);
  expect([some.entries.map(({ position }) => position), some.more]).toEqual([[0, 2, 4], true]);
  const all = await db.store.entriesByDigest(digest, 5);
  expect([all.entries.map(({ position }) => position), all.more]).toEqual([[0, 2, 4, 6, 8], false]);
  expect(await db.store.entriesByDigest(randomBytes(32), 5)).toEqual({ entries: [], more: false });
  // The index knows the first six bytes.
  const similar = Uint8Array.from([...digest.subarray(0, 31), (digest[31] ?? 0) ^ 1]);
  expect(await db.store.entriesByDigest(similar, 5)).toEqual({ entries: [], more: false });
  await db.store.accept(sampleGroup({ entries: [sampleEntry({ digest: similar })] }));
  const other = await db.store.entriesByDigest(similar, 5);
  expect([other.entries.map(({ position }) => position), other.more]).toEqual([[10], false]);
  expect((await db.store.entriesByDigest(digest, 9)).entries).toHaveLength(5);
});

test('listeners are notified of each commit, and after a reconnection', async () => {
  await using db = await createStore();
  const heard: (number | null)[] = [];
  const subscription = db.store.onSealed((height) => heard.push(height));
  await until('the first notification', () => heard.length, 1);
  await acceptSome(db.store, 2);
  await db.store.commitBlock(await nextCommit(db.store, 1));
  await until('the notification of block 0', () => heard.length, 2);
  await db.query(`SELECT pg_terminate_backend(pid) FROM (${LISTENING}) AS listener`);
  await until('the notification after the reconnection', () => heard.length, 3);
  await db.store.commitBlock(await nextCommit(db.store, 1));
  await until('the notification of block 1', () => heard.length, 4);
  expect(heard).toEqual([null, 0, null, 1]);
  await subscription.close();
  await subscription.close();
});
