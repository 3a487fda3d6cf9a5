import type { JsonObject } from '../proof/index.js';
import { isoTime, type Output, printLine } from './io.js';

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

/** Members of bodies that are times, in milliseconds since the Unix epoch. */
const TIMES = new Set(['deadline', 'until', 'from', 'before', 'after']);

/** What an event states, for people: with times that they can read, and without the nonce, which states nothing. */
export function bodyFields(body: JsonObject, shownText = (text: string) => text): Fields {
  const stated = Object.entries(body).filter(([name]) => name !== 'nonce');
  return readable(Object.fromEntries(stated), '', shownText) as Fields;
}

function readable(value: Shown, name: string, shownText: (text: string) => string): Shown {
  if (typeof value === 'number') return TIMES.has(name) ? isoTime(value) : value;
  if (typeof value === 'string') return shownText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Shown[]).map((each) => readable(each, name, shownText));
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, readable(each, key, shownText)]),
  );
}

/** Of a verifier key the name and id, which tell it from others; any other text as it is. */
export function withShortKeys(text: string): string {
  return /^[^\s+]+\+[0-9a-f]{8}\+\S+$/.test(text) ? text.split('+').slice(0, 2).join('+') : text;
}
