import { spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type * as Client from '../../packages/client/src/index.js';
import type * as Verifier from '../../packages/verifier/src/index.js';
import { lendPage } from '../support/chromium.js';
import { createKey, createOrganization, createUser } from '../support/people.js';
import { firstEvent, newHolder } from '../support/records.js';
import { freePort } from '../support/free-port.js';
import { startService, type TestService } from '../support/service.js';
import { makeWebhook, notarize } from '../support/webhooks.js';
import { proxyOf } from './failing-proxy.js';
import { blocksOf, installPackages, type Project, ROOT, run } from './installed.js';

let service: TestService;
let project: Project;
let key: string;
let owner: string;
let env: NodeJS.ProcessEnv;
let library: typeof Client;
beforeAll(async () => {
  [service, project] = await Promise.all([
    startService({ webhookPrivate: ['127.0.0.0/8'] }),
    installPackages(['verifier', 'client']),
  ]);
  const { id } = await createOrganization(service);
  key = (await createKey(service, id)).secret;
  owner = (await createUser(service, id, 'owner')).accessToken;
  env = { INGAM_SERVER: service.url, INGAM_KEY: key };
  library = (await import(join(installed(), 'dist/index.js'))) as typeof Client;
  for (const block of await blocksOf('docs/typescript.md', 'js')) {
    const name = /^\/\/ (\S+\.mjs)\n/.exec(block)?.[1] ?? expect.fail(`no name: ${block}`);
    await writeFile(project.at(name), block);
  }
  expect(await runs('trust.mjs')).toEqual({ code: 0, output: '' });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

const installed = () => join(project.path, 'node_modules/@ingam/client');
const connect = (options: Partial<Client.ClientOptions> = {}) =>
  new library.IngamClient({ server: service.url, key, ...options });
const digest = (text: string) => createHash('sha256').update(text).digest('hex');
const runs = (...args: string[]) => run(process.execPath, args, project.path, env);

test('the programs of docs/typescript.md notarize, wait and verify', async () => {
  await writeFile(project.at('lease.txt'), 'A lease.\n');
  const first = await runs('notarize.mjs', 'lease.txt');
  expect(first).toEqual({ code: 0, output: expect.any(String) as string });
  expect(first.output).toMatch(/^lease\.txt: verified, sealed \d{4}-\d\d-\d\dT/);
  await mkdir(project.at('folder'));
  for (const name of ['a', 'b', 'c']) await writeFile(project.at(join('folder', name)), name);
  const many = await runs('many.mjs', 'folder');
  expect(many.output.split('\n').slice(0, -1).sort()).toEqual(
    ['a', 'b', 'c'].map((name) => expect.stringMatching(new RegExp(`^${name}: [0-9]+-[0-9a-f]`)) as string),
  );
  const log = await runs('log.mjs');
  expect(log.output).toMatch(new RegExp(`^\\d+\\n\\S+ ${digest('A lease.\n')} \\w+\\n`));
});

test('the whole program of its page notarizes, waits for the webhook, and verifies', async () => {
  const page = 'packages/client/README.md';
  const [program = ''] = await blocksOf(page, 'js');
  const [commands = ''] = await blocksOf(page, 'sh');
  expect(/^node (.*)$/m.exec(commands)?.[1]).toBe('notarize.mjs contract.pdf');
  await mkdir(project.at('whole'));
  await writeFile(project.at('whole/notarize.mjs'), program);
  await writeFile(project.at('contract.pdf'), 'a contract');
  const port = String(await freePort());
  const { secret } = await makeWebhook(service, owner, `http://127.0.0.1:${port}/`);
  const ended = await run(process.execPath, ['whole/notarize.mjs', 'contract.pdf'], project.path, {
    ...{ ...env, PORT: port, INGAM_WEBHOOK_SECRET: secret },
  });
  expect(ended).toEqual({
    code: 0,
    output: expect.stringMatching(/^contract\.pdf: verified, sealed \d{4}-\d\d-\d\dT\S+\n$/) as string,
  });
  const proof = JSON.parse(await readFile(project.at('contract.pdf.ingam.json'), 'utf8')) as object;
  expect(proof).toMatchObject({ document: { sha256: digest('a contract') } });
});

test('its receiver is told by the service what is sealed, and takes nothing from anybody else', async () => {
  const port = String(await freePort());
  // The key pair of the webhook; the Python client checks the same message by its secret.
  const { publicKey } = await makeWebhook(service, owner, `http://127.0.0.1:${port}/`);
  const receiver = spawn(process.execPath, ['receive.mjs'], {
    cwd: project.path,
    env: { ...env, PORT: port, INGAM_WEBHOOK_SECRET: publicKey },
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

test('verifies webhooks by each kind of secret, and says what is wrong with others', async () => {
  const { verifyWebhook } = library;
  // The example of the Standard Webhooks specification: its body has no type.
  const example = {
    body: '{"test": 2432232314}',
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    now: 1614265330_000,
  };
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'jwk' }).x ?? '';
  const whpk = `whpk_${Buffer.from(raw, 'base64url').toString('base64')}`;
  const body = '{"type":"a.b","timestamp":"2027-01-01T00:00:00.000Z","data":null}';
  const signature = sign(null, Buffer.from(`m.1614265330.${body}`), privateKey).toString('base64');
  const headers = {
    'webhook-id': 'm',
    'webhook-timestamp': '1614265330',
    'webhook-signature': `v1a,${signature}`,
  };
  const asymmetric = { body, headers, secret: [example.secret, whpk], now: example.now };
  expect(await verifyWebhook(asymmetric)).toMatchObject({ id: 'm', type: 'a.b', data: null });
  expect(await verifyWebhook({ ...asymmetric, headers: new Headers(headers) })).toMatchObject({ id: 'm' });

  const without = (name: string) =>
    Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name));
  const faults: readonly (readonly [Client.WebhookFault, Client.WebhookInput])[] = [
    ['malformed_body', example],
    ['bad_signature', { ...example, body: '{"test": 2432232315}' }],
    ['bad_signature', { ...example, secret: whpk }],
    [
      'bad_signature',
      { ...asymmetric, headers: { ...headers, 'webhook-signature': `v1,${signature} v1a,* v2,` } },
    ],
    ['too_old', { ...example, now: example.now + 301_000 }],
    ['too_new', { ...example, now: example.now - 301_000 }],
    ['malformed_secret', { ...example, secret: 'whsec_c2hvcnQ=' }],
    ['malformed_secret', { ...example, secret: 'secret' }],
    ['malformed_secret', { ...example, secret: `whpk_${Buffer.alloc(48).toString('base64')}` }],
    ['malformed_header', { ...asymmetric, headers: { ...headers, 'webhook-timestamp': 'now' } }],
    ['missing_header', { ...asymmetric, headers: without('webhook-id') }],
  ];
  for (const [code, input] of faults)
    await expect(verifyWebhook(input), code).rejects.toMatchObject({ code });
});

test('where the platform has no Ed25519, the secret does, and the key alone says what to do', async () => {
  const { verifyWebhook } = library;
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const [whpk, whsec] = [`whpk_${raw.toString('base64')}`, `whsec_${Buffer.alloc(32, 7).toString('base64')}`];
  const body = '{"type":"a.b","timestamp":"2027-01-01T00:00:00.000Z","data":null}';
  const now = new Date();
  const time = String(Math.floor(now.getTime() / 1000));
  const byKey = `v1a,${sign(null, Buffer.from(`m.${time}.${body}`), privateKey).toString('base64')}`;
  const bySecret = new Webhook(whsec).sign('m', now, body);
  const verified = (signature: string, secret: string[]) =>
    verifyWebhook({
      body,
      headers: { 'webhook-id': 'm', 'webhook-timestamp': time, 'webhook-signature': signature },
      secret,
    });
  const { subtle } = crypto;
  const real = subtle.importKey.bind(subtle) as (...given: unknown[]) => Promise<CryptoKey>;
  // As in browsers before 2025.
  const old = (...given: unknown[]) =>
    JSON.stringify(given[2]).includes('Ed25519')
      ? Promise.reject(new DOMException('Algorithm: Unrecognized name', 'NotSupportedError'))
      : real(...given);
  const spy = vi.spyOn(subtle, 'importKey').mockImplementation(old as typeof subtle.importKey);
  try {
    expect(await verified(`${byKey} ${bySecret}`, [whpk, whsec])).toMatchObject({ type: 'a.b' });
    const error: unknown = await verified(`${byKey} ${bySecret}`, [whpk]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(library.WebhookError);
    expect(error).toMatchObject({
      code: 'unsupported_secret',
      message: expect.stringContaining('give the secret whsec_') as string,
    });
    await expect(verified(bySecret, [whpk])).rejects.toMatchObject({ code: 'bad_signature' });
  } finally {
    spy.mockRestore();
  }
});

test('repeats what got no answer under one key, and notarizes it once', async () => {
  await using between = await proxyOf(service, (count, socket) => {
    if (count === 1) return 502;
    if (count > 2) return undefined;
    socket.destroy();
    return null;
  });
  const { id } = await connect({ server: between.url }).notarize(Buffer.from('once'));
  expect(between.keys).toHaveLength(3);
  expect(new Set(between.keys).size).toBe(1);
  const found = await connect().call('listNotarizations', { query: { sha256: digest('once') } });
  expect((found as Client.Register).notarizations.map((each) => each.id)).toEqual([id]);
});

test('gives up after the attempts, and repeats nothing that could happen twice', async () => {
  await using broken = await proxyOf(service, () => 503);
  const client = connect({ server: broken.url, attempts: 2 });
  await expect(client.chain()).rejects.toMatchObject({
    name: 'ProblemError',
    status: 503,
    code: null,
    retryAfter: 0,
  });
  expect(broken.keys).toHaveLength(2);
  await expect(client.verify({ document: Buffer.from('x') })).rejects.toThrow('503');
  expect(broken.keys).toHaveLength(4);
  await expect(client.call('createKey', { body: { name: 'x', scopes: ['read'] } })).rejects.toThrow('503');
  expect(broken.keys).toHaveLength(5);
  const nobody = connect({ server: 'http://127.0.0.1:1', attempts: 1 });
  await expect(nobody.chain()).rejects.toMatchObject({ name: 'ConnectionError' });
  await expect(client.waitForProof('x', { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow(
    'stop',
  );
});

test('says why the service refused', async () => {
  const { ProblemError } = library;
  const error: unknown = await connect()
    .notarizeDigests([{ sha256: 'x' }])
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProblemError);
  const { status, code, problem } = error as Client.ProblemError;
  expect({ status, code, path: problem?.errors?.[0]?.path }).toEqual({
    status: 400,
    code: 'invalid_body',
    path: 'documents[0].sha256',
  });
  await expect(connect({ key: 'wrong' }).notarization('1-0000000000000000')).rejects.toMatchObject({
    status: 401,
    code: 'invalid_token',
  });
  expect(() => connect({ server: 'ftp://x' })).toThrow(TypeError);
  expect(() => connect({ server: 'http://a:b@localhost' })).toThrow(TypeError);
});

test('notarizes a stream in order, with a result for each line, bad ones included', async () => {
  const count = 2_500;
  const bad = 1_200;
  const documents = Array.from({ length: count }, (_, i) => ({
    sha256: i === bad ? 'x' : digest(`stream ${i}`),
  }));
  const results: Client.ResultLine[] = [];
  for await (const result of connect().notarizeStream(documents)) results.push(result);
  expect(results.map(({ line }) => line)).toEqual(documents.map((_, i) => i + 1));
  for (const [i, result] of results.entries()) {
    if ('error' in result) expect({ i, code: result.error.code }).toEqual({ i: bad, code: 'invalid_body' });
    else expect(result.sha256).toBe(documents[i]?.sha256);
  }
  let seen = 0;
  for await (const each of connect().register({ limit: 1000 })) if (each.sha256 !== '') seen++;
  expect(seen).toBeGreaterThanOrEqual(count - 1);
});

test('uploads, asks for the verdict of the service, and keeps waiting short', async () => {
  const client = connect();
  const uploaded = await client.upload(new Blob(['uploaded']), { name: 'a.txt', wait: true });
  expect(uploaded).toMatchObject({
    status: 'sealed',
    sha256: digest('uploaded'),
    details: { name: 'a.txt' },
  });
  const proof = (await client.proof(uploaded.id)) ?? expect.fail();
  const document = Buffer.from('uploaded');
  expect((await client.verify({ document, proof })).verdict).toBe('verified');
  expect((await client.verify({ document: Buffer.from('other'), proof })).verdict).toBe('invalid');
  expect((await client.verify({ document: Buffer.from('other') })).verdict).toBe('unknown');
  expect(await client.notarization(uploaded.id)).toMatchObject({ id: uploaded.id });
});

test('submits events of a record, and reads it and its history', async () => {
  const client = connect();
  const holder = newHolder('holder');
  const document = { sha256: digest('record'), name: 'record.txt' };
  const event = firstEvent('document.create', { document, holder: holder.text }, [holder]);
  const { record } = await client.submitEvent(null, event, { wait: true });
  expect(await client.record(record)).toMatchObject({ kind: 'document', holder: holder.text, sequence: 0 });
  const events: Client.RecordEvent[] = [];
  for await (const each of client.recordEvents(record)) events.push(each);
  expect(events.map(({ type }) => type)).toEqual(['document.create']);
  const ids: string[] = [];
  for await (const { id } of client.records({ kind: 'document' })) ids.push(id);
  expect(ids).toEqual([record]);
  const path = join(project.path, 'node_modules/@ingam/verifier/dist/index.js');
  const { verifyHistory } = (await import(path)) as typeof Verifier;
  const { policy } = await client.chain();
  const history = await client.history(record);
  const verdict = await verifyHistory({ history, policy, document: Buffer.from('record') });
  expect(verdict).toMatchObject({ verdict: 'verified', record, namedByEvent: 0 });
  await expect(client.submitEvent(record, event)).rejects.toMatchObject({
    status: 422,
    code: 'wrong_record',
  });
});

test('its types are enough for a strict program', async () => {
  await writeFile(
    project.at('typed.ts'),
    `import { type Accepted, IngamClient, ProblemError } from '@ingam/client';
const ingam = new IngamClient({ server: 'http://localhost' });
const { notarizations }: Accepted = await ingam.notarizeDigests([{ sha256: '', details: { title: '' } }]);
export const status: 'accepted' | 'sealed' | 'cosigned' | 'anchored' | undefined = notarizations[0]?.status;
const { blocks } = await ingam.call('listBlocks', {});
export const height: number | undefined = blocks[0]?.height;
export const isLimit = (error: unknown): boolean => error instanceof ProblemError && error.code === 'limit_exceeded';
// @ts-expect-error there is no such call
await ingam.call('listBlock', {});
// @ts-expect-error the path has an id
await ingam.call('getNotarization', {});
// @ts-expect-error not a code of the API
export const never = (error: ProblemError): boolean => error.code === 'limit';
`,
  );
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--types', ''];
  const tsc = [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, '--lib', 'es2023,dom', 'typed.ts'];
  expect(await run(process.execPath, tsc, project.path, {})).toEqual({ code: 0, output: '' });
  const versions = [join(installed(), 'package.json'), join(ROOT, 'package.json')].map(
    async (path) => (JSON.parse(await readFile(path, 'utf8')) as { readonly version: string }).version,
  );
  const [own, served] = await Promise.all(versions);
  expect(own).toBe(served);
});

test('notarizes on a page of the service', async () => {
  const { page, giveBack } = await lendPage({});
  const code = await readFile(join(installed(), 'dist/index.js'), 'utf8');
  await page.route('**/client.js', (route) => route.fulfill({ contentType: 'text/javascript', body: code }));
  await page.goto(`${service.url}/docs`);
  // As text: the test runner writes `import` in another way.
  const result: unknown = await page.evaluate(`(async () => {
    const { IngamClient } = await import('/client.js');
    const ingam = new IngamClient({ server: location.origin });
    const { id, sha256 } = await ingam.notarize(new File(['from a page'], 'a.txt'));
    return [sha256, (await ingam.waitForProof(id)).length > 0];
  })()`);
  await giveBack();
  expect(result).toEqual([digest('from a page'), true]);
});
