import { inflateSync } from 'node:zlib';

/**
 * What a reader of the PDF sees, found by way of its cross-reference table, without the library that wrote
 * it: text with its place, by the character codes' own table, and filled rectangles.
 */
export interface PdfPage {
  readonly pieces: readonly Piece[];
  readonly rectangles: readonly Rectangle[];
}

/** A run of text; points from the page's lower left corner. */
export interface Piece {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  /** Of the base line. */
  readonly y: number;
  readonly size: number;
  /** Whether a character without a glyph is shown. */
  readonly missing: boolean;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Red, green and blue, 0 to 1 each. */
  readonly colour: readonly number[];
}

export class Pdf {
  readonly #bytes: Buffer;
  readonly #offsets: readonly number[];
  readonly trailer: string;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes);
    const text = this.#bytes.toString('latin1');
    const start = Number(/startxref\n([0-9]+)\n%%EOF\n$/.exec(text)?.[1]);
    const [, count, rows = '', trailer = ''] =
      /^xref\n0 ([0-9]+)\n((?:[0-9]{10} [0-9]{5} [nf] \n)+)trailer\n([^]*?)\nstartxref/.exec(
        text.slice(start),
      ) ?? [];
    this.#offsets = rows.split('\n').map((row) => Number(row.slice(0, 10)));
    if (this.#offsets.length - 1 !== Number(count)) throw new Error('the cross-reference table is broken');
    this.trailer = trailer;
  }

  /** The object without its stream. */
  object(number: number): string {
    const at = this.#offsets[number] ?? 0;
    const text = this.#bytes.toString('latin1', at, this.#bytes.indexOf('endobj', at));
    if (!text.startsWith(`${number} 0 obj\n`))
      throw new Error(`object ${number} is not where the table says`);
    return text.split('\nstream\n')[0] ?? '';
  }

  /** The object that `holder` refers to under `key`. */
  follow(holder: string, key: string): string {
    return this.object(this.reference(holder, key));
  }

  reference(holder: string, key: string): number {
    const number = new RegExp(`/${key} ([0-9]+) 0 R`).exec(holder)?.[1];
    if (number === undefined) throw new Error(`no ${key} in ${holder}`);
    return Number(number);
  }

  stream(number: number): Buffer {
    const dictionary = this.object(number);
    const length = Number(/\/Length ([0-9]+)/.exec(dictionary)?.[1]);
    const at = (this.#offsets[number] ?? 0) + Buffer.byteLength(dictionary, 'latin1') + '\nstream\n'.length;
    const data = this.#bytes.subarray(at, at + length);
    return dictionary.includes('/Filter /FlateDecode') ? inflateSync(data) : data;
  }

  get catalog(): string {
    return this.follow(this.trailer, 'Root');
  }

  get pages(): PdfPage[] {
    const [, kids = ''] = /\/Kids \[([^\]]*)\]/.exec(this.follow(this.catalog, 'Pages')) ?? [];
    return [...kids.matchAll(/([0-9]+) 0 R/g)].map(([, number]) => this.#page(this.object(Number(number))));
  }

  #page(page: string): PdfPage {
    const content = this.stream(this.reference(page, 'Contents')).toString('latin1');
    const fonts = new Map(
      [...this.follow(page, 'Resources').matchAll(/\/(F[0-9]+) ([0-9]+) 0 R/g)].map(
        ([, name = '', number]) => [name, this.#font(Number(number))],
      ),
    );
    return interpret(content, fonts);
  }

  #font(number: number): Font {
    const font = this.object(number);
    const cmap = this.stream(this.reference(font, 'ToUnicode')).toString('latin1');
    const characters = [...cmap.matchAll(/<([0-9a-f]{4})> <[0-9a-f]{4}> \[([^\]]*)\]/g)].flatMap(
      ([, , list = '']) => [...list.matchAll(/<([0-9a-f ]*)>/g)].map(([, hex = '']) => utf16(hex)),
    );
    const [, descendant] = /\/DescendantFonts \[([0-9]+) 0 R\]/.exec(font) ?? [];
    const [, widths = ''] = /\/W \[0 \[([^\]]*)\]/.exec(this.object(Number(descendant))) ?? [];
    return { characters, widths: widths.split(' ').map(Number) };
  }
}

