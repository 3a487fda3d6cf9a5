import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, createOrganization, createUser } from '../support/people.js';
import { firstEvent, newHolder } from '../support/records.js';
import { freePort } from '../support/free-port.js';
import { startService, type TestService } from '../support/service.js';
import { makeWebhook, notarize } from '../support/webhooks.js';
import { proxyOf } from './failing-proxy.js';
import { blocksOf, ROOT, run } from './installed.js';
import { runWholeProgram } from './python-program.js';

let service: TestService;
let folder: string;
let key: string;
let owner: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  service = await startService({ webhookPrivate: ['127.0.0.0/8'] });
  folder = await mkdtemp(join(tmpdir(), 'ingam-python-'));
  const { id } = await createOrganization(service);
  key = (await createKey(service, id)).secret;
  owner = (await createUser(service, id, 'owner')).accessToken;
  env = {
    PATH: process.env['PATH'],
    PYTHONPATH: join(ROOT, 'packages/python'),
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONWARNINGS: 'error',
    INGAM_SERVER: service.url,
    INGAM_KEY: key,
  };
  for (const block of await blocksOf('docs/python.md', 'python')) {
    const name = /^# (\S+\.py)\n/.exec(block)?.[1] ?? expect.fail(`no name: ${block}`);
    await writeFile(join(folder, name), block);
  }
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const python = (...args: string[]) => run('python3', args, folder, env);
const digest = (text: string) => createHash('sha256').update(text).digest('hex');

test('the programs of docs/python.md notarize, wait and verify', async () => {
  await writeFile(join(folder, 'lease.txt'), 'A lease.\n');
  expect(await python('notarize.py', 'lease.txt')).toEqual({ code: 0, output: 'lease.txt: verified\n' });
  const proof: unknown = JSON.parse(await readFile(join(folder, 'lease.txt.ingam.json'), 'utf8'));
  expect(proof).toMatchObject({ document: { sha256: digest('A lease.\n') } });
  await mkdir(join(folder, 'folder'));
  for (const name of ['a', 'b', 'c']) await writeFile(join(folder, 'folder', name), name);
  expect((await python('many.py', 'folder')).output).toMatch(/^a: \S+\nb: \S+\nc: \S+\n$/);
  expect((await python('log.py')).output).toContain(` ${digest('A lease.\n')} `);
});

test('the whole program of its page notarizes, waits for the webhook, and verifies', () =>
  runWholeProgram('python3', env, service));

test('its receiver is told by the service what is sealed, and takes nothing from anybody else', async () => {
  const port = String(await freePort());
  const { secret } = await makeWebhook(service, owner, `http://127.0.0.1:${port}/`);
  const receiver = spawn('python3', ['receive.py'], {
    cwd: folder,
    env: { ...env, PORT: port, INGAM_WEBHOOK_SECRET: secret },
  });
  const lines = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]();
  const next = async () => ((await lines.next()) as { value: string }).value;
  expect(await next()).toBe(`port ${port}`);
  const [id = ''] = await notarize(service, key, [digest('by webhook')]);
  // Other tests of this organization are told, too.
  let line = await next();
  while (!line.startsWith(`${id} `)) line = await next();
  expect(line).toBe(`${id} ${digest('by webhook')}: verified`);
  const headers = {
    'webhook-id': 'm1',
    'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
    'webhook-signature': `v1,${'A'.repeat(43)}= v1a,${'A'.repeat(86)}==`,
  };
  const forged = JSON.stringify({ type: 'notarization.sealed', data: { notarizations: [id] } });
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: forged });
  expect(answer.status).toBe(400);
  receiver.kill();
  await once(receiver, 'exit');
});

test('does what it says against a live service, over a bad connection too', async () => {
  await using spoiled = await proxyOf(service, (count, socket) => {
    if (count === 1) return 502;
    if (count > 2) return undefined;
    socket.destroy();
    return null;
  });
  await using refused = await proxyOf(service, () => 503);
  const script = join(import.meta.dirname, 'scripts/check_client.py');
  expect(await python(script, service.url, key, spoiled.url, refused.url)).toEqual({ code: 0, output: '' });
  expect(spoiled.keys).toHaveLength(3);
  expect(new Set(spoiled.keys).size).toBe(1);
  expect(refused.keys).toHaveLength(5);
});

test('submits events of a record, and reads it and its history', async () => {
  const holder = newHolder('holder');
  const document = { sha256: digest('record'), name: 'record.txt' };
  const event = firstEvent('document.create', { document, holder: holder.text }, [holder]);
  await writeFile(join(folder, 'event.json'), JSON.stringify(event));
  await writeFile(
    join(folder, 'record.py'),
    `import json, os
from ingam_client import Client
ingam = Client(os.environ["INGAM_SERVER"], os.environ["INGAM_KEY"])
accepted = ingam.submit_event(None, json.load(open_file := open("event.json")), wait=True)
open_file.close()
record = accepted["record"]
print(json.dumps([
    ingam.record(record)["kind"],
    [each["type"] for each in ingam.record_events(record)],
    [each["id"] == record for each in ingam.records(kind="document")],
    json.loads(ingam.history(record))["record"] == record,
]))
`,
  );
  const { output } = await python('record.py');
  expect(output).toBe('["document", ["document.create"], [true], true]\n');
});

test('has the version of the service', async () => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  const project = await readFile(join(ROOT, 'packages/python/pyproject.toml'), 'utf8');
  expect(project).toContain(`\nversion = "${version}"\n`);
});
