import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, readCondition, type Answers } from '../../../src/proof/records/conditions.js';
import type { Json } from '../../../src/proof/index.js';
import type { AutomaticFacts, Condition, RecordState } from '../../../src/proof/records/state.js';
import { randomRuns } from '../../support/random-runs.js';
import { digestOf, refusal } from './support.js';

const DIGESTS = ['a', 'b', 'c'].map(digestOf);

/** A condition, and what it is by another reading: three-valued logic over numbers, 0 to 2. */
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ signed: fc.nat(3) }),
  fc.record({ before: fc.nat(9) }),
  fc.record({ after: fc.nat(9) }),
  fc.record({ fulfilled: fc.constantFrom('x', 'y') }),
  fc.record({ notarized: fc.constantFrom(...DIGESTS) }),
  fc.record({
    record: fc.constantFrom(...DIGESTS),
    is: fc.constantFrom('executed', 'expired', 'open', 'held'),
  }),
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc
      .array(tie('condition'), { minLength: 1, maxLength: 3 })
      .chain((of) => fc.integer({ min: 1, max: of.length }).map((atLeast) => ({ atLeast, of }))),
  ),
}));

interface World {
  readonly sealedAt: number;
  readonly signed: readonly number[];
  readonly fulfilled: Readonly<Record<'x' | 'y', number>>;
  readonly notarized: readonly boolean[];
  readonly statuses: readonly (string | null)[];
}

const world: fc.Arbitrary<World> = fc.record({
  sealedAt: fc.nat(9),
  signed: fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
  fulfilled: fc.record({ x: fc.nat(2), y: fc.nat(2) }),
  notarized: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  statuses: fc.array(fc.constantFrom(null, 'executed', 'expired', 'open', 'held'), {
    minLength: 3,
    maxLength: 3,
  }),
});

const WORDS = ['no', 'maybe', 'yes'] as const;
const word = (rank: number) => WORDS[rank] ?? 'no';

const answersIn = (w: World): Answers => ({
  signed: (i) => word(w.signed[i] ?? 0),
  fulfilled: (name) => word(w.fulfilled[name as 'x' | 'y']),
});
const chainOf = (w: World): AutomaticFacts => ({
  id: digestOf('own'),
  height: 1,
  sealedAt: w.sealedAt,
  record: (id) => {
    const status = w.statuses[DIGESTS.indexOf(id)] ?? null;
    return status === null ? null : { state: { status } as RecordState, value: digestOf(id) };
  },
  notarized: (digest) => w.notarized[DIGESTS.indexOf(digest)] === true,
});

/** The second implementation: the rank of a branch is the k-th largest rank below it. */
function rankOf(c: Condition, w: World): number {
  if ('signed' in c) return w.signed[c.signed] ?? 0;
  if ('fulfilled' in c) return w.fulfilled[c.fulfilled as 'x' | 'y'];
  if ('before' in c) return c.before > w.sealedAt ? 2 : 0;
  if ('after' in c) return c.after > w.sealedAt ? 1 : 2;
  if ('notarized' in c) return w.notarized[DIGESTS.indexOf(c.notarized)] === true ? 2 : 1;
  if ('record' in c) {
    const status = w.statuses[DIGESTS.indexOf(c.record)] ?? null;
    if (status === c.is) return 2;
    return status === 'executed' || status === 'expired' ? 0 : 1;
  }
  const [of, k] = 'all' in c ? [c.all, c.all.length] : 'any' in c ? [c.any, 1] : [c.of, c.atLeast];
  return of.map((each) => rankOf(each, w)).sort((a, b) => b - a)[k - 1] ?? 0;
}

describe('a condition', () => {
  it('is judged alike by another implementation', () => {
    fc.assert(
      fc.property(condition, world, (c, w) => {
        expect(judge(c, answersIn(w), chainOf(w)).answer).toBe(word(rankOf(c, w)));
      }),
      randomRuns(),
    );
  });

  it('is judged alike by whoever knows only the facts that it names', () => {
    fc.assert(
      fc.property(condition, world, (c, w) => {
        const { answer, facts } = judge(c, answersIn(w), chainOf(w));
        const named = (id: string) => facts.some((fact) => fact.split(' ')[1] === id);
        const chain = chainOf(w);
        const known: AutomaticFacts = {
          ...chain,
          record: (id) => (named(id) ? chain.record(id) : null),
          notarized: (digest) => named(digest) && chain.notarized(digest),
        };
        if (answer !== 'maybe') expect(judge(c, answersIn(w), known)).toEqual({ answer, facts });
      }),
      randomRuns(),
    );
  });

  it('that can never hold stays so when time passes and documents are notarized', () => {
    fc.assert(
      fc.property(condition, world, (c, w) => {
        if (judge(c, answersIn(w), chainOf(w)).answer !== 'no') return;
        const later = { ...w, sealedAt: w.sealedAt + 1, notarized: [true, true, true] };
        expect(judge(c, answersIn(later), chainOf(later)).answer).toBe('no');
      }),
      randomRuns(),
    );
  });

  it('is read back as it is written', () => {
    fc.assert(
      fc.property(condition, (c) => {
        expect(readCondition(JSON.parse(JSON.stringify(c)) as Json, 'it')).toEqual(c);
      }),
      randomRuns(),
    );
  });

  it.each<[string, Json, string]>([
    ['no operator', {}, 'malformed_body'],
    ['a word', 'signed', 'malformed_body'],
    ['two operators', { signed: 0, before: 1 }, 'malformed_body'],
    ['an unknown operator', { not: { signed: 0 } }, 'malformed_body'],
    ['a record without a status', { record: digestOf('x') }, 'malformed_body'],
    ['a status that no record has', { record: digestOf('x'), is: 'done' }, 'malformed_body'],
    ['the record of zeros', { record: '0'.repeat(64), is: 'held' }, 'malformed_body'],
    ['an empty list', { all: [] }, 'malformed_body'],
    ['more than there are', { atLeast: 2, of: [{ signed: 0 }] }, 'malformed_body'],
    ['none at all', { atLeast: 0, of: [{ signed: 0 }] }, 'malformed_body'],
    ['a time as a string', { before: '2026-01-01' }, 'malformed_body'],
    ['a digest in capitals', { notarized: digestOf('x').toUpperCase() }, 'malformed_body'],
    [
      '65 parts',
      { all: Array.from({ length: 13 }, () => ({ all: Array.from({ length: 5 }, () => ({ signed: 0 })) })) },
      'too_large',
    ],
    [
      'nine levels',
      Array.from({ length: 8 }).reduce<Json>((inner) => ({ all: [inner] }), { signed: 0 }),
      'too_large',
    ],
  ])('is refused with %s', (_, json, code) => {
    expect(refusal(() => readCondition(json, 'it'))).toBe(code);
  });

  it('may have 64 parts and eight levels', () => {
    const parts = { all: Array.from({ length: 64 }, () => ({ signed: 0 })) };
    expect(refusal(() => readCondition(parts, 'it'))).toBeNull();
    const levels = Array.from({ length: 7 }).reduce<Json>((inner) => ({ all: [inner] }), { signed: 0 });
    expect(refusal(() => readCondition(levels, 'it'))).toBeNull();
  });
});
