import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAIN } from '../support/built.js';
import { type S3Server, startS3 } from '../support/s3.js';
import { until } from '../support/until.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';
import { createRelay } from './relay.js';
import { folder, proofOf, service, useService } from './service.js';

useService();

let directory: TestFolder;
let server: S3Server;
beforeAll(async () => {
  directory = await createFolder();
  server = await startS3(directory.path);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function put(key: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> {
  const { endpoint, bucket, region, accessKey, secretKey } = server.settings;
  const client = new AwsClient({ accessKeyId: accessKey, secretAccessKey: secretKey, region, service: 's3' });
  const path = key.split('/').map(encodeURIComponent).join('/');
  const response = await client.fetch(`${endpoint}/${bucket}/${path}`, { method: 'PUT', body });
  expect(response.status).toBe(200);
}

const argv = ['watch', 's3://vault-test/scans', '--proofs', 'proofs'];

/** @param endpoint of the S3 server, or of what stands before it */
function environment(endpoint = server.settings.endpoint) {
  const { region, accessKey, secretKey } = server.settings;
  return {
    INGAM_SERVER: service.url,
    ...{ AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey },
    ...{ AWS_REGION: region, AWS_ENDPOINT_URL: endpoint },
  };
}

const watch = (endpoint?: string) =>
  invoke([...argv, '--once', '--interval', '1'], { cwd: folder.path, env: environment(endpoint) });

const accepted = async () => (await service.store.head()).nextPosition;
const proofAt = (name: string) => proofOf('proofs', 'vault-test', 'scans', `${name}.ingam.json`);
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest();

test('a bucket of a stock server is read, also over several pages and after kill -9, and what changes is notarized again', async () => {
  expect(server.settings.bucket).toBe('vault-test');
  const names = ['a.pdf', 'deep/b.pdf', 'with blank + plus & 계약.pdf', 'empty'];
  for (let i = 0; i < 1100; i++) names.push(`many/${i}`);
  for (const name of names) await put(`scans/${name}`, name === 'empty' ? '' : name);
  await put('other/x.pdf', 'x');
  const before = await accepted();
  const child = spawn(process.execPath, [MAIN, ...argv], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...environment() },
    stdio: 'ignore',
  });
  await until('the first objects to be accepted', accepted, (position) => position > before);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await watch()).toMatchObject({ code: 0 });
  expect(await accepted()).toBe(before + names.length);
  for (const name of names.slice(0, 3))
    expect(Buffer.from((await proofAt(name)).document.sha256)).toEqual(sha256(name));
  expect(await watch()).toMatchObject({ code: 0, stdout: '' });
  expect(await accepted()).toBe(before + names.length);
  // As long as before.
  await put('scans/a.pdf', 'b.pdf');
  expect(await watch()).toMatchObject({ code: 0 });
  expect(await accepted()).toBe(before + names.length + 1);
  expect(Buffer.from((await proofAt('a.pdf')).document.sha256)).toEqual(sha256('b.pdf'));
  await server.stop();
  const away = await watch();
  expect({ code: away.code, stderr: away.stderr }).toMatchObject({ code: 2 });
  expect(away.stderr).toContain('the bucket cannot be read');
  await server.start();
  expect((await watch()).code).toBe(0);
});

test('a large object is read on where the connection broke, and again if it changed meanwhile', async () => {
  const [large, other] = [Buffer.alloc(20_000_000, 'large'), Buffer.alloc(20_000_000, 'other')];
  for (const name of ['large', 'changed']) await put(`scans/${name}.bin`, large);
  await using relay = await createRelay(server.settings.endpoint, async (line, count) => {
    if (!line.includes('.bin')) return 'pass';
    if (count === 2 && line.includes('changed')) await put('scans/changed.bin', other);
    return count === 1 ? 'halve-answer' : 'pass';
  });
  expect(await watch(relay.url)).toMatchObject({ code: 0 });
  const asked = (name: string) => relay.requests.filter((line) => line.includes(name)).length;
  expect([asked('large.bin'), asked('changed.bin')]).toEqual([2, 3]);
  const digests = [await proofAt('large.bin'), await proofAt('changed.bin')];
  expect(digests.map(({ document }) => Buffer.from(document.sha256))).toEqual([sha256(large), sha256(other)]);
});
