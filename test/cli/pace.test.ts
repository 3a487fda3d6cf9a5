import { expect, test } from 'vitest';
import { Pace } from '../../src/cli/serve.js';

test('reports the rate and the remaining time since the first update', () => {
  const pace = new Pace();
  const whole = { of: 1000, ofEntries: 1_000_000 };
  expect(pace.describe({ ...whole, blocks: 100, entries: 100_000 }, 5000)).toBe('100 of 1,000 blocks');
  expect(pace.describe({ ...whole, blocks: 300, entries: 300_000 }, 5500)).toBe(
    '300 of 1,000 blocks, 400 blocks/s, 400,000 entries/s, 2 s left',
  );
  expect(pace.describe({ ...whole, blocks: 310, entries: 300_100 }, 205_000)).toBe(
    '310 of 1,000 blocks, 1 block/s, 1,001 entries/s, 12 min left',
  );
  pace.end();
  // A new measurement ignores earlier work.
  expect(pace.describe({ ...whole, blocks: 900, entries: 900_000 }, 300_000)).toBe('900 of 1,000 blocks');
  expect(pace.describe({ ...whole, blocks: 901, entries: 900_001 }, 301_000)).toBe(
    '901 of 1,000 blocks, 1 block/s, 1 entry/s, 28 h left',
  );
});
