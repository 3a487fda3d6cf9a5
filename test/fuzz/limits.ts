import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { loadHistories } from '../vectors/load.js';
import { type FuzzRequest, type FuzzResponse, sendTo } from './requests.js';

/** A request at a limit of what a stranger may send. */
export interface LimitRequest {
  readonly name: string;
  readonly request: FuzzRequest;
}

const MEBIBYTE = 1024 * 1024;
const BODY = 16 * MEBIBYTE;
const DOCUMENTS = 10_000;

const newDigest = () => createHash('sha256').update(randomBytes(8)).digest('hex');
const post = (path: string, type: string, body: string | Buffer, headers = {}): FuzzRequest => ({
  method: 'POST',
  path,
  headers: { 'content-type': type, ...headers },
  body: Buffer.from(body),
  digests: null,
});
const get = (path: string): FuzzRequest => ({
  method: 'GET',
  path,
  headers: {},
  body: Buffer.alloc(0),
  digests: null,
});
const json = (path: string, body: string, headers = {}) => post(path, 'application/json', body, headers);
const lines = (text: readonly string[]) => post('/v1/notarizations', 'application/x-ndjson', text.join('\n'));

/** Details of about this many bytes, in many short texts. */
function manyTexts(bytes: number): string {
  const tags = Array.from({ length: Math.min(64, Math.max(1, Math.floor(bytes / 24))) }, (_, i) =>
    `${i} ${'t'.repeat(100)}`.slice(0, Math.max(4, Math.floor(bytes / 64) - 4)),
  );
  return JSON.stringify({ tags });
}

/** Details of about this many bytes, in one text. */
function oneText(bytes: number): string {
  const note = 'n'.repeat(Math.min(8000, bytes - 20));
  const tags = Array.from({ length: Math.min(64, Math.floor((bytes - note.length) / 104)) }, (_, i) =>
    `${i}${'t'.repeat(98)}`.slice(0, 100),
  );
  return JSON.stringify(tags.length === 0 ? { note } : { note, tags });
}

/** The same text, with an escape for each character. */
const escaped = (bytes: number) => `{"note":"${'\\u00e9'.repeat(Math.min(8000, Math.floor(bytes / 6)))}"}`;

const documentOf = (details: string) => `{"sha256":"${newDigest()}","size":1,"details":${details}}`;

/** As many documents as fit. */
function bulk(detailsOf: (bytes: number) => string, count = DOCUMENTS): string {
  const each = Math.floor((BODY - 100) / count) - 120;
  const documents: string[] = [];
  let length = 0;
  while (documents.length < count) {
    const text = documentOf(detailsOf(each));
    length += text.length + 1;
    if (length > BODY - 100) break;
    documents.push(text);
  }
  return `{"documents":[${documents.join()}]}`;
}

const form = (path: string, parts: readonly string[]) =>
  post(
    path,
    'multipart/form-data; boundary=b',
    `${parts.map((part) => `--b\r\nContent-Disposition: form-data; ${part}\r\n`).join('')}--b--\r\n`,
  );

const Accepted = z.object({
  notarizations: z.tuple([z.object({ sha256: z.string(), links: z.object({ self: z.string() }) })]),
});

async function answer(url: string, request: FuzzRequest): Promise<FuzzResponse> {
  const response = await sendTo(url, request);
  if (response === null || response.status >= 400)
    throw new Error(`${request.path}: ${response?.text ?? ''}`);
  return response;
}

/** With as many of these as fit behind this place. */
function history(place: string, item: string): FuzzRequest {
  const text = JSON.stringify(loadHistories()[0]?.history);
  const count = Math.floor((8 * MEBIBYTE - Buffer.byteLength(text)) / item.length);
  return json('/v1/verify/history', text.replace(place, `$&${item.repeat(count)}`));
}

