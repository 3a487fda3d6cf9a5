import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type S3Server, startS3 } from '../support/s3.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';
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

async function put(key: string, body: string): Promise<void> {
  const { endpoint, bucket, region, accessKey, secretKey } = server.settings;
  const client = new AwsClient({ accessKeyId: accessKey, secretAccessKey: secretKey, region, service: 's3' });
  const path = key.split('/').map(encodeURIComponent).join('/');
  const response = await client.fetch(`${endpoint}/${bucket}/${path}`, { method: 'PUT', body });
  expect(response.status).toBe(200);
}

function watch() {
  const { endpoint, bucket, region, accessKey, secretKey } = server.settings;
  return invoke(['watch', `s3://${bucket}/scans`, '--proofs', 'proofs', '--once'], {
    cwd: folder.path,
    env: {
      INGAM_SERVER: service.url,
      ...{ AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey },
      ...{ AWS_REGION: region, AWS_ENDPOINT_URL: endpoint },
    },
  });
}

test('a bucket of a stock server is read, also over several pages, and what changes is notarized again', async () => {
  const names = ['a.pdf', 'deep/b.pdf', 'with blank + plus & 계약.pdf', 'empty'];
  for (let i = 0; i < 1100; i++) names.push(`many/${i}`);
  for (const name of names) await put(`scans/${name}`, name === 'empty' ? '' : name);
  await put('other/x.pdf', 'x');
  const accepted = async () => (await service.store.head()).nextPosition;
  const before = await accepted();
  const first = await watch();
  expect({ code: first.code, proofs: first.stdout.trimEnd().split('\n').length }).toEqual({
    code: 0,
    proofs: names.length,
  });
  expect(await accepted()).toBe(before + names.length);
  const at = (name: string) => proofOf('proofs', server.settings.bucket, 'scans', `${name}.ingam.json`);
  for (const name of names.slice(0, 3)) {
    const { document } = await at(name);
    expect(Buffer.from(document.sha256)).toEqual(createHash('sha256').update(name).digest());
  }
  await put('scans/a.pdf', 'a new version');
  expect(await watch()).toMatchObject({ code: 0 });
  expect(await accepted()).toBe(before + names.length + 1);
  await server.stop();
  const away = await watch();
  expect({ code: away.code, stderr: away.stderr }).toMatchObject({ code: 2 });
  expect(away.stderr).toContain('the bucket cannot be read');
  await server.start();
  expect((await watch()).code).toBe(0);
});
