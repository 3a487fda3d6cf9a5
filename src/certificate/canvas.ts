import type { Fonts, Weight } from './fonts.js';
import { legible } from './legible.js';
import { COLOUR, COLUMN, PAGE, SIZE } from './look.js';
import { wrap } from './wrap.js';

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
