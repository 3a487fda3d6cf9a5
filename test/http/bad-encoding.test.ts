import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { Accepted, Problem } from '../../src/http/schemas/resources.js';
import {
  badInputService,
  DIGEST,
  END,
  expectProblem,
  filePart,
  FORM,
  type Sent,
} from '../support/bad-input.js';
import { startMember } from '../support/member.js';
import { parseResponse, sendRaw } from '../support/raw-http.js';

const bad = badInputService();

const RAW = 'application/octet-stream';
const JSON_BODY = JSON.stringify({ documents: [{ sha256: DIGEST }] });
const md5 = createHash('md5').update('x').digest('base64');
const sha256 = createHash('sha256').update('x').digest('base64');

/** Every way in which a body is sent. */
const WAYS: readonly (readonly [string, Sent])[] = [
  ['a raw file', { method: 'PUT', body: new Uint8Array([0x78]) }],
  ['a raw file with a type', { type: RAW, body: 'x' }],
  ['JSON', { type: 'application/json', body: JSON_BODY }],
  ['NDJSON', { type: 'application/x-ndjson', body: `{"sha256":"${DIGEST}"}\n` }],
  ['a form', { type: FORM, body: filePart + END }],
  ['a verification', { path: '/v1/verify', type: 'application/json', body: `{"sha256":"${DIGEST}"}` }],
  ['a form to verify', { path: '/v1/verify', type: FORM, body: filePart + END }],
  ['a sign-in', { path: '/v1/session', type: 'application/json', body: '{}' }],
];

/** Headers that say that the body is not the document as it is. */
const HEADERS: readonly (readonly [string, string, string])[] = [
  ['content-encoding', 'gzip', 'unsupported_encoding'],
  ['content-encoding', 'identity, br', 'unsupported_encoding'],
  ['content-transfer-encoding', 'base64', 'unsupported_encoding'],
  ['content-transfer-encoding', 'quoted-printable', 'unsupported_encoding'],
  ['content-range', 'bytes 100-199/200', 'unsupported_header'],
  ['content-md5', md5, 'unsupported_header'],
];

describe.each(WAYS)('%s', (_, sent) => {
  test.each(HEADERS)('with %s: %s is refused by name', async (name, value, code) => {
    const res = await bad.send({ ...sent, headers: { [name]: value } });
    expectProblem(res.status, res.body, code);
    expect(Problem.parse(res.body).detail.toLowerCase()).toContain(name);
  });

  test.each(['content-digest', 'repr-digest', 'digest'])('with another %s is refused', async (name) => {
    const value = `sha-256=:${createHash('sha256').update('y').digest('base64')}:`;
    const res = await bad.send({ ...sent, headers: { [name]: value } });
    const isFile = (sent.type ?? RAW) === RAW;
    expectProblem(res.status, res.body, isFile ? 'digest_mismatch' : 'unsupported_header');
  });
});

test.each([
  ['gzip below chunked', 'Transfer-Encoding: gzip, chunked', 'unsupported_encoding'],
  ['an announced trailer', 'Transfer-Encoding: chunked\r\nTrailer: Digest', 'unsupported_header'],
])('a raw file with %s is refused', async (_, header, code) => {
  const head = `PUT /v1/notarizations HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${header}\r\n\r\n`;
  const { status, body } = parseResponse(await sendRaw(bad.service.port, [head, '1\r\nx\r\n0\r\n\r\n']));
  expectProblem(status, body, code);
});

test.each([
  ['content-digest', `sha-256=:${sha256}:`],
  ['repr-digest', `sha-512=:AAAA:, sha-256=:${sha256}:`],
  ['digest', `SHA-256=${sha256}`],
])('a raw file with the right %s is accepted', async (name, value) => {
  await request(bad.service.url)
    .post('/v1/notarizations')
    .set({ 'content-type': RAW, [name]: value })
    .send(Buffer.from('x'))
    .expect(201);
  bad.expectAccepted(1);
});

test('a raw file with a digest of another algorithm alone is refused', async () => {
  const res = await bad.send({ type: RAW, body: 'x', headers: { 'content-digest': 'sha-512=:AAAA:' } });
  expectProblem(res.status, res.body, 'unsupported_header');
});

