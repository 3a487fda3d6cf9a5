import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { runBuilt, startBuilt, type BuiltNode } from '../support/built.js';
import { until } from '../support/until.js';
import { createFolder, type TestFolder } from './invoke.js';

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

async function serve(): Promise<BuiltNode> {
  const node = await startBuilt(['serve'], {
    cwd: folder.path,
    env: {
      HOME: folder.path,
      DATABASE_URL: database.url,
      INGAM_SEAL_INTERVAL_MS: '200',
      INGAM_MINING_TARGET_MS: '1',
      INGAM_MIN_DIFFICULTY: '1',
      INGAM_WORKERS: '1',
    },
  });
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

test('reads the log level again on SIGHUP, in every process, and goes on as it was when it is wrong', async () => {
  const file = folder.at('log-level');
  await writeFile(file, 'warn\n');
  const node = await startBuilt(['serve'], {
    cwd: folder.path,
    env: { DATABASE_URL: database.url, INGAM_WORKERS: '2', INGAM_LOG_LEVEL: '', INGAM_LOG_LEVEL_FILE: file },
  });
  nodes.push(node);
  const logged = (part: string) => node.stderr.some((line) => line.includes(part));
  expect((await fetch(`${node.url}/healthz`)).status).toBe(200);
  expect(logged('/healthz')).toBe(false);
  await writeFile(file, 'debug\n');
  node.child.kill('SIGHUP');
  await until('the level to be reported', () => logged('settings reloaded'));
  // A request is logged by the worker that serves it.
  await until('a request to be logged', async () => {
    await fetch(`${node.url}/healthz`);
    return logged('/healthz');
  });
  await writeFile(file, 'loud\n');
  node.child.kill('SIGHUP');
  await until('the mistake to be reported', () => logged('INGAM_LOG_LEVEL_FILE'));
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

test('reports a port that is already in use', async () => {
  const { url } = await serve();
  const { code, stderr } = await runBuilt(['serve'], {
    cwd: folder.path,
    env: { PORT: new URL(url).port, DATABASE_URL: database.url, INGAM_LOG_LEVEL: 'silent' },
  });
  expect(code).toBe(1);
  expect(stderr).toContain('is already in use');
});
