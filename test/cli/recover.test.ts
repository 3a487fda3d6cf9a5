import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAIN } from '../support/built.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { ForgedChain, serveChain } from '../support/forger.js';
import { startMember, stateOf, type TestMember, untilCosigned } from '../support/member.js';
import { LOG_KEY, RECEIPT_KEY, SECRET } from '../support/parts.js';
import { createKey, createOrganization } from '../support/people.js';
import { documentBody, firstEvent, newHolder } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

/*
 * A service whose database is lost, but for a backup from before the last blocks. What waited when the backup was made
 * was sealed afterwards; two more documents came later, one of an organization and one of nobody. One member has every
 * block, the other one lacks the last.
 */

let folder: TestFolder;
let dataDir: string;
let port: number;
let size: number;
let target: TestDatabase;
let member: TestMember;
let behind: TestMember;
let memberDatabase: TestDatabase;
let behindDatabase: TestDatabase;

const ENV = { INGAM_LOG_KEY: LOG_KEY.text, INGAM_RECEIPT_KEY: RECEIPT_KEY.text, INGAM_SECRET: SECRET };
const ingam = (...argv: string[]) => invoke(argv, { cwd: folder.path, env: ENV });
const here = () => ['--database', target.url, '--data-dir', dataDir];
const recover = (...argv: string[]) => ingam('recover', ...here(), ...argv);

async function notarize(service: TestService, name: string, ...options: string[]): Promise<void> {
  await writeFile(folder.at(name), `${name} ${'x'.repeat(20)}`);
  const { code, stderr } = await ingam('notarize', name, '--server', service.url, ...options);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
}

async function expectSound(): Promise<void> {
  const { code, stdout, stderr } = await ingam('audit', ...here());
  expect({ code, stderr, found: code === 0 ? '' : stdout }).toEqual({ code: 0, stderr: '', found: '' });
  expect(stdout).toMatch(/^SOUND {2}4 entries/);
}

const sizeOf = async (service: TestService) => ((await service.store.tip())?.height ?? -1) + 1;

beforeAll(async () => {
  folder = await createFolder();
  dataDir = await mkdtemp(join(tmpdir(), 'ingam-recover-'));
  memberDatabase = await createDatabase();
  const service = await startService({ dataDir, sealing: false });
  ({ port } = service);
  const follow = { upstream: service.url, upstreamKey: LOG_KEY.key, database: memberDatabase };
  const organization = await createOrganization(service);
  const { secret: key } = await createKey(service, organization.id, ['notarize', 'read']);
  // The first waits in the backup.
  await writeFile(folder.at('waiting'), 'waiting');
  expect((await ingam('notarize', 'waiting', '--server', service.url, '--no-wait')).code).toBe(0);
  expect((await ingam('backup', 'backup', '--database', service.databaseUrl)).code).toBe(0);
  service.startSealing();
  await notarize(service, 'anonymous');
  size = await sizeOf(service);
  member = await startMember(follow);
  await untilCosigned(member, size);
  await member.halt();
  behindDatabase = await createDatabase({ copyOf: memberDatabase.url });
  member = await startMember(follow);
  await notarize(service, 'owned', '--key', key, '--title', 'The agreement');
  await notarize(service, 'last', '--title', 'Nobody has its proof');
  size = await sizeOf(service);
  await untilCosigned(member, size);
  behind = await startMember({ ...follow, upstream: 'http://127.0.0.1:9', database: behindDatabase });
  await service[Symbol.asyncDispose]();
  target = await createDatabase({ empty: true });
  expect((await ingam('restore', 'backup', ...here())).stderr).toContain(
    'blocks were signed after this backup',
  );
});
afterAll(async () => {
  for (const each of [member, behind, memberDatabase, behindDatabase, target])
    await each[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true, force: true });
  await folder[Symbol.asyncDispose]();
});

