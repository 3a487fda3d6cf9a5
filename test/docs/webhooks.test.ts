import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { WebhookWithSecret } from '../../src/http/schemas/webhooks.js';
import { WEBHOOK_TYPES } from '../../src/store/index.js';
import { createOrganization, createUser } from '../support/people.js';
import { startService } from '../support/service.js';

const page = () => readFile(join(import.meta.dirname, '../../docs/webhooks.md'), 'utf8');

test('docs/webhooks.md lists exactly the events that there are', async () => {
  const listed = [...(await page()).matchAll(/^\| `([a-z]+\.[a-z_]+)` \|/gm)].map(([, type]) => type);
  expect(listed).toEqual([...WEBHOOK_TYPES, 'webhook.test']);
});

test('the request of docs/webhooks.md makes a webhook', async () => {
  const [, command = ''] = /```sh\n(curl [^`]*)```/.exec(await page()) ?? [];
  await using service = await startService();
  const { accessToken } = await createUser(service, (await createOrganization(service)).id, 'owner');
  const here = command.replace('https://notary.example.com', service.url);
  const { stdout } = await promisify(execFile)('bash', ['-c', here], {
    env: { PATH: process.env['PATH'], TOKEN: accessToken },
  });
  const { webhook, secret } = WebhookWithSecret.parse(JSON.parse(stdout));
  expect(webhook).toMatchObject({ name: 'archive', types: ['notarization.sealed', 'record.event'] });
  expect(secret).toMatch(/^whsec_/);
});
