import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { sha256, utf8 } from '../../src/proof/index.js';
import type { FollowedBlock, Store, CosignedCheckpoint } from '../../src/store/index.js';
import { acceptSome, nextCommit } from '../support/chain.js';
import { createStore } from '../support/database.js';
import { codeOf } from '../support/store-error.js';

const bytes = (length: number) => new Uint8Array(randomBytes(length));

/** Blocks as another database has sealed them. */
async function sealedElsewhere(count: number): Promise<FollowedBlock[]> {
  await using other = await createStore();
  const blocks: FollowedBlock[] = [];
  for (let i = 0; i < count; i++) {
    await acceptSome(other.store, 3);
    const commit = await nextCommit(other.store);
    await other.store.commitBlock(commit);
    blocks.push({ block: commit.block, statement: null, tiles: commit.blockTiles });
  }
  return blocks;
}

const heightOf = async (store: Store) => (await store.tip())?.height ?? null;

test('blocks are appended after the tip, and nowhere else', async () => {
  const blocks = await sealedElsewhere(4);
  await using db = await createStore();
  expect(await db.store.followBlocks(blocks.slice(1, 2), [])).toBe('tip_moved');
  expect(await heightOf(db.store)).toBe(null);
  expect(await db.store.followBlocks(blocks.slice(0, 2), [])).toBe('committed');
  expect(await db.store.followBlocks(blocks.slice(0, 2), [])).toBe('tip_moved');
  expect(await db.store.followBlocks(blocks.slice(3), [])).toBe('tip_moved');
  const outcomes = await Promise.all([
    db.store.followBlocks(blocks.slice(2), []),
    db.store.followBlocks(blocks.slice(2, 3), []),
  ]);
  expect(outcomes.sort()).toEqual(['committed', 'tip_moved']);
  const [tile] = await db.store.blockTiles([{ height: 1, level: 0, index: 0 }]);
  expect(tile).toEqual(blocks[1]?.tiles[0]?.hashes);
});

test('the database of a service that accepts documents cannot follow another log', async () => {
  const blocks = await sealedElsewhere(1);
  await using db = await createStore();
  await acceptSome(db.store, 1);
  expect(await codeOf(db.store.followBlocks(blocks, []))).toBe('refused');
});

test('the cosigned checkpoint only goes forward, by one caller at a time', async () => {
  await using db = await createStore();
  const at = (size: number, root = bytes(32)): CosignedCheckpoint => ({
    origin: 'log.example',
    size,
    root,
    note: `note ${size}`,
    cosignature: `line ${size}`,
  });
  expect(await db.store.cosignedCheckpoint('log.example')).toBe(null);
  const first = at(3);
  const attempts = await Promise.all(
    [first, at(4), at(5)].map((next) => db.store.replaceCosignedCheckpoint(next, 0)),
  );
  expect(attempts.filter((done) => done)).toHaveLength(1);
  const kept = await db.store.cosignedCheckpoint('log.example');
  if (kept === null) throw new Error('nothing was kept');
  expect(await db.store.replaceCosignedCheckpoint(at(9), kept.size - 1)).toBe(false);
  expect(await db.store.replaceCosignedCheckpoint(at(9), 0)).toBe(false);
  const race = await Promise.all(
    [at(9), at(9), at(9)].map((next) => db.store.replaceCosignedCheckpoint(next, kept.size)),
  );
  expect(race.filter((done) => done)).toHaveLength(1);
  // The same checkpoint again is a fresher signature; another root or a smaller size is what the trigger is for.
  const last = await db.store.cosignedCheckpoint('log.example');
  if (last === null) throw new Error('nothing was kept');
  expect(await db.store.replaceCosignedCheckpoint({ ...last, cosignature: 'fresh' }, 9)).toBe(true);
  expect(await codeOf(db.store.replaceCosignedCheckpoint(at(9), 9))).toBe('refused');
  expect(await codeOf(db.store.replaceCosignedCheckpoint(at(8), 9))).toBe('refused');
  await expect(db.query('DELETE FROM witnessed')).rejects.toMatchObject({ code: 'IG001' });
});

test('a log of size 0 can be cosigned, and then grow', async () => {
  await using db = await createStore();
  const empty = { origin: 'o', size: 0, root: bytes(32), note: 'n', cosignature: 'c' };
  expect(await db.store.replaceCosignedCheckpoint(empty, 0)).toBe(true);
  expect(await db.store.replaceCosignedCheckpoint({ ...empty, size: 2, root: bytes(32) }, 0)).toBe(true);
  expect((await db.store.cosignedCheckpoint('o'))?.size).toBe(2);
});

test('evidence is stored once, and never changed; what proves something is listed first', async () => {
  await using db = await createStore();
  const found = { foundAt: 5, digest: bytes(32), reason: 'fork', proven: true, document: '{}' };
  expect(await db.store.addEvidence(found)).toBe(true);
  expect(await db.store.addEvidence({ ...found, foundAt: 6 })).toBe(false);
  await db.store.addEvidence({ ...found, foundAt: 7, digest: bytes(32) });
  await db.store.addEvidence({ ...found, foundAt: 9, digest: bytes(32), proven: false });
  expect((await db.store.listEvidence(10)).map(({ foundAt }) => foundAt)).toEqual([7, 5, 9]);
  expect(await db.store.listEvidence(1)).toHaveLength(1);
  await expect(db.query('DELETE FROM evidence')).rejects.toMatchObject({ code: 'IG001' });
});

test('of any number of refusals for one reason, the first 100 and the last 100 are kept, and found', async () => {
  await using db = await createStore();
  const { store } = db;
  const found = (foundAt: number, proven: boolean) => ({
    ...{ foundAt, proven, reason: 'root_mismatch', document: `${foundAt} ${proven}` },
    digest: sha256(utf8(`${foundAt} ${proven}`)),
  });
  for (let i = 0; i < 230; i++) await store.addEvidence(found(i, false));
  await store.addEvidence(found(1000, true));
  for (let i = 230; i < 250; i++) await store.addEvidence(found(i, false));
  const kept = await db.query<{ found_at: string }>(
    'SELECT found_at FROM evidence WHERE NOT proven ORDER BY ordinal',
  );
  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => String(from + i));
  expect(kept.map((row) => row.found_at)).toEqual([...numbers(0, 100), ...numbers(150, 250)]);
  for (const [i, proven] of [
    [0, false],
    [99, false],
    [249, false],
    [1000, true],
  ] as const)
    expect(await store.evidenceDocument(found(i, proven).digest)).toBe(`${i} ${proven}`);
  expect(await store.evidenceDocument(found(120, false).digest)).toBeNull();
  expect((await store.listEvidence(3)).map(({ foundAt }) => foundAt)).toEqual([1000, 249, 248]);
  // Not even by hand.
  await expect(db.query('DELETE FROM evidence WHERE found_at = 50')).rejects.toMatchObject({ code: 'IG001' });
});
