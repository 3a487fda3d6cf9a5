import './browser.js';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { csvHead, registerLine } from '../../src/http/routes/register.js';
import type { Notarization } from '../../src/http/schemas/resources.js';
import {
  EVERYTHING,
  filterCount,
  isEverything,
  ORDERS,
  orderOf,
  parsePlace,
  periods,
  placeAddress,
  type Place,
  type Query,
  SIZES,
  sortOf,
  apiQuery,
} from '../../src/web/pages/register/query.js';
import { csvName, RowCounter } from '../../src/web/pages/register/export.js';
import { randomRuns } from '../support/random-runs.js';

/** Which part of the result is shown, in which order. */
const SHOWN = { order: 'newest', page: 0, size: 50 } as const;

const queries: fc.Arbitrary<Query> = fc.record({
  words: fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => text.trim()),
  tag: fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.trim()),
  digest: fc.oneof(fc.constant(''), fc.stringMatching(/^[0-9a-f]{8,64}$/)),
  from: fc.constantFrom('', '2026-01-31'),
  to: fc.constantFrom('', '2026-12-01'),
  status: fc.constantFrom(null, 'accepted' as const, 'sealed' as const, 'anchored' as const),
  by: fc.constantFrom('', 'person:psn_a', 'key:k'),
  hold: fc.constantFrom('', 'any', 'hld_abc'),
  order: fc.constantFrom(...ORDERS),
  page: fc.nat(2000),
  size: fc.constantFrom(...SIZES),
});

describe('the address of a search', () => {
  it('contains the search and nothing else', () => {
    expect(placeAddress({ kind: 'list', query: EVERYTHING })).toBe('#');
    expect(
      placeAddress({ kind: 'list', query: { ...EVERYTHING, words: '임대차 2026', status: 'sealed' } }),
    ).toBe(`#q=${encodeURIComponent('임대차')}+2026&status=sealed`);
    expect(placeAddress({ kind: 'one', id: '56-bdc0f2e60e53868d', query: EVERYTHING })).toBe(
      '#id=56-bdc0f2e60e53868d',
    );
  });

  it('is parsed back to the same search, whatever was typed', () => {
    fc.assert(
      fc.property(queries, fc.boolean(), (query, isList) => {
        const place: Place = isList ? { kind: 'list', query } : { kind: 'one', id: '7-00ff', query };
        expect(parsePlace(placeAddress(place))).toEqual(place);
        const holds: Place = { kind: 'holds', query };
        expect(parsePlace(placeAddress(holds))).toEqual(holds);
        const unordered = placeAddress({ kind: 'list', query: { ...query, ...SHOWN } });
        expect(isEverything(query)).toBe(unordered === '#');
      }),
      randomRuns(),
    );
  });

  it.each([
    ['#from=yesterday&to=2026-13-01&status=failed&digest=ABCDEFG1', EVERYTHING],
    ['#digest=abc', EVERYTHING],
    [`#q=${'x'.repeat(501)}&tag=${'x'.repeat(101)}`, EVERYTHING],
    ['#id=../elsewhere', EVERYTHING],
    ['#id=', EVERYTHING],
    ['#page=0&size=51&order=size', EVERYTHING],
    ['#unknown=1&q=lease', { ...EVERYTHING, words: 'lease' }],
  ])('leaves out what is not understood: %s', (fragment, query) => {
    expect(parsePlace(fragment)).toEqual({ kind: 'list', query });
  });

  it('has an order for each heading of the table, in both directions', () => {
    for (const order of ORDERS) expect(orderOf(sortOf(order))).toBe(order);
  });

  it('counts the filters other than the text', () => {
    expect(filterCount({ ...EVERYTHING, words: 'a', tag: 'b', from: '2026-01-01' })).toBe(2);
  });
});

it('offers whole months and years as periods', () => {
  expect(periods(new Date(2026, 1, 28, 23, 59))).toEqual({
    thisMonth: { from: '2026-02-01', to: '2026-02-28' },
    thisYear: { from: '2026-01-01', to: '2026-12-31' },
    lastYear: { from: '2025-01-01', to: '2025-12-31' },
  });
});

describe('the query sent to the service', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('is empty for an empty search', () => {
    expect(apiQuery(EVERYTHING)).toEqual({});
  });

  it.each([
    ['Asia/Seoul', '2026-03-07T15:00:00.000Z', '2026-03-08T15:00:00.000Z'],
    // The clocks go forward within this day.
    ['America/New_York', '2026-03-08T05:00:00.000Z', '2026-03-09T04:00:00.000Z'],
  ])('is whole days as the reader has them: %s', (zone, from, to) => {
    vi.stubEnv('TZ', zone);
    const query: Query = {
      words: 'a b',
      tag: '계약',
      digest: '00ff00ff',
      from: '2026-03-08',
      to: '2026-03-08',
      status: 'accepted',
      by: 'key:k',
      hold: 'any',
      order: 'oldest',
      page: 3,
      size: 100,
    };
    expect(apiQuery(query)).toEqual({
      q: 'a b',
      tag: '계약',
      sha256: '00ff00ff',
      from,
      to,
      status: 'accepted',
      submittedBy: 'key:k',
      hold: 'any',
      order: 'oldest',
    });
  });
});

describe('the exported file', () => {
  const line = (details: Notarization['details']) =>
    registerLine({ id: '1-00', position: 1, sha256: '00', size: null, details } as Notarization);

  it('is named after the day', () => {
    expect(csvName(new Date(2026, 0, 5, 23, 59))).toBe('ingam-register-2026-01-05.csv');
  });

  it('is counted in rows, not lines, wherever the chunks end', () => {
    const texts = ['plain', 'with "quotes"', 'two\nlines', '"', '\r\n', '한글, 쉼표', ''];
    const bytes = new TextEncoder().encode(
      csvHead() + texts.map((note) => line({ name: 'a, "b"', ...(note === '' ? {} : { note }) })).join(''),
    );
    expect(new RowCounter().rows).toBe(0);
    for (const size of [1, 3, 7, bytes.length]) {
      const counter = new RowCounter();
      for (let i = 0; i < bytes.length; i += size) counter.add(bytes.subarray(i, i + size));
      expect([size, counter.rows]).toEqual([size, texts.length]);
    }
  });
});
