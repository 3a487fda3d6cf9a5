import { expect, test } from 'vitest';
import { stepsOf } from '../../src/log/document-history.js';

const HEIGHT = 3;

async function kindsAndTimes(sealedAt: number, cosignedAt: number) {
  const block = { height: HEIGHT, sealedAt };
  const steps = await stepsOf(
    {
      submissionAt: () => Promise.resolve({ acceptedAt: 1_000_200, submittedBy: 'key:k' }),
      anchorsOver: () => Promise.resolve([]),
    },
    {
      places: () => Promise.resolve([{ block }]),
      cosignedAt: () => Promise.resolve(cosignedAt),
    } as unknown as Parameters<typeof stepsOf>[1],
    1,
    7,
  );
  return steps?.map(({ kind, at }) => [kind, at]);
}

test('shows a cosignature of the second of the seal behind the seal, since members state whole seconds', async () => {
  expect(await kindsAndTimes(1_000_900, 1_000_000)).toEqual([
    ['notarized', 1_000_200],
    ['sealed', 1_000_900],
    ['cosigned', 1_000_900],
  ]);
});

test.each([999_000, 1_001_000])('shows a cosignature of another second as it is stated (%i)', async (at) => {
  expect((await kindsAndTimes(1_000_900, at))?.at(-1)).toEqual(['cosigned', at]);
});
