import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limitsGiven, accountLink, addressOf } from '../../../src/cli/admin-command.js';
import { parseMoment } from '../../../src/cli/arguments.js';
import { displayWidth, printTable } from '../../../src/cli/io.js';
import { loadConfig } from '../../../src/service/config.js';
import { randomRuns } from '../../support/random-runs.js';

describe('parseMoment', () => {
  const NOW = Date.UTC(2026, 10, 23, 12);
  const at = (text: string, direction: 'ago' | 'from now' = 'from now') =>
    new Date(parseMoment('--at', text, direction, NOW)).toISOString();

  test.each([
    ['2027-01-31', '2027-01-31T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['2027-01-31T09:00Z', '2027-01-31T09:00:00.000Z'],
    ['2027-01-31T09:00:00.5+09:00', '2027-01-31T00:00:00.500Z'],
    ['2027-01-31T00:30:00+09:00', '2027-01-30T15:30:00.000Z'],
    ['30d', '2026-12-23T12:00:00.000Z'],
    ['36h', '2026-11-25T00:00:00.000Z'],
    ['5m', '2026-11-23T12:05:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(at(text)).toBe(expected);
  });

  test('subtracts a duration for "ago"', () => {
    expect(at('1d', 'ago')).toBe('2026-11-22T12:00:00.000Z');
  });

  test.each([
    '',
    'now',
    '0d',
    '-1d',
    '1w',
    '1.5d',
    '01d',
    '2027-1-31',
    '2027-02-29',
    '2027-13-01',
    '2027-01-31T09:00',
    '2027-01-31 09:00Z',
    '2027-01-31T25:00Z',
    '1234567890',
    '9999999d',
  ])('rejects %j', (text) => {
    expect(() => at(text)).toThrow('is not a time');
  });
});

describe('limits', () => {
  const given = (bytes: string) => limitsGiven({ ...NONE, 'bytes-per-day': bytes }).bytesPerDay;
  const NONE = { 'requests-per-minute': undefined, 'digests-per-day': undefined, 'bytes-per-day': undefined };

  test('sets only the given limits', () => {
    expect(limitsGiven(NONE)).toEqual({});
  });

  test.each([
    ['none', null],
    ['0', 0],
    ['1024', 1024],
    ['1KiB', 1024],
    ['3MiB', 3 * 2 ** 20],
    ['100GiB', 100 * 2 ** 30],
    ['2TiB', 2 ** 41],
  ])('reads --bytes-per-day %s', (text, expected) => {
    expect(given(text)).toBe(expected);
  });

  test.each(['', '1 GiB', '1gib', '5GB', '1.5GiB', '-1', '9007199254740993', '9007199254740991KiB'])(
    'rejects --bytes-per-day %j',
    (text) => {
      expect(() => given(text)).toThrow('--bytes-per-day must be a');
    },
  );
});

describe('links', () => {
  const config = (env: Readonly<Record<string, string>>) => addressOf(loadConfig(env));

  test.each([
    [{}, 'http://127.0.0.1:8080/'],
    [{ HOST: '0.0.0.0', PORT: '80' }, 'http://localhost:80/'],
    [{ HOST: '::1' }, 'http://[::1]:8080/'],
    [{ INGAM_PUBLIC_URL: 'https://notary.example.com' }, 'https://notary.example.com/'],
  ])('use the address of %j', (env, expected) => {
    expect(config(env)).toBe(expected);
  });

  test('carry the token in the fragment, below any path', () => {
    expect(accountLink('https://example.com/notary', 'invitation', 'tkn')).toBe(
      'https://example.com/notary/account.html#invitation=tkn',
    );
  });
});

describe('tables', () => {
  function printed(rows: readonly (readonly [string, string])[]): string[] {
    let text = '';
    const columns = [
      { title: 'NAME', cell: (row: readonly [string, string]) => row[0] },
      { title: 'N', right: true as const, cell: (row: readonly [string, string]) => row[1] },
    ];
    printTable({ write: (more) => (text += more) }, columns, rows);
    return text.trimEnd().split('\n');
  }

  test('are aligned with wide characters and combining marks', () => {
    expect(
      printed([
        ['계약', '1'],
        ['cafe\u0301', '10'],
        ['x', '100'],
      ]),
    ).toEqual(['NAME    N', '계약    1', 'cafe\u0301   10', 'x     100']);
  });

  test('have lines of equal width without control characters, whatever the cells contain', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.nat().map(String)), { minLength: 1 }),
        (rows) => {
          const lines = printed(rows);
          expect(lines).toHaveLength(rows.length + 1);
          expect(new Set(lines.map(displayWidth)).size).toBe(1);
          expect(lines.join('')).not.toMatch(/\p{Cc}/u);
        },
      ),
      randomRuns(),
    );
  });
});
