// The accepting statement alone, in batches, one after the other: what PostgreSQL can do with nothing in
// front of it.
import { receiptOf, sampleEntry, sampleGroup } from '../../support/chain.js';
import { migrate, openStore } from '../../../src/store/index.js';

const BATCH = 1000;
/** Of the usual length. The store does not read it. */
const RECEIPT = receiptOf([sampleEntry()], Date.now());

const { url, entries } = JSON.parse(process.argv[2] ?? '') as { url: string; entries: number };
await migrate(url);
const store = await openStore({ url });
const batches = Array.from({ length: entries / BATCH }, () =>
  Array.from({ length: BATCH }, () => sampleEntry({ size: null })),
);
const started = performance.now();
for (const batch of batches) await store.accept(sampleGroup({ entries: batch, receipt: RECEIPT }));
const seconds = (performance.now() - started) / 1000;
await store.close();
console.log(JSON.stringify({ seconds }));
