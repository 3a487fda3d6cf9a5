import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatVerifierKey } from '../../src/proof/index.js';
import { FORGER_KEY, type Forger, ForgedChain, serveChain } from '../support/forger.js';
import { startMember, untilCosigned } from '../support/member.js';
import { type S3Server, startS3 } from '../support/s3.js';
import { filesIn, serveFiles } from '../support/static-files.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

let folder: TestFolder;
let server: S3Server;
let operator: Forger;
const whole = new ForgedChain().grown(600, { entries: 2 });

beforeAll(async () => {
  folder = await createFolder();
  server = await startS3(folder.at('s3'));
  operator = await serveChain({ chain: whole });
});
afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function client(): AwsClient {
  const { region, accessKey, secretKey } = server.settings;
  return new AwsClient({ accessKeyId: accessKey, secretAccessKey: secretKey, region, service: 's3' });
}

/** Read to its end: what is left of an answer would fail when the server stops. */
async function object(name: string) {
  const { endpoint, bucket } = server.settings;
  const response = await client().fetch(`${endpoint}/${bucket}/log/${name}`);
  const { status, headers } = response;
  return { status, headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

function publish(to: string) {
  const { endpoint, region, accessKey, secretKey } = server.settings;
  return invoke(
    ['publish', '--to', to, '--server', operator.url, '--key', formatVerifierKey(FORGER_KEY.key)],
    {
      cwd: folder.path,
      env: {
        ...{ AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey },
        ...{ AWS_REGION: region, AWS_ENDPOINT_URL: endpoint },
      },
    },
  );
}

test('a bucket of a stock server gets the files, and a member follows the log from there', async () => {
  const to = `s3://${server.settings.bucket}/log`;
  operator.view = { chain: whole.first(250) };
  expect(await publish(to)).toMatchObject({ code: 0, stderr: '' });
  expect((await object('tile/0/000.p/250')).status).toBe(200);
  operator.view = { chain: whole };
  expect(await publish(to)).toMatchObject({ code: 0, stderr: '' });
  expect((await object('tile/0/000.p/250')).status).toBe(404);
  expect(await publish('site')).toMatchObject({ code: 0 });
  for (const [path, bytes] of await filesIn(folder.at('site'))) {
    const stored = await object(path);
    expect([path, stored.status, stored.bytes]).toEqual([path, 200, bytes]);
  }
  const tile = await object('tile/0/000');
  expect(tile.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(tile.headers.get('content-type')).toBe('application/octet-stream');
  await using site = await serveFiles(async (name) => {
    const { status, bytes } = await object(name);
    return status === 200 ? bytes : null;
  });
  {
    await using member = await startMember({ upstream: site.url });
    await untilCosigned(member, whole.size);
  }
  expect((await publish(to)).stdout).toMatch(/^UP TO DATE/);
  await server.stop();
  const away = await publish(to);
  expect(away.code).toBe(2);
  expect(away.stderr).toContain('the bucket cannot be used');
  await server.start();
});
