import { printLine, type Output } from '../io.js';
import { printable } from './text.js';

export interface Column<Row> {
  readonly title: string;
  readonly right?: true;
  readonly cell: (row: Row) => string;
}

const GAP = '  ';

/** Aligned columns under their titles. Nothing is cut off: what is read by programs is `--json`. */
export function printTable<Row>(output: Output, columns: readonly Column<Row>[], rows: readonly Row[]): void {
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ cell }) => printable(cell(row)))),
  ];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => displayWidth(line[i] ?? ''))));
  for (const line of lines) {
    const cells = line.map((text, i) => {
      const fill = ' '.repeat((widths[i] ?? 0) - displayWidth(text));
      return columns[i]?.right === true ? fill + text : text + fill;
    });
    printLine(output, cells.join(GAP).trimEnd());
  }
}

/** East Asian wide characters take two places in a terminal (Unicode UAX #11), combining marks none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mn}|\p{Me}/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** Hangul with its leading consonants, Kana, CJK ideographs and punctuation, full-width forms, emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
