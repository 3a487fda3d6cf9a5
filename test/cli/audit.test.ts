import { mkdir, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startService, type TestService } from '../support/service.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';
import { runBuilt } from '../support/built.js';

let service: TestService;
let folder: TestFolder;
beforeAll(async () => {
  service = await startService();
  folder = await createFolder();
  for (const name of ['a', 'b', 'c']) await writeFile(folder.at(name), name);
  const { code } = await invoke(['notarize', 'a', 'b', 'c', '--server', service.url, '--title', 'T'], {
    cwd: folder.path,
  });
  expect(code).toBe(0);
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const audit = (...argv: string[]) => invoke(['audit', ...argv], { cwd: folder.path });
const here = () => ['--database', service.databaseUrl, '--key', service.verifierKey];

test('reports no findings for a sound database', async () => {
  const { code, stdout, stderr } = await audit(...here());
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^SOUND {2}3 entries in [0-9] blocks? of test\.example\/log: no findings\n$/);
  expect(code).toBe(0);
  const json = await audit(...here(), '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    sound: true,
    findings: [],
    entries: 3,
    signatures: 'checked',
  });
});

test('reports the same as a built command', async () => {
  const { code, stdout } = await runBuilt(['audit', ...here()], { cwd: folder.path });
  expect(stdout).toMatch(/^SOUND {2}3 entries/);
  expect(code).toBe(0);
});

test('requires a key from another source than the database', async () => {
  const { code, stderr } = await audit('--database', service.databaseUrl);
  expect(code).toBe(2);
  expect(stderr).toContain("missing the log's public key");
});

test('reports an unreachable database and a folder without a database', async () => {
  const away = await audit('--database', 'postgresql://127.0.0.1:1/x', '--key', service.verifierKey);
  expect(away.code).toBe(2);
  expect(away.stderr).toContain('cannot use the database');
  const empty = await audit('--data-dir', 'nowhere', '--key', service.verifierKey);
  expect(empty.code).toBe(2);
  expect(empty.stderr).toContain('no service database in');
});

test('reports a database that does not contain the checkpoint kept in the data directory', async () => {
  const foreign = 'test.example/log\n99\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— x AAAAAAA=\n';
  await mkdir(folder.at('data'), { recursive: true });
  await writeFile(folder.at('data', 'checkpoint'), foreign);
  const { code, stdout } = await audit(...here(), '--data-dir', 'data');
  expect(code).toBe(1);
  expect(stdout).toContain('checkpoint size=99');
  expect(stdout).toContain('rolled back');
});

test('names the row and column that were changed', async () => {
  const client = new pg.Client({ connectionString: service.adminUrl });
  await client.connect();
  await client.query('ALTER TABLE entry DISABLE TRIGGER USER');
  await client.query(`UPDATE entry SET digest = sha256('x') WHERE position = 1`);
  await client.end();
  const { code, stdout } = await audit(...here());
  expect(code).toBe(1);
  expect(stdout).toContain('entry position=1');
  const json = await audit(...here(), '--json');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    sound: false,
    findings: [{ table: 'entry', key: { position: '1' } }],
  });
});
