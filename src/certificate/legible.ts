import { printable } from '../proof/index.js';
import type { Fonts } from './fonts.js';

/**
 * Text of strangers as it is printed. What the fonts cannot show, and what would be invisible or reorder the line, is shown by
 * its code, as in `\u{1f600}`: nothing vanishes. Decomposed Hangul, as some systems spell file names, is composed.
 */
export function legible(text: string, fonts: Fonts): string {
  return Array.from(printable(text.normalize('NFC')), (character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    return fonts.covers(codePoint) ? character : `\\u{${codePoint.toString(16)}}`;
  }).join('');
}
