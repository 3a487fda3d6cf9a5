import { levelsOf, mirrored, onPaper } from './direction.js';
import { type Face, type Fallback, type Grapheme, legible, type Weight } from './fonts.js';
import { shaperOf } from './shaping.js';

// Lengths are in points. Colours are those of the web pages' light theme.

export const PAGE = { width: 595.28, height: 841.89, left: 62, right: 62, top: 50, bottom: 50 } as const;
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
  smallTitle: 17,
  name: 14,
  digest: 13.5,
  lead: 10.5,
  heading: 10,
  body: 9,
  foot: 8,
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
  /** Further lines are cut off, with an ellipsis. `isCut` of the canvas tells. */
  readonly maxLines?: number;
  /** Replaces the text for screen readers and when it is copied. */
  readonly actual?: string;
  readonly link?: string;
  /** No ligatures: “ff” in a digest is two digits. */
  readonly exact?: boolean;
  /** For screen readers, where it is not the language of the document. */
  readonly lang?: string | undefined;
}

/** Structure types of ISO 32000-1 §14.8.4. */
export type Tag =
  | 'H1'
  | 'H2'
  | 'P'
  | 'L'
  | 'LI'
  | 'LBody'
  | 'Table'
  | 'TR'
  | 'TH'
  | 'TD'
  | 'Sect'
  | 'Figure'
  | 'Link';

interface TagOptions {
  readonly alt?: string;
  readonly actual?: string;
  readonly lang?: string;
}

// The library also accepts a record, which its types do not allow.
const EXACT = { liga: false } as unknown as PDFKit.Mixins.OpenTypeFeatures[];
const SHAPED = {} as unknown as PDFKit.Mixins.OpenTypeFeatures[];

/** Characters of the texts that are kept: those of the certificate itself, in all languages, and some more. */
const MAX_KEPT = 100_000;

/** What was computed for texts: each is measured again and again, and most of them are in every certificate. */
class Kept<T> {
  readonly #values = new Map<string, T>();
  #characters = 0;

  get(text: string, compute: () => T): T {
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    const computed = compute();
    if (this.#characters > MAX_KEPT) {
      this.#values.clear();
      this.#characters = 0;
    }
    this.#values.set(text, computed);
    this.#characters += text.length;
    return computed;
  }
}

/** Of runs, at size 1. */
const widths = new Kept<number>();
const placed = new Kept<readonly Placed[]>();

/** Writes a page from top to bottom, and tags each piece of text for screen readers. */
export class Canvas {
  /** Top of the next line. */
  y: number = PAGE.top;
  readonly doc: PDFKit.PDFDocument;
  /** Whether a text was cut off. */
  isCut = false;
  #parent: PDFKit.PDFStructureElement | null;

  /**
   * @param root the document's structure element, which the caller ends; null: draw nothing and only measure
   * `y`
   */
  constructor(doc: PDFKit.PDFDocument, root: PDFKit.PDFStructureElement | null) {
    this.doc = doc;
    this.#parent = root;
  }

  /** Puts what `body` writes into one structure element. */
  group(tag: Tag, body: () => void, options: TagOptions = {}): void {
    const outer = this.#parent;
    const element = outer === null ? null : this.doc.struct(tag, options);
    if (element !== null) outer?.add(element);
    this.#parent = element;
    body();
    element?.end();
    this.#parent = outer;
  }

