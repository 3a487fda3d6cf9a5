import type { Canvas, TextStyle } from './canvas.js';
import { COLOUR, COLUMN, LABEL, PAGE, SIZE } from './look.js';

/** Parts that both pages are made of. */

export function heading(canvas: Canvas, text: string, left: number = PAGE.left): void {
  canvas.text('H2', text, { size: SIZE.heading, weight: 'bold', colour: COLOUR.seal, leading: 1.7, left });
}

/** A label and what it is about. */
export function row(canvas: Canvas, label: string, value: string, style: TextStyle = {}): void {
  canvas.group('TR', () => {
    canvas.beside(
      () => {
        canvas.text('TH', label, { colour: COLOUR.soft, width: LABEL - 10, maxLines: 2 });
      },
      () => {
        canvas.text('TD', value, { left: PAGE.left + LABEL, maxLines: 1, ...style });
      },
    );
  });
}

/** A label and one or two values in columns of their own; heads of columns are values of an empty label. */
export function pair(canvas: Canvas, label: string, values: readonly string[], style: TextStyle = {}): void {
  const tag = label === '' ? 'TH' : 'TD';
  const width = (COLUMN - LABEL) / 2;
  canvas.group('TR', () => {
    canvas.beside(
      () => {
        canvas.text('TH', label, { colour: COLOUR.soft, width: LABEL - 10, maxLines: 3 });
      },
      ...values.map((value, i) => () => {
        canvas.text(tag, value, {
          left: PAGE.left + LABEL + i * width,
          width: width - 6,
          maxLines: 1,
          ...style,
        });
      }),
    );
  });
}

/** @param mark what stands in front of an item, from its number */
export function list(canvas: Canvas, items: readonly string[], mark: (number: number) => string): void {
  canvas.group('L', () => {
    items.forEach((item, i) => {
      canvas.group('LI', () => {
        canvas.beside(
          () => {
            canvas.text('LBody', mark(i + 1), { colour: COLOUR.seal, width: 14 });
          },
          () => {
            canvas.text('LBody', item, { left: PAGE.left + 16, maxLines: 5 });
          },
        );
      });
      canvas.y += 2;
    });
  });
}

export function footer(
  canvas: Canvas,
  { digest, page }: { readonly digest: string; readonly page: string },
): void {
  canvas.y = PAGE.height - PAGE.bottom;
  canvas.rule();
  canvas.y += 6;
  const style = { size: SIZE.small, colour: COLOUR.soft };
  canvas.beside(
    () => {
      canvas.text('P', `SHA-256 ${digest}`, { ...style, exact: true });
    },
    () => {
      canvas.text('P', page, { ...style, align: 'right' });
    },
  );
}
