import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { runBuilt, startBuilt, type BuiltNode } from '../support/built.js';
import { startHere } from '../support/in-process.js';
import { until } from '../support/until.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

let folder: TestFolder;
let database: TestDatabase;
const nodes: BuiltNode[] = [];
beforeEach(async () => {
  folder = await createFolder();
  database = await createDatabase({ empty: true });
});
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.kill();
  await database.drop();
  await folder[Symbol.asyncDispose]();
});

const settings = () => ({
  HOME: folder.path,
  INGAM_DATA_DIR: folder.at('data'),
  DATABASE_URL: database.url,
  INGAM_SEAL_INTERVAL_MS: '200',
  INGAM_MINING_TARGET_MS: '1',
  INGAM_MIN_DIFFICULTY: '1',
  INGAM_WORKERS: '1',
});

async function serve(): Promise<BuiltNode> {
  const node = await startBuilt(['serve'], { cwd: folder.path, env: settings() });
  nodes.push(node);
  return node;
}

const publicKeyOf = (node: BuiltNode) =>
  until(
    'the public key that the service prints',
    () => /^Public key \(give this to people who verify\): (.+)$/.exec(node.stdout[1] ?? '')?.[1],
  );

test('serves, notarizes, verifies, detects tampering, passes the audit, stops and starts again', async () => {
  const first = await serve();
  const key = await publicKeyOf(first);
  const ingam = (...argv: string[]) =>
    runBuilt(argv, { cwd: folder.path, env: { HOME: folder.path, INGAM_SERVER: first.url } });
  await writeFile(folder.at('contract.txt'), 'the agreement');
  expect((await ingam('trust', '--expect', key)).code).toBe(0);
  expect(await ingam('notarize', 'contract.txt')).toMatchObject({
    code: 0,
    stdout: 'contract.txt.ingam.json\n',
  });
  expect((await ingam('verify', 'contract.txt')).stdout).toMatch(/^VERIFIED {2}/);
  expect((await ingam('audit', '--server', first.url)).code).toBe(0);
  expect((await ingam('audit', '--database', database.url, '--data-dir', 'data')).code).toBe(0);

  expect(await first.stop()).toBe(0);
  expect((await ingam('notarize', 'contract.txt', '--force')).code).toBe(2);
  expect((await ingam('verify', 'contract.txt')).code).toBe(0);
  await writeFile(folder.at('contract.txt'), 'the agreement!');
  expect((await ingam('verify', 'contract.txt')).code).toBe(1);

  const second = await serve();
  expect(await publicKeyOf(second)).toBe(key);
  second.child.kill('SIGINT');
  expect(await second.exited).toBe(0);
});