interface Font {
  readonly characters: readonly string[];
  /** In thousandths of the size. */
  readonly widths: readonly number[];
}

type Matrix = readonly [number, number, number, number, number, number];

const TOKENS = /<<[^]*?>>|\[[^\]]*\]|<[0-9a-f]*>|\((?:\\.|[^\\)])*\)|\/[^\s/<>[\]()]+|[^\s<>[\]()/]+/g;

function interpret(content: string, fonts: ReadonlyMap<string, Font>): PdfPage {
  const pieces: Piece[] = [];
  const rectangles: Rectangle[] = [];
  const saved: { matrix: Matrix; colour: number[] }[] = [];
  let matrix: Matrix = [1, 0, 0, 1, 0, 0];
  let colour: number[] = [];
  let path: Omit<Rectangle, 'colour'>[] = [];
  let font: Font = { characters: [], widths: [] };
  let [size, left, y] = [0, 0, 0];
  let operands: string[] = [];
  for (const [token] of content.matchAll(TOKENS)) {
    const numbers = operands.map(Number);
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = numbers;
    switch (token) {
      case 'q':
        saved.push({ matrix, colour });
        break;
      case 'Q':
        ({ matrix, colour } = saved.pop() ?? { matrix, colour });
        break;
      case 'cm':
        matrix = times([a, b, c, d, e, f], matrix);
        break;
      case 'scn':
        colour = numbers;
        break;
      case 're': {
        const [x1, y1] = at(matrix, a, b);
        const [x2, y2] = at(matrix, a + c, b + d);
        path.push({
          x: Math.min(x1, x2),
          y: Math.min(y1, y2),
          width: Math.abs(x2 - x1),
          height: Math.abs(y2 - y1),
        });
        break;
      }
      case 'f':
        rectangles.push(...path.map((rectangle) => ({ ...rectangle, colour })));
        path = [];
        break;
      case 'S':
        path = [];
        break;
      case 'Tf':
        font = fonts.get((operands[0] ?? '').slice(1)) ?? font;
        size = b;
        break;
      case 'Tm':
        // The library turns the page over for text, and back: both matrices together only move.
        [left, y] = at(matrix, e, f);
        break;
      case 'TJ': {
        const shown = show(operands[0] ?? '', font);
        pieces.push({
          text: shown.text,
          left,
          right: left + shown.width * size,
          y,
          size,
          missing: shown.missing,
        });
        break;
      }
      default:
        if (!/^[A-Za-z'"*]+[0-9*]?$/.test(token)) {
          operands.push(token);
          continue;
        }
    }
    operands = [];
  }
  return { pieces, rectangles };
}

/** @returns the width in sizes */
function show(
  array: string,
  { characters, widths }: Font,
): { text: string; width: number; missing: boolean } {
  let text = '';
  let width = 0;
  let missing = false;
  for (const [item] of array.matchAll(/<[0-9a-f]*>|-?[0-9.]+/g)) {
    if (!item.startsWith('<')) {
      width -= Number(item) / 1000;
      continue;
    }
    for (const [code] of item.matchAll(/[0-9a-f]{4}/g)) {
      const number = Number.parseInt(code, 16);
      text += characters[number] ?? '';
      width += (widths[number] ?? 0) / 1000;
      missing ||= number === 0 || characters[number] === undefined;
    }
  }
  return { text, width, missing };
}

function utf16(hex: string): string {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex').swap16().toString('utf16le');
}

function times(m: Matrix, n: Matrix): Matrix {
  return [
    m[0] * n[0] + m[1] * n[2],
    m[0] * n[1] + m[1] * n[3],
    m[2] * n[0] + m[3] * n[2],
    m[2] * n[1] + m[3] * n[3],
    m[4] * n[0] + m[5] * n[2] + n[4],
    m[4] * n[1] + m[5] * n[3] + n[5],
  ];
}

function at(m: Matrix, x: number, y: number): [number, number] {
  return [m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]];
}
