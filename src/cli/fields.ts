import { type Output, printLine } from './io.js';

/** Values for people: one a line, lists and objects indented. */
export interface Fields {
  readonly [name: string]: Shown;
}
export type Shown = string | number | boolean | null | readonly Shown[] | Fields;

export function printFields(fields: Fields, output: Output, indent = ''): void {
  for (const [name, value] of Object.entries(fields)) printValue(name, value, output, indent);
}

function printValue(name: string, value: Shown, output: Output, indent: string): void {
  if (typeof value !== 'object' || value === null) {
    printLine(output, `${indent}${name}: ${value === null ? '(none)' : String(value)}`);
    return;
  }
  const members: Fields = Array.isArray(value)
    ? Object.fromEntries((value as readonly Shown[]).map((item, i) => [String(i), item]))
    : (value as Fields);
  printLine(output, `${indent}${name}:${Object.keys(members).length === 0 ? ' (none)' : ''}`);
  printFields(members, output, `${indent}  `);
}
