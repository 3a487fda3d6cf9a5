import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { printable } from '../proof/index.js';

/** Measures in points, colours as on the web pages in the light. */

export const PAGE = { width: 595.28, height: 841.89, left: 62, right: 62, top: 54, bottom: 50 } as const;
export const COLUMN = PAGE.width - PAGE.left - PAGE.right;
/** Where the text of a row begins, after its label. */
export const LABEL = 96;

export const COLOUR = {
  ink: '#1f2328',
  soft: '#585d63',
  line: '#ddd7ca',
  sunken: '#f6f3ec',
  seal: '#b8321f',
  sealInk: '#fff8ee',
} as const;

export const SIZE = {
  title: 25,
  name: 14,
  digest: 13.5,
  lead: 10.5,
  heading: 10,
  body: 9,
  small: 7.5,
} as const;

export interface TextStyle {
  readonly size?: number;
  readonly weight?: Weight;
  readonly colour?: string;
  /** Distance of base lines, in sizes. */
  readonly leading?: number;
  readonly left?: number;
  readonly width?: number;
  readonly align?: 'left' | 'right';
  /** Lines beyond are cut, which an ellipsis shows. */
  readonly maxLines?: number;
  /** What is read aloud, and copied, in place of the text. */
  readonly actual?: string;
  readonly link?: string;
  /** Each character by itself: “ff” in a digest are two digits, no ligature. */
  readonly exact?: boolean;
}

/** Structure types of ISO 32000-1 §14.8.4. */
export type Tag =
  'H1' | 'H2' | 'P' | 'L' | 'LI' | 'LBody' | 'Table' | 'TR' | 'TH' | 'TD' | 'Sect' | 'Figure' | 'Link';

/** The library takes a record as well, which its types do not say. Without features it is three times as fast. */
const EXACT = { liga: false } as unknown as PDFKit.Mixins.OpenTypeFeatures[];

/** A page to write on from top to bottom, each piece tagged with what it is, for those who have it read to them. */
export class Canvas {
  /** Top of the next line. */
  y: number = PAGE.top;
  readonly doc: PDFKit.PDFDocument;
  readonly #fonts: Fonts;
  #parent: PDFKit.PDFStructureElement | null;

  /** @param root the document's structure element, which the caller ends; null: nothing is drawn, only `y` grows */
  constructor(doc: PDFKit.PDFDocument, fonts: Fonts, root: PDFKit.PDFStructureElement | null) {
    this.doc = doc;
    this.#fonts = fonts;
    this.#parent = root;
  }

  /** What `body` writes belongs together. */
  group(tag: Tag, body: () => void): void {
    const outer = this.#parent;
    const element = outer === null ? null : this.doc.struct(tag);
    if (element !== null) outer?.add(element);
    this.#parent = element;
    body();
    element?.end();
    this.#parent = outer;
  }

