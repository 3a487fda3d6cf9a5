import { readFileSync } from 'node:fs';
import { printable } from '../proof/index.js';

export type Weight = 'regular' | 'bold';

/** The fonts for what the typeface of the certificate lacks; they have one weight. */
export type Fallback = keyof typeof FALLBACKS;
export type Face = Weight | Fallback;

/**
 * Tried in this order for a character that matches `for`. Where a script `joins` its characters, invisible
 * joiners mean something.
 */
const FALLBACKS = {
  latin: {
    file: 'NotoSans-Regular.ttf',
    for: /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Inherited}\p{S}\p{P}]/u,
    joins: false,
  },
  arabic: { file: 'NotoSansArabic-Regular.ttf', for: /\p{Script_Extensions=Arabic}/u, joins: true },
  hebrew: { file: 'NotoSansHebrew-Regular.ttf', for: /\p{Script_Extensions=Hebrew}/u, joins: false },
  thai: { file: 'NotoSansThai-Regular.ttf', for: /[\p{Script=Thai}\u0e3f]/u, joins: false },
  devanagari: {
    file: 'NotoSansDevanagari-Regular.ttf',
    for: /\p{Script_Extensions=Devanagari}/u,
    joins: true,
  },
  hanja: { file: 'NotoSansSC-Regular.ttf', for: /\p{Script=Han}/u, joins: false },
  emoji: { file: 'NotoEmoji-Regular.ttf', for: /[\p{Emoji}\p{Emoji_Component}]/u, joins: true },
} as const;
const ORDER = Object.keys(FALLBACKS) as Fallback[];

interface Font {
  readonly data: Buffer;
  covers(codePoint: number): boolean;
}

/** The same folder from src/certificate/ and from dist/certificate/. */
const FOLDER = new URL('../../assets/fonts/', import.meta.url);
const loaded = new Map<string, Font>();

/** Reads the file at the first call, and keeps it. */
function load(file: string): Font {
  const known = loaded.get(file);
  if (known !== undefined) return known;
  const data = readFileSync(new URL(file, FOLDER));
  const ranges = charactersOf(data);
  const font: Font = {
    data,
    covers: (codePoint) => isWithin(ranges, codePoint),
  };
  loaded.set(file, font);
  return font;
}

/** @param ranges in ascending order; a font has thousands of them */
function isWithin(ranges: readonly (readonly [number, number])[], codePoint: number): boolean {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.[1] ?? Infinity) < codePoint) low = middle + 1;
    else high = middle;
  }
  return (ranges[low]?.[0] ?? Infinity) <= codePoint;
}

/**
 * The file of a face. Noto Sans KR has Latin, Hangul, Hanja and Kana in one typeface; both of its weights
 * have the same characters.
 */
export function fontData(face: Face): Buffer {
  if (face === 'regular') return load('NotoSansKR-Regular.ttf').data;
  return face === 'bold' ? load('NotoSansKR-Bold.ttf').data : load(FALLBACKS[face].file).data;
}

/** Whether Noto Sans KR has a glyph for the character. */
export function covers(codePoint: number): boolean {
  return load('NotoSansKR-Regular.ttf').covers(codePoint);
}

/** Joiners, and selectors of a variant of the character before. They have no glyph of their own. */
const INVISIBLE = new Set(['\u200c', '\u200d', '\ufe0e', '\ufe0f']);

/** The fallback that has all characters of `grapheme`; null: Noto Sans KR has them; undefined: none has. */
function faceOf(grapheme: string): Fallback | null | undefined {
  const characters = Array.from(grapheme);
  const visible = characters.filter((character) => !INVISIBLE.has(character));
  const has = (font: Font) => visible.every((character) => font.covers(character.codePointAt(0) ?? 0));
  if (characters.length === visible.length && has(load('NotoSansKR-Regular.ttf'))) return null;
  return ORDER.find((face) => {
    const { for: script, file, joins } = FALLBACKS[face];
    const isSpelt = joins || characters.length === visible.length;
    return isSpelt && visible.some((character) => script.test(character)) && has(load(file));
  });
}

/** A part of a text that is not divided, with its font. */
export interface Grapheme {
  readonly text: string;
  /** null: the certificate's own typeface, in the weight of the text. */
  readonly face: Fallback | null;
}

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * Makes untrusted text printable. A character that the fonts lack, or that would be invisible or reorder the
 * line, is replaced by its code, such as `\u{1f600}`, so that nothing is lost. Decomposed Hangul, as in file
 * names of some systems, is composed.
 */
export function legible(text: string): Grapheme[] {
  return Array.from(segmenter.segment(text.normalize('NFC'))).flatMap(({ segment }) => {
    const face = faceOf(segment);
    // Joiners are kept only where they join.
    if (face !== undefined && isPrintable(segment, face)) return [{ text: segment, face }];
    return Array.from(segment).flatMap((character) => {
      const own = faceOf(character);
      if (own !== undefined && printable(character) === character) return [{ text: character, face: own }];
      return Array.from(codeOf(character), (each) => ({ text: each, face: null }));
    });
  });
}

function isPrintable(segment: string, face: Fallback | null): boolean {
  const visible = face === null ? segment : segment.replaceAll(/[\u200c\u200d]/gu, '');
  return printable(visible) === visible;
}

const codeOf = (character: string) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** Whether a part of the text is printed as codes. */
export function hasCodes(text: string): boolean {
  return (
    legible(text)
      .map((grapheme) => grapheme.text)
      .join('') !== text.normalize('NFC')
  );
}

/**
 * First and last of each run of characters in the font: the groups of its `cmap` table of format 12, or, for
 * a font without characters beyond U+FFFF, the segments of format 4 (OpenType 1.9).
 */
function charactersOf(font: Buffer): (readonly [number, number])[] {
  const cmap = tableOf(font, 'cmap');
  const tables = Array.from({ length: cmap.readUInt16BE(2) }, (_, i) =>
    cmap.subarray(cmap.readUInt32BE(4 + 8 * i + 4)),
  );
  const whole = tables.find((table) => table.readUInt16BE(0) === 12);
  if (whole !== undefined) {
    return Array.from({ length: whole.readUInt32BE(12) }, (_, group) => {
      const at = 16 + 12 * group;
      return [whole.readUInt32BE(at), whole.readUInt32BE(at + 4)] as const;
    });
  }
  const basic = tables.find((table) => table.readUInt16BE(0) === 4);
  if (basic === undefined) throw new Error('the font has no character map of format 4 or 12');
  const length = basic.readUInt16BE(6);
  return Array.from(
    { length: length / 2 },
    (_, i) => [basic.readUInt16BE(16 + length + 2 * i), basic.readUInt16BE(14 + 2 * i)] as const,
  );
}

function tableOf(font: Buffer, tag: string): Buffer {
  for (let i = 0; i < font.readUInt16BE(4); i++) {
    const record = 12 + 16 * i;
    if (font.toString('latin1', record, record + 4) === tag)
      return font.subarray(font.readUInt32BE(record + 8));
  }
  throw new Error(`the font has no table ${tag}`);
}
