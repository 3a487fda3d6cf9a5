import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.js';
import { createStore, type TestStore } from '../support/database.js';
import { acceptEntries, buildChain, createSigner, sealBlock } from './audited-chain.js';

describe('a sound chain', () => {
  const signer = createSigner();
  let db: TestStore;

  beforeAll(async () => {
    db = await createStore();
  });
  afterAll(() => db.drop());

  const run = () => audit({ store: db.store, logKey: signer.key });

  test('without entries has no finding', async () => {
    expect(await run()).toMatchObject({ findings: [], findingCount: 0, blocks: 0, entries: 0, tip: null });
  });

  test('with unsealed entries has no finding', async () => {
    await acceptEntries(db.store, 3, 0);
    expect(await run()).toMatchObject({ findings: [], blocks: 0, entries: 3, unsealed: 3 });
    await sealBlock(db.store, signer, 3, 500);
  });

  test('with blocks of many sizes and erased entries has no finding', async () => {
    await buildChain(db.store, signer, [1, 2, 7, 255, 256, 257, 300, 512, 513, 700]);
    const before = await run();
    expect(before).toMatchObject({
      findings: [],
      blocks: 11,
      entries: 2806,
      unsealed: 0,
      erased: 0,
      signatures: 'checked',
    });
    for (const position of [0, 3, 4, 13, 268, 1000, 2805]) await db.store.erase(position);
    await acceptEntries(db.store, 300, 60_000);
    const after = await run();
    expect(after).toMatchObject({
      findings: [],
      entries: 3106,
      unsealed: 300,
      erased: 7,
      origin: signer.key.name,
    });
    expect(after.tip).toEqual(before.tip);
    expect(after.checkpoint).toBe((await db.store.checkpoint())?.note);
  });

  test('is audited with progress reports, and until the signal aborts', async () => {
    const seen: number[] = [];
    await audit({
      store: db.store,
      logKey: signer.key,
      onProgress: ({ done, total }) => {
        expect(total).toBe(3106);
        seen.push(done);
      },
    });
    expect(seen.at(-1)).toBe(3106);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    const stop = new AbortController();
    const stopped = audit({
      store: db.store,
      logKey: signer.key,
      signal: stop.signal,
      onProgress: () => {
        stop.abort();
      },
    });
    await expect(stopped).rejects.toThrow(/abort/i);
  });

  test('has findings under another key, and reports signatures as unchecked without a key', async () => {
    const foreign = await audit({ store: db.store, logKey: createSigner().key, limit: 3 });
    expect(foreign.findingCount).toBe(11);
    expect(foreign.findings).toHaveLength(3);
    expect(foreign.findings[0]).toMatchObject({
      table: 'checkpoint',
      key: { size: '1' },
      column: 'note',
      problem: 'bad_signature',
    });
    const unchecked = await audit({ store: db.store, logKey: null });
    expect(unchecked).toMatchObject({ findings: [], signatures: 'unchecked', origin: signer.key.name });
  });
});
