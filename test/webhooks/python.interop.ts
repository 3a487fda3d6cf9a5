import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { createFolder } from '../cli/invoke.js';
import { createKey, createOrganization, createUser } from '../support/people.js';
import { digestOf } from '../support/records.js';
import { startService } from '../support/service.js';
import { send } from '../support/signing.js';
import { makeWebhook, notarize } from '../support/webhooks.js';

/** A Python that has the library of Standard Webhooks: test/interop/python.ts installs it. */
const PYTHON = process.env['INGAM_TEST_PYTHON'];

interface Line {
  readonly signed: readonly boolean[];
  readonly message: { readonly type: string; readonly timestamp: string; readonly data: object } | null;
}

test('the Python library of Standard Webhooks takes what the service sends, with both secrets after a rotation, and nothing else', async () => {
  if (PYTHON === undefined)
    throw new Error(
      'INGAM_TEST_PYTHON must name a Python with standardwebhooks: npm run test:interop sets it',
    );
  await using folder = await createFolder();
  await using service = await startService({ webhookPrivate: ['127.0.0.0/8'] });
  const { id } = await createOrganization(service, 'Archive');
  const key = (await createKey(service, id)).secret;
  const { accessToken: owner } = await createUser(service, id, 'owner');
  const secrets = join(folder.path, 'secrets');
  const receiver = spawn(PYTHON, [join(import.meta.dirname, 'scripts/receive.py'), secrets], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => {
      const line = await lines.next();
      if (line.done === true) throw new Error('the receiver has ended');
      return JSON.parse(line.value);
    };
    const { port } = (await next()) as { readonly port: number };
    const url = `http://127.0.0.1:${port}/`;
    const webhook = await makeWebhook(service, owner, url, ['notarization.sealed', 'key.created']);
    await writeFile(secrets, webhook.secret);
    const ids = await notarize(service, key, [digestOf('one'), digestOf('둘')]);
    const sealed = (await next()) as Line;
    expect(sealed).toMatchObject({
      signed: [true],
      message: { type: 'notarization.sealed', data: { notarizations: ids } },
    });

    const rotated = await send(service, 'POST', `/v1/webhooks/${webhook.id}/secret`, undefined, owner);
    const { secret } = rotated.body as { readonly secret: string };
    await writeFile(secrets, `${secret} ${webhook.secret}`);
    const made = await createKey(service, id, ['read']);
    expect(await next()).toMatchObject({
      signed: [true, true],
      message: { type: 'key.created', data: { key: made.id } },
    });

    await writeFile(secrets, `whsec_${Buffer.alloc(32).toString('base64')}`);
    const test = await send(service, 'POST', `/v1/webhooks/${webhook.id}/test`, undefined, owner);
    expect(test.body).toMatchObject({ outcome: 'status', status: 400 });
    expect(await next()).toEqual({ signed: [false], message: null });
  } finally {
    receiver.kill();
    await once(receiver, 'exit');
  }
});