  /** Writes, and goes on below. */
  text(tag: Tag, text: string, style: TextStyle = {}): void {
    const { left = PAGE.left, actual, align } = style;
    const { size = SIZE.body, leading = 1.5, colour = COLOUR.ink } = style;
    const width = style.width ?? PAGE.left + COLUMN - left;
    this.#use(style);
    const lines = wrap(
      legible(text, this.#fonts),
      width,
      (part) => this.#widthOf(part, style),
      style.maxLines,
    );
    const lineHeight = size * leading;
    this.#add(tag, actual === undefined ? {} : { actual }, () => {
      this.#use(style).fillColor(colour);
      lines.forEach((line, i) => {
        const x = align === 'right' ? left + width - this.#widthOf(line, style) : left;
        this.#write(line, x, this.y + i * lineHeight + baseline(size, lineHeight), style);
      });
    });
    this.y += lines.length * lineHeight;
  }

  /** Pieces of one text in lines with the same places in each, for what is compared by eye. */
  cells(cells: readonly string[], lefts: readonly number[], style: TextStyle): void {
    const { size = SIZE.body, leading = 1.5, colour = COLOUR.ink } = style;
    const lineHeight = size * leading;
    this.#add('P', style.actual === undefined ? {} : { actual: style.actual }, () => {
      this.#use(style).fillColor(colour);
      cells.forEach((cell, i) => {
        const line = Math.floor(i / lefts.length);
        const y = this.y + line * lineHeight + baseline(size, lineHeight);
        this.#write(cell, lefts[i % lefts.length] ?? 0, y, style);
      });
    });
    this.y += Math.ceil(cells.length / lefts.length) * lineHeight;
  }

  /** Side by side: each column begins at the same height; what follows is below the longest. */
  beside(...columns: readonly (() => void)[]): void {
    const top = this.y;
    let bottom = top;
    for (const column of columns) {
      this.y = top;
      column();
      bottom = Math.max(bottom, this.y);
    }
    this.y = bottom;
  }

  /** Decoration that says nothing. */
  ornament(draw: (doc: PDFKit.PDFDocument) => void): void {
    if (this.#parent === null) return;
    this.doc.markContent('Artifact', { type: 'Layout' });
    this.doc.save();
    draw(this.doc);
    this.doc.restore();
    this.doc.endMarkedContent();
  }

  figure(alt: string, draw: (doc: PDFKit.PDFDocument) => void): void {
    this.#add('Figure', { alt }, () => {
      this.doc.save();
      draw(this.doc);
      this.doc.restore();
    });
  }

  rule(colour: string = COLOUR.line, thickness = 0.6): void {
    const { y } = this;
    this.ornament((doc) =>
      doc
        .moveTo(PAGE.left, y)
        .lineTo(PAGE.left + COLUMN, y)
        .lineWidth(thickness)
        .stroke(colour),
    );
  }

  #use({ weight = 'regular', size = SIZE.body }: TextStyle): PDFKit.PDFDocument {
    return this.doc.font(weight).fontSize(size);
  }

  #widthOf(line: string, { exact = false }: TextStyle): number {
    return this.doc.widthOfString(line, exact ? { features: EXACT } : {});
  }

  /** @param y of the base line */
  #write(line: string, x: number, y: number, { link, exact = false }: TextStyle): void {
    this.doc.text(line, x, y, {
      lineBreak: false,
      baseline: 'alphabetic',
      ...(exact ? { features: EXACT } : {}),
      ...(link === undefined ? {} : { link, underline: false }),
    });
  }

  #add(tag: Tag, options: { alt?: string; actual?: string }, draw: () => void): void {
    if (this.#parent === null) return;
    const element = this.doc.struct(tag, options, draw);
    this.#parent.add(element);
    element.end();
  }
}

/** Capitals of this typeface are 0.73 of the size: they stand in the middle of their line. */
function baseline(size: number, lineHeight: number): number {
  return (lineHeight + 0.73 * size) / 2;
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * Lines of at most `width`, broken at spaces: Korean too is set by whole words. A word that is wider than a line, such as a
 * long file name, is broken where the line ends.
 * @param widthOf of a part of a line, in the unit of `width`; a line is taken to be as wide as its parts
 * @param maxLines lines beyond are left out; an ellipsis ends the last one then
 */
export function wrap(
  text: string,
  width: number,
  widthOf: (part: string) => number,
  maxLines = Number.POSITIVE_INFINITY,
): string[] {
  const lines: string[] = [];
  const space = widthOf(' ');
  let line = '';
  let used = 0;
  const breakLine = () => {
    lines.push(line);
    line = '';
    used = 0;
  };
  for (const word of text.split(' ')) {
    if (lines.length > maxLines) break;
    const needed = widthOf(word);
    if (line !== '' && used + space + needed > width) breakLine();
    if (needed <= width) {
      used += line === '' ? needed : space + needed;
      line = line === '' ? word : `${line} ${word}`;
      continue;
    }
    for (const { segment } of graphemes.segment(word)) {
      const more = widthOf(segment);
      if (line !== '' && used + more > width) breakLine();
      if (lines.length > maxLines) break;
      line += segment;
      used += more;
    }
  }
  lines.push(line);
  if (lines.length <= maxLines) return lines;
  const last = Array.from(graphemes.segment(lines[maxLines - 1] ?? ''), ({ segment }) => segment);
  while (last.length > 0 && widthOf(`${last.join('')}…`) > width) last.pop();
  return [...lines.slice(0, maxLines - 1), `${last.join('')}…`];
}

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
