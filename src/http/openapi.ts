import { z } from 'zod';
import type { Rule } from '../auth/index.js';
import { PROBLEM_MEDIA_TYPE } from './responses/errors.js';
import { type Content, openApiPath, type Operation, type Parameter, type Route } from './route.js';
import * as about from './schemas/about.js';
import * as auth from './schemas/auth.js';
import * as documents from './schemas/documents.js';
import * as erasure from './schemas/erasure.js';
import { API_ERRORS, type ApiErrorCode } from './schemas/error-codes.js';
import { EXAMPLES } from './schemas/examples.js';
import * as history from './schemas/history.js';
import * as map from './schemas/map.js';
import * as passkeys from './schemas/passkeys.js';
import * as records from './schemas/records.js';
import * as resources from './schemas/resources.js';
import * as signing from './schemas/signing.js';
import * as tags from './schemas/tags.js';
import * as webhooks from './schemas/webhooks.js';

type JsonSchema = Record<string, unknown>;

const COMPONENTS = '#/components/schemas/';
const REFERENCE = new RegExp(`"\\$ref":"${COMPONENTS}([^"]*)"`, 'g');

/** Names in the description that differ from those of the exports. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  ProofFileJson: 'ProofFile',
  PendingProofJson: 'PendingProof',
  StateStatementJson: 'StateStatement',
};
const MODULES = [
  ...[about, auth, documents, erasure, history, map, passkeys, records, resources, signing, tags, webhooks],
];
/** Exported schemas of objects, which the description names: generators of clients make one type of each. */
const NAMED: ReadonlyMap<z.ZodType, string> = new Map(
  MODULES.flatMap((module) => Object.entries<unknown>({ ...module })).flatMap(([name, value]) =>
    value instanceof z.ZodObject || value instanceof z.ZodUnion ? [[value, OTHER_NAMES[name] ?? name]] : [],
  ),
);

/** Errors of every operation. */
const COMMON_ERRORS: readonly ApiErrorCode[] = [
  'invalid_parameter',
  'malformed_request',
  'request_timeout',
  'headers_too_large',
  'unsupported_encoding',
  'unsupported_header',
  'unknown_host',
  'internal',
];

/** Statuses of errors that waiting can resolve. */
const CAN_RETRY: ReadonlySet<string> = new Set(['429', '503']);
const RETRY_AFTER = {
  'Retry-After': {
    description: 'Seconds to wait before the next attempt; absent if waiting does not help.',
    schema: { type: 'integer', minimum: 1 },
  },
};

/** OpenAPI 3.1 of `routes`, from the schemas that validate them. */
export function openApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    (paths[openApiPath(route.path)] ??= {})[route.method] = describeOperation(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ingam',
      version,
      description:
        'Notarization of documents on a private chain. Digests are SHA-256 in lower-case hexadecimal. Times are RFC 3339, in UTC with milliseconds. Links in responses are paths below the address of the service.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '.' }],
    paths,
    components: { schemas: components(paths), securitySchemes: SECURITY_SCHEMES },
  };
}

/** The named schemas that `paths` refers to, and those that these refer to. */
function components(paths: object): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of NAMED) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `${COMPONENTS}${id}`, io: 'input' });
  const used: Record<string, JsonSchema> = {};
  const add = (from: object) => {
    for (const [, id = ''] of JSON.stringify(from).matchAll(REFERENCE)) {
      const schema = schemas[id];
      if (schema === undefined || id in used) continue;
      const example = EXAMPLES[id];
      used[id] = { ...withoutDialect(schema), ...(example === undefined ? {} : { examples: [example] }) };
      add(schema);
    }
  };
  add(paths);
  return Object.fromEntries(Object.entries(used).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function describeOperation({ method, access: rule, operation }: Route): object {
  const {
    id,
    tag,
    summary,
    description,
    reads,
    path = {},
    query,
    headers = {},
    body,
    responses,
    errors = [],
  }: Operation = operation;
  const needed = query === undefined ? [] : (z.toJSONSchema(query, { io: 'input' }).required ?? []);
  const parameters = [
    ...Object.entries(path).map(([name, kind]) => parameter('path', name, kind, true)),
    ...Object.entries(query?.shape ?? {}).map(([name, kind]) =>
      parameter('query', name, kind as z.ZodType, needed.includes(name)),
    ),
    ...Object.entries(headers).map(([name, kind]) => parameter('header', name, kind, false)),
  ];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: securityOf(rule),
    'x-access': rule,
    ...(reads === undefined ? {} : { 'x-reads': reads }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(body) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(responses).map(([status, { description: text, content }]) => [
          status,
          {
            description: text,
            ...(Object.keys(content).length === 0 ? {} : { content: contentOf(content) }),
          },
        ]),
      ),
      ...errorResponses([...errors, ...accessErrorsOf(method, rule)], Object.keys(responses)),
    },
  };
}

