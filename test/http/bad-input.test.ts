import { createHash } from 'node:crypto';
import request from 'supertest';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { API_ERRORS } from '../../src/http/errors.js';
import { Accepted, Problem } from '../../src/http/resources.js';
import { parseAnswer, sendRaw } from '../support/raw-http.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const DIGEST = createHash('sha256').update('x').digest('hex');
const GOOD = { documents: [{ sha256: DIGEST }] };

let service: TestService;
let acceptedBefore = 0;
beforeAll(async () => {
  service = await startService({ maxUploadBytes: 1_000_000, idleTimeoutMs: 2000 });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});
/** Whatever came in: nothing of it was accepted, and the same process goes on to serve. */
afterEach(async () => {
  expect((await service.store.head()).nextPosition).toBe(acceptedBefore);
  const res = await request(service.url).post('/v1/notarizations').send(GOOD).expect(201);
  acceptedBefore += Accepted.parse(res.body).notarizations.length;
});

function expectProblem(status: number, body: unknown, code: string): void {
  const problem = Problem.parse(body);
  expect({ code: problem.code, detail: problem.detail }).toMatchObject({ code });
  expect(status).toBe(API_ERRORS[problem.code].status);
  expect(problem.status).toBe(status);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  // Says something, and nothing of the inside.
  expect(problem.detail).toMatch(/^[^\n]{10,400}$/);
  expect(JSON.stringify(problem)).not.toMatch(/node_modules|\.ts:|\.js:|at .*\(/);
}

interface Sent {
  readonly type?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
  readonly method?: string;
  readonly path?: string;
}

async function send({ type, body, headers = {}, method = 'POST', path = '/v1/notarizations' }: Sent) {
  const res = await fetch(service.url + path, {
    method,
    headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
    ...(body === undefined ? {} : { body }),
  });
  expect(res.headers.get('content-type')).toBe('application/problem+json');
  expect(res.headers.get('x-request-id')).toMatch(/./);
  return { status: res.status, body: (await res.json()) as unknown, headers: res.headers };
}

const FORM = 'multipart/form-data; boundary=b';
const part = (head: string, content = 'x') =>
  `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
const filePart = part('name="file"; filename="a.txt"');
const END = '--b--\r\n';
const nul = String.fromCharCode(0);

describe('multipart', () => {
  const cases: readonly (readonly [string, string, string | Uint8Array<ArrayBuffer>, string])[] = [
    ['truncated within a file', FORM, filePart.slice(0, -3), 'truncated_multipart'],
    ['truncated before the closing boundary', FORM, filePart, 'truncated_multipart'],
    ['truncated within the headers of a part', FORM, filePart + filePart.slice(0, 20), 'truncated_multipart'],
    [
      'another boundary than announced',
      'multipart/form-data; boundary=c',
      filePart + END,
      'truncated_multipart',
    ],
    ['no boundary', 'multipart/form-data', filePart + END, 'missing_boundary'],
    ['empty body', FORM, '', 'truncated_multipart'],
    ['malformed headers of a part', FORM, `--b\r\nno header\r\n\r\nx\r\n${END}`, 'malformed_multipart'],
    ['NUL in a file name', FORM, part(`name="file"; filename="a${nul}.txt"`) + END, 'malformed_multipart'],
    [
      'NUL in an encoded file name',
      FORM,
      part('name="file"; filename*=UTF-8\'\'a%00.txt') + END,
      'invalid_file_name',
    ],
    ['line feed in a file name', FORM, part('name="file"; filename="a%0A.txt"') + END, 'invalid_file_name'],
    [
      'right-to-left override',
      FORM,
      part('name="file"; filename="a\u202egpj.exe"') + END,
      'invalid_file_name',
    ],
    ['right-to-left mark', FORM, part('name="file"; filename="a\u200f.txt"') + END, 'invalid_file_name'],
    ['isolate', FORM, part('name="file"; filename="\u2067a\u2069"') + END, 'invalid_file_name'],
    ['only a path', FORM, part('name="file"; filename="../"') + END, 'invalid_file_name'],
    ['a directory’s name', FORM, part('name="file"; filename="a/.."') + END, 'invalid_file_name'],
    [
      'a file name of 256 characters',
      FORM,
      part(`name="file"; filename="${'a'.repeat(256)}"`) + END,
      'invalid_file_name',
    ],
    ['no file name', FORM, part('name="file"; filename=""') + END, 'missing_file'],
    [
      'file without name beside one with',
      FORM,
      filePart + part('name="file"; filename=""') + END,
      'missing_file',
    ],
    ['no file', FORM, part('name="details"', '{"title":"t"}') + END, 'missing_file'],
    ['a file of 0 bytes', FORM, part('name="file"; filename="a.txt"', '') + END, 'empty_document'],
    [
      '0 bytes beside a good file',
      FORM,
      filePart + part('name="file"; filename="b.txt"', '') + END,
      'empty_document',
    ],
    ['empty field name', FORM, filePart + part('name=""') + END, 'malformed_multipart'],
    ['empty field name of a file', FORM, part('name=""; filename="a"') + END, 'malformed_multipart'],
    ['unknown field', FORM, filePart + part('name="other"') + END, 'unexpected_field'],
    ['file as text', FORM, part('name="file"') + END, 'missing_file'],
    ['file in an unknown field', FORM, part('name="doc"; filename="a.txt"') + END, 'unexpected_field'],
    ['field __proto__', FORM, filePart + part('name="__proto__"') + END, 'unexpected_field'],
    ['nested field', FORM, filePart + part('name="details[a][b]"') + END, 'unexpected_field'],
    [
      'details twice',
      FORM,
      filePart + part('name="details"', '{"title":"t"}').repeat(2) + END,
      'unexpected_field',
    ],
    ['10^5 fields', FORM, part('name="f"').repeat(100_000) + filePart + END, 'too_many_parts'],
    ['1,001 files', FORM, filePart.repeat(1002) + END, 'too_many_parts'],
    ['a field of 2 MiB', FORM, filePart + part('name="details"', 'x'.repeat(2 ** 21)) + END, 'too_large'],
    [
      'a file beyond the limit',
      FORM,
      part('name="file"; filename="a"', 'x'.repeat(1_000_001)) + END,
      'too_large',
    ],
    ['details that are not JSON', FORM, filePart + part('name="details"', 'hello') + END, 'malformed_json'],
    ['details of no key', FORM, filePart + part('name="details"', '{}') + END, 'invalid_details'],
    [
      'more details than files',
      FORM,
      filePart + part('name="details"', '[null,null]') + END,
      'invalid_details',
    ],
    ['unknown details', FORM, filePart + part('name="details"', '{"colour":"red"}') + END, 'invalid_details'],
    [
      'details with __proto__',
      FORM,
      filePart + part('name="details"', '{"__proto__":{"name":"x"},"title":"t"}') + END,
      'invalid_details',
    ],
  ];
  test.each(cases)('%s', async (_, type, body, code) => {
    const res = await send({ type, body });
    expectProblem(res.status, res.body, code);
  });

  test('10^5 files in an unknown field do not keep the answer waiting', async () => {
    const res = await send({ type: FORM, body: part('name="f"; filename="a"').repeat(100_000) + END });
    expectProblem(res.status, res.body, 'unexpected_field');
  });
});

describe('JSON', () => {
  const deep = 100_000;
  const json: readonly (readonly [string, string, string])[] = [
    ['not JSON', 'hello', 'malformed_json'],
    ['nothing', '', 'malformed_json'],
    ['truncated', '{"documents":[', 'malformed_json'],
    ['duplicate key', `{"documents":[],"documents":[{"sha256":"${DIGEST}"}]}`, 'malformed_json'],
    ['nesting 10^5 deep', '['.repeat(deep) + ']'.repeat(deep), 'malformed_json'],
    ['nesting 10^5 deep, objects', `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`, 'malformed_json'],
    ['number past 2^53', `{"documents":[{"sha256":"${DIGEST}","size":9007199254740992}]}`, 'malformed_json'],
    ['fraction', `{"documents":[{"sha256":"${DIGEST}","size":1.5}]}`, 'malformed_json'],
    ['exponent', `{"documents":[{"sha256":"${DIGEST}","size":1e3}]}`, 'malformed_json'],
    [
      'half a surrogate pair',
      `{"documents":[{"sha256":"${DIGEST}","details":{"name":"\\ud800"}}]}`,
      'malformed_json',
    ],
    ['millions of escapes', `"${'\\n'.repeat(7_000_000)}"`, 'invalid_body'],
    ['not an object', '[]', 'invalid_body'],
    ['no documents', '{}', 'invalid_body'],
    ['empty list', '{"documents":[]}', 'invalid_body'],
    ['31-byte digest', `{"documents":[{"sha256":"${DIGEST.slice(2)}"}]}`, 'invalid_body'],
    ['33-byte digest', `{"documents":[{"sha256":"${DIGEST}00"}]}`, 'invalid_body'],
    ['upper-case hex', `{"documents":[{"sha256":"${DIGEST.toUpperCase()}"}]}`, 'invalid_body'],
    ['digest with line feed', `{"documents":[{"sha256":"${DIGEST}\\n"}]}`, 'invalid_body'],
    ['negative size', `{"documents":[{"sha256":"${DIGEST}","size":-1}]}`, 'invalid_body'],
    ['size as text', `{"documents":[{"sha256":"${DIGEST}","size":"1"}]}`, 'invalid_body'],
    ['unknown key', `{"documents":[{"sha256":"${DIGEST}"}],"extra":1}`, 'invalid_body'],
    ['unknown key of a document', `{"documents":[{"sha256":"${DIGEST}","extra":1}]}`, 'invalid_body'],
    ['__proto__', `{"__proto__":{},"documents":[{"sha256":"${DIGEST}"}]}`, 'invalid_body'],
    [
      '__proto__ of a document',
      `{"documents":[{"sha256":"${DIGEST}","__proto__":{"size":1}}]}`,
      'invalid_body',
    ],
    ['__proto__ escaped', `{"documents":[{"sha256":"${DIGEST}","\\u005f_proto__":1}]}`, 'invalid_body'],
    ['constructor', `{"documents":[{"sha256":"${DIGEST}","constructor":1}]}`, 'invalid_body'],
    [
      'control character in a name',
      `{"documents":[{"sha256":"${DIGEST}","details":{"name":"a\\u0000"}}]}`,
      'invalid_body',
    ],
    ['path as name', `{"documents":[{"sha256":"${DIGEST}","details":{"name":"../a"}}]}`, 'invalid_body'],
    [
      'too many details',
      `{"documents":[{"sha256":"${DIGEST}","details":{"tags":${JSON.stringify(Array.from({ length: 64 }, () => 'ü'.repeat(100)))},"note":"${'n'.repeat(8000)}"}}]}`,
      'invalid_body',
    ],
    [
      '10,001 documents',
      JSON.stringify({ documents: Array.from({ length: 10_001 }, () => ({ sha256: DIGEST })) }),
      'invalid_body',
    ],
    ['17 MiB', `"${'x'.repeat(17 * 2 ** 20)}"`, 'too_large'],
  ];
  test.each(json)('%s', async (_, body, code) => {
    const res = await send({ type: 'application/json', body });
    expectProblem(res.status, res.body, code);
  });

  test('names the place of each mistake', async () => {
    const body = JSON.stringify({
      documents: [{ sha256: DIGEST }, { sha256: 'x' }, { sha256: DIGEST, size: -1 }],
    });
    const res = await send({ type: 'application/json', body });
    expect(Problem.parse(res.body).errors?.map(({ path }) => path)).toEqual([
      'documents[1].sha256',
      'documents[2].size',
    ]);
  });

  test('bytes that are not UTF-8', async () => {
    const res = await send({ type: 'application/json', body: new Uint8Array([0x22, 0xff, 0x22]) });
    expectProblem(res.status, res.body, 'malformed_json');
  });
});

describe('the request around it', () => {
  const requests: readonly (readonly [string, Sent, string])[] = [
    ['no content type', { body: new Uint8Array([1]) }, 'unsupported_media_type'],
    ['curl -d', { type: 'application/x-www-form-urlencoded', body: 'a=b' }, 'unsupported_media_type'],
    ['multipart/mixed', { type: 'multipart/mixed; boundary=b', body: END }, 'unsupported_media_type'],
    [
      'another character set',
      { type: 'application/json; charset=utf-16', body: '{}' },
      'unsupported_media_type',
    ],
    [
      'compressed',
      { type: 'application/json', body: '{}', headers: { 'content-encoding': 'gzip' } },
      'unsupported_encoding',
    ],
    ['PUT of JSON', { method: 'PUT', type: 'application/json', body: '{}' }, 'unsupported_media_type'],
    ['PUT of nothing', { method: 'PUT' }, 'empty_document'],
    [
      'raw beyond the limit',
      { method: 'PUT', type: 'application/octet-stream', body: 'x'.repeat(3_000_000) },
      'too_large',
    ],
    [
      'raw with a bad name',
      { type: 'application/octet-stream', path: '/v1/notarizations?name=%00', body: 'x' },
      'invalid_file_name',
    ],
    [
      'unknown parameter',
      { type: 'application/json', path: '/v1/notarizations?wiat=sealed', body: '{}' },
      'invalid_parameter',
    ],
    [
      'parameter twice',
      { type: 'application/json', path: '/v1/notarizations?wait=sealed&wait=sealed', body: '{}' },
      'invalid_parameter',
    ],
    [
      'parameter __proto__',
      { type: 'application/json', path: '/v1/notarizations?__proto__=1', body: '{}' },
      'invalid_parameter',
    ],
    [
      'other value',
      { type: 'application/json', path: '/v1/notarizations?wait=yes', body: '{}' },
      'invalid_parameter',
    ],
    [
      'wait on a stream',
      { type: 'application/x-ndjson', path: '/v1/notarizations?wait=sealed', body: '' },
      'invalid_parameter',
    ],
    [
      'malformed query',
      { type: 'application/json', path: '/v1/notarizations?wait=%zz', body: '{}' },
      'malformed_request',
    ],
    ['malformed path', { method: 'GET', path: '/v1/notarizations/%ff' }, 'malformed_request'],
    [
      'long key',
      { type: 'application/json', body: '{}', headers: { 'idempotency-key': 'k'.repeat(256) } },
      'invalid_body',
    ],
    [
      'key with a space',
      { type: 'application/octet-stream', body: 'x', headers: { 'idempotency-key': 'a b' } },
      'invalid_idempotency_key',
    ],
    ['wrong method', { method: 'DELETE' }, 'method_not_allowed'],
    ['unknown address', { method: 'GET', path: '/v1/nothing' }, 'not_found'],
    ['upper-case digest', { method: 'GET', path: `/v1/verify/${DIGEST.toUpperCase()}` }, 'invalid_parameter'],
    ['limit of 0', { method: 'GET', path: '/v1/blocks?limit=0' }, 'invalid_parameter'],
    ['limit of 101', { method: 'GET', path: '/v1/blocks?limit=101' }, 'invalid_parameter'],
    ['verify nothing', { type: 'application/json', path: '/v1/verify', body: '{}' }, 'invalid_body'],
    ['verify a form of nothing', { type: FORM, path: '/v1/verify', body: END }, 'missing_file'],
    [
      'verify two files',
      { type: FORM, path: '/v1/verify', body: filePart + filePart + END },
      'too_many_parts',
    ],
    [
      'verify no proof',
      { type: 'application/json', path: '/v1/verify', body: '{"proof":{}}' },
      'malformed_proof',
    ],
  ];
  test.each(requests)('%s', async (_, sent, code) => {
    const res = await send(sent);
    expectProblem(res.status, res.body, code);
  });

  test('the methods that an address takes are named', async () => {
    expect((await send({ method: 'DELETE' })).headers.get('allow')).toBe('POST, PUT');
    expect((await send({ method: 'POST', path: '/v1/chain' })).headers.get('allow')).toBe('GET, HEAD');
  });

  test('a large upload in the wrong shape is answered before it has ended', async () => {
    const answer = await sendRaw(
      service.port,
      [
        `POST /v1/notarizations HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM}\r\nContent-Length: 5000000000\r\n\r\n`,
        part('name="wrong"; filename="a.txt"', 'x'.repeat(100_000)),
      ],
      { thenClose: 'end' },
    );
    const { status, body } = parseAnswer(answer);
    expectProblem(status, body, 'unexpected_field');
  });
});

describe('bytes on the wire', () => {
  const head = (length: number | string, type = FORM) =>
    `POST /v1/notarizations HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;
  const whole = filePart + END;

  test('Content-Length promises more than comes: the silence is answered', async () => {
    for (const [type, body] of [
      [FORM, filePart.slice(0, -10)],
      ['application/octet-stream', 'abc'],
      ['application/json', '{"documents":'],
    ] as const) {
      const { status, body: problem } = parseAnswer(await sendRaw(service.port, [head(10_000, type), body]));
      expectProblem(status, problem, 'request_timeout');
    }
  });

  test('Content-Length promises less than comes', async () => {
    const { status, body } = parseAnswer(
      await sendRaw(service.port, [head(whole.length - 5), whole], { thenClose: 'end' }),
    );
    expectProblem(status, body, 'truncated_multipart');
  });

  test.each([['-1'], ['abc'], ['5, 6'], ['99999999999999999999999']])(
    'Content-Length: %s',
    async (length) => {
      const { status, body } = parseAnswer(
        await sendRaw(service.port, [head(length), whole], { thenClose: 'end' }),
      );
      expectProblem(status, body, 'malformed_request');
    },
  );

  test('no HTTP at all, and headers without end', async () => {
    const noise = parseAnswer(await sendRaw(service.port, ['\u0016\u0003\u0001 hello\r\n\r\n']));
    expectProblem(noise.status, noise.body, 'malformed_request');
    const long = parseAnswer(
      await sendRaw(service.port, [`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(100_000)}\r\n\r\n`]),
    );
    expectProblem(long.status, long.body, 'headers_too_large');
  });

  test.each([
    ['a form', FORM, filePart.slice(0, -2)],
    ['a raw file', 'application/octet-stream', 'abc'],
    ['JSON', 'application/json', '{"documents":[{"sha256":'],
  ])('the client goes away in the middle of %s', async (_, type, body) => {
    await sendRaw(service.port, [head(10_000, type), body], { thenClose: 'destroy' });
    await sendRaw(service.port, [head(10_000, type), body], { thenClose: 'end' });
  });

  test('what others have under way is not touched by it', async () => {
    const others = Array.from({ length: 5 }, () =>
      request(service.url)
        .post('/v1/notarizations?wait=sealed')
        .send(GOOD)
        .then((res) => res.status),
    );
    const bad = [
      sendRaw(service.port, [head(10_000), filePart], { thenClose: 'destroy' }),
      sendRaw(service.port, ['nonsense\r\n\r\n']),
      send({ type: 'application/json', body: '['.repeat(100_000) }),
      send({ type: FORM, body: part('name="f"').repeat(100_000) }),
    ];
    expect(await Promise.all(others)).toEqual([201, 201, 201, 201, 201]);
    await Promise.all(bad);
    acceptedBefore += 5;
    await until(async () => (await service.store.head()).nextPosition === acceptedBefore);
  });
});
