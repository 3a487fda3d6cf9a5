import { createHash } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { API_ERRORS } from '../../src/http/schemas/error-codes.js';
import { EXAMPLES } from '../../src/http/schemas/examples.js';
import {
  bearer,
  createKey,
  createOperator,
  createOrganization,
  createUser,
  PASSWORD,
} from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Described>>;
  readonly components: { readonly schemas: Record<string, object> };
}
interface Described {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> };
  readonly responses: Record<
    string,
    { readonly description: string; readonly content?: Record<string, { schema: object }> }
  >;
}

const DIGEST = createHash('sha256').update('x').digest('hex');

let service: TestService;
let description: OpenApi;
beforeAll(async () => {
  service = await startService();
  description = (await request(service.url).get('/openapi.json').expect(200)).body as OpenApi;
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

/** A validator made of nothing but what /openapi.json says. */
function validator(schema: object): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: description.components.schemas });
  return z.fromJSONSchema(
    JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')) as Parameters<
      typeof z.fromJSONSchema
    >[0],
  );
}

async function sent(method: string, address: string): Promise<{ status: number; body: unknown }> {
  const res = await fetch(service.url + address, { method: method.toUpperCase() });
  return { status: res.status, body: await res.json() };
}

/** Compares a response with the description of its status and media type. */
function check(
  path: string,
  method: string,
  { status, type, body }: { readonly status: number; readonly type: string; readonly body: unknown },
): void {
  const content = description.paths[path]?.[method]?.responses[String(status)]?.content ?? {};
  const schema = content[type]?.schema;
  if (schema === undefined) throw new Error(`${method} ${path}: ${status} ${type} is not described`);
  const result = validator(schema).safeParse(body);
  expect(result.error?.issues ?? [], `${method} ${path}: ${status}`).toEqual([]);
}

test('is OpenAPI 3.1 with resolvable references and operations of distinct names', () => {
  expect(description.openapi).toBe('3.1.0');
  const names = Object.keys(description.components.schemas);
  for (const [, reference] of JSON.stringify(description).matchAll(/"\$ref":"([^"]*)"/g)) {
    expect(names.map((name) => `#/components/schemas/${name}`)).toContain(reference);
  }
  const ids = Object.values(description.paths).flatMap((item) =>
    Object.values(item).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect(JSON.stringify(description)).not.toContain('$schema');
});

test('every body that a call takes has an example, and every example fits its schema', () => {
  const schemas = description.components.schemas;
  const taken = Object.values(description.paths).flatMap((item) =>
    Object.values(item).flatMap(({ requestBody }) => requestBody?.content['application/json'] ?? []),
  );
  for (const { schema } of taken) {
    const name = (schema as { $ref?: string }).$ref?.replace('#/components/schemas/', '') ?? '';
    expect(schemas[name], JSON.stringify(schema)).toHaveProperty('examples');
  }
  expect(Object.keys(schemas)).toEqual(expect.arrayContaining(Object.keys(EXAMPLES)));
  for (const [name, example] of Object.entries(EXAMPLES)) {
    const issues = validator({ $ref: `#/components/schemas/${name}` }).safeParse(example).error?.issues;
    expect(issues ?? [], name).toEqual([]);
  }
});

test('has patterns that every language reads', () => {
  // Properties of Unicode are those of ECMAScript alone.
  expect(JSON.stringify(description)).not.toContain(String.raw`\\p{`);
});

test('describes each object once, under a name', () => {
  const places = new Map<string, string[]>();
  const visit = (value: unknown, place: string): void => {
    if (typeof value !== 'object' || value === null) return;
    const { description: _, examples: __, ...schema } = value as Record<string, unknown>;
    if (schema['type'] === 'object' && 'properties' in schema) {
      const text = JSON.stringify(schema);
      places.set(text, [...(places.get(text) ?? []), place]);
    }
    for (const [key, member] of Object.entries(value))
      if (key !== 'examples') visit(member, `${place}/${key}`);
  };
  visit(description.components.schemas, 'schemas');
  visit(description.paths, 'paths');
  const all = [...places.values()];
  expect(all.filter(({ length }) => length > 1)).toEqual([]);
  expect(all.flat().filter((place) => place.startsWith('paths/'))).toEqual([]);
});