test('reads files again on SIGHUP, in every process, names what needs a restart, and goes on as it was with a mistake', async () => {
  const file = folder.at('log-level');
  const [token, secret, logKey] = [folder.at('token'), folder.at('secret'), folder.at('log-key')];
  const keys = [1, 2].map(() => generateKey('reload.example/log').text);
  await writeFile(file, 'warn\n');
  await writeFile(token, 'the-first-token-of-all');
  await writeFile(secret, '1'.repeat(64));
  await writeFile(logKey, keys[0] ?? '');
  const env = {
    ...{ DATABASE_URL: database.url, INGAM_WORKERS: '2', INGAM_LOG_LEVEL: '', INGAM_LOG_LEVEL_FILE: file },
    ...{ INGAM_METRICS_TOKEN_FILE: token, INGAM_SECRET_FILE: secret, INGAM_LOG_KEY_FILE: logKey },
  };
  const node = await startBuilt(['serve'], { cwd: folder.path, env });
  nodes.push(node);
  const logged = (part: string) => node.stderr.some((line) => line.includes(part));
  // As a proxy passes it on: from this machine itself no token is needed.
  const metricsWith = async (bearer: string) => {
    const headers = { Authorization: `Bearer ${bearer}`, 'X-Forwarded-For': '203.0.113.1' };
    const { status } = await fetch(`${node.url}/metrics`, { headers });
    return status;
  };
  expect(await metricsWith('the-second-token-of-all')).toBe(401);
  expect((await fetch(`${node.url}/healthz`)).status).toBe(200);
  expect(logged('/healthz')).toBe(false);
  await writeFile(file, 'debug\n');
  await writeFile(token, 'the-second-token-of-all');
  await writeFile(secret, '2'.repeat(64));
  await writeFile(logKey, keys.join(' '));
  node.child.kill('SIGHUP');
  await until('the reload to be reported', () => logged('settings reloaded'));
  await until('what needs a restart to be named', () => logged('"settings":["INGAM_SECRET"]'));
  await until('the new token to be accepted', () => metricsWith('the-second-token-of-all'), 200);
  // A statement that both keys sign is sealed only by a process that has both.
  expect((await runBuilt(['log-key', 'announce'], { cwd: folder.path, env })).code).toBe(0);
  await until('a checkpoint with both signatures', async () => {
    const note = await (await fetch(`${node.url}/checkpoint`)).text();
    return note.split('\n\u2014 reload.example/log ').length === 3;
  });
  // A request is logged by the worker that serves it.
  await until('a request to be logged', async () => {
    await fetch(`${node.url}/healthz`);
    return logged('/healthz');
  });
  await writeFile(file, 'loud\n');
  node.child.kill('SIGHUP');
  await until('the mistake to be reported', () =>
    logged('the settings were not reloaded: INGAM_LOG_LEVEL_FILE'),
  );
  expect((await fetch(`${node.url}/healthz`)).status).toBe(200);
  expect(await node.stop()).toBe(0);
});

test('reports every mistake in the configuration at once', async () => {
  const { code, stdout, stderr } = await runBuilt(['serve'], {
    cwd: folder.path,
    env: { PORT: 'eighty', INGAM_SEAL_INTERVALL_MS: '5' },
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('PORT must be a whole number');
  expect(stderr).toContain('INGAM_SEAL_INTERVALL_MS is not a setting');
});

test('says in one sentence why it cannot start', async () => {
  await using first = await startHere(['serve'], { cwd: folder.path, env: settings() });
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ documents: [{ sha256: 'ab'.repeat(32) }] });
  await fetch(`${first.url}/v1/notarizations?wait=sealed`, { method: 'POST', headers, body });
  expect(await first.stop()).toBe(0);
  await writeFile(folder.at('file'), '');
  const other = generateKey('other.example/log').text;
  const refusals: readonly [string, Record<string, string>][] = [
    ['is not signed by the log key of this service', { INGAM_LOG_KEY: other }],
    ['is not signed by the log key of this service', { INGAM_LOG_KEY: other, INGAM_WORKERS: '2' }],
    ['ENOTDIR', { INGAM_DATA_DIR: folder.at('file', 'data') }],
    ['ENOTDIR', { INGAM_DATA_DIR: folder.at('file', 'data'), INGAM_WORKERS: '2' }],
    ['127.0.0.1:9', { DATABASE_URL: 'postgresql://ingam@127.0.0.1:9/ingam' }],
  ];
  for (const [why, env] of refusals) {
    // Several processes are processes.
    const serve = 'INGAM_WORKERS' in env ? runBuilt : invoke;
    const { code, stderr } = await serve(['serve'], {
      cwd: folder.path,
      env: { ...settings(), PORT: '0', INGAM_LOG_LEVEL: 'warn', ...env },
    });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^ingam: the service cannot start: .*\n(.*\n)?$/) as string,
    });
    expect(stderr).toContain(why);
  }
});

test('reports a port that is already in use', async () => {
  await using first = await startHere(['serve'], { cwd: folder.path, env: settings() });
  const { code, stderr } = await invoke(['serve'], {
    cwd: folder.path,
    env: { ...settings(), PORT: new URL(first.url).port, INGAM_LOG_LEVEL: 'silent' },
  });
  expect(code).toBe(1);
  expect(stderr).toContain('is already in use');
});