function errorResponses(
  codes: readonly ApiErrorCode[],
  described: readonly string[],
): Record<string, object> {
  const byStatus = new Map<string, ApiErrorCode[]>();
  for (const code of new Set([...codes, ...COMMON_ERRORS])) {
    const status = String(API_ERRORS[code].status);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus]
      .filter(([status]) => !described.includes(status))
      .map(([status, list]) => [
        status,
        {
          description: list.map((code) => `\`${code}\`: ${API_ERRORS[code].title}.`).join(' '),
          ...(CAN_RETRY.has(status) ? { headers: RETRY_AFTER } : {}),
          content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: `${COMPONENTS}Problem` } } },
        },
      ]),
  );
}

function parameter(place: 'path' | 'query' | 'header', name: string, kind: Parameter, required: boolean) {
  const isText = typeof kind === 'string';
  const { description = '', ...schema } = isText
    ? { description: kind, type: 'string' }
    : withoutDialect(z.toJSONSchema(kind, { io: 'input' }));
  return { name, in: place, required, description, schema };
}

function contentOf(content: Readonly<Record<string, Content>>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(content).map(([type, kind]) => [type, { schema: schemaOf(kind) }]),
  );
}

function schemaOf(kind: Content): JsonSchema {
  if (kind === 'text') return { type: 'string' };
  if (kind === 'binary') return { type: 'string', format: 'binary' };
  const name = NAMED.get(kind);
  if (name !== undefined) return { $ref: `${COMPONENTS}${name}` };
  return withoutDialect(z.toJSONSchema(kind, { io: 'input' }));
}

/** OpenAPI states the dialect once, for the whole document. */
function withoutDialect(schema: object): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'));
}

const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key, an access token of this service, or a token of the configured identity provider.',
  },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'ingam-access',
    description:
      'For pages of this service; over TLS with the prefix `__Host-`, or `__Secure-` where the service is below a path. Requests that change something also need the header `X-CSRF-Token`.',
  },
};

/** Errors of every operation that reads credentials. */
const CREDENTIAL_ERRORS: readonly ApiErrorCode[] = [
  'invalid_token',
  'token_expired',
  'address_not_allowed',
  'limit_exceeded',
  'issuer_unavailable',
  'unavailable',
];

/** Rules that allow anonymous callers. */
const FOR_ALL: ReadonlySet<Rule> = new Set(['open', 'anyone', 'submit', 'time_stamp', 'verify'] as const);

function securityOf(rule: Rule): object[] {
  const known = [{ bearer: [] }, { cookie: [] }];
  if (rule === 'open') return [];
  return FOR_ALL.has(rule) ? [{}, ...known] : known;
}

function accessErrorsOf(method: string, rule: Rule): readonly ApiErrorCode[] {
  const unsafe: readonly ApiErrorCode[] = method === 'get' ? [] : ['csrf', 'outcome_unknown'];
  if (rule === 'open') return unsafe;
  if (rule === 'anyone') return [...unsafe, ...CREDENTIAL_ERRORS];
  return [...unsafe, ...CREDENTIAL_ERRORS, 'unauthenticated', 'forbidden'];
}
