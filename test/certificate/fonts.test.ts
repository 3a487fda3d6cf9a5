import { describe, expect, test } from 'vitest';
import { covers, type Face, hasCodes, legible } from '../../src/certificate/fonts.js';

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
const shown = (text: string) =>
  legible(text)
    .map((each) => each.text)
    .join('');

describe('the typeface', () => {
  test.each([
    ['all of ASCII', 0x20, 0x7e],
    ['Latin-1', 0xa0, 0xff],
    ['Hangul Jamo', 0x1100, 0x11ff],
    ['Hangul compatibility Jamo', 0x3131, 0x318e],
    ['Hangul syllables', 0xac00, 0xd7a3],
    ['Kana', 0x30a1, 0x30fe],
  ])('has %s', (_, first, last) => {
    expect(range(first, last).filter((codePoint) => !covers(codePoint))).toEqual([]);
  });

  test('has the Hanja of Korean names', () => {
    const hanja = range(0x4e00, 0x9fff).filter(covers);
    expect(hanja).toHaveLength(8138);
    for (const character of '金李朴崔鄭姜趙尹張林') expect(hanja).toContain(character.codePointAt(0));
  });
});

describe('the other fonts', () => {
  test.each<[string, Face, number, number]>([
    ['Latin of Central Europe', 'latin', 0x0100, 0x017f],
    ['Vietnamese', 'latin', 0x1ea0, 0x1ef9],
    ['Hebrew', 'hebrew', 0x05d0, 0x05ea],
    ['Arabic', 'arabic', 0x0621, 0x064a],
    ['Persian and Urdu', 'arabic', 0x0671, 0x06d3],
    ['Thai', 'thai', 0x0e01, 0x0e3a],
    ['Devanagari', 'devanagari', 0x0904, 0x0939],
    ['rare Hanja', 'hanja', 0x4e00, 0x9fa5],
    ['rarer Hanja', 'hanja', 0x3400, 0x4db5],
    ['faces', 'emoji', 0x1f600, 0x1f64f],
    ['symbols', 'emoji', 0x1f910, 0x1f93a],
  ])('have %s', (_, face, first, last) => {
    const wrong = range(first, last).filter((codePoint) => {
      const character = String.fromCodePoint(codePoint);
      const [shown, ...more] = legible(character);
      if (shown?.text !== character.normalize('NFC') || more.length > 0) return true;
      return !covers(codePoint) && (shown.text !== character || shown.face !== face);
    });
    expect(wrong).toEqual([]);
  });

  test.each<[string, Face]>([
    ['👩\u200d👩\u200d👧', 'emoji'],
    ['👍🏽', 'emoji'],
    ['🇰🇷', 'emoji'],
    ['1\ufe0f\u20e3', 'emoji'],
    ['क्\u200dष', 'devanagari'],
    ['می\u200c', 'arabic'],
    ['שָׁ', 'hebrew'],
    ['กำ', 'thai'],
  ])('have the sequence %j in one font', (text, face) => {
    expect(new Set(legible(text).map((each) => each.face))).toEqual(new Set([face]));
    expect(shown(text)).toBe(text.normalize('NFC'));
  });
});

test.each([
  ['\u1100\u1161 ř 🏠\u202e', '가 ř 🏠\\u{202e}'],
  ['a\u200db', 'a\\u{200d}b'],
  ['\u{13000}x\u{1}', '\\u{13000}x\\u{1}'],
  ['ab\u200f', 'ab\\u{200f}'],
])('what no font has, or would be invisible, is replaced by its code: %j', (text, expected) => {
  expect(shown(text)).toBe(expected);
  expect(hasCodes(text)).toBe(true);
});
