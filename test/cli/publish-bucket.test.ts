import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { formatVerifierKey } from '../../src/proof/index.js';
import { FORGER_KEY, type Forger, ForgedChain, serveChain } from '../support/forger.js';
import { startMember, untilCosigned } from '../support/member.js';
import { filesIn, serveFiles } from '../support/static-files.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

// With a stock S3 server: publish-s3.interop.ts. Here is what it was asked for, and where it refuses.

const whole = new ForgedChain().grown(300, { entries: 2 });

interface Stored {
  readonly bytes: Buffer;
  readonly headers: IncomingHttpHeaders;
}

const objects = new Map<string, Stored>();
const asked: string[] = [];

function list(url: URL, res: ServerResponse): void {
  const keys = [...objects.keys()].filter((key) => key.startsWith(url.searchParams.get('prefix') ?? '?'));
  const contents = keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
  res.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`);
}

const server = createServer((req, res) => {
  const url = new URL(req.url ?? '/', 'http://s3.example');
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/.exec(url.pathname) ?? [];
  asked.push(`${req.method ?? ''} ${url.pathname}`);
  const refuse = (status: number, code: string) =>
    res.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
  const isSigned = /^AWS4-HMAC-SHA256 Credential=publisher\//.test(req.headers.authorization ?? '');
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    if (!isSigned) refuse(403, 'AccessDenied');
    else if (bucket !== 'public') refuse(404, 'NoSuchBucket');
    else if (req.method === 'GET' && key === '') list(url, res);
    else if (req.method === 'PUT') {
      objects.set(key, { bytes: Buffer.concat(chunks), headers: req.headers });
      res.end();
    } else if (req.method === 'DELETE') {
      objects.delete(key);
      res.writeHead(204).end();
    } else {
      const found = objects.get(key);
      if (found === undefined) refuse(404, 'NoSuchKey');
      else res.end(found.bytes);
    }
  });
});

let operator: Forger;
let folder: TestFolder;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  operator = await serveChain({ chain: whole });
  folder = await createFolder();
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await operator[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});
beforeEach(() => {
  objects.clear();
});

const publish = (to: string, accessKey = 'publisher') =>
  invoke(['publish', '--to', to, '--server', operator.url, '--key', formatVerifierKey(FORGER_KEY.key)], {
    cwd: folder.path,
    env: {
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
  });

test('a bucket gets the files of a folder, with what a web server must say of them', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  for (const size of [250, 260, 300]) {
    operator.view = { chain: whole.first(size) };
    expect(await publish('s3://public/log')).toMatchObject({ code: 0, stderr: '' });
  }
  expect(await publish('site')).toMatchObject({ code: 0 });
  const files = await filesIn(folder.at('site'));
  for (const [path, bytes] of files) expect([path, objects.get(`log/${path}`)?.bytes]).toEqual([path, bytes]);
  // Of the second size, whose tiles are not full; those of the first are.
  expect([...objects.keys()].filter((key) => !files.has(key.slice('log/'.length))).sort()).toEqual([
    'log/tile/0/001.p/4',
    'log/tile/entries/001.p/4',
    'log/v1/tile/leaves/002.p/8',
    'log/v1/tile/states/001.p/4',
  ]);
  const told = (path: string) => {
    const { headers } = objects.get(`log/${path}`) ?? expect.fail(path);
    return [headers['content-type'], headers['cache-control']];
  };
  const immutable = 'public, max-age=31536000, immutable';
  expect(told('checkpoint')).toEqual(['text/plain; charset=utf-8', 'no-cache']);
  expect(told('v1/log-keys')).toEqual(['application/json', 'no-cache']);
  expect(told('tile/0/000')).toEqual(['application/octet-stream', immutable]);
  expect(told('v1/tile/states/000')).toEqual(['application/json', immutable]);

  process.off('warning', note);
  expect(warnings).toEqual([]);

  asked.length = 0;
  expect((await publish('s3://public/log')).stdout).toMatch(/^UP TO DATE/);
  expect(asked.filter((each) => !each.startsWith('GET '))).toEqual([]);

  // A bucket that may not be listed says 403 of what it does not have.
  const read = (name: string) => Promise.resolve(objects.get(`log/${name}`)?.bytes ?? null);
  await using site = await serveFiles(read, 403);
  await using member = await startMember({ upstream: site.url });
  await untilCosigned(member, whole.size);
});

test.each([
  [
    'a bucket that is not there',
    's3://private/log',
    undefined,
    'answered 404 (NoSuchBucket) for the bucket private',
  ],
  [
    'a key that may not use it',
    's3://public/log',
    'stranger',
    'answered 403 (AccessDenied) for the bucket public',
  ],
])('says what is wrong with %s', async (_, to, accessKey, message) => {
  const { code, stdout, stderr } = await publish(to, accessKey);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(objects.size).toBe(0);
});
