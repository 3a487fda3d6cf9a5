import { readFileSync } from 'node:fs';
import { printable } from '../proof/index.js';

export type Weight = 'regular' | 'bold';

export interface Fonts {
  /** The font files' bytes. */
  readonly data: Readonly<Record<Weight, Buffer>>;
  /** Whether the fonts have a glyph for the character. */
  covers(codePoint: number): boolean;
}

/** The same folder from src/certificate/ and from dist/certificate/. */
const FOLDER = new URL('../../assets/fonts/', import.meta.url);
let loaded: Fonts | undefined;

/**
 * Noto Sans KR: Latin, Hangul, Hanja and Kana in one typeface. Reads the files at the first call and keeps
 * them.
 */
export function loadFonts(): Fonts {
  if (loaded === undefined) {
    const regular = readFileSync(new URL('NotoSansKR-Regular.ttf', FOLDER));
    const bold = readFileSync(new URL('NotoSansKR-Bold.ttf', FOLDER));
    // Both weights have the same characters.
    const ranges = charactersOf(regular);
    loaded = {
      data: { regular, bold },
      covers: (codePoint) => ranges.some(([first, last]) => codePoint >= first && codePoint <= last),
    };
  }
  return loaded;
}

/**
 * First and last of each run of characters in the font: the groups of its `cmap` table of format 12 (OpenType
 * 1.9).
 */
function charactersOf(font: Buffer): (readonly [number, number])[] {
  const cmap = tableOf(font, 'cmap');
  for (let i = 0; i < cmap.readUInt16BE(2); i++) {
    const subtable = cmap.subarray(cmap.readUInt32BE(4 + 8 * i + 4));
    if (subtable.readUInt16BE(0) !== 12) continue;
    return Array.from({ length: subtable.readUInt32BE(12) }, (_, group) => {
      const at = 16 + 12 * group;
      return [subtable.readUInt32BE(at), subtable.readUInt32BE(at + 4)] as const;
    });
  }
  throw new Error('the font has no character map of format 12');
}

function tableOf(font: Buffer, tag: string): Buffer {
  for (let i = 0; i < font.readUInt16BE(4); i++) {
    const record = 12 + 16 * i;
    if (font.toString('latin1', record, record + 4) === tag)
      return font.subarray(font.readUInt32BE(record + 8));
  }
  throw new Error(`the font has no table ${tag}`);
}

/**
 * Makes untrusted text printable. A character that the fonts lack, or that would be invisible or reorder the
 * line, is replaced by its code, such as `\u{1f600}`, so that nothing is lost. Decomposed Hangul, as in file
 * names of some systems, is composed.
 */
export function legible(text: string, fonts: Fonts): string {
  return Array.from(printable(text.normalize('NFC')), (character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    return fonts.covers(codePoint) ? character : `\\u{${codePoint.toString(16)}}`;
  }).join('');
}
