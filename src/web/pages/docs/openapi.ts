/** The part of OpenAPI 3.1 that the service's description uses (/openapi.json). */

export interface OpenApi {
  readonly info: { readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  /**
   * Alternative authentication methods; an empty one allows anonymous use. Empty array: no authentication.
   */
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: Schema;
}

/** By media type. */
export type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface Endpoint extends Operation {
  /** In upper case. */
  readonly method: string;
  readonly path: string;
}

/** The operations by tag, in the order of the description. */
export function endpointsByTag({ paths }: OpenApi): ReadonlyMap<string, readonly Endpoint[]> {
  const groups = new Map<string, Endpoint[]>();
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const tag = operation.tags[0] ?? '';
      groups.set(tag, [...(groups.get(tag) ?? []), { ...operation, method: method.toUpperCase(), path }]);
    }
  }
  return groups;
}

/** The name of a referenced schema; null for anything else. */
export function referencedName({ $ref }: Schema): string | null {
  return $ref?.replace('#/components/schemas/', '') ?? null;
}

/** Maximum depth of an example. */
const MAX_DEPTH = 5;
const DIGEST = 'e56ffa10600401782ab5eb4868d835cabc53dc6d8a5e6d0fa618306e4992aa7e';
/** Example values by name. */
const VALUES: Readonly<Record<string, unknown>> = {
  sha256: DIGEST,
  name: 'contract.pdf',
  title: 'Lease',
  email: 'you@example.com',
  password: 'a long sentence of your own',
  tags: ['lease'],
  networks: ['192.0.2.0/24'],
};

/**
 * @param base address of the service, ending in a slash
 * @param type media type of the body; null: none
 */
export function curlCommand(api: OpenApi, endpoint: Endpoint, base: string, type: string | null): string {
  const path = endpoint.path.slice(1).replaceAll(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase());
  const lines = [`curl '${base}${path}'`];
  if (!['GET', type === null ? '' : 'POST'].includes(endpoint.method))
    lines[0] = `curl -X ${endpoint.method} '${base}${path}'`;
  if (needsKey(endpoint)) lines.push("-H 'Authorization: Bearer KEY'");
  const schema = type === null ? undefined : endpoint.requestBody?.content[type]?.schema;
  if (type !== null && schema !== undefined) lines.push(...bodyLines(api, type, schema));
  return lines.join(' \\\n  ');
}

/** Whether the operation requires authentication. */
export function needsKey({ security }: Pick<Endpoint, 'security'>): boolean {
  return security.length > 0 && security.every((one) => Object.keys(one).length > 0);
}

function bodyLines(api: OpenApi, type: string, schema: Schema): string[] {
  if (type === 'multipart/form-data') return ['-F file=@contract.pdf'];
  if (type === 'application/octet-stream')
    return [`-H 'Content-Type: ${type}'`, '--data-binary @contract.pdf'];
  if (type === 'application/x-ndjson')
    return [`-H 'Content-Type: ${type}'`, '--data-binary @documents.ndjson'];
  const json = JSON.stringify(exampleOf(api, schema), null, 2).replaceAll("'", "'\\''");
  return [`-H 'Content-Type: ${type}'`, `-d '${json}'`];
}

/** An example value for a schema: its required members, or its first one if none is required. */
function exampleOf(api: OpenApi, schema: Schema, name = '', depth = 0): unknown {
  const referred = referencedName(schema);
  const known = VALUES[name];
  if (known !== undefined && referred === null) return known;
  if (referred !== null) return exampleOf(api, api.components.schemas[referred] ?? {}, name, depth);
  const [given] = schema.examples ?? [];
  if (given !== undefined) return given;
  const [first] = schema.anyOf ?? schema.oneOf ?? [];
  if (first !== undefined) return exampleOf(api, first, name, depth);
  if ('const' in schema) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  switch (schema.type) {
    case 'object':
      return depth > MAX_DEPTH ? {} : exampleObject(api, schema, depth);
    case 'array':
      return schema.items === undefined ? [] : [exampleOf(api, schema.items, '', depth + 1)];
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 0);
    case 'boolean':
      return true;
    default:
      return schema.format === 'date-time' ? '2027-01-01T00:00:00.000Z' : `${name === '' ? 'text' : name}…`;
  }
}

function exampleObject(api: OpenApi, { properties = {}, required = [] }: Schema, depth: number): object {
  const names = Object.keys(properties);
  const shown = required.length > 0 ? required : names.slice(0, 1);
  return Object.fromEntries(
    shown.map((name) => [name, exampleOf(api, properties[name] ?? {}, name, depth + 1)]),
  );
}
