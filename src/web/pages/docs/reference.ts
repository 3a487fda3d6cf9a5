import { copyableBlock } from '../../components/copyable.js';
import { type Child, element } from '../../lib/dom.js';
import { formatNumber } from '../../lib/format.js';
import {
  type Endpoint,
  type Content,
  curlCommand,
  needsKey,
  type OpenApi,
  type Parameter,
  referencedName,
  type Schema,
} from './openapi.js';
import { messages } from '../../messages/docs.js';

/** Text of the description, which is always English; text in backticks is code. */
export function prose(text: string): HTMLElement {
  const parts = text.split(/`([^`]*)`/).map((part, i) => (i % 2 === 0 ? part : element('code', {}, part)));
  return element('p', { lang: 'en' }, ...parts);
}

/** Maximum depth of inline schemas. */
const MAX_DEPTH = 6;

export const schemaId = (name: string): string => `schema-${name}`;

/** A value's type and limits in one line, or a link to its schema. */
export function typeLine(schema: Schema): Child[] {
  const name = referencedName(schema);
  if (name !== null) return [element('a', { href: `#${schemaId(name)}` }, name)];
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return joined(alternatives.map(typeLine), 'or');
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

/** The members of an object, of a list's items, or of alternatives; null if there are none. */
export function members(schema: Schema, depth = 0): HTMLElement | null {
  if (referencedName(schema) !== null || depth > MAX_DEPTH) return null;
  if (schema.items !== undefined) return members(schema.items, depth);
  const alternatives = (schema.anyOf ?? schema.oneOf ?? []).flatMap((one) => members(one, depth) ?? []);
  if (alternatives.length > 0) return element('div', { class: 'ways' }, ...alternatives);
  const { properties } = schema;
  if (properties === undefined) return null;
  const required = new Set(schema.required);
  return element(
    'dl',
    { class: 'members' },
    ...Object.entries(properties).map(([name, each]) => member(name, each, required.has(name), depth)),
  );
}

/** A member or parameter: name, type, whether it is required, and description. */
function member(name: string, schema: Schema, required: boolean, depth = 0): HTMLElement {
  const t = messages();
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

/** Bounds that only state the range of JSON numbers are omitted. */
function limits(least: number | undefined, most: number | undefined, unit: string): string[] {
  const from = least === undefined || least <= 0 ? null : formatNumber(least);
  const to = most === undefined || most >= Number.MAX_SAFE_INTEGER ? null : formatNumber(most);
  if (to === null) return from === null || from === '1' ? [] : [`, at least ${from}${unit}`];
  return [from === null ? `, at most ${to}${unit}` : `, ${from} to ${to}${unit}`];
}

function joined(parts: readonly (readonly Child[])[], by: string): Child[] {
  return parts.flatMap((part, i) => (i === 0 ? part : [` ${by} `, ...part]));
}

export const endpointId = ({ operationId }: Pick<Endpoint, 'operationId'>): string =>
  `endpoint-${operationId}`;

/** A collapsed operation. Its content is built when it is first expanded. */
export function endpointView(api: OpenApi, endpoint: Endpoint, base: string): HTMLDetailsElement {
  const body = element('div', { class: 'endpoint-body' });
  const details = element(
    'details',
    {
      class: 'endpoint',
      id: endpointId(endpoint),
      ontoggle: () => {
        if (details.open && body.childElementCount === 0) body.append(...parts(api, endpoint, base));
      },
    },
    element(
      'summary',
      {},
      element('span', { class: 'method', 'data-method': endpoint.method }, endpoint.method),
      element('code', { class: 'endpoint-path' }, endpoint.path),
      element('span', { class: 'endpoint-summary', lang: 'en' }, endpoint.summary),
    ),
    body,
  );
  return details;
}

function parts(api: OpenApi, endpoint: Endpoint, base: string): Node[] {
  const t = messages();
  const content = endpoint.requestBody?.content ?? {};
  const types = Object.keys(content);
  const commands = (types.length === 0 ? [null] : types).map((type) =>
    copyableBlock(type === null ? t.example : t.exampleAs(type), curlCommand(api, endpoint, base, type)),
  );
  const shown: Child[] = [
    endpoint.description === undefined ? null : prose(endpoint.description),
    element('p', { class: 'access' }, accessSentence(endpoint)),
    ...commands,
    ...parameterParts(endpoint.parameters ?? []),
    ...(types.length === 0 ? [] : [element('h3', {}, t.body), ...contentParts(content)]),
    element('h3', {}, t.responses),
    element('dl', { class: 'responses' }, ...Object.entries(endpoint.responses).map(response)),
  ];
  return shown.filter((part) => part instanceof Node);
}

function accessSentence(endpoint: Endpoint): string {
  const t = messages();
  if (endpoint.security.length === 0) return t.accessOpen;
  return needsKey(endpoint) ? t.accessKey : t.accessAnyone;
}

function parameterParts(parameters: readonly Parameter[]): HTMLElement[] {
  const t = messages();
  return (['path', 'query', 'header'] as const).flatMap((place) => {
    const here = parameters.filter((parameter) => parameter.in === place);
    if (here.length === 0) return [];
    const rows = here.map(({ name, schema, required, description }) =>
      member(name, { ...schema, description }, required),
    );
    return [element('h3', {}, t.parameters[place]), element('dl', { class: 'members' }, ...rows)];
  });
}

function contentParts(content: Content): HTMLElement[] {
  return Object.entries(content).map(([type, { schema }]) =>
    element(
      'div',
      { class: 'content-type' },
      element(
        'p',
        { lang: 'en' },
        element('code', {}, type),
        ': ',
        ...typeLine(schema).filter((part) => part !== null),
      ),
      members(schema),
    ),
  );
}

function response([status, { description, content = {} }]: [
  string,
  Endpoint['responses'][string],
]): HTMLElement {
  // Put each error code of the description on its own line.
  const sentences = description.startsWith('`') ? description.split(/(?<=\.) (?=`)/) : [description];
  const types = Object.keys(content).some((type) => type !== 'application/problem+json')
    ? contentParts(content)
    : [];
  return element(
    'div',
    { 'data-class': status.slice(0, 1) },
    element('dt', {}, element('code', {}, status)),
    element('dd', {}, ...sentences.map(prose), ...types),
  );
}