test('says which query parameters a call cannot do without', async () => {
  const required = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { parameters = [] }]) =>
      parameters
        .filter((parameter) => parameter.in === 'query' && parameter.required)
        .map(({ name }) => `${method} ${path} ${name}`),
    ),
  );
  expect(required).toEqual([
    'get /v1/states first',
    'get /v1/states count',
    'get /v1/leaves first',
    'get /v1/leaves count',
  ]);
  for (const path of ['/v1/states', '/v1/leaves'])
    expect((await sent('get', `${path}?first=0`)).status).toBe(400);
  expect((await sent('get', '/v1/blocks')).status).toBe(200);
});

test('every path parameter is described, and every path responds', async () => {
  for (const [path, item] of Object.entries(description.paths)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const { parameters = [] } of Object.values(item)) {
      expect(parameters.filter((each) => each.in === 'path').map(({ name }) => name)).toEqual(inPath);
    }
    const address = path.replaceAll(/\{\w+\}/g, 'x');
    const other = ['delete', 'patch', 'put', 'post'].find((method) => !(method in item)) ?? expect.fail();
    const { status, body } = await sent(other, address);
    expect({ path, status, body: (body as { code: string }).code }).toEqual({
      path,
      status: 405,
      body: 'method_not_allowed',
    });
  }
});

test('every error code is described somewhere, under its status', () => {
  const described = new Map<string, Set<number>>();
  for (const item of Object.values(description.paths)) {
    for (const { responses } of Object.values(item)) {
      for (const [status, { description: text }] of Object.entries(responses)) {
        for (const [, code = ''] of text.matchAll(/`(\w+)`:/g)) {
          described.set(code, (described.get(code) ?? new Set()).add(Number(status)));
        }
      }
    }
  }
  // Of a line, of any address, and of what only the command line does.
  const elsewhere = ['line_too_long', 'method_not_allowed', 'last_operator'];
  for (const [code, { status }] of Object.entries(API_ERRORS)) {
    if (!elsewhere.includes(code)) expect([code, ...(described.get(code) ?? [])]).toEqual([code, status]);
  }
});

test('responses match their schemas', async () => {
  const api = request(service.url);
  const accepted = await api
    .post('/v1/notarizations?wait=sealed')
    .send({ documents: [{ sha256: DIGEST, size: 1, details: { name: 'n', tags: ['t'] } }] })
    .expect(201);
  const self =
    (accepted.body as { notarizations: { links: { self: string } }[] }).notarizations[0]?.links.self ?? '';
  check('/v1/notarizations', 'post', accepted);
  const cases: [string, string][] = [
    ['/v1/notarizations/{id}', self],
    ['/v1/notarizations/{id}', '/v1/notarizations/1-0000000000000000'],
    ['/v1/notarizations/{id}/certificate.pdf', `${self}/certificate.pdf?tz=x`],
    ['/v1/verify/{sha256}', `/v1/verify/${DIGEST}`],
    ['/v1/verify/{sha256}', '/v1/verify/x'],
    ['/v1/chain', '/v1/chain'],
    ['/v1/blocks', '/v1/blocks'],
    ['/v1/blocks', '/v1/blocks?limit=1000'],
    ['/v1/blocks/{height}', '/v1/blocks/0'],
    ['/v1/blocks/{height}', '/v1/blocks/12345'],
    ['/healthz', '/healthz'],
    ['/readyz', '/readyz'],
    ['/v1/version', '/v1/version'],
    ['/v1/connection', '/v1/connection'],
    ['/tile/{level}/{index}', '/tile/0/999'],
  ];
  for (const [path, address] of cases) check(path, 'get', await request(service.url).get(address));
  const proof = await request(service.url).get(`${self}/proof`).buffer(true);
  check('/v1/notarizations/{id}/proof', 'get', { ...pick(proof), body: JSON.parse(proof.text) as unknown });
  const lines = await request(service.url)
    .post('/v1/notarizations')
    .set('Content-Type', 'application/x-ndjson')
    .send(`{"sha256":"${DIGEST}"}\nbad\n`)
    .buffer(true)
    .parse((res, done) => {
      let text = '';
      res.on('data', (chunk: Buffer) => (text += chunk.toString()));
      res.on('end', () => {
        done(null, text);
      });
    });
  for (const line of String(lines.body).trim().split('\n')) {
    check('/v1/notarizations', 'post', { ...pick(lines), body: JSON.parse(line) as unknown });
  }
  const bad = await request(service.url).post('/v1/notarizations').send({});
  check('/v1/notarizations', 'post', bad);
});

