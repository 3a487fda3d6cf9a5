import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalDetails,
  canonicalJson,
  MAX_DETAILS_DEPTH,
  MAX_DETAILS_LENGTH,
  MAX_JSON_DEPTH,
  parseStrictJson,
  ProofError,
  type Json,
  type JsonObject,
} from '../../src/proof/index.js';
import { randomRuns } from '../support/random-runs.js';
import { hex, standard } from './support.js';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('RFC 8785', () => {
  const { cases } = standard('rfc8785/vectors.json') as {
    cases: { name: string; input: string; output: string; outputHex: string }[];
  };

  it.each(cases.map((vector) => [vector.name, vector] as const))(
    'gives the canonical form of %s',
    (_, vector) => {
      const form = canonicalJson(JSON.parse(vector.input) as Json);
      expect(form).toBe(vector.output);
      expect(hex(Buffer.from(form))).toBe(vector.outputHex);
    },
  );

  it('is read more strictly: fractions and exponents, which languages treat differently, are refused', () => {
    const refused = cases.filter(({ input }) => {
      try {
        parseStrictJson(input);
        return false;
      } catch (error) {
        if (error instanceof ProofError) return true;
        throw error;
      }
    });
    expect(refused.map(({ name }) => name).sort()).toEqual(['structures', 'values']);
  });
});

describe('strict JSON', () => {
  /** Values that it takes: integers, whole characters, not too deep. */
  const value = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constant(null),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.string({ unit: 'grapheme' }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('__proto__')), tie('value'), {
        maxKeys: 4,
      }),
    ),
  })).value;

  it('reads what JSON.stringify and canonicalJson write, as the same value', () => {
    fc.assert(
      fc.property(value, (json) => {
        fc.pre(!JSON.stringify(json).includes('-0'));
        const canonical = canonicalJson(json);
        expect(canonicalJson(parseStrictJson(JSON.stringify(json, null, 2)))).toBe(canonical);
        expect(canonicalJson(parseStrictJson(canonical))).toBe(canonical);
        expect(parseStrictJson(canonical)).toEqual(JSON.parse(canonical));
      }),
      randomRuns(500),
    );
  });

  it('agrees with JSON.parse on what is JSON', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...Array.from('{}[]:,"\\ 01-.eEu\n'), 'true', 'null', '"a"', '"\\u0061"')),
        (tokens) => {
          const text = tokens.join('');
          let loose: unknown;
          let isJson = true;
          try {
            loose = JSON.parse(text);
          } catch {
            isJson = false;
          }
          try {
            const strict = parseStrictJson(text);
            expect(isJson).toBe(true);
            expect(strict).toEqual(loose);
          } catch (error) {
            expect(error).toBeInstanceOf(ProofError);
          }
        },
      ),
      randomRuns(3000),
    );
  });

  it('nests to the stated depth and no deeper', () => {
    expect(parseStrictJson(nested(MAX_JSON_DEPTH))).toEqual(JSON.parse(nested(MAX_JSON_DEPTH)));
    expect(() => parseStrictJson(nested(MAX_JSON_DEPTH + 1))).toThrow(ProofError);
    expect(() => canonicalJson(JSON.parse(nested(MAX_JSON_DEPTH + 2)) as Json)).toThrow(ProofError);
  });

  it('refuses huge input with its own error', () => {
    const escapes = `"${'\\n'.repeat(5_000_000)}"`;
    expect(parseStrictJson(escapes)).toHaveLength(5_000_000);
    expect(() => parseStrictJson('['.repeat(5_000_000))).toThrow(ProofError);
    expect(() => parseStrictJson(nested(1_000_000))).toThrow(ProofError);
    expect(() => parseStrictJson(`"${'\\'.repeat(999_999)}`)).toThrow(ProofError);
    expect(() => parseStrictJson('-'.repeat(1_000_000))).toThrow(ProofError);
    expect(() => parseStrictJson(`[${'1'.repeat(1_000_000)}]`)).toThrow(ProofError);
    const keys = Array.from({ length: 100_000 }, (_, i) => `"k${i}":${i}`).join(',');
    expect(Object.keys(parseStrictJson(`{${keys}}`) as object)).toHaveLength(100_000);
    expect(() => parseStrictJson(`{${keys},"k5":1}`)).toThrow(/duplicate key/);
  });

  it.each([
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    () => 1,
    Symbol('x'),
    '\ud800',
    { a: undefined },
    { '\udfff': 1 },
  ])('%s has no canonical form', (value) => {
    expect(() => canonicalJson(value as Json)).toThrow(ProofError);
  });
});

describe('details', () => {
  it.each<[string, JsonObject]>([
    ['a fraction', { a: 0.5 }],
    ['an integer beyond 2^53 - 1', { a: 2 ** 53 }],
    ['too many levels', { a: JSON.parse(nested(MAX_DETAILS_DEPTH)) as Json }],
    ['too many bytes', { a: '\u20ac'.repeat(MAX_DETAILS_LENGTH / 3) }],
    ['a lone surrogate', { a: '\udc00' }],
  ])('that a proof could not disclose are refused before they are notarized: %s', (_, details) => {
    expect(() => canonicalDetails(details)).toThrow(ProofError);
  });

  it('are accepted up to the limits', () => {
    expect(canonicalDetails({ a: JSON.parse(nested(MAX_DETAILS_DEPTH - 1)) as Json }).length).toBeGreaterThan(
      0,
    );
    expect(canonicalDetails({ a: 'x'.repeat(MAX_DETAILS_LENGTH - 8) })).toHaveLength(MAX_DETAILS_LENGTH);
  });
});
