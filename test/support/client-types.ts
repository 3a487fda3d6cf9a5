import { readFileSync } from 'node:fs';
import { format } from 'oxfmt';
import { openApi } from '../../src/http/openapi.js';
import { everyRoute } from './access-table.js';

/**
 * The types of the client libraries, as the API's description has them: packages/ holds these texts, and a test compares.
 */

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}
type Content = Readonly<Record<string, { readonly schema: Schema }>>;
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly 'x-reads'?: true;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required: boolean;
    readonly description: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
interface Api {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}
type NamedOperation = Operation & { readonly method: string; readonly path: string };

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};
const { ignorePatterns: _, ...OPTIONS } = JSON.parse(
  readFileSync(new URL('../../.oxfmtrc.json', import.meta.url), 'utf8'),
) as { readonly ignorePatterns: unknown; readonly printWidth: number; readonly singleQuote: boolean };
const WRITTEN_BY =
  'Written by test/support/write-client-types.ts from the description of the API: do not edit it.';

/** The generated files, by their paths. */
export async function clientTypes(): Promise<Readonly<Record<string, string>>> {
  // As it is sent: without members that are undefined.
  const api = JSON.parse(JSON.stringify(openApi(everyRoute(), version))) as Api;
  const operations = Object.entries(api.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): NamedOperation => ({ ...operation, method, path })),
  );
  const { code } = await format('types.ts', typescript(api.components.schemas, operations), OPTIONS);
  return {
    'packages/client/src/types.ts': code,
    'packages/python/ingam_client/types.py': python(api.components.schemas, operations),
  };
}

/** In quotes. */
const readingOf = (operations: readonly NamedOperation[], quote: string): string[] =>
  operations
    .filter((each) => each['x-reads'] === true)
    .map(({ operationId }) => `${quote}${operationId}${quote}`);

const JSON_TYPES = /^application\/(?:.*\+)?json$/;
const referred = (schema: Schema) => schema.$ref?.split('/').at(-1);
const typesOf = ({ type }: Schema): readonly (string | undefined)[] =>
  typeof type === 'string' || type === undefined ? [type] : type;

// TypeScript

function typescript(schemas: Api['components']['schemas'], operations: readonly NamedOperation[]): string {
  const types = Object.entries(schemas).map(
    ([name, schema]) => `${comment(schema.description)}export type ${name} = ${tsType(schema)};\n`,
  );
  const calls = operations.map(
    (each) => `${comment(each.summary)}${each.operationId}: ${tsOperation(each)};`,
  );
  const places = operations.map(
    ({ operationId, method, path }) => `${operationId}: ['${method.toUpperCase()}', '${path}'],`,
  );
  return `// ${WRITTEN_BY}\n
${types.join('\n')}
/** What each operation takes and answers. */
export interface Operations {
${calls.join('\n')}
}

/** Method and path of each operation. */
export const OPERATIONS = {
${places.join('\n')}
} as const satisfies Record<keyof Operations, readonly [string, string]>;

/** Those that change nothing, although they are no GET. */
export const READING: ReadonlySet<keyof Operations> = new Set([${readingOf(operations, "'").join(', ')}] as const);
`;
}

function tsOperation({ parameters = [], requestBody, responses }: Operation): string {
  const inPlace = (place: string) => parameters.filter((each) => each.in === place);
  const group = (place: string) => {
    const found = inPlace(place);
    if (found.length === 0) return '';
    const members = found.map(
      ({ name, required, description, schema }) =>
        `${comment(description)}${JSON.stringify(name)}${required ? '' : '?'}: ${tsType(schema)};`,
    );
    return `${place}${found.some(({ required }) => required) ? '' : '?'}: {\n${members.join('\n')}\n};`;
  };
  const body = Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) =>
    tsContent(type, schema),
  );
  const answers = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, { content }]) =>
      content === undefined
        ? ['null']
        : Object.entries(content).map(([type, { schema }]) => tsContent(type, schema)),
    );
  const parts = [
    group('path'),
    group('query'),
    group('header'),
    body.length === 0 ? '' : `body: ${union(body)};`,
  ];
  return `{\n${[...parts, `answer: ${union(answers)};`].filter((part) => part !== '').join('\n')}\n}`;
}

/** Bodies that are not JSON are bytes. */
function tsContent(mediaType: string, schema: Schema): string {
  if (JSON_TYPES.test(mediaType)) return tsType(schema);
  return mediaType === 'multipart/form-data' ? 'FormData' : 'Uint8Array';
}

function tsType(schema: Schema): string {
  const name = referred(schema);
  if (name !== undefined) return name;
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map((value) => JSON.stringify(value)));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return union(choices.map(tsType));
  return union(typesOf(schema).map((type) => tsPlain(type, schema)));
}

