import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, chown, cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAIN } from '../support/built.js';
import { generateKey } from '../../src/crypto/keys.js';
import { formatVerifierKey } from '../../src/proof/index.js';
import { createDatabase } from '../support/database.js';
import { startMember, stateOf, untilCosigned } from '../support/member.js';
import { LOG_KEY, SECRET } from '../support/parts.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

let service: TestService;
let folder: TestFolder;
const PASSPHRASE = [Buffer.from('correct horse battery\n')];

const ingam = (argv: readonly string[], stdin: readonly Uint8Array[] = []) =>
  invoke(argv, {
    cwd: folder.path,
    env: { INGAM_LOG_KEY: LOG_KEY.text, INGAM_SECRET: SECRET, INGAM_DATA_DIR: folder.at('data') },
    stdin,
  });

beforeAll(async () => {
  service = await startService();
  folder = await createFolder();
  for (const name of ['a', 'b', 'c']) await writeFile(folder.at(name), name);
  expect((await ingam(['notarize', 'a', 'b', 'c', '--server', service.url, '--title', 'T'])).code).toBe(0);
  const made = await ingam(['backup', 'good', '--database', service.databaseUrl]);
  expect({ code: made.code, stderr: made.stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining('Keys are not in it') as string,
  });
  expect(made.stdout).toMatch(/^good: [0-9]+ blocks, 3 entries, /);
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

test('a backup is checked in a database of its own, and restored into another', async () => {
  const checked = await ingam(['restore-check', 'good']);
  expect(checked.stderr).toBe('');
  expect(checked.stdout).toMatch(/^good: all files are as they were written/);
  expect(checked.stdout).toMatch(/^SOUND {2}3 entries/m);
  // Not the options of another command.
  expect(checked.stdout).toContain('whether blocks were signed after this backup');
  expect(checked.stdout).not.toContain('--checkpoint');
  expect(checked.code).toBe(0);

  await using target = await createDatabase({ empty: true });
  const restored = await ingam(['restore', 'good', '--database', target.url]);
  expect(restored.stdout).toMatch(/^Restored from good: [0-9]+ blocks, 3 entries\.$/m);
  expect(restored.stderr).toContain('put the newest checkpoint');
  expect(restored.code).toBe(0);
  const audited = await ingam(['audit', '--database', target.url, '--key', service.verifierKey]);
  expect(audited.stdout).toMatch(/^SOUND {2}3 entries/);
  expect(await ingam(['restore', 'good', '--database', target.url])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('the database is not empty') as string,
  });
});

test('a restore refuses the database of a running service', async () => {
  const { code, stderr } = await ingam(['restore', 'good', '--database', service.adminUrl]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('the service is running on this database') as string,
  });
});

test('a file that was changed, cut or removed is named, before anything is restored', async () => {
  await cp(folder.at('good'), folder.at('bad'), { recursive: true });
  await appendFile(folder.at('bad', 'entry.pgcopy'), 'x');
  await writeFile(
    folder.at('bad', 'block.pgcopy'),
    (await readFile(folder.at('bad', 'block.pgcopy'))).subarray(1),
  );
  await rm(folder.at('bad', 'details.pgcopy'));
  await using target = await createDatabase({ empty: true });
  for (const argv of [
    ['restore-check', 'bad'],
    ['restore', 'bad', '--database', target.url],
  ]) {
    const { code, stderr } = await ingam(argv);
    expect(code).toBe(2);
    expect(stderr).toContain('bad/entry.pgcopy: it was changed since the backup');
    expect(stderr).toContain('bad/block.pgcopy: it was changed since the backup');
    expect(stderr).toContain('bad/details.pgcopy: no such file');
  }
  expect(await target.query(`SELECT to_regclass('entry') AS entry`)).toEqual([{ entry: null }]);

  const manifest = folder.at('bad', 'manifest.json');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace('"blocks"', '"block"'));
  expect((await ingam(['restore-check', 'bad'])).stderr).toContain(
    'bad/manifest.json is not the list of a backup',
  );
  await writeFile(manifest, text.replace(/"20261123090000_vault"/, '"29991123090000_new"'));
  expect((await ingam(['restore-check', 'bad'])).stderr).toContain('Restore it with version');
  await rm(manifest);
  expect((await ingam(['restore-check', 'bad'])).stderr).toContain('DIR.partial is not complete');
});

