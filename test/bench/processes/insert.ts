// The accepting statement alone, in batches, one after the other: what PostgreSQL can do with nothing in
// front of it.
import { sampleEntry } from '../../support/chain.js';
import { migrate, openStore } from '../../../src/store/index.js';

const BATCH = 1000;

const { url, entries } = JSON.parse(process.argv[2] ?? '') as { url: string; entries: number };
await migrate(url);
const store = await openStore({ url });
const batches = Array.from({ length: entries / BATCH }, () =>
  Array.from({ length: BATCH }, () => sampleEntry({ size: null })),
);
const started = performance.now();
for (const batch of batches)
  await store.accept({ acceptedAt: Date.now(), entries: batch, details: [], idempotency: [], register: [] });
const seconds = (performance.now() - started) / 1000;
await store.close();
console.log(JSON.stringify({ seconds }));
