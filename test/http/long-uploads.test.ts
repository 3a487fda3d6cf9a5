import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Accepted, Problem, Verification } from '../../src/http/schema/resources.js';
import { sendRaw } from '../support/raw-http.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

/** Documents that are long enough for the thread, on a service whose thread dies of some. */
const MIB = 2 ** 20;
const MAX_UPLOAD_BYTES = 8 * MIB;
const FRAGILE = new URL('../intake/fragile-hash-worker.mjs', import.meta.url);
let service: TestService;
beforeAll(async () => {
  service = await startService({
    hasher: { parallel: true, worker: FRAGILE },
    maxUploadBytes: MAX_UPLOAD_BYTES,
  });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const document = (length: number) => randomBytes(length);
const deadly = () => Buffer.concat([Buffer.from('deadly'), document(4 * MIB)]);
const head = (type: string) =>
  `POST /v1/notarizations HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: 100000000\r\n\r\n`;
const PART = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n';

/** Without a length, so that nobody knows whether it is a short one. */
function send(path: string, type: string, body: Blob): Promise<Response> {
  return fetch(service.url + path, {
    method: 'POST',
    headers: { 'content-type': type },
    body: body.stream(),
    duplex: 'half',
  } as RequestInit);
}
const sendRawFile = (bytes: Buffer<ArrayBuffer>) =>
  send('/v1/notarizations', 'application/octet-stream', new Blob([bytes]));
const sendForm = (files: readonly Buffer<ArrayBuffer>[], path = '/v1/notarizations') => {
  const parts = files.flatMap((bytes) => [PART, bytes, '\r\n']);
  return send(path, 'multipart/form-data; boundary=b', new Blob([...parts, '--b--\r\n']));
};
const digests = async (answer: Response) => {
  expect(answer.status).toBe(201);
  return Accepted.parse(await answer.json()).notarizations.map((each) => [each.sha256, each.size]);
};
const problem = async (answer: Response) => [answer.status, Problem.parse(await answer.json()).code];
const positions = async () => (await service.store.head()).nextPosition;

test('several uploads at once, raw and as forms, have each its own digests', async () => {
  const files = Array.from({ length: 12 }, (_, i) => document(3 * MIB + 1000 * i + 1));
  const forms = Array.from({ length: 3 }, (_, i) => [
    document(2 * MIB + i),
    document(10 + i),
    document(100_000 + i),
    document(MAX_UPLOAD_BYTES),
  ]);
  const [raw, multipart] = await Promise.all([
    Promise.all(files.map(async (bytes) => digests(await sendRawFile(bytes)))),
    Promise.all(forms.map(async (each) => digests(await sendForm(each)))),
  ]);
  expect(raw).toEqual(files.map((bytes) => [[sha256(bytes), bytes.length]]));
  expect(multipart).toEqual(forms.map((each) => each.map((bytes) => [sha256(bytes), bytes.length])));
  const [known] = files;
  const answer = await sendForm([known ?? document(0)], '/v1/verify');
  const { verdict, sha256: found } = Verification.parse(await answer.json());
  expect(['verified', 'pending']).toContain(verdict);
  expect(found).toBe(sha256(known ?? document(0)));
});

test('too long is 413, and nothing of it is accepted', async () => {
  const before = await positions();
  const long = document(MAX_UPLOAD_BYTES + 1);
  expect(await problem(await sendRawFile(long))).toEqual([413, 'too_large']);
  expect(await problem(await sendForm([document(2 * MIB), long]))).toEqual([413, 'too_large']);
  expect(await positions()).toBe(before);
});

test('when the thread dies, the upload is answered with 500, nothing is accepted, and the next one is served', async () => {
  const before = await positions();
  expect(await problem(await sendRawFile(deadly()))).toEqual([500, 'internal']);
  expect(await problem(await sendForm([document(2 * MIB), deadly()]))).toEqual([500, 'internal']);
  expect(await positions()).toBe(before);
  const bytes = document(3 * MIB);
  expect(await digests(await sendRawFile(bytes))).toEqual([[sha256(bytes), bytes.length]]);
});

test('clients that go away in the middle leave their place to others', async () => {
  const before = await positions();
  const gone = Array.from({ length: 20 }, (_, i) =>
    sendRaw(
      service.port,
      i % 2 === 0
        ? [head('application/octet-stream'), document(3 * MIB)]
        : [head('multipart/form-data; boundary=b'), PART, document(3 * MIB)],
      { thenClose: 'destroy' },
    ),
  );
  await Promise.all(gone);
  expect(await positions()).toBe(before);
  // Only what has a place in the thread can die of it.
  await until(async () => (await sendRawFile(deadly())).status === 500);
});