test('blocks come back from members, entries from proofs, and the same log goes on', async () => {
  // Nothing of another log is taken.
  await using stranger = await serveChain({ chain: new ForgedChain().grown(9) });
  expect(await recover('--from', stranger.url)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is not the history of this log') as string,
  });

  // A member that is behind gives what it has, and the service is not told to go on.
  const some = await recover('--from', behind.url);
  expect(some.stderr).toContain('Do not start the service yet');
  expect(some.code).toBe(1);
  const all = await recover('--from', behind.url, '--from', member.url);
  expect(all.stdout).toContain(`${behind.url} has no block that is missing here`);
  expect(all.stdout).toContain(`Blocks taken back from ${member.url}: `);
  expect(all.stderr).toContain('The service can be started.');
  expect(all.code).toBe(0);
  const erased = await target.query(
    'SELECT position FROM erasure JOIN lost_entry USING (position) ORDER BY position',
  );
  // What waited is whole, because the backup had it.
  expect(erased).toEqual([1, 2, 3].map((position) => ({ position: String(position) })));
  await expectSound();

  // Proofs bring entries back, each for itself, and only what they prove.
  const proof = JSON.parse(await readFile(folder.at('owned.ingam.json'), 'utf8')) as Record<string, unknown>;
  const { details, ...bare } = proof;
  expect(details).toMatchObject({ title: 'The agreement' });
  await writeFile(folder.at('bare.ingam.json'), JSON.stringify(bare));
  await writeFile(folder.at('torn.ingam.json'), '{');
  const proofs = ['anonymous', 'owned', 'waiting', 'bare', 'torn'].map((name) => `${name}.ingam.json`);
  const first = await recover('bare.ingam.json');
  expect(first).toMatchObject({ code: 1, stdout: expect.stringContaining('the details') as string });
  const brought = await recover(...proofs);
  expect(brought.stdout.split('\n')).toEqual([
    'anonymous.ingam.json: taken back',
    'owned.ingam.json: taken back',
    expect.stringContaining('waiting.ingam.json: nothing to take back') as string,
    expect.stringContaining('bare.ingam.json: nothing to take back') as string,
    '',
  ]);
  expect(brought.stderr).toContain('torn.ingam.json');
  expect(brought.code).toBe(1);
  await expectSound();

  // The service goes on with the same log: the member follows without a word.
  await using service = await startService({ dataDir, port, databaseUrl: target.url });
  await notarize(service, 'after');
  await untilCosigned(member, await sizeOf(service));
  expect(await stateOf(member)).toMatchObject({ problem: null });
  expect(await sizeOf(service)).toBeGreaterThan(size);
  expect((await ingam('upgrade', 'waiting.ingam.json', '--server', service.url)).code).toBe(0);
  for (const name of ['anonymous', 'owned', 'last', 'waiting', 'after']) {
    expect((await ingam('verify', name, '--key', service.verifierKey)).code).toBe(0);
  }
});

test('an erasure is not undone by a proof, and a running service is left alone', async () => {
  await using service = await startService({ dataDir, port, databaseUrl: target.url });
  expect((await recover('anonymous.ingam.json')).stderr).toContain('the service is running on this database');
  await target.query('SELECT erase_notarization(1)');
  await service[Symbol.asyncDispose]();
  const again = await recover('anonymous.ingam.json');
  expect(again.stdout).toContain('nothing to take back');
  expect(await target.query('SELECT digest FROM entry WHERE position = 1')).toEqual([{ digest: null }]);
});

test('what was accepted on an older copy and is not in the log is erased, and named', async () => {
  await using other = await createDatabase({ empty: true });
  await using data = await createFolder();
  const place = ['--database', other.url, '--data-dir', data.path];
  expect((await ingam('restore', 'backup', ...place)).code).toBe(0);
  const service = await startService({ dataDir: data.path, databaseUrl: other.url, sealing: false });
  await notarize(service, 'elsewhere', '--no-wait');
  await service[Symbol.asyncDispose]();
  const { code, stderr } = await ingam('recover', ...place, '--from', behind.url);
  expect(stderr).toContain('Documents that were accepted here and are not in the log: 1.');
  expect(code).toBe(0);
  expect(await other.query('SELECT position FROM erasure')).toEqual([{ position: '1' }]);
  expect(await other.query('SELECT position FROM lost_entry')).toEqual([]);
  expect((await ingam('audit', ...place)).stdout).toMatch(/^SOUND {2}2 entries/);
});