/** One of each kind, new documents each time. */
export async function limitRequests(url: string): Promise<LimitRequest[]> {
  const large = oneText(16_200);
  const { text } = await answer(
    url,
    json('/v1/notarizations?wait=sealed', `{"documents":[${documentOf(large)}]}`),
  );
  const [{ sha256, links }] = Accepted.parse(JSON.parse(text)).notarizations;
  const proof = (await answer(url, get(`${links.self}/proof`))).text;
  const often = Array.from({ length: 150 }, () => documentOf(large).replace(/[0-9a-f]{64}/, sha256));
  await answer(url, json('/v1/notarizations?wait=sealed', `{"documents":[${often.join()}]}`));
  const longText = bulk(oneText);
  const key = { 'idempotency-key': randomBytes(100).toString('hex') };
  const files = Array.from(
    { length: 1000 },
    (_, i) =>
      `name="file"; filename="${String(i).padStart(4, '0')}${'x'.repeat(240)}.txt"\r\n\r\n${i}${newDigest()}`,
  );
  const details = `[${files.map(() => oneText(1000)).join()}]`;
  const longNote = proof.replace(/(— [^ ]+ )[^\\"]+\\n/, (line) =>
    line.repeat(Math.floor((MEBIBYTE - proof.length) / (line.length + 2))),
  );
  const padded = (member: string) => proof.replace('{', `{${member},`);
  const items = (text: string, bytes: number) =>
    `[${`${text},`.repeat(Math.floor(bytes / (text.length + 1)) - 1)}${text}]`;
  return [
    [
      'bulk of 10,000 digests',
      json(
        '/v1/notarizations',
        `{"documents":[${Array.from({ length: DOCUMENTS }, () => `{"sha256":"${newDigest()}"}`).join()}]}`,
      ),
    ],
    ['bulk of 10,000 details, 16 MiB', json('/v1/notarizations', longText, key)],
    ['the same again, under its idempotency key', json('/v1/notarizations', longText, key)],
    ['the same again, waiting for the seal', json('/v1/notarizations?wait=sealed', longText, key)],
    ['bulk of 10,000 details with many texts, 16 MiB', json('/v1/notarizations', bulk(manyTexts))],
    ['bulk of 10,000 details with escapes, 16 MiB', json('/v1/notarizations', bulk(escaped))],
    ['bulk of the largest details, 16 MiB', json('/v1/notarizations', bulk(oneText, 1020))],
    [
      'bulk of the largest details, waiting for the seal',
      json('/v1/notarizations?wait=sealed', bulk(oneText, 1020)),
    ],
    ['bulk of 10,000 details, waiting for the seal', json('/v1/notarizations?wait=sealed', bulk(oneText))],
    [
      'bulk of 10,000 documents, each wrong',
      json(
        '/v1/notarizations',
        `{"documents":[${Array.from({ length: DOCUMENTS }, () => `{"sha256":"x","${'y'.repeat(1500)}":1}`).join()}]}`,
      ),
    ],
    [
      'stream of 2,000 lines of the largest details',
      lines(Array.from({ length: 2000 }, () => documentOf(large))),
    ],
    [
      'stream of 20,000 lines with details',
      lines(Array.from({ length: 20_000 }, () => documentOf(oneText(1000)))),
    ],
    [
      'stream of 50,000 plain lines',
      lines(Array.from({ length: 50_000 }, () => `{"sha256":"${newDigest()}"}`)),
    ],
    [
      'form of 1,000 files, 1 MiB of details',
      form('/v1/notarizations', [...files, `name="details"\r\n\r\n${details}`]),
    ],
    [
      'form of 1,000 files, waiting for the seal',
      form('/v1/notarizations?wait=sealed', [...files, `name="details"\r\n\r\n${details}`]),
    ],
    [
      'form of 10,000 fields',
      form(
        '/v1/notarizations',
        Array.from({ length: 10_000 }, () => `name="x"\r\n\r\ny`),
      ),
    ],
    ['verification of 2 MiB: escapes', json('/v1/verify', `{"proof":"${'\\u0000'.repeat(340_000)}"}`)],
    [
      'verification of 2 MiB: members',
      json('/v1/verify', `{"proof":{"format":"ingam-proof-v1","anchors":${items('[]', 2 * MEBIBYTE)}}}`),
    ],
    [
      'verification of 2 MiB: a proof as text',
      json('/v1/verify', `{"proof":${JSON.stringify(padded(`"a":${items('"b"', 800_000)}`))}}`),
    ],
    [
      'verification of a proof with as many signatures as fit',
      json('/v1/verify', `{"proof":${JSON.stringify(longNote)}}`),
    ],
    [
      'verification of a proof with many anchors',
      json(
        '/v1/verify',
        `{"proof":${proof.replace('"anchors": []', `"anchors":${items('{"type":"x"}', 900_000)}`)}}`,
      ),
    ],
    [
      'verification of a file of 1 MiB',
      form('/v1/verify', [`name="proof"; filename="p"\r\n\r\n${longNote}`]),
    ],
    ['history of 8 MiB: events', history('"events":[', '{"automatic":"x"},')],
    ['history of 8 MiB: blocks', history('"blocks":[', '{"header":"","path":[],"anchors":[]},')],
    ['history of 8 MiB: arrays', json('/v1/verify/history', '['.repeat(8 * MEBIBYTE))],
    ['history of 8 MiB: members', history('{', '"a":1,')],
    ['verification of a document with 150 notarizations', get(`/v1/verify/${sha256}`)],
    ['verification of a proof with the largest details', json('/v1/verify', `{"proof":${proof}}`)],
    ['certificate', get(`${links.self}/certificate.pdf`)],
    ['certificate in Korean', get(`${links.self}/certificate.pdf?lang=ko&tz=Asia/Seoul`)],
    ['proof', get(`${links.self}/proof`)],
    ['query of 15 KB', get(`/v1/verify/${sha256}?${'a&'.repeat(7500)}`)],
  ].map(([name, request]) => ({ name, request }) as LimitRequest);
}
