import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parseProof, toHex } from '../../src/proof/index.js';
import { createKey, createOrganization, createUser } from '../support/people.js';
import { freePort } from '../support/free-port.js';
import type { TestService } from '../support/service.js';
import { makeWebhook } from '../support/webhooks.js';
import { blocksOf, run } from './installed.js';

/**
 * Runs the whole program of packages/python/README.md in an empty folder: it notarizes, waits for the webhook, and verifies.
 * @param python that has the client, with this environment
 * @param service that sends webhooks to 127.0.0.0/8
 */
export async function runWholeProgram(
  python: string,
  env: NodeJS.ProcessEnv,
  service: TestService,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ingam-python-'));
  try {
    const { id } = await createOrganization(service);
    const key = (await createKey(service, id)).secret;
    const { accessToken } = await createUser(service, id, 'owner');
    const port = String(await freePort());
    const { secret } = await makeWebhook(service, accessToken, `http://127.0.0.1:${port}/`);
    const page = 'packages/python/README.md';
    const [program = ''] = await blocksOf(page, 'python');
    const [commands = ''] = await blocksOf(page, 'sh');
    const args = /^python3 (.*)$/m.exec(commands)?.[1]?.split(' ') ?? [];
    expect(args).toEqual(['notarize.py', 'contract.pdf']);
    await writeFile(join(folder, 'notarize.py'), program);
    await writeFile(join(folder, 'contract.pdf'), `a contract, ${port}`);
    const ended = await run(python, args, folder, {
      ...env,
      ...{ INGAM_SERVER: service.url, INGAM_KEY: key, INGAM_WEBHOOK_SECRET: secret, PORT: port },
    });
    expect(ended).toEqual({ code: 0, output: 'contract.pdf: verified\n' });
    const proof = parseProof(await readFile(join(folder, 'contract.pdf.ingam.json')));
    const register = await fetch(`${service.url}/v1/notarizations?sha256=${toHex(proof.document.sha256)}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(await register.json()).toMatchObject({
      notarizations: [{ details: { name: 'contract.pdf' }, status: 'sealed' }],
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
