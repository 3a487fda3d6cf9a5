import { describe, expect, test } from 'vitest';
import {
  badInputService,
  DIGEST,
  END,
  expectProblem,
  filePart,
  FORM,
  part,
  type Sent,
} from '../support/bad-input.js';
import { parseResponse, sendRaw } from '../support/raw-http.js';

const bad = badInputService();

/** A valid type and no documents: what is wrong is in the query or in the headers. */
const emptyJson = (query: string, headers: Sent['headers'] = {}): Sent => ({
  type: 'application/json',
  path: `/v1/notarizations${query}`,
  body: '{}',
  headers,
});

describe('a bad request', () => {
  const requests: readonly (readonly [string, Sent, string])[] = [
    ['no content type', { body: new Uint8Array([1]) }, 'unsupported_media_type'],
    ['curl -d', { type: 'application/x-www-form-urlencoded', body: 'a=b' }, 'unsupported_media_type'],
    ['multipart/mixed', { type: 'multipart/mixed; boundary=b', body: END }, 'unsupported_media_type'],
    [
      'another character set',
      { type: 'application/json; charset=utf-16', body: '{}' },
      'unsupported_media_type',
    ],
    ['compressed', emptyJson('', { 'content-encoding': 'gzip' }), 'unsupported_encoding'],
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
    ['unknown parameter', emptyJson('?wiat=sealed'), 'invalid_parameter'],
    ['parameter twice', emptyJson('?wait=sealed&wait=sealed'), 'invalid_parameter'],
    ['parameter __proto__', emptyJson('?__proto__=1'), 'invalid_parameter'],
    ['other value', emptyJson('?wait=yes'), 'invalid_parameter'],
    [
      'wait on a stream',
      { type: 'application/x-ndjson', path: '/v1/notarizations?wait=sealed', body: '' },
      'invalid_parameter',
    ],
    ['malformed query', emptyJson('?wait=%zz'), 'malformed_request'],
    ['malformed path', { method: 'GET', path: '/v1/notarizations/%ff' }, 'malformed_request'],
    ['long key', emptyJson('', { 'idempotency-key': 'k'.repeat(256) }), 'invalid_body'],
    [
      'key with a space',
      { type: 'application/octet-stream', body: 'x', headers: { 'idempotency-key': 'a b' } },
      'invalid_idempotency_key',
    ],
    ['wrong method', { method: 'DELETE' }, 'method_not_allowed'],
    ['unknown URL', { method: 'GET', path: '/v1/nothing' }, 'not_found'],
    ['63 digits', { method: 'GET', path: `/v1/verify/${DIGEST.slice(1)}` }, 'invalid_parameter'],
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
  test.each(requests)('is rejected: %s', async (_, sent, code) => {
    const res = await bad.send(sent);
    expectProblem(res.status, res.body, code);
  });

  test('a 405 response lists the methods that the URL accepts in Allow', async () => {
    expect((await bad.send({ method: 'DELETE' })).headers.get('allow')).toBe('POST, PUT, GET, HEAD');
    expect((await bad.send({ method: 'POST', path: '/v1/chain' })).headers.get('allow')).toBe('GET, HEAD');
  });

  test('a large upload in an unknown field is rejected before it has arrived completely', async () => {
    const response = await sendRaw(
      bad.service.port,
      [
        `POST /v1/notarizations HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${FORM}\r\nContent-Length: 5000000000\r\n\r\n`,
        part('name="wrong"; filename="a.txt"', 'x'.repeat(100_000)),
      ],
      { thenClose: 'end' },
    );
    const { status, body } = parseResponse(response);
    expectProblem(status, body, 'unexpected_field');
  });
});