test('kill -9 at any point leaves what running it again completes', async () => {
  await using other = await createDatabase({ empty: true });
  await using data = await createFolder();
  const place = ['--database', other.url, '--data-dir', data.path];
  expect((await ingam('restore', 'backup', ...place)).code).toBe(0);
  const from = ['--from', member.url];

  /** Kills the command while it waits for a table that another session holds. */
  async function killedAt(table: string, mode: string, argv: readonly string[]): Promise<void> {
    const holder = new pg.Client({ connectionString: other.adminUrl });
    await holder.connect();
    await holder.query(`BEGIN; LOCK TABLE ${table} IN ${mode} MODE`);
    const child = spawn(process.execPath, [MAIN, 'recover', ...place, ...argv], {
      cwd: folder.path,
      env: { PATH: process.env['PATH'], HOME: folder.path, ...ENV },
    });
    const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
    const waiting = `SELECT FROM pg_locks WHERE relation = '${table}'::regclass AND NOT granted`;
    await until(`recovery to wait for ${table}`, async () => (await other.query(waiting)).length > 0);
    child.kill('SIGKILL');
    expect((await exited)[1]).toBe('SIGKILL');
    await holder.query('ROLLBACK');
    await holder.end();
    // The leadership of the killed one ends with its connection.
    await until('the killed command to be gone', async () => {
      const held = await other.query(
        `SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
         WHERE locktype = 'advisory' AND datname = current_database()`,
      );
      return held.length === 0;
    });
  }
  const blocks = async () => Number((await other.query('SELECT count(*) FROM block'))[0]?.['count']);

  const before = await blocks();
  await killedAt('lost_entry', 'EXCLUSIVE', from);
  expect(await blocks()).toBe(before);
  // All blocks are there, and the end of the work is missing.
  await killedAt('head', 'ROW EXCLUSIVE', from);
  expect(await blocks()).toBeGreaterThan(before);
  const all = await ingam('recover', ...place, ...from);
  expect(all.stderr).toContain('The service can be started.');
  expect(all.code).toBe(0);
  await killedAt('details', 'EXCLUSIVE', ['owned.ingam.json']);
  expect((await ingam('recover', ...place, 'owned.ingam.json')).stdout).toContain(
    'owned.ingam.json: taken back',
  );
  const { code, stdout } = await ingam('audit', ...place);
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^SOUND/) as string });
});

test('blocks that changed records are refused: no member has their events', async () => {
  const service = await startService({ dataDir, port, databaseUrl: target.url });
  expect((await ingam('backup', 'second', '--database', target.url)).code).toBe(0);
  const holder = newHolder('holder.example');
  const event = firstEvent('document.create', documentBody(holder, 'A'), [holder]);
  const before = await sizeOf(service);
  const sent = await fetch(`${service.url}/v1/records`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  });
  expect(sent.status).toBe(201);
  await untilCosigned(member, before + 1);
  await service[Symbol.asyncDispose]();
  await using other = await createDatabase({ empty: true });
  const place = ['--database', other.url, '--data-dir', dataDir];
  expect((await ingam('restore', 'second', ...place)).code).toBe(0);
  const { code, stderr } = await ingam('recover', ...place, '--from', member.url);
  expect(stderr).toContain(`block ${before} changed records, whose events no member has`);
  expect(code).toBe(2);
  expect(await other.query('SELECT count(*) FROM block')).toEqual([{ count: String(before) }]);
});

test('a command without members and proofs is told what to give', async () => {
  expect((await recover()).stderr).toContain('give --from URL of a member, or proofs');
  expect((await recover('--from', 'ftp://x')).stderr).toContain('is not an http address');
});