  /** Writes text and moves `y` below it. */
  text(tag: Tag, text: string, style: TextStyle = {}): void {
    const { left = PAGE.left, align } = style;
    const { size = SIZE.body, leading = 1.5, colour = COLOUR.ink } = style;
    const width = style.width ?? PAGE.left + COLUMN - left;
    const marked = this.#place(text);
    const all = this.#wrap(marked, width, style);
    const { maxLines = all.length } = style;
    const lines = all.slice(0, maxLines);
    if (all.length > maxLines) {
      // A QR code holds the whole address of a link.
      this.isCut ||= tag !== 'Link';
      lines.push(this.#shortened(lines.pop() ?? [], width, style));
    }
    const lineHeight = size * leading;
    // What readers copy is in logical order, whatever stands where.
    const isReordered = marked.some(({ level, face }) => level > 0 || face !== null);
    const actual = style.actual ?? (isReordered ? marked.map((each) => each.text).join('') : undefined);
    const options = {
      ...(actual === undefined ? {} : { actual }),
      ...(style.lang === undefined ? {} : { lang: style.lang }),
    };
    this.#add(tag, options, () => {
      this.doc.fillColor(colour);
      lines.forEach((line, i) => {
        const x = align === 'right' ? left + width - this.#widthOf(line, style) : left;
        this.#write(line, x, this.y + i * lineHeight + baseline(size, lineHeight), style);
      });
    });
    this.y += lines.length * lineHeight;
  }

  /** How many lines a text would have. */
  linesOf(text: string, style: TextStyle): number {
    const { left = PAGE.left } = style;
    return this.#wrap(this.#place(text), style.width ?? PAGE.left + COLUMN - left, style).length;
  }

  #place(text: string): readonly Placed[] {
    return placed.get(text, () => inDirection(legible(text)));
  }

  /**
   * Breaks text into lines of at most `width`, at spaces, in Korean too. A word that is wider than a line,
   * such as a long file name, is broken at the end of the line.
   */
  #wrap(text: readonly Placed[], width: number, style: TextStyle): Placed[][] {
    const lines: Placed[][] = [];
    let line: Placed[] = [];
    let used = 0;
    const breakLine = () => {
      lines.push(line);
      line = [];
      used = 0;
    };
    for (const word of wordsOf(text)) {
      const space = word.space === null ? 0 : this.#widthOf([word.space], style);
      const needed = this.#widthOf(word.graphemes, style);
      if (line.length > 0 && used + space + needed > width) breakLine();
      else if (line.length > 0 && word.space !== null) {
        line.push(word.space);
        used += space;
      }
      if (needed <= width) {
        line.push(...word.graphemes);
        used += needed;
        continue;
      }
      for (const grapheme of word.graphemes) {
        const more = this.#widthOf([grapheme], style);
        if (line.length > 0 && used + more > width) breakLine();
        line.push(grapheme);
        used += more;
      }
    }
    lines.push(line);
    return lines;
  }

  /** The line with an ellipsis at its end. */
  #shortened(line: readonly Placed[], width: number, style: TextStyle): Placed[] {
    // At the end in the direction of the text, which stands on the left of a line from right to left.
    const level = Math.min(...line.map((each) => each.level));
    const ellipsis: Placed = { text: '…', face: null, level };
    const kept = [...line];
    while (kept.length > 0 && this.#widthOf([...kept, ellipsis], style) > width) kept.pop();
    return [...kept, ellipsis];
  }

  /** Writes the parts of one text in columns, so that they are easy to compare by eye. */
  cells(cells: readonly string[], lefts: readonly number[], style: TextStyle): void {
    const { size = SIZE.body, leading = 1.5, colour = COLOUR.ink } = style;
    const lineHeight = size * leading;
    this.#add('P', style.actual === undefined ? {} : { actual: style.actual }, () => {
      this.doc.fillColor(colour);
      cells.forEach((cell, i) => {
        const line = Math.floor(i / lefts.length);
        const y = this.y + line * lineHeight + baseline(size, lineHeight);
        this.#write(this.#place(cell), lefts[i % lefts.length] ?? 0, y, style);
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

  #use(face: Face, { size = SIZE.body }: TextStyle): PDFKit.PDFDocument {
    // The library's types know the bytes of a font only.
    this.doc.registerFont(face, shaperOf(face) as unknown as PDFKit.Mixins.PDFFontSource);
    return this.doc.font(face).fontSize(size);
  }

  #widthOf(line: readonly Placed[], style: TextStyle): number {
    return runsOf(line).reduce((width, run) => width + this.#widthOfRun(run, style), 0);
  }

  #widthOfRun(run: Run, style: TextStyle): number {
    const face = run.face ?? style.weight ?? 'regular';
    const key = `${face} ${style.exact === true} ${run.level} ${run.text}`;
    // Also when the width is known: a document names its fonts in the order in which they are used first, and has the same bytes again.
    const doc = this.#use(face, { size: 1 });
    const width = widths.get(key, () => doc.widthOfString(glyphOrder(run), featuresOf(run, style)));
    return width * (style.size ?? SIZE.body);
  }

  /** @param y of the baseline */
  #write(line: readonly Placed[], x: number, y: number, style: TextStyle): void {
    let left = x;
    for (const run of onPaper(runsOf(line))) {
      const { link } = style;
      this.#use(run.face ?? style.weight ?? 'regular', style).text(glyphOrder(run), left, y, {
        lineBreak: false,
        baseline: 'alphabetic',
        ...featuresOf(run, style),
        ...(link === undefined ? {} : { link, underline: false }),
      });
      left += this.#widthOfRun(run, style);
    }
  }

  #add(tag: Tag, options: TagOptions, draw: () => void): void {
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

/** A grapheme with its embedding level. */
interface Placed extends Grapheme {
  readonly level: number;
}

function inDirection(graphemes: readonly Grapheme[]): Placed[] {
  const characters = graphemes.flatMap(({ text }) => Array.from(text));
  const levels = levelsOf(characters);
  let at = 0;
  return graphemes.map((grapheme) => {
    const level = levels[at] ?? 0;
    at += Array.from(grapheme.text).length;
    return { ...grapheme, level };
  });
}

/** The words of a text, each with the space before it. */
function wordsOf(text: readonly Placed[]) {
  const words: { space: Placed | null; graphemes: Placed[] }[] = [{ space: null, graphemes: [] }];
  for (const grapheme of text) {
    if (grapheme.text === ' ') words.push({ space: grapheme, graphemes: [] });
    else words.at(-1)?.graphemes.push(grapheme);
  }
  return words;
}

/** Neighbours of one font and direction, which are shaped together. */
interface Run {
  readonly text: string;
  readonly face: Fallback | null;
  readonly level: number;
}

function runsOf(line: readonly Placed[]): Run[] {
  const runs: { text: string; face: Fallback | null; level: number }[] = [];
  for (const { text, face, level } of line) {
    const last = runs.at(-1);
    if (last?.face === face && last.level === level) last.text += text;
    else runs.push({ text, face, level });
  }
  return runs;
}

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * The text of a run as the PDF library takes it: it puts text of these scripts, and no other, in the order
 * from right to left.
 */
function glyphOrder({ text, level }: Run): string {
  const isFromRight = level % 2 === 1;
  const shown = isFromRight ? Array.from(text, mirrored).join('') : text;
  if (isFromRight === /[\p{Script=Arabic}\p{Script=Hebrew}]/u.test(text)) return shown;
  return Array.from(segmenter.segment(shown), ({ segment }) => segment)
    .reverse()
    .join('');
}

/** With features, the library shapes the whole run; without, word by word. */
function featuresOf(
  { face }: Run,
  { exact = false }: TextStyle,
): { features?: PDFKit.Mixins.OpenTypeFeatures[] } {
  if (exact) return { features: EXACT };
  return face === null ? {} : { features: SHAPED };
}