const partWith = (headers: string, name = 'name="file"; filename="a.txt"', content = 'eA==') =>
  `--b\r\nContent-Disposition: form-data; ${name}\r\n${headers}\r\n\r\n${content}\r\n`;
const details = 'name="details"; filename="d.json"';

describe.each(['/v1/notarizations', '/v1/verify'])('a part of a form to %s', (path) => {
  test.each([
    ['base64', partWith('Content-Transfer-Encoding: base64'), 'unsupported_encoding'],
    ['quoted-printable', partWith('content-transfer-encoding:Quoted-Printable'), 'unsupported_encoding'],
    ['gzip', partWith('Content-Encoding: gzip'), 'unsupported_encoding'],
    ['a folded header', partWith('Content-Encoding:\r\n gzip'), 'unsupported_encoding'],
    ['the second of two', filePart + partWith('Content-Encoding: gzip'), 'unsupported_encoding'],
    [
      'text in another character set',
      partWith('Content-Type: text/plain; charset=utf-16', details),
      'unsupported_media_type',
    ],
    [
      'a header twice',
      partWith('Content-Encoding: identity\r\nContent-Encoding: gzip'),
      'malformed_multipart',
    ],
    ['no disposition', '--b\r\nContent-Type: text/plain\r\n\r\nx\r\n', 'malformed_multipart'],
    [
      'the disposition of an attachment',
      '--b\r\nContent-Disposition: attachment; filename="a"\r\n\r\nx\r\n',
      'malformed_multipart',
    ],
    ['endless headers', `--b\r\nX: ${'x'.repeat(20_000)}`, 'malformed_multipart'],
  ])('is refused: %s', async (_, body, code) => {
    const res = await bad.send({ path, type: FORM, body: body + END });
    expectProblem(res.status, res.body, code);
  });
});

test('accepts parts with an identity encoding or a character set', async () => {
  const content = `${END} \r\n--c`;
  const body =
    partWith(
      'Content-Transfer-Encoding: binary\r\nContent-Type: text/plain; charset=euc-kr',
      undefined,
      content,
    ) + partWith('Content-Transfer-Encoding: 8bit', undefined, '').replace('\r\n\r\n\r\n', '\r\n\r\ny\r\n');
  const res = await request(bad.service.url)
    .post('/v1/notarizations')
    .set('Content-Type', 'multipart/form-data; boundary="b"')
    // In pieces: a delimiter may lie across two.
    .send(body.replaceAll('--b--', '--B--') + END)
    .expect(201);
  bad.expectAccepted(2);
  expect(Accepted.parse(res.body).notarizations[0]?.sha256).toBe(
    createHash('sha256').update(content.replaceAll('--b--', '--B--')).digest('hex'),
  );
});

test('headers of parts are read wherever the body is divided into chunks', async () => {
  const body =
    filePart + partWith('Content-Encoding: gzip', undefined, gzipSync('x').toString('latin1')) + END;
  for (const size of [1, 7, 40]) {
    const chunks = Array.from({ length: Math.ceil(body.length / size) }, (_, i) => {
      const part = body.slice(i * size, (i + 1) * size);
      return `${part.length.toString(16)}\r\n${part}\r\n`;
    });
    const head = `POST /v1/notarizations HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${FORM}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const parts = [head, ...chunks, '0\r\n\r\n'].map((text) => Buffer.from(text, 'latin1'));
    const { status, body: answer } = parseResponse(await sendRaw(bad.service.port, parts));
    expectProblem(status, answer, 'unsupported_encoding');
  }
});

test('a member refuses the same', async () => {
  await using member = await startMember({ upstream: bad.service.url });
  for (const [path, type] of [
    ['/v1/verify', 'application/json'],
    ['/add-checkpoint', 'text/plain'],
  ] as const) {
    for (const [name, value, code] of HEADERS) {
      const res = await fetch(member.url + path, {
        method: 'POST',
        headers: { 'content-type': type, [name]: value },
        body: '{}',
      });
      expectProblem(res.status, await res.json(), code);
    }
  }
  const plain = await fetch(`${member.url}/v1/verify`, { method: 'POST', body: '{}' });
  expectProblem(plain.status, await plain.json(), 'unsupported_media_type');
});
