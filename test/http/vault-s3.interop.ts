import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { Accepted, Problem } from '../../src/http/schemas/resources.js';
import { createFolder } from '../cli/invoke.js';
import { bearer, createKey, createOrganization } from '../support/people.js';
import { startS3 } from '../support/s3.js';
import { startService } from '../support/service.js';
import { streamThroughVault } from '../support/vault-stream.js';

test('while the S3 server is away, nothing is notarized that was to be kept, until it is back', async () => {
  await using data = await createFolder();
  await using s3 = await startS3(data.path);
  await using service = await startService({
    vault: { place: { kind: 's3', ...s3.settings }, keys: '11'.repeat(32), quota: null },
  });
  const headers = bearer((await createKey(service, (await createOrganization(service)).id)).secret);
  const document = Uint8Array.from(randomBytes(100_000));
  const keep = () =>
    fetch(`${service.url}/v1/notarizations?vault=keep`, { method: 'PUT', headers, body: document });
  const codeOf = async (res: Response) => Problem.parse(await res.json()).code;
  const first = Accepted.parse(await (await keep()).json()).notarizations[0]?.id ?? expect.fail();
  const read = () =>
    fetch(`${service.url}/v1/notarizations/${first}/document`, {
      headers: { ...headers, range: 'bytes=70000-70009' },
    });
  const range = Buffer.from(await (await read()).arrayBuffer());
  expect(range.equals(document.subarray(70_000, 70_010))).toBe(true);
  await s3.stop();
  const refused = await keep();
  expect(refused.headers.get('retry-after')).toBe('30');
  expect(await codeOf(refused)).toBe('vault_unavailable');
  expect(await codeOf(await read())).toBe('vault_unavailable');
  const sha256 = createHash('sha256').update(document).digest('hex');
  const found: unknown = await (await fetch(`${service.url}/v1/verify/${sha256}`, { headers })).json();
  expect(found).toMatchObject({ notarizations: [{ id: first }] });
  await s3.start();
  expect((await read()).status).toBe(206);
  expect((await keep()).status).toBe(201);
});

test('5 GiB stream into a bucket and back with flat memory', async () => {
  await using data = await createFolder();
  await using s3 = await startS3(data.path);
  const settings = {
    INGAM_VAULT: `s3://${s3.settings.bucket}`,
    INGAM_VAULT_S3_ENDPOINT: s3.settings.endpoint,
    INGAM_VAULT_S3_ACCESS_KEY: s3.settings.accessKey,
    INGAM_VAULT_S3_SECRET_KEY: s3.settings.secretKey,
  };
  await streamThroughVault(settings, 16 * 1024 * 1024);
});
