import { element, type Child } from '../dom.js';
import { formatNumber } from '../format.js';
import { words } from '../messages/docs.js';
import { prose } from './prose.js';
import { referredName, type Schema } from './openapi.js';

/** Shapes that are written out where they stand end here; those with a name are links. */
const MAX_DEPTH = 6;

export const shapeId = (name: string): string => `shape-${name}`;

/** What a value is, in one line, in the English of the description: its type, its limits, or the name of its shape. */
export function typeLine(schema: Schema): Child[] {
  const name = referredName(schema);
  if (name !== null) return [element('a', { href: `#${shapeId(name)}` }, name)];
  const ways = schema.anyOf ?? schema.oneOf;
  if (ways !== undefined) return joined(ways.map(typeLine), 'or');
  if ('const' in schema) return [code(schema.const)];
  if (schema.enum !== undefined)
    return joined(
      schema.enum.map((value) => [code(value)]),
      'or',
    );
  if (schema.type === 'array')
    return ['list of ', ...typeLine(schema.items ?? {}), ...limits(schema.minItems, schema.maxItems, '')];
  const type = typeof schema.type === 'string' ? schema.type : 'any value';
  const what = schema.format === undefined ? type : `${type} (${schema.format})`;
  return [
    what,
    ...limits(schema.minLength, schema.maxLength, ' characters'),
    ...limits(schema.minimum, schema.maximum, ''),
    ...(schema.pattern === undefined ? [] : [' ', code(schema.pattern, false)]),
  ];
}

/** The members of an object, or what lies beneath a list or a choice; null where one line has said it all. */
export function members(schema: Schema, depth = 0): HTMLElement | null {
  if (referredName(schema) !== null || depth > MAX_DEPTH) return null;
  if (schema.items !== undefined) return members(schema.items, depth);
  const ways = (schema.anyOf ?? schema.oneOf ?? []).flatMap((way) => members(way, depth) ?? []);
  if (ways.length > 0) return element('div', { class: 'ways' }, ...ways);
  const { properties } = schema;
  if (properties === undefined) return null;
  const required = new Set(schema.required);
  return element(
    'dl',
    { class: 'members' },
    ...Object.entries(properties).map(([name, each]) => member(name, each, required.has(name), depth)),
  );
}

/** Also what a parameter is: name, type, whether it must be there, and what it means. */
export function member(name: string, schema: Schema, required: boolean, depth = 0): HTMLElement {
  const t = words();
  return element(
    'div',
    {},
    element(
      'dt',
      {},
      element('code', {}, name),
      required ? element('span', { class: 'needed' }, t.required) : null,
    ),
    element(
      'dd',
      {},
      element('span', { class: 'type', lang: 'en' }, ...typeLine(schema).filter((part) => part !== null)),
      schema.description === undefined ? null : prose(schema.description),
      members(schema, depth + 1),
    ),
  );
}

function code(value: unknown, quoted = true): HTMLElement {
  return element('code', {}, quoted ? JSON.stringify(value) : String(value));
}

/** Bounds that only say that a number is one that JSON can hold are left out. */
function limits(least: number | undefined, most: number | undefined, unit: string): string[] {
  const from = least === undefined || least <= 0 ? null : formatNumber(least);
  const to = most === undefined || most >= Number.MAX_SAFE_INTEGER ? null : formatNumber(most);
  if (to === null) return from === null || from === '1' ? [] : [`, at least ${from}${unit}`];
  return [from === null ? `, at most ${to}${unit}` : `, ${from} to ${to}${unit}`];
}

function joined(parts: readonly (readonly Child[])[], by: string): Child[] {
  return parts.flatMap((part, i) => (i === 0 ? part : [` ${by} `, ...part]));
}
