import { type Fonts, legible, type Weight } from './fonts.js';

// Lengths are in points. Colours are those of the web pages' light theme.

export const PAGE = { width: 595.28, height: 841.89, left: 62, right: 62, top: 54, bottom: 50 } as const;
export const COLUMN = PAGE.width - PAGE.left - PAGE.right;
/** From the left margin to the text of a row, after its label. */
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
  /** Distance between baselines, relative to the size. */
  readonly leading?: number;
  readonly left?: number;
  readonly width?: number;
  readonly align?: 'left' | 'right';
  /** Further lines are cut off, with an ellipsis. */
  readonly maxLines?: number;
  /** Replaces the text for screen readers and when it is copied. */
  readonly actual?: string;
  readonly link?: string;
  /** No ligatures: “ff” in a digest is two digits. */
  readonly exact?: boolean;
}

/** Structure types of ISO 32000-1 §14.8.4. */
export type Tag =
  'H1' | 'H2' | 'P' | 'L' | 'LI' | 'LBody' | 'Table' | 'TR' | 'TH' | 'TD' | 'Sect' | 'Figure' | 'Link';

// The library also accepts a record, which its types do not allow.
const EXACT = { liga: false } as unknown as PDFKit.Mixins.OpenTypeFeatures[];

/** Writes a page from top to bottom, and tags each piece of text for screen readers. */
export class Canvas {
  /** Top of the next line. */
  y: number = PAGE.top;
  readonly doc: PDFKit.PDFDocument;
  readonly #fonts: Fonts;
  #parent: PDFKit.PDFStructureElement | null;

  /**
   * @param root the document's structure element, which the caller ends; null: draw nothing and only measure
   * `y`
   */
  constructor(doc: PDFKit.PDFDocument, fonts: Fonts, root: PDFKit.PDFStructureElement | null) {
    this.doc = doc;
    this.#fonts = fonts;
    this.#parent = root;
  }

  /** Puts what `body` writes into one structure element. */
  group(tag: Tag, body: () => void): void {
    const outer = this.#parent;
    const element = outer === null ? null : this.doc.struct(tag);
    if (element !== null) outer?.add(element);
    this.#parent = element;
    body();
    element?.end();
    this.#parent = outer;
  }

  /** Writes text and moves `y` below it. */
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

  /** Writes the parts of one text in columns, so that they are easy to compare by eye. */
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

  /** Writes columns side by side and moves `y` below the longest. */
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

  /** Draws decoration, which screen readers skip. */
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

  /** @param y of the baseline */
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

/** Centres capitals, which have 0.73 of the size in this typeface, in their line. */
function baseline(size: number, lineHeight: number): number {
  return (lineHeight + 0.73 * size) / 2;
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * Breaks text into lines of at most `width`, at spaces, in Korean too. A word that is wider than a line, such
 * as a long file name, is broken at the end of the line.
 * @param widthOf the width of a part of a line, in the unit of `width`; a line is as wide as the sum of its
 *   parts
 * @param maxLines further lines are cut off, with an ellipsis
 */
function wrap(
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
