import { mkdir, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SECRET } from '../support/parts.js';
import { startService, type TestService } from '../support/service.js';
import { englishIn } from './english.js';
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
const here = () => ['--database', service.adminUrl, '--key', service.verifierKey];

test('reports no findings for a sound database', async () => {
  const { code, stdout, stderr } = await audit(...here());
  expect(stderr).toBe('');
  const [first, blank, title, second, ...notes] = stdout.trimEnd().split('\n');
  expect(first).toMatch(/^SOUND {2}3 entries in [0-9] blocks? of test\.example\/log: no findings$/);
  expect([blank, title, second]).toEqual([
    '',
    'Not the chain, but yours: register, search, access, the rules of the schema, roles',
    'No findings.',
  ]);
  expect(notes.every((line) => /^(Note|Not checked): /.test(line))).toBe(true);
  expect(code).toBe(0);
  const json = await audit(...here(), '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    sound: true,
    findings: [],
    entries: 3,
    signatures: 'checked',
    database: { findings: [], findingCount: 0 },
  });
});

test('says what it could not check: without a kept checkpoint and without the secret', async () => {
  const { stdout } = await audit(...here());
  expect(stdout).toContain('Not checked: the end of the chain: not compared with any kept checkpoint');
  expect(stdout).toContain('Not checked: who submitted, anchors, and the access log: ');
  const { keptCheckpoint, database } = JSON.parse((await audit(...here(), '--json')).stdout) as {
    keptCheckpoint: unknown;
    database: { notChecked: { about: string }[] };
  };
  expect(keptCheckpoint).toBe('not compared with any kept checkpoint');
  expect(database.notChecked.map(({ about }) => about)).toEqual([
    'the end of the chain',
    'who submitted, anchors, and the access log',
  ]);
  const withKey = await invoke(['audit', ...here()], {
    cwd: folder.path,
    env: { INGAM_SECRET: SECRET },
  });
  expect(withKey.stdout).not.toContain('who submitted');
  expect(withKey.code).toBe(0);
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

test('says that the role of the service cannot compare the schema with the migrations', async () => {
  const { code, stdout } = await audit('--database', service.databaseUrl, '--key', service.verifierKey);
  expect(stdout).toMatch(
    /^Not checked: tables, triggers, functions and privileges: .*permission denied.*role that owns the tables/m,
  );
  expect(code).toBe(0);
});

test('compares a database with a checkpoint that was kept in a file', async () => {
  await writeFile(folder.at('kept'), await (await fetch(`${service.url}/checkpoint`)).text());
  const same = await audit(...here(), '--checkpoint', 'kept');
  expect(same.stdout).not.toContain('kept checkpoint');
  expect(same.code).toBe(0);
  // As if blocks had been removed since.
  await writeFile(
    folder.at('later'),
    'test.example/log\n99\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— x AAAAAAA=\n',
  );
  const older = await audit(...here(), '--checkpoint', 'later');
  expect(older.code).toBe(1);
  expect(older.stdout).toContain(
    'The database is not the one for which later was signed: it was rolled back',
  );
  const none = await audit(...here(), '--checkpoint', 'nowhere');
  expect(none.code).toBe(2);
  expect(none.stderr).toContain('nowhere');
});

test('exits with 1 for a finding beside the chain alone, and names it in the second part', async () => {
  const client = new pg.Client({ connectionString: service.adminUrl });
  await client.connect();
  await client.query('ALTER TABLE access_event DISABLE TRIGGER access_event_keep');
  try {
    const { code, stdout, stderr } = await audit(...here());
    expect(stdout).toMatch(
      /^SOUND.*\n\nNot the chain.*\ntrigger access_event\.access_event_keep: The trigger .* is not as the service makes it/,
    );
    expect(stderr).toContain('1 finding beside the chain.');
    expect(code).toBe(1);
    const json = await audit(...here(), '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      ...{ sound: false, findingCount: 0, findings: [] },
      database: { findingCount: 1, findings: [{ table: 'schema', problem: 'schema_mismatch' }] },
    });
    expect(json.code).toBe(1);
  } finally {
    await client.query('ALTER TABLE access_event ENABLE TRIGGER access_event_keep');
    await client.end();
  }
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
  const korean = await invoke(['audit', ...here()], { cwd: folder.path, env: { LC_ALL: 'ko_KR.UTF-8' } });
  expect(korean.stdout).toContain('entry position=1: 등록 항목이 블록의 트리를 만들 때의 것과 다릅니다(');
  expect(englishIn(korean.stdout + korean.stderr)).toEqual([]);
  expect(englishIn(stdout)).not.toEqual([]);
  const json = await audit(...here(), '--json');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    sound: false,
    findings: [{ table: 'entry', key: { position: '1' } }],
  });
});
