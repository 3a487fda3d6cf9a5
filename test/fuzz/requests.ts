import { createHash } from 'node:crypto';
import { type IncomingHttpHeaders, request as send } from 'node:http';
import type { Json } from '../../src/proof/index.js';
import {
  boolean,
  element,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
} from '../../src/proof/time/der-writer.js';
import { mutateBytes, mutateJson } from './mutate.js';
import type { Random } from './random.js';

/** A request of a stranger, and the digests that it must have notarized if it is answered with 201. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly digests: readonly string[] | null;
}

export type RequestTarget = (random: Random) => FuzzRequest;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const NAMES = [
  'a.txt',
  '문서.pdf',
  'a"b.txt',
  '../x',
  '',
  'x'.repeat(300),
  '\u202etxt',
  'CON',
  'a\\b',
] as const;
const PART_HEADERS = [
  '',
  '\r\nContent-Type: text/plain; charset=utf-16',
  '\r\nContent-Transfer-Encoding: base64',
  '\r\nContent-Transfer-Encoding: binary',
  '\r\nContent-Encoding: gzip',
  `\r\nX-Long: ${'x'.repeat(9000)}`,
] as const;

/** A form with documents that are known, and now and then broken somewhere. */
export const multipartReader: RequestTarget = (random) => {
  const boundary = random.pick(['b', '-'.repeat(30), 'x'.repeat(70)]);
  const documents = Array.from({ length: random.pick([0, 1, 2, 5, 1200]) }, () => documentBytes(random));
  const parts: Buffer[] = [];
  for (const bytes of documents) {
    const name = random.chance(0.9) ? 'a.txt' : random.pick(NAMES);
    const extra = random.chance(0.9) ? '' : random.pick(PART_HEADERS);
    parts.push(
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"${extra}\r\n\r\n`,
      ),
      bytes,
      Buffer.from('\r\n'),
    );
  }
  if (random.chance(0.5)) {
    const details = random.chance(0.5)
      ? mutateJson(random, { title: 't', tags: ['a', 'b'] })
      : manyDetails(random);
    parts.push(
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="details"\r\n\r\n${JSON.stringify(details)}\r\n`,
      ),
    );
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  const whole = Buffer.concat(parts);
  const isBroken = random.chance(0.3);
  return {
    method: 'POST',
    path: random.chance(0.8) ? '/v1/notarizations' : '/v1/verify',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: isBroken ? mutateBytes(random, whole) : whole,
    digests: isBroken ? null : documents.map(sha256),
  };
};

function documentBytes(random: Random): Buffer {
  const bytes = random.bytes(random.pick([1, 10, 300]));
  return random.chance(0.2) ? Buffer.concat([bytes, Buffer.from('\r\n--c'), bytes]) : bytes;
}

function manyDetails(random: Random): Json {
  const keys = random.pick([1, 100]);
  const one = Object.fromEntries(Array.from({ length: keys }, (_, i) => [`k${i}`, i]));
  return Array.from({ length: random.pick([1, 1000]) }, () => one);
}

const MAX_STREAM_LENGTH = 32 * 1024 * 1024;

/** Lines, most of them documents. */
export const ndjsonReader: RequestTarget = (random) => {
  const count = random.pick([1, 10, 10, 10, 10, 3000, 3000, 20_000]);
  const good = { sha256: sha256(random.bytes(8)), size: 12, details: { name: 'a.txt' } };
  const bad = JSON.stringify(mutateJson(random, good));
  const share = random.pick([0, 0.1, 1]);
  const lines = Array.from({ length: Math.min(count, Math.ceil(MAX_STREAM_LENGTH / bad.length)) }, () => '');
  const text = lines
    .map(() => (random.chance(share) ? bad : JSON.stringify(good)))
    .join(random.pick(['\n', '\r\n']));
  return {
    method: 'POST',
    path: '/v1/notarizations',
    headers: { 'content-type': 'application/x-ndjson' },
    body: random.chance(0.2) ? mutateBytes(random, Buffer.from(text)) : Buffer.from(text),
    digests: null,
  };
};

/** JSON of strangers: bulks of digests, proofs, and what is neither. */
export const jsonReader: RequestTarget = (random) => {
  const isVerification = random.chance(0.5);
  return {
    method: 'POST',
    path: isVerification ? '/v1/verify' : '/v1/notarizations',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(isVerification ? verification(random) : bulk(random)),
    digests: null,
  };
};

function bulk(random: Random): string {
  const good: Json = {
    sha256: sha256(random.bytes(8)),
    size: 12,
    details: { name: 'a.txt', note: 'n'.repeat(random.pick([1, 1000])) },
  };
  const documents = Array.from({ length: random.pick([1, 1, 1, 100, 100, 100, 10_000]) }, () => good);
  return random.pick([
    () => JSON.stringify({ documents }),
    () => JSON.stringify(mutateJson(random, { documents })),
    () => JSON.stringify({ documents: documents.map(() => mutateJson(random, good)) }),
    () => `{"documents":[${'{},'.repeat(300_000)}{}]}`,
    () => `{"documents":[{${Array.from({ length: 300_000 }, (_, i) => `"k${i}":0`).join(',')}}]}`,
    () => `{"documents":${'['.repeat(500_000)}`,
    () => `{"documents":"${'\\n'.repeat(5_000_000)}"}`,
  ])();
}

function verification(random: Random): string {
  const size = random.pick([10, 10_000, 200_000]);
  return random.pick([
    () =>
      JSON.stringify(
        mutateJson(random, { sha256: 'a'.repeat(64), size: 1, proof: { format: 'ingam-proof-v1' } }),
      ),
    () => `{"proof":{${Array.from({ length: size }, (_, i) => `"${i}":0`).join(',')}}}`,
    () => `{"proof":{"a":[${'[],'.repeat(size)}[]]}}`,
    () => `{"proof":${JSON.stringify('{"a":'.repeat(size))}}`,
    () => `{"proof":"${'\\u0000'.repeat(size)}"}`,
  ])();
}

const QUERIES = [
  'q=a&q=b',
  '%ff',
  'a&'.repeat(7000),
  `${'%41'.repeat(5000)}=1`,
  `limit=${'9'.repeat(900)}`,
] as const;
const PATHS = [
  '/v1/blocks',
  '/v1/chain',
  '/checkpoint',
  `/v1/verify/${'a'.repeat(64)}`,
  '/tile/0/000',
  '/v1/tile/leaves/000.p/1',
  '/v1/log-keys',
  '/',
] as const;

/** Requests without a body. */
export const getReader: RequestTarget = (random) => ({
  method: random.pick(['GET', 'HEAD', 'OPTIONS', 'DELETE', 'PROPFIND']),
  path: `${random.pick(PATHS)}${random.chance(0.5) ? `?${random.pick(QUERIES)}` : ''}`,
  headers: random.chance(0.5) ? { prefer: ' '.repeat(9000), 'accept-language': 'en,'.repeat(2000) } : {},
  body: Buffer.alloc(0),
  digests: null,
});

/** Time-stamp requests: good ones, others in which something is wrong, and what is none. */
export const timeStampReader: RequestTarget = (random) => {
  const good = timeStampRequest(random);
  const body = random.pick([
    () => good,
    () => mutateBytes(random, good),
    () => mutateBytes(random, good),
    () => good.subarray(0, random.below(good.length)),
    () => random.bytes(random.pick([1, 100, 16_384])),
    // Deep, and long.
    () => Buffer.from('3080'.repeat(6000), 'hex'),
    () => Buffer.concat([Buffer.from('30823ffc', 'hex'), Buffer.alloc(16_380, 0x05)]),
    () => Buffer.alloc(random.pick([16_384, 16_385, 200_000]), 0x30),
  ])();
  const type = random.pick([
    'application/timestamp-query',
    'application/timestamp-query; charset=utf-16',
    'text/plain',
  ]);
  return {
    method: 'POST',
    path: '/tsa',
    headers: { 'content-type': random.chance(0.9) ? 'application/timestamp-query' : type },
    body,
    digests: null,
  };
};

function timeStampRequest(random: Random): Buffer {
  const [algorithm, length] = random.pick([
    ['2.16.840.1.101.3.4.2.1', 32],
    ['2.16.840.1.101.3.4.2.3', 64],
    ['1.3.14.3.2.26', 20],
    ['1.2.3', 1000],
  ] as const);
  const maybe = (element: () => Uint8Array) => (random.chance(0.5) ? [element()] : []);
  return Buffer.from(
    sequence(
      integer(random.chance(0.9) ? 1 : random.below(1000)),
      sequence(sequence(oid(algorithm), ...maybe(nullValue)), octetString(random.bytes(length))),
      ...maybe(() => oid(random.pick(['1.2.3.4', `2.25.${'9'.repeat(38)}`]))),
      ...maybe(() => element(0x02, random.bytes(random.pick([1, 8, 20, 64, 129, 9000])))),
      ...maybe(() => boolean(random.chance(0.5))),
      ...maybe(() => element(0xa0, sequence(oid('1.2.3'), octetString(random.bytes(10))))),
    ),
  );
}

export interface FuzzResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

/** null: the connection was closed without a response. */
export function sendTo(
  url: string,
  { method, path, headers, body }: FuzzRequest,
): Promise<FuzzResponse | null> {
  return new Promise((resolve) => {
    const req = send(
      url + path,
      { method, headers: { ...headers, 'content-length': String(body.length) } },
      (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString('utf8');
          resolve({ status: res.statusCode ?? 0, headers: res.headers, bytes, text });
        });
        res.on('error', () => {
          resolve(null);
        });
      },
    );
    req.on('error', () => {
      resolve(null);
    });
    req.end(body);
  });
}
