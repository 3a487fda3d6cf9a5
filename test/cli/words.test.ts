import { describe, expect, test } from 'vitest';
import { closest } from '../../src/cli/arguments.js';
import { forEachOf } from '../../src/cli/find-files.js';
import { parseServer, retryAfterMs } from '../../src/cli/service-client.js';
import { counted, formatBytes, formatTime, isoTime, printable } from '../../src/cli/io.js';

describe('printing', () => {
  test.each([
    [0, '0 files'],
    [1, '1 file'],
    [999, '999 files'],
    [1000, '1,000 files'],
    [1234567, '1,234,567 files'],
  ])('counts %i files', (count, text) => {
    expect(counted(count, 'file')).toBe(text);
  });

  test.each([
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [1024, '1.0 KiB'],
    [5 * 1024 ** 3, '5.0 GiB'],
    [1024 ** 6, '1048576.0 TiB'],
  ])('formats %i bytes', (count, text) => {
    expect(formatBytes(count)).toBe(text);
  });

  test('formats times, also those outside the calendar', () => {
    expect(formatTime(0)).toBe('1970-01-01 00:00:00.000 UTC');
    expect(isoTime(Number.MAX_SAFE_INTEGER)).toBe('9007199254740991 ms');
    expect(formatTime(Number.MAX_SAFE_INTEGER)).toBe('9007199254740991 ms');
  });

  test('replaces characters that are not printable', () => {
    expect(printable('naïve 契約\u0000\u001b[2J\u009b\u202e\u2028\ud800')).toBe(
      'naïve 契約\\u{0}\\u{1b}[2J\\u{9b}\\u{202e}\\u{2028}\\u{d800}',
    );
  });
});

describe('closest', () => {
  test.each([
    ['verfiy', 'verify'],
    ['v', null],
    ['veri', 'verify'],
    ['inspekt', 'inspect'],
    ['completely', null],
    ['', null],
  ])('suggests for %j', (word, found) => {
    expect(closest(word, ['verify', 'inspect', 'audit'])).toBe(found);
  });
});

describe('service addresses', () => {
  test.each([
    ['http://h', 'http://h/'],
    ['https://h/a/b', 'https://h/a/b/'],
    ['http://[::1]:8080/', 'http://[::1]:8080/'],
  ])('accepts %s', (text, href) => {
    expect(parseServer(text).href).toBe(href);
  });

  test.each(['', 'h', 'h:80', 'file:///x', 'http://h/?a', 'http://h/#a'])('rejects %j', (text) => {
    expect(() => parseServer(text)).toThrow('is not the address of a service');
  });

  test('reads Retry-After as seconds or a date', () => {
    const ms = (value: string) => retryAfterMs(new Headers({ 'retry-after': value }));
    expect(ms('2')).toBe(2000);
    expect(ms('Thu, 01 Jan 1970 00:00:00 GMT')).toBe(0);
    expect(ms('soon')).toBeNull();
    expect(retryAfterMs(new Headers())).toBeNull();
  });
});

test('forEachOf runs each item once within its limit, and starts none after a rejection', async () => {
  let running = 0;
  let most = 0;
  const seen: number[] = [];
  const items = Array.from({ length: 20 }, (_, i) => i);
  await forEachOf(items, 3, async (item) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    seen.push(item);
    running--;
  });
  expect(most).toBe(3);
  expect(seen.sort((a, b) => a - b)).toEqual(items);
  await expect(forEachOf([1], 3, () => Promise.reject(new Error('no')))).rejects.toThrow('no');

  // After a rejection no further item is started.
  const begun: number[] = [];
  const fails = forEachOf(items, 1, async (item) => {
    begun.push(item);
    await Promise.resolve();
    if (item === 2) throw new Error('two');
  });
  await expect(fails).rejects.toThrow('two');
  expect(begun).toEqual([0, 1, 2]);
});
