import { describe, expect, it } from 'vitest';
import { stubBrowser } from './browser.js';

stubBrowser(['en-GB']);
const { formatBytes, formatDuration, formatPercent, formatSpeed, formatTime, groupHex, scaleBytes } =
  await import('../../src/web/lib/format.js');
const { setLanguage } = await import('../../src/web/lib/language.js');

describe('sizes', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1 MB'],
    [5_368_709_120, '5.4 GB'],
    [2 ** 53, '9,007.2 TB'],
  ])('%i is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('switch to the next unit before showing a thousand', () => {
    for (let bytes = 1; bytes < 2 ** 53; bytes *= 1.37) expect(scaleBytes(bytes).value).toBeLessThan(10_000);
  });
});

describe('progress', () => {
  it('shows 100% only when everything is done', () => {
    expect([formatPercent(0), formatPercent(0.999), formatPercent(1)]).toEqual(['0%', '99%', '100%']);
  });

  it('shows speed and remaining time in one unit', () => {
    expect(formatSpeed(130_400_000)).toBe('130 MB/s');
    expect([0.2, 45, 200, 8000].map(formatDuration)).toEqual([
      '1 second',
      '45 seconds',
      '3 minutes',
      '2 hours',
    ]);
  });
});

describe('times', () => {
  it('include the time zone in each language', () => {
    const time = Date.UTC(2026, 10, 23, 1, 53, 11);
    expect(formatTime(time, 'UTC')).toBe('23 Nov 2026, 01:53:11 UTC');
    setLanguage('ko');
    expect(formatTime(time, 'UTC')).toBe('2026. 11. 23. 01:53:11 UTC');
    setLanguage('en');
  });

  it('are shown as numbers when no calendar has them', () => {
    expect(formatTime(2 ** 53 - 1, 'UTC')).toBe('9,007,199,254,740,991');
  });
});

it('shows a digest in groups of eight', () => {
  expect(groupHex('0123456789abcdef')).toBe('01234567 89abcdef');
});
