import { type Canvas, COLOUR, COLUMN, LABEL, PAGE, SIZE, type TextStyle } from './canvas.js';
import type { Facts } from './facts.js';
import type { Words } from './words.js';

/** From the left margin to the text of a row when its label is in two languages. */
const WIDE_LABEL = 148;

/** What is short stands in all languages on one line. */
export function both({ languages }: Facts, of: (words: Words) => string): string {
  return [...new Set(languages.map(of))].join(' · ');
}

/** A sentence, in each language a paragraph. */
export function say(
  canvas: Canvas,
  { languages }: Facts,
  of: (words: Words) => string,
  style: TextStyle,
): void {
  languages.forEach((words, i) => {
    canvas.text('P', of(words), { ...style, lang: i === 0 ? undefined : words.language });
  });
}

const labelWidth = ({ languages }: Facts) => (languages.length === 1 ? LABEL : WIDE_LABEL);
export const small: TextStyle = { size: SIZE.small, colour: COLOUR.soft };

/** A label and a value, or a sentence in each language. */
export function row(
  canvas: Canvas,
  facts: Facts,
  label: (words: Words) => string,
  value: string | ((words: Words) => string),
  style: TextStyle = {},
): void {
  const indent = labelWidth(facts);
  const ofValue: TextStyle = { left: PAGE.left + indent, maxLines: 1, ...style };
  canvas.group('TR', () => {
    canvas.beside(
      () => {
        canvas.text('TH', both(facts, label), { colour: COLOUR.soft, width: indent - 10, maxLines: 2 });
      },
      () => {
        if (typeof value === 'string') canvas.text('TD', value, ofValue);
        else
          canvas.group('TD', () => {
            say(canvas, facts, value, ofValue);
          });
      },
    );
  });
}

/** A label and one or two values in columns. The heads of the columns are the values of an empty label. */
export function pair(
  canvas: Canvas,
  facts: Facts,
  label: string,
  values: readonly string[],
  style: TextStyle = {},
): void {
  const tag = label === '' ? 'TH' : 'TD';
  const indent = labelWidth(facts);
  const width = (COLUMN - indent) / 2;
  canvas.group('TR', () => {
    canvas.beside(
      () => {
        canvas.text('TH', label, { colour: COLOUR.soft, width: indent - 10, maxLines: 3 });
      },
      ...values.map((value, i) => () => {
        canvas.text(tag, value, {
          left: PAGE.left + indent + i * width,
          width: width - 6,
          maxLines: 1,
          ...style,
        });
      }),
    );
  });
}
