import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { invoke } from './invoke.js';
import { folder, proofOf, service, useService } from './service.js';

// With a stock S3 server: watch-s3.interop.ts. Here a bucket does what such a server does seldom.

useService();

const objects = new Map<string, Buffer>();
/** Requests for objects, with their Range. */
let asked: string[] = [];
/** Bytes after which the next answer breaks off; null: none does. */
let breakAfter: number | null = null;
const tagOf = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`;

/** Pages of one object, so that there is always another one. */
function list(url: URL, res: ServerResponse): void {
  const prefix = url.searchParams.get('prefix') ?? '';
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  const at = Number(url.searchParams.get('continuation-token') ?? 0);
  const key = keys[at];
  const bytes = objects.get(key ?? '') ?? Buffer.alloc(0);
  const name = encodeURIComponent(key ?? '')
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/');
  const content =
    `<Contents><Key>${name}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>` +
    `<ETag>${tagOf(bytes).replaceAll('"', '&quot;')}</ETag><Size>${bytes.length}</Size></Contents>`;
  const more = at + 1 < keys.length;
  res.end(
    `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${more}</IsTruncated>` +
      `${key === undefined ? '' : content}${more ? `<NextContinuationToken>${at + 1}</NextContinuationToken>` : ''}</ListBucketResult>`,
  );
}

function give(url: URL, req: IncomingMessage, res: ServerResponse): void {
  const key = decodeURIComponent(url.pathname.slice('/documents/'.length));
  const bytes = objects.get(key);
  asked.push(`${key} ${req.headers.range ?? ''}`.trim());
  if (bytes === undefined) res.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
  else if (key.includes('cold')) res.writeHead(403).end('<Error><Code>InvalidObjectState</Code></Error>');
  else if (req.headers['if-match'] !== tagOf(bytes)) res.writeHead(412).end();
  else {
    const from = Number(/^bytes=([0-9]+)-$/.exec(req.headers.range ?? '')?.[1] ?? 0);
    res.writeHead(from === 0 ? 200 : 206, { etag: tagOf(bytes), 'content-length': bytes.length - from });
    if (breakAfter === null) res.end(bytes.subarray(from));
    else {
      const end = from + breakAfter;
      breakAfter = null;
      res.write(bytes.subarray(from, end), () => res.destroy());
    }
  }
}

const server = createServer((req, res) => {
  const url = new URL(req.url ?? '/', 'http://s3.example');
  const isSigned = /^AWS4-HMAC-SHA256 Credential=watcher\//.test(req.headers.authorization ?? '');
  if (!isSigned) res.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
  else if (url.pathname === '/documents') list(url, res);
  else give(url, req, res);
});
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  objects.clear();
  asked = [];
});

const watch = (...argv: string[]) =>
  invoke(['watch', 's3://documents/scans', '--proofs', 'proofs', '--once', ...argv], {
    cwd: folder.path,
    env: {
      INGAM_SERVER: service.url,
      AWS_ACCESS_KEY_ID: 'watcher',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    },
  });

test('reads the objects of a folder in a bucket, each once, and those that have changed again', async () => {
  const names = [
    'a.pdf',
    'deep/b.pdf',
    'with blank + plus & 계약.pdf',
    'double//slash.pdf',
    '100%.pdf',
    'empty',
  ];
  for (const name of names) objects.set(`scans/${name}`, Buffer.from(name === 'empty' ? '' : name));
  for (const other of ['scans/deep/', 'scans/.hidden/x', 'scans/a.pdf.ingam.json', 'scans-old/c.pdf'])
    objects.set(other, Buffer.from(other));
  const first = await watch('--names');
  expect({ code: first.code, stderr: first.stderr }).toMatchObject({ code: 0 });
  expect(asked.sort()).toEqual(names.map((name) => `scans/${name}`).sort());
  const proofs = (await readdir(folder.at('proofs', 'documents', 'scans'), { recursive: true })).filter(
    (name) => name.endsWith('.ingam.json'),
  );
  expect(proofs.sort()).toEqual(
    ['100%.pdf', 'a.pdf', 'deep/b.pdf', 'double/%/slash.pdf', 'empty', 'with blank + plus & 계약.pdf'].map(
      (name) => `${name}.ingam.json`,
    ),
  );
  const proof = await proofOf('proofs', 'documents', 'scans', 'with blank + plus & 계약.pdf.ingam.json');
  expect(proof.details).toEqual({ name: 'with blank + plus & 계약.pdf' });
  asked = [];
  objects.set('scans/a.pdf', Buffer.from('a new version'));
  const again = await watch();
  expect({ code: again.code, asked }).toEqual({ code: 0, asked: ['scans/a.pdf'] });
  expect(again.stderr).toContain('its earlier proof was renamed');
});

test('goes on with an object where the connection broke', async () => {
  const bytes = Buffer.alloc(1_000_000, 'large');
  objects.set('scans/large', bytes);
  breakAfter = 300_000;
  expect((await watch()).code).toBe(0);
  expect(asked[0]).toBe('scans/large');
  expect(asked.at(-1)).toMatch(/^scans\/large bytes=[0-9]+-$/);
  const proof = await proofOf('proofs', 'documents', 'scans', 'large.ingam.json');
  expect(Buffer.from(proof.document.sha256)).toEqual(createHash('sha256').update(bytes).digest());
});

test('one object that cannot be read costs the others nothing, nor does a key that no address has', async () => {
  objects.set('scans/cold.pdf', Buffer.from('cold'));
  objects.set('scans/../x.pdf', Buffer.from('x'));
  objects.set('scans/warm.pdf', Buffer.from('warm'));
  const { code, stdout, stderr } = await watch();
  expect({ code, stdout }).toEqual({ code: 1, stdout: 'proofs/documents/scans/warm.pdf.ingam.json\n' });
  expect(stderr).toContain(
    's3://documents/scans/cold.pdf: the S3 server does not give it (InvalidObjectState)',
  );
  expect(stderr).toContain('s3://documents/scans/../x.pdf: its key has a part "." or ".."');
});

test('says why the bucket cannot be read', async () => {
  const { code, stderr } = await invoke(['watch', 's3://other', '--proofs', 'p', '--once'], {
    cwd: folder.path,
    env: {
      INGAM_SERVER: service.url,
      AWS_ACCESS_KEY_ID: 'stranger',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
  });
  expect(code).toBe(2);
  expect(stderr).toContain('the bucket cannot be read: the S3 server http://127.0.0.1:');
  expect(stderr).toContain('answered 403 (AccessDenied)');
});