test('responses about organizations and people match their schemas', async () => {
  const organization = await createOrganization(service);
  const owner = await createUser(service, organization.id, 'owner');
  const operator = await createOperator(service);
  const key = await createKey(service, organization.id);
  await request(service.url)
    .post('/v1/notarizations')
    .set(bearer(key.secret))
    .send({ documents: [{ sha256: DIGEST }] });
  const known: [string, string, string | null][] = [
    ['/v1/notarizations', '/v1/notarizations', owner.accessToken],
    ['/v1/notarizations', '/v1/notarizations', null],
    ['/v1/notarizations', '/v1/notarizations', operator.accessToken],
    ['/v1/session', '/v1/session', null],
    ['/v1/session', '/v1/session', key.secret],
    ['/v1/session', '/v1/session', owner.accessToken],
    ['/v1/session', '/v1/session', 'wrong'],
    ['/v1/session/others', '/v1/session/others', owner.accessToken],
    ['/v1/users', '/v1/users', owner.accessToken],
    ['/v1/users', `/v1/users?organization=${organization.id}`, operator.accessToken],
    ['/v1/keys', '/v1/keys', owner.accessToken],
    ['/v1/organizations', '/v1/organizations', operator.accessToken],
    ['/v1/organizations/{id}', `/v1/organizations/${organization.id}`, owner.accessToken],
    ['/v1/organizations/{id}', '/v1/organizations/x', operator.accessToken],
    ['/v1/access-log', '/v1/access-log', owner.accessToken],
  ];
  for (const [path, address, token] of known) {
    check(
      path,
      'get',
      await request(service.url)
        .get(address)
        .set(token === null ? {} : bearer(token)),
    );
  }
  const signIn = { email: owner.email, password: PASSWORD };
  const posts: [string, string, object, string | null][] = [
    ['/v1/session', '/v1/session', signIn, null],
    ['/v1/session', '/v1/session', { ...signIn, password: 'x' }, null],
    ['/v1/session', '/v1/session', { ...signIn, cookies: true }, null],
    ['/v1/session', '/v1/session', {}, null],
    ['/v1/session/refresh', '/v1/session/refresh', { refreshToken: owner.refreshToken }, null],
    ['/v1/session/refresh', '/v1/session/refresh', { refreshToken: owner.refreshToken }, null],
    ['/v1/invitations/inspect', '/v1/invitations/inspect', { token: 'x' }, null],
    ['/v1/organizations', '/v1/organizations', { name: 'New' }, operator.accessToken],
  ];
  for (const [path, address, body, token] of posts) {
    const headers = token === null ? {} : bearer(token);
    check(path, 'post', await request(service.url).post(address).set(headers).send(body));
  }
  const again = await createUser(service, organization.id, 'owner');
  const asOwner = (path: string, body: object) =>
    request(service.url).post(path).set(bearer(again.accessToken)).send(body);
  check(
    '/v1/users',
    'post',
    await asOwner('/v1/users', { email: 'n@example.com', name: 'N', role: 'notary' }),
  );
  check(
    '/v1/keys',
    'post',
    await asOwner('/v1/keys', { name: 'k', scopes: ['read'], networks: ['10.0.0.0/8'] }),
  );
  check('/v1/keys', 'post', await asOwner('/v1/keys', { name: 'k', scopes: ['read'], networks: ['x'] }));
});

test('each operation states the credentials that it accepts', () => {
  const security = (path: string, method: string) => description.paths[path]?.[method]?.security;
  expect(security('/v1/chain', 'get')).toEqual([]);
  expect(security('/v1/notarizations', 'post')).toEqual([{}, { bearer: [] }, { cookie: [] }]);
  expect(security('/v1/keys', 'get')).toEqual([{ bearer: [] }, { cookie: [] }]);
});

function pick({ status, type }: { readonly status: number; readonly type: string }) {
  return { status, type };
}
