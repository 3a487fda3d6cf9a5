import { createHash } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { API_ERRORS } from '../../src/http/answer/errors.js';
import { startService, type TestService } from '../support/service.js';

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Described>>;
  readonly components: { readonly schemas: Record<string, object> };
}
interface Described {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
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

test('every parameter in a path is described, and every path answers', async () => {
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

test('answers are as described', async () => {
  const api = request(service.url);
  const accepted = await api
    .post('/v1/notarizations?wait=sealed')
    .send({ documents: [{ sha256: DIGEST, size: 1, details: { name: 'n', tags: ['t'] } }] })
    .expect(201);
  const self =
    (accepted.body as { notarizations: { links: { self: string } }[] }).notarizations[0]?.links.self ?? '';
  const check = (
    path: string,
    method: string,
    { status, type, body }: { status: number; type: string; body: unknown },
  ) => {
    const content = description.paths[path]?.[method]?.responses[String(status)]?.content ?? {};
    const schema = content[type]?.schema;
    if (schema === undefined) throw new Error(`${method} ${path}: ${status} ${type} is not described`);
    const result = validator(schema).safeParse(body);
    expect(result.error?.issues ?? [], `${method} ${path}: ${status}`).toEqual([]);
  };
  check('/v1/notarizations', 'post', accepted);
  const cases: [string, string][] = [
    ['/v1/notarizations/{id}', self],
    ['/v1/notarizations/{id}', '/v1/notarizations/1-0000000000000000'],
    ['/v1/verify/{sha256}', `/v1/verify/${DIGEST}`],
    ['/v1/verify/{sha256}', '/v1/verify/x'],
    ['/v1/chain', '/v1/chain'],
    ['/v1/blocks', '/v1/blocks'],
    ['/v1/blocks', '/v1/blocks?limit=1000'],
    ['/v1/blocks/{height}', '/v1/blocks/0'],
    ['/v1/blocks/{height}', '/v1/blocks/12345'],
    ['/healthz', '/healthz'],
    ['/readyz', '/readyz'],
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

function pick({ status, type }: { readonly status: number; readonly type: string }) {
  return { status, type };
}
