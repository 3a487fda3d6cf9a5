import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { remoteLog } from '../../src/member/index.js';
import { parseCheckpointNote, parseVerifierKey } from '../../src/proof/index.js';
import { acceptSome } from '../support/chain.js';
import { startMember, untilCosigned } from '../support/member.js';
import { bearer, createKey, createOperator, createOrganization } from '../support/people.js';
import { documentBody, firstEvent, newHolder } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';
import { filesIn, serveFolder, type StaticFiles } from '../support/static-files.js';
import { until } from '../support/until.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

/** A service with more blocks than a tile has hashes, and the folder to which its log is published. */

let service: TestService;
let folder: TestFolder;
let site: StaticFiles;

const GROUPS = 299;

/** @returns their ids */
async function submit(count: number): Promise<string[]> {
  const documents = Array.from({ length: count }, (_, i) => ({
    sha256: i.toString(16).padStart(64, '0'),
  }));
  const response = await fetch(`${service.url}/v1/notarizations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ documents }),
  });
  expect(response.status).toBe(201);
  const { notarizations } = (await response.json()) as { notarizations: { id: string }[] };
  return notarizations.map(({ id }) => id);
}

async function allSealed(): Promise<{ size: number; entries: number }> {
  const { firstUnsealed, tip } = await until(
    'everything to be sealed',
    () => service.store.sealingState(),
    ({ nextPosition, firstUnsealed }) => nextPosition === firstUnsealed,
  );
  return { size: (tip?.height ?? -1) + 1, entries: firstUnsealed };
}

const publish = (...argv: string[]) =>
  invoke(['publish', '--to', 'site', '--server', service.url, '--key', service.verifierKey, ...argv], {
    cwd: folder.path,
  });

beforeAll(async () => {
  folder = await createFolder();
  service = await startService({ sealing: false, sealIntervalMs: 1, maxBlockEntries: 3 });
  // A block holds what was accepted together, and no more than it may.
  for (let i = 0; i < GROUPS; i++) await acceptSome(service.store, 3);
  const { secret } = await createKey(service, (await createOrganization(service, 'Own')).id);
  const holder = newHolder('alice.example');
  const event = await fetch(`${service.url}/v1/records`, {
    method: 'POST',
    headers: { ...bearer(secret), 'content-type': 'application/json' },
    body: JSON.stringify(firstEvent('document.create', documentBody(holder, 'Title'), [holder])),
  });
  expect(event.status).toBe(201);
  service.startSealing();
  await allSealed();
  site = await serveFolder(folder.at('site'));
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** That every file is what the service serves at its path. */
async function expectSameAsServed(): Promise<Map<string, Buffer>> {
  const files = await filesIn(folder.at('site'));
  for (const [path, bytes] of files) {
    const response = await fetch(`${service.url}/${path}`);
    const served = Buffer.from(await response.arrayBuffer());
    expect([path, response.status, served.equals(bytes)]).toEqual([path, 200, true]);
  }
  return files;
}

test('writes what the service serves, byte for byte, and the second time nothing', async () => {
  const { size, entries } = await allSealed();
  const first = await publish();
  expect(first).toMatchObject({ code: 0, stderr: '' });
  const files = await expectSameAsServed();
  expect(first.stdout).toBe(
    `PUBLISHED  898 entries in ${size} blocks of test.example/log to site: ${files.size} files written\n`,
  );
  const [blocks, leaves] = [size - 256, entries - 768];
  expect([...files.keys()].filter((path) => !path.startsWith('v1/blocks/'))).toEqual([
    'checkpoint',
    'tile/0/000',
    `tile/0/001.p/${blocks}`,
    'tile/1/000.p/1',
    'tile/entries/000',
    `tile/entries/001.p/${blocks}`,
    'v1/log-keys',
    'v1/tile/leaves/000',
    'v1/tile/leaves/001',
    'v1/tile/leaves/002',
    `v1/tile/leaves/003.p/${leaves}`,
    'v1/tile/states/000',
    `v1/tile/states/001.p/${blocks}`,
  ]);
  // One block changes a record.
  expect([...files.keys()].filter((path) => path.startsWith('v1/blocks/'))).toHaveLength(1);

  const times = async () =>
    Promise.all([...files.keys()].map(async (path) => (await stat(folder.at('site', path))).mtimeMs));
  const before = await times();
  const second = await publish('--json');
  expect(JSON.parse(second.stdout)).toEqual({
    ...{ origin: 'test.example/log', blocks: size, entries: 898, written: 0, mended: 0 },
    ...{ isNewer: false, to: 'site' },
  });
  expect(await times()).toEqual(before);
});

test('members, audits and comparisons work on the files alone, also while they grow', async () => {
  const { size } = await allSealed();
  await using member = await startMember({
    upstream: site.url,
    upstreamKey: parseVerifierKey(service.verifierKey),
  });
  await untilCosigned(member, size);
  await submit(7);
  const grown = await allSealed();
  expect(grown.size).toBeGreaterThan(size);
  expect(await publish()).toMatchObject({ code: 0, stderr: '' });
  await untilCosigned(member, grown.size);
  const [last] = await member.store.blocksBetween(grown.size - 1, grown.size);
  expect(last?.hash).toEqual((await service.store.tip())?.hash);

  const audit = await invoke(['audit', '--server', site.url, '--key', service.verifierKey, '--json'], {
    cwd: folder.path,
  });
  expect(JSON.parse(audit.stdout)).toMatchObject({ sound: true, blocks: grown.size, findings: [] });
  const compared = await invoke(['compare', site.url, service.url, '--key', service.verifierKey], {
    cwd: folder.path,
  });
  expect(compared).toMatchObject({ code: 0 });
  // The earlier checkpoint's tiles are there for those who have just read it.
  const files = await expectSameAsServed();
  expect(files.has(`tile/0/001.p/${size - 256}`)).toBe(true);
  const log = remoteLog(site.url, 60_000, new AbortController().signal);
  const { checkpoint } = parseCheckpointNote((await log.checkpoint()) ?? '');
  expect(checkpoint.size).toBe(grown.size);
});

test('an erasure changes nothing that is published', async () => {
  const [id = ''] = await submit(1);
  await allSealed();
  await publish();
  const before = await expectSameAsServed();
  const { accessToken } = await createOperator(service);
  const erased = await fetch(`${service.url}/v1/notarizations/${id}`, {
    method: 'DELETE',
    headers: bearer(accessToken),
  });
  expect(erased.status).toBe(200);
  // The log notarizes the certificate of the erasure.
  const { size } = await allSealed();
  expect(await publish('--check')).toMatchObject({ code: 0 });
  const after = await expectSameAsServed();
  expect(parseCheckpointNote(after.get('checkpoint')?.toString() ?? '').checkpoint.size).toBe(size);
  const isMutable = (path: string) => ['checkpoint', 'v1/log-keys'].includes(path);
  for (const [path, bytes] of before) {
    if (!isMutable(path)) expect([path, after.get(path)?.equals(bytes)]).toEqual([path, true]);
  }
});
