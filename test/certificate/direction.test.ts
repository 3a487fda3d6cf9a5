import { expect, test } from 'vitest';
import { levelsOf, onPaper } from '../../src/certificate/direction.js';

/** As it stands on paper, from left to right. */
const shown = (text: string) => {
  const characters = Array.from(text);
  const levels = levelsOf(characters);
  return onPaper(characters.map((character, i) => ({ character, level: levels[i] ?? 0 })))
    .map(({ character }) => character)
    .join('');
};

// Latin capitals stand for Hebrew, so that this file reads from left to right everywhere.
const hebrew = (text: string) =>
  text.replaceAll(/[A-Z]/g, (letter) => String.fromCharCode(0x05d0 + letter.charCodeAt(0) - 65));

test.each([
  ['abc 12.pdf', 'abc 12.pdf'],
  ['ABC', 'CBA'],
  ['abc DEF ghi', 'abc FED ghi'],
  ['abc DEF GHI', 'abc IHG FED'],
  ['ABC def', 'def CBA'],
  ['ABC 2026.pdf', 'pdf.2026 CBA'],
  ['ABC 12-34', '12-34 CBA'],
  ['ABC (def)', '(def) CBA'],
  ['abc (DEF) ghi', 'abc (FED) ghi'],
  ['AB (cd) ef', 'ef (cd) BA'],
  ['abc 12 DEF 34', 'abc 12 34 FED'],
  ['ABC 12%', '12% CBA'],
  ['ABC ', ' CBA'],
  ['', ''],
])('%j in capitals from right to left stands as %j', (text, expected) => {
  // Brackets are mirrored where they are drawn; here they are as they were.
  const plain = (line: string) => line.replaceAll(/[()]/g, '|');
  expect(plain(shown(hebrew(text)))).toBe(plain(hebrew(expected)));
});

test('numbers behind Arabic letters, in both kinds of digits, run from left to right', () => {
  expect(shown('\u0639 12')).toBe('12 \u0639');
  expect(shown('\u0639 \u0661\u0662')).toBe('\u0661\u0662 \u0639');
  expect(shown('\u0639 1,2')).toBe('1,2 \u0639');
});

test('marks stay behind their letters, and an emoji has no direction', () => {
  expect(levelsOf(Array.from('a\u0301\u05d0\u05b8'))).toEqual([0, 0, 1, 1]);
  expect(levelsOf(Array.from('\u{1f600} \u05d0'))).toEqual([1, 1, 1]);
});
