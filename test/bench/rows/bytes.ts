import type { Row } from '../harness/bench.js';
import { chainBytes } from '../harness/database.js';
import { absolute, atMost } from '../harness/figure.js';

/**
 * Bytes that PostgreSQL stores per notarization: all tables of the chain with their indexes and TOAST tables,
 * divided by the number of entries. The chain was loaded by NDJSON (digests without details), and sealed in
 * blocks as full as the load made them.
 */
export const bytes: Row = {
  name: 'bytes',
  async measure(bench) {
    const chain = await bench.chain('many');
    const what = `bytes in PostgreSQL per notarization, of ${chain.entries.toLocaleString('en')}`;
    const each = (await chainBytes(chain.databaseUrl)) / chain.entries;
    return [absolute({ what, unit: 'B', goal: atMost(230) }, [each])];
  },
};
