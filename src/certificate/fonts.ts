import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Noto Sans KR: Latin, Hangul, Hanja and Kana in one typeface. Both weights have the same characters. */

export type Weight = 'regular' | 'bold';

export interface Fonts {
  /** The font files' bytes. */
  readonly data: Readonly<Record<Weight, Buffer>>;
  /** Whether there is a glyph for the character. */
  covers(codePoint: number): boolean;
}

const PACKAGE = '@expo-google-fonts/noto-sans-kr';
let loaded: Fonts | undefined;

/** Reads 12 MB at the first call and keeps them: they are the same for every certificate. */
export function loadFonts(): Fonts {
  if (loaded === undefined) {
    const { resolve } = createRequire(import.meta.url);
    const regular = readFileSync(resolve(`${PACKAGE}/400Regular/NotoSansKR_400Regular.ttf`));
    const bold = readFileSync(resolve(`${PACKAGE}/700Bold/NotoSansKR_700Bold.ttf`));
    const ranges = charactersOf(regular);
    loaded = {
      data: { regular, bold },
      covers: (codePoint) => ranges.some(([first, last]) => codePoint >= first && codePoint <= last),
    };
  }
  return loaded;
}

/** First and last of each run of characters in the font: the groups of its `cmap` table of format 12 (OpenType 1.9). */
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
  throw new Error(`${PACKAGE} has no character map of format 12`);
}

function tableOf(font: Buffer, tag: string): Buffer {
  for (let i = 0; i < font.readUInt16BE(4); i++) {
    const record = 12 + 16 * i;
    if (font.toString('latin1', record, record + 4) === tag)
      return font.subarray(font.readUInt32BE(record + 8));
  }
  throw new Error(`${PACKAGE} has no table ${tag}`);
}