test('a member is backed up with its own settings: its copy of the log, and its key', async () => {
  const member = await startMember({ upstream: service.url, upstreamKey: LOG_KEY.key });
  await untilCosigned(member, ((await service.store.tip())?.height ?? -1) + 1);
  const env = (database: string, data: string) => ({
    INGAM_MEMBER_UPSTREAM: service.url,
    INGAM_MEMBER_UPSTREAM_KEY: service.verifierKey,
    DATABASE_URL: database,
    INGAM_DATA_DIR: folder.at(data),
  });
  const run = (argv: readonly string[], given: Record<string, string>) =>
    invoke(argv, { cwd: folder.path, env: given, stdin: PASSPHRASE });
  const own = { ...env(member.database.url, 'member'), INGAM_MEMBER_KEY: member.key.text };
  const made = await run(['backup', 'member-copy', '--keys', 'member-keys'], own);
  expect(made).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^member-copy: [0-9]+ blocks, 0 entries/) as string,
  });
  expect(made.stderr).toContain('member-keys: member.key.');

  const checked = await run(['restore-check', 'member-copy'], own);
  expect(checked.stdout).toMatch(/^SOUND {2}[0-9]+ blocks? of .*: no findings/m);
  expect(checked.code).toBe(0);
  const other = formatVerifierKey(generateKey(LOG_KEY.key.name).key);
  const stranger = await run(['restore-check', 'member-copy', '--key', other], own);
  expect(stranger.stdout).toContain('checkpoint: signature');
  expect(stranger.code).toBe(1);

  await using target = await createDatabase({ empty: true });
  const restored = env(target.url, 'member-new');
  const done = await run(['restore', 'member-copy', '--keys', 'member-keys'], restored);
  expect(done).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('the database of a member') as string,
  });
  expect(await readFile(folder.at('member-new', 'keys', 'member.key'), 'utf8')).toBe(`${member.key.text}\n`);
  await member[Symbol.asyncDispose]();
  // The node goes on where it was.
  const following = { upstream: service.url, upstreamKey: LOG_KEY.key, key: member.key };
  await using again = await startMember({ ...following, database: target });
  expect((await stateOf(again)).cosigned).toBeGreaterThan(0);
});

test('a backup that is killed never looks complete, and the next one begins anew', async () => {
  const env = { PATH: process.env['PATH'], HOME: folder.path, DATABASE_URL: service.databaseUrl };
  const child = spawn(process.execPath, [MAIN, 'backup', 'killed'], { cwd: folder.path, env });
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  await until('the first file', () => existsSync(folder.at('killed.partial', 'access_event.pgcopy')));
  child.kill('SIGKILL');
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  expect(existsSync(folder.at('killed'))).toBe(false);
  expect((await ingam(['restore-check', 'killed.partial'])).code).toBe(2);
  expect((await ingam(['backup', 'killed', '--database', service.databaseUrl])).code).toBe(0);
  expect(existsSync(folder.at('killed.partial'))).toBe(false);
  // A folder that is there is never replaced.
  expect((await ingam(['backup', 'killed', '--database', service.databaseUrl])).stderr).toContain(
    'already exists',
  );
});

test('keys are copied apart, encrypted, and put back where there are none', async () => {
  await mkdir(folder.at('data', 'keys'), { recursive: true });
  await writeFile(folder.at('data', 'keys', 'tsa.pem'), 'the key of the authority');
  const backup = [
    'backup',
    'with-keys',
    '--database',
    service.databaseUrl,
    '--data-dir',
    'data',
    '--keys',
    'keys',
  ];
  expect((await ingam(backup, [Buffer.from('short\n')])).stderr).toContain('12 characters or more');
  expect((await ingam(backup, PASSPHRASE)).stderr).toContain('log.key');
  expect((await stat(folder.at('keys'))).mode & 0o777).toBe(0o600);
  const text = await readFile(folder.at('keys'), 'utf8');
  expect(text).not.toContain(Buffer.from('the key of the authority').toString('base64'));

  await using target = await createDatabase({ empty: true });
  const restore = ['restore', 'with-keys', '--database', target.url, '--data-dir', 'new', '--keys', 'keys'];
  expect(await ingam(restore, [Buffer.from('correct horse battely\n')])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('the passphrase is wrong, or the file was changed') as string,
  });
  await mkdir(folder.at('new', 'keys'), { recursive: true });
  await writeFile(folder.at('new', 'keys', 'log.key'), 'another key');
  expect((await ingam(restore, PASSPHRASE)).stderr).toContain('is another key; nothing was changed');
  await rm(folder.at('new', 'keys', 'log.key'));
  expect((await ingam(restore, PASSPHRASE)).code).toBe(0);
  expect(await readFile(folder.at('new', 'keys', 'log.key'), 'utf8')).toBe(`${LOG_KEY.text}\n`);
  expect(await readFile(folder.at('new', 'keys', 'tsa.pem'), 'utf8')).toBe('the key of the authority');
  expect(existsSync(folder.at('new', 'keys', 'receipt.key'))).toBe(false);

  // Root makes them for the owner of the data directory, who runs the service.
  const owner = process.getuid?.() === 0 ? 54_321 : (await stat(folder.at('new'))).uid;
  await rm(folder.at('new', 'keys'), { recursive: true });
  await chown(folder.at('new'), owner, (await stat(folder.at('new'))).gid);
  const alone = await ingam(['restore', '--data-dir', 'new', '--keys', 'keys'], PASSPHRASE);
  expect(alone.stdout).toMatch(/^The keys are in .*new: .*log\.key/);
  const owners = ['keys', 'keys/log.key', 'keys/tsa.pem'].map(
    async (name) => (await stat(folder.at('new', name))).uid,
  );
  expect(await Promise.all(owners)).toEqual([owner, owner, owner]);
  expect(await readFile(folder.at('new', 'keys', 'log.key'), 'utf8')).toBe(`${LOG_KEY.text}\n`);
  expect(await ingam(['restore'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('give the folder of a backup, or --keys FILE') as string,
  });
});
