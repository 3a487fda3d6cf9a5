import { describe, expect, test } from 'vitest';
import { legible, loadFonts } from '../../src/certificate/fonts.js';

const fonts = loadFonts();
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe('the fonts', () => {
  test.each([
    ['all of ASCII', 0x20, 0x7e],
    ['Latin-1', 0xa0, 0xff],
    ['Hangul Jamo', 0x1100, 0x11ff],
    ['Hangul compatibility Jamo', 0x3131, 0x318e],
    ['Hangul syllables', 0xac00, 0xd7a3],
    ['Kana', 0x30a1, 0x30fe],
  ])('cover %s', (_, first, last) => {
    expect(range(first, last).filter((codePoint) => !fonts.covers(codePoint))).toEqual([]);
  });

  test('cover the Hanja of Korean names', () => {
    const hanja = range(0x4e00, 0x9fff).filter((codePoint) => fonts.covers(codePoint));
    expect(hanja).toHaveLength(8138);
    for (const character of '金李朴崔鄭姜趙尹張林') expect(hanja).toContain(character.codePointAt(0));
  });
});

test('legible replaces what the fonts lack by its code and composes Hangul', () => {
  expect(legible('\u1100\u1161 ř 🏠\u202e', fonts)).toBe('가 \\u{159} \\u{1f3e0}\\u{202e}');
});