function tsPlain(
  type: string | undefined,
  { items, properties, required = [], additionalProperties }: Schema,
): string {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `readonly (${items === undefined ? 'unknown' : tsType(items)})[]`;
    case 'object': {
      const members = Object.entries(properties ?? {}).map(
        ([name, member]) =>
          `${comment(member.description)}readonly ${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${tsType(member)};`,
      );
      if (additionalProperties !== false) {
        const isTyped = members.length === 0 && typeof additionalProperties === 'object';
        members.push(`readonly [name: string]: ${isTyped ? tsType(additionalProperties) : 'unknown'};`);
      }
      return `{\n${members.join('\n')}\n}`;
    }
    default:
      return 'unknown';
  }
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ');
}

function comment(text: string | undefined): string {
  return text === undefined || text === '' ? '' : `/** ${text.replaceAll('*/', '*\\/')} */\n`;
}

// Python

function python(schemas: Api['components']['schemas'], operations: readonly NamedOperation[]): string {
  const classes = new PythonTypes();
  for (const [name, schema] of Object.entries(schemas)) classes.add(name, schema);
  const places = operations.map(
    ({ operationId, method, path }) => `    "${operationId}": ("${method.toUpperCase()}", "${path}"),`,
  );
  return `# ${WRITTEN_BY}
"""The bodies of the API, and where each operation is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Literal, Tuple, TypedDict, Union

if TYPE_CHECKING:
    from typing_extensions import NotRequired

${classes.texts.join('\n\n')}

OPERATIONS: Dict[str, Tuple[str, str]] = {
${places.join('\n')}
}

# Those that change nothing, although they are no GET.
READING = frozenset((${readingOf(operations, '"').join(', ')}))
`;
}

const PYTHON_KEYWORDS = new Set([
  'from',
  'in',
  'is',
  'not',
  'or',
  'and',
  'if',
  'for',
  'class',
  'def',
  'return',
  'pass',
]);

class PythonTypes {
  readonly texts: string[] = [];

  /** Writes the type of a named schema; objects inside it get names made of their places. */
  add(name: string, schema: Schema): void {
    if (schema.type === 'object' && schema.properties !== undefined) this.#object(name, schema);
    else this.texts.push(`${docOf(schema, '# ')}${name} = ${this.#type(name, schema, true)}\n`);
  }

  #object(name: string, { properties = {}, required = [], description }: Schema): void {
    const members = Object.entries(properties).map(([key, member]) => {
      const type = this.#type(name + capital(key), member, false);
      return { key, member, type: required.includes(key) ? type : `NotRequired[${type}]` };
    });
    if (members.some(({ key }) => PYTHON_KEYWORDS.has(key))) {
      const entries = members.map(({ key, type }) => `        "${key}": "${type}",`);
      this.texts.push(
        `${docOf({ description }, '# ')}${name} = TypedDict(\n    "${name}",\n    {\n${entries.join('\n')}\n    },\n)\n`,
      );
      return;
    }
    const lines = members.map(({ key, member, type }) => `${docOf(member, '    # ')}    ${key}: ${type}\n`);
    const doc = description === undefined ? '' : `    """${plain(description)}"""\n\n`;
    this.texts.push(
      `class ${name}(TypedDict):\n${doc}${lines.join('')}${lines.length === 0 ? '    pass\n' : ''}`,
    );
  }

  /** @param atTop in an expression that runs, where a name that is defined later must be quoted */
  #type(name: string, schema: Schema, atTop: boolean): string {
    const reference = referred(schema);
    if (reference !== undefined) return atTop ? `"${reference}"` : reference;
    if ('const' in schema) return `Literal[${pythonValue(schema.const)}]`;
    if (schema.enum !== undefined) return `Literal[${schema.enum.map(pythonValue).join(', ')}]`;
    const choices = schema.anyOf ?? schema.oneOf;
    // One that may be null has the name alone.
    const hasSeveral = atTop || (choices ?? []).filter(({ type }) => type !== 'null').length > 1;
    const types =
      choices === undefined
        ? typesOf(schema).map((type) => this.#plain(type, name, schema, atTop))
        : choices.map((choice, i) => this.#type(hasSeveral ? `${name}${i + 1}` : name, choice, atTop));
    const distinct = [...new Set(types)];
    return distinct.length === 1 ? (distinct[0] ?? 'Any') : `Union[${distinct.join(', ')}]`;
  }

  #plain(type: string | undefined, name: string, schema: Schema, atTop: boolean): string {
    switch (type) {
      case 'string':
        return 'str';
      case 'boolean':
        return 'bool';
      case 'null':
        return 'None';
      case 'integer':
        return 'int';
      case 'number':
        return 'float';
      case 'array':
        return `List[${schema.items === undefined ? 'Any' : this.#type(name, schema.items, atTop)}]`;
      case 'object':
        // A TypedDict is closed: what may have members of any name is a plain dictionary.
        if (schema.properties === undefined || schema.additionalProperties !== false) return 'Dict[str, Any]';
        this.#object(name, schema);
        return atTop ? `"${name}"` : name;
      default:
        return 'Any';
    }
  }
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function pythonValue(value: unknown): string {
  if (value === null) return 'None';
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : JSON.stringify(value);
}

function plain(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"""', "'''");
}

function docOf({ description }: { readonly description?: string | undefined }, prefix: string): string {
  return description === undefined ? '' : `${prefix}${description.replaceAll('\n', ' ')}\n`;
}
