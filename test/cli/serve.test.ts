import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { MAIN, runBuilt } from './built.js';
import { createFolder, type TestFolder } from './invoke.js';

let folder: TestFolder;
let database: TestDatabase;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await createFolder();
  database = await createDatabase({ empty: true });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await database.drop();
  await folder[Symbol.asyncDispose]();
});

async function serve(): Promise<{ child: ChildProcess; url: string; key: string }> {
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    cwd: folder.path,
    env: {
      PATH: process.env['PATH'],
      HOME: folder.path,
      PORT: '0',
      DATABASE_URL: database.url,
      INGAM_SEAL_INTERVAL_MS: '50',
      INGAM_MINING_TARGET_MS: '1',
      INGAM_MIN_DIFFICULTY: '1',
      INGAM_WORKERS: '1',
      INGAM_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (pattern: RegExp) => {
    const line = await lines.next();
    return pattern.exec(line.done === true ? '' : line.value)?.[1] ?? '';
  };
  const url = await next(/^Ingam is running at (http:\/\/127\.0\.0\.1:[0-9]+)$/);
  const key = await next(/^Public key \(give this to people who verify\): (.+)$/);
  return { child, url, key };
}

test('serves, notarizes, verifies, detects tampering, passes the audit, stops and starts again', async () => {
  const first = await serve();
  const ingam = (...argv: string[]) =>
    runBuilt(argv, { cwd: folder.path, env: { HOME: folder.path, INGAM_SERVER: first.url } });
  await writeFile(folder.at('contract.txt'), 'the agreement');
  expect((await ingam('trust', '--expect', first.key)).code).toBe(0);
  expect(await ingam('notarize', 'contract.txt')).toMatchObject({
    code: 0,
    stdout: 'contract.txt.ingam.json\n',
  });
  expect((await ingam('verify', 'contract.txt')).stdout).toMatch(/^VERIFIED {2}/);
  expect((await ingam('audit', '--server', first.url)).code).toBe(0);
  expect((await ingam('audit', '--database', database.url, '--data-dir', 'data')).code).toBe(0);

  first.child.kill('SIGTERM');
  expect(await once(first.child, 'exit')).toEqual([0, null]);
  expect((await ingam('notarize', 'contract.txt', '--force')).code).toBe(2);
  expect((await ingam('verify', 'contract.txt')).code).toBe(0);
  await writeFile(folder.at('contract.txt'), 'the agreement!');
  expect((await ingam('verify', 'contract.txt')).code).toBe(1);

  const second = await serve();
  expect(second.key).toBe(first.key);
  second.child.kill('SIGINT');
  expect(await once(second.child, 'exit')).toEqual([0, null]);
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

test('says that the port is already in use', async () => {
  const { url } = await serve();
  const { code, stderr } = await runBuilt(['serve'], {
    cwd: folder.path,
    env: { PORT: new URL(url).port, DATABASE_URL: database.url, INGAM_LOG_LEVEL: 'silent' },
  });
  expect(code).toBe(1);
  expect(stderr).toContain('is already in use');
});
