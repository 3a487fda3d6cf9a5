import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { judgeDatabase } from '../../src/cli/doctor/database.js';
import type { Finding } from '../../src/cli/doctor/finding.js';
import {
  examineDisk,
  judgeBlocksClock,
  judgeChainClock,
  judgeDatabaseClock,
  judgeLogClock,
  judgeServerClock,
  judgeSpace,
} from '../../src/cli/doctor/machine.js';
import { judgeListing, judgeLog } from '../../src/cli/doctor/member.js';
import { judgeMember, judgeProxy } from '../../src/cli/doctor/network.js';
import { generateKey } from '../../src/crypto/keys.js';
import { COSIGNATURE, formatVerifierKey } from '../../src/proof/index.js';
import type { DatabaseDiagnosis } from '../../src/store/index.js';
import { createDatabase } from '../support/database.js';
import { FORGER_KEY, ForgedChain, serveChain } from '../support/forger.js';
import { startMember, type TestMember, untilCosigned } from '../support/member.js';
import { startNtpServer } from '../support/ntp-server.js';
import { LOG_KEY, ORIGIN, RECEIPT_KEY, SECRET } from '../support/parts.js';
import { startService, type TestService } from '../support/service.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

const codesOf = (findings: readonly Finding[]) =>
  findings.filter(({ state }) => state === 'warning' || state === 'problem').map(({ code }) => code);

describe('judging', () => {
  const good: DatabaseDiagnosis = {
    versionNumber: 150_020,
    version: '15.20',
    encoding: 'UTF8',
    isStandby: false,
    isReadOnly: false,
    fsync: true,
    synchronousCommit: 'on',
    synchronousStandbyNames: '*',
    synchronousStandbys: 1,
    role: 'ingam',
    isSuperuser: false,
    ownsTables: false,
    clockAheadMs: 0,
    clockUncertaintyMs: 1,
  };
  const room = { available: 100, used: 10 };
  const needs = { connections: 40, processes: 4, isEmbedded: false, requireSync: true };

  test('finds nothing wrong with a database that suits', () => {
    expect(codesOf(judgeDatabase(good, room, needs))).toEqual([]);
  });

  test.each<[string, Partial<DatabaseDiagnosis>, string]>([
    ['an old server', { versionNumber: 140_011, version: '14.11' }, 'databaseOld'],
    ['another encoding', { encoding: 'LATIN1' }, 'databaseEncoding'],
    ['a standby', { isStandby: true, isReadOnly: true }, 'databaseStandby'],
    ['a read-only database', { isReadOnly: true }, 'databaseReadOnly'],
    ['fsync=off', { fsync: false }, 'databaseFsync'],
    ['a superuser', { isSuperuser: true, ownsTables: true }, 'databaseSuperuser'],
    ['an owner of the tables', { ownsTables: true }, 'databaseOwner'],
    ['a missing synchronous standby', { synchronousStandbys: 0 }, 'databaseNoStandby'],
    [
      'no synchronous standby where one is required',
      { synchronousStandbyNames: '' },
      'databaseNotReplicated',
    ],
    ['commits that a standby does not confirm', { synchronousCommit: 'local' }, 'databaseWeakCommit'],
  ])('names %s', (_, change, code) => {
    expect(codesOf(judgeDatabase({ ...good, ...change }, room, needs))).toEqual([code]);
  });

  test('compares the connections that the service may open with what the server allows', () => {
    const few = { available: 39, used: 0 };
    expect(codesOf(judgeDatabase(good, few, needs))).toEqual(['databaseTooFew']);
    const advice = judgeDatabase(good, few, { ...needs, processes: 1 }).map((each) => each.advice ?? '');
    expect(advice.join()).not.toContain('INGAM_WORKERS');
    expect(codesOf(judgeDatabase(good, { available: 45, used: 10 }, needs))).toEqual(['databaseCrowded']);
  });

  test('allows clocks to differ by what the measurement does not tell', () => {
    expect(judgeDatabaseClock(1400, 500).code).toBe('clockDatabase');
    expect(judgeDatabaseClock(-1600, 500).message).toContain('1.600 s behind');
    expect(judgeChainClock(10_000, 5000)).toEqual([]);
    expect(codesOf(judgeChainClock(10_001, 5000))).toEqual(['clockBehindChain']);
    const server = { host: 'ntp.example', port: 123 };
    expect(judgeServerClock(server, { offset: -900, uncertainty: 0 }, 1000).code).toBe('clockServer');
    expect(judgeServerClock(server, { offset: -1100, uncertainty: 50 }, 1000).code).toBe('clockServerWrong');
  });

  test('warns when a disk is nearly full, of large ones at the same number of bytes', () => {
    const GiB = 1024 ** 3;
    expect(judgeSpace('/data', { free: GiB / 2, total: GiB }).code).toBe('diskLow');
    expect(judgeSpace('/data', { free: 2 * GiB, total: 100 * GiB }).code).toBe('diskLow');
    expect(judgeSpace('/data', { free: 20 * GiB, total: 1000 * GiB }).code).toBe('diskFree');
    expect(judgeSpace('/data', { free: 2 * GiB, total: 10 * GiB }).code).toBe('diskFree');
  });

  test('tells a member how it and its log stand to each other', () => {
    const { key } = generateKey('member.example', COSIGNATURE);
    const members = [{ name: 'm', verifierKey: formatVerifierKey(key), size: 90 }];
    expect(judgeListing({}, key, 90).code).toBe('listedNot');
    expect(judgeListing({ members }, key, 90).code).toBe('listed');
    expect(judgeListing({ members }, key, 89)).toMatchObject({ state: 'problem', code: 'cosignedForgotten' });
    const log = (size: number) => judgeLog('log.example', size, 100).code;
    expect([90, 110, 89, 111].map(log)).toEqual(['logReached', 'logReached', 'logShorter', 'logAhead']);
    expect(judgeLogClock(-5400, 500).code).toBe('clockLog');
    expect(judgeLogClock(5600, 500).message).toContain('5.600 s ahead');
    expect(codesOf(judgeBlocksClock(10_001, 5000))).toEqual(['clockBehindBlocks']);
  });

  test('allows a member to be some blocks behind', () => {
    expect(judgeMember('a', 90, 100).code).toBe('memberReached');
    expect(judgeMember('a', 89, 100)).toMatchObject({
      code: 'memberBehind',
      message: expect.stringContaining('11 behind') as string,
    });
  });

  test.each([
    ['no proxy', { forwardedFor: 0, trusted: false }, false, 'proxyNone'],
    [
      'a proxy for https that does not say for whom it asks',
      { forwardedFor: 0, trusted: false },
      true,
      'proxySilent',
    ],
    ['a proxy that is not trusted', { forwardedFor: 1, trusted: false }, true, 'proxyUntrusted'],
    ['a trusted proxy', { forwardedFor: 1, trusted: true }, true, 'proxyGood'],
  ])('tells %s', (_, plain, isEncrypted, code) => {
    const seen = { address: '10.0.0.1', ...plain };
    expect(judgeProxy('u', { plain: seen, forged: seen }, isEncrypted).code).toBe(code);
    const believed = { ...seen, address: '192.0.2.1' };
    expect(judgeProxy('u', { plain: seen, forged: believed }, isEncrypted).code).toBe('proxyForgeable');
  });
});

let service: TestService;
let folder: TestFolder;
beforeAll(async () => {
  service = await startService();
  const body = JSON.stringify({ documents: [{ sha256: 'ab'.repeat(32) }] });
  const headers = { 'content-type': 'application/json' };
  await fetch(`${service.url}/v1/notarizations?wait=sealed`, { method: 'POST', headers, body });
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await createFolder();
  await mkdir(folder.at('data'));
});
afterEach(() => folder[Symbol.asyncDispose]());

const environment = () => ({
  PORT: String(service.port),
  DATABASE_URL: service.databaseUrl,
  INGAM_DATA_DIR: folder.at('data'),
  INGAM_LOG_KEY: LOG_KEY.text,
  INGAM_RECEIPT_KEY: RECEIPT_KEY.text,
  INGAM_SECRET: SECRET,
  INGAM_WORKERS: '1',
  // The directory is an empty one of the test's.
  INGAM_SEAL_WITHOUT_KEPT_CHECKPOINT: 'on',
});

async function doctor(env: Readonly<Record<string, string>>) {
  const { code, stdout } = await invoke(['doctor', '--json'], { env });
  const report = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
  expect(report.ok).toBe(code === 0);
  return { code, found: codesOf(report.findings), findings: report.findings };
}

test('finds no problem with a running service, and changes nothing in its data directory', async () => {
  const { code, found, findings } = await doctor({ ...environment(), INGAM_PUBLIC_URL: service.url });
  expect({ code, found }).toEqual({ code: 0, found: [] });
  expect(findings.map((each) => each.code)).toEqual(
    expect.arrayContaining(['databaseCurrent', 'clockDatabase', 'keysMatch', 'serviceReady', 'proxyNone']),
  );
  expect(await examineDisk(folder.at('data'))).toHaveLength(1);
  expect((await invoke(['doctor'], { env: environment() })).stdout).toContain('No problem was found.');
});

test('names each thing that is broken, and what to do, in English and Korean', async () => {
  await using time = await startNtpServer({ shift: 100_000 });
  await using proxy = await startForwarder(service.url);
  const member = formatVerifierKey(generateKey('member.example', COSIGNATURE).key);
  await writeFile(folder.at('sources'), 'beacon bitcoin http://127.0.0.1:9\n');
  await mkdir(folder.at('data', 'keys'));
  await writeFile(folder.at('data', 'keys', 'receipt.key'), RECEIPT_KEY.text);
  await chmod(folder.at('data', 'keys', 'receipt.key'), 0o644);
  const { INGAM_RECEIPT_KEY: _, INGAM_SECRET: __, ...rest } = environment();
  const env = {
    ...rest,
    INGAM_LOG_KEY: generateKey(ORIGIN).text,
    INGAM_TSA: 'on',
    INGAM_TSA_NTP: `127.0.0.1:${time.port}`,
    INGAM_TIME_SOURCES: folder.at('sources'),
    INGAM_MEMBERS: `witness m ${member} http://127.0.0.1:9\nquorum m\n`,
    INGAM_PUBLIC_URL: proxy.url,
  };
  const { code, found } = await doctor(env);
  expect({ code, found }).toEqual({
    code: 1,
    found: [
      'clockServerWrong',
      'keyOpen',
      'keyMissing',
      'chainRefused',
      'memberUnreachable',
      'sourceUnreachable',
      'proxyUntrusted',
    ],
  });
  const text = await invoke(['doctor'], { env });
  expect(text.stdout).toContain(
    `problem: The secret of the service is missing: ${folder.at('data/keys/service.secret')}`,
  );
  expect(text.stdout).toContain('→ Set INGAM_TRUST_PROXY to the number of proxies');
  expect(text.stdout).toContain('Found: 4 problems, 3 warnings.');
  const korean = await invoke(['doctor', '--lang', 'ko'], { env });
  expect(korean.stdout).toContain('시계\n');
  expect(korean.stdout).toContain('발견: 문제 4건, 주의 3건.');
});

test('names a database that cannot be used, and one that is still empty', async () => {
  const away = await doctor({ ...environment(), DATABASE_URL: 'postgresql://ingam@127.0.0.1:9/ingam' });
  expect(away).toMatchObject({ code: 1, found: ['databaseUnreachable'] });
  const { stdout } = await invoke(['doctor'], { env: environment() });
  expect(stdout).toContain('note: INGAM_PUBLIC_URL is not set');
  await using empty = await createDatabase({ empty: true });
  const unmigrated = await doctor({ ...environment(), DATABASE_URL: empty.url });
  expect(unmigrated).toMatchObject({ code: 0, found: ['databaseUnmigrated'] });
});

test('names a data directory that is not one, every wrong setting, and a public address that leads elsewhere', async () => {
  await writeFile(folder.at('file'), '');
  const { code, found } = await doctor({
    ...environment(),
    INGAM_DATA_DIR: folder.at('file', 'data'),
    INGAM_PUBLIC_URL: `${service.url}/elsewhere/`,
  });
  expect({ code, found: found.filter((each) => each !== 'keyUnreadable') }).toEqual({
    code: 1,
    found: ['diskUnwritable', 'publicUrlOther'],
  });
  const wrong = await doctor({ ...environment(), INGAM_WORKERS: 'many', INGAM_WORKER: '2' });
  expect(wrong.found).toEqual(['setting', 'setting']);
});

describe('a member of the log', () => {
  const memberEnvironment = (member: TestMember) => ({
    PORT: new URL(member.url).port,
    DATABASE_URL: member.database.url,
    INGAM_DATA_DIR: folder.at('data'),
    INGAM_MEMBER_KEY: member.key.text,
  });

  test('is told that nothing is wrong but that the service does not name it, and each thing that is wrong', async () => {
    const { verifierKey } = service;
    await using member = await startMember({ upstream: service.url, upstreamKey: LOG_KEY.key });
    await untilCosigned(member, ((await service.store.tip())?.height ?? -1) + 1);
    const followed = { INGAM_MEMBER_UPSTREAM: service.url, INGAM_MEMBER_UPSTREAM_KEY: verifierKey };
    const good = await doctor({ ...memberEnvironment(member), ...followed, INGAM_MEMBER_PEERS: member.url });
    expect({ code: good.code, found: good.found }).toEqual({ code: 0, found: ['listedNot'] });
    expect(good.findings.map((each) => each.code)).toEqual(
      expect.arrayContaining([
        ...['settings', 'databaseCurrent', 'clockLog', 'memberKeyHere', 'diskFree'],
        ...['logReached', 'cosignedHere', 'memberReached', 'serviceReady'],
      ]),
    );

    const { INGAM_MEMBER_KEY: _, ...keyless } = memberEnvironment(member);
    const other = formatVerifierKey(generateKey(ORIGIN).key);
    const broken = await doctor({
      ...keyless,
      INGAM_MEMBER_UPSTREAM: service.url,
      INGAM_MEMBER_UPSTREAM_KEY: other,
      INGAM_MEMBER_PEERS: 'http://127.0.0.1:9',
    });
    expect({ code: broken.code, found: broken.found }).toEqual({
      code: 1,
      found: ['memberKeyMissing', 'logRefused', 'memberUnreachable'],
    });
    const options = ['--upstream', 'http://127.0.0.1:9', '--key', verifierKey];
    const text = await invoke(['doctor', ...options], { env: memberEnvironment(member) });
    expect(text.stdout).toContain('problem: The followed log cannot be read');
    expect(text.stdout).toContain('→ Check INGAM_MEMBER_UPSTREAM');
  });

  test('is told that the log shows another history than the one that it has', async () => {
    const chain = new ForgedChain().grown(6);
    await using operator = await serveChain({ chain });
    await using member = await startMember({ upstream: operator.url });
    await untilCosigned(member, 6);
    await member.halt();
    operator.view = { chain: chain.first(2).grown(4) };
    const { code, found } = await doctor({
      ...memberEnvironment(member),
      INGAM_MEMBER_UPSTREAM: operator.url,
      INGAM_MEMBER_UPSTREAM_KEY: formatVerifierKey(FORGER_KEY.key),
    });
    expect({ code, found }).toEqual({ code: 1, found: ['logForked'] });
  });

  test('without a database, and with settings that are missing, is told what is to be done', async () => {
    const { found, findings } = await doctor({
      INGAM_DATA_DIR: folder.at('data'),
      INGAM_MEMBER_NAME: 'member.example',
      INGAM_MEMBER_UPSTREAM: service.url,
      INGAM_MEMBER_UPSTREAM_KEY: service.verifierKey,
      PORT: '9',
    });
    expect(found).toEqual([]);
    expect(findings.map((each) => each.code)).toEqual(
      expect.arrayContaining(['databaseNew', 'keysNew', 'logReached', 'serviceAbsent']),
    );
    const wrong = await doctor({ INGAM_MEMBER_NAME: 'member.example' });
    expect(wrong.found).toEqual(['setting', 'setting']);
    expect(wrong.findings[0]?.advice).toContain('docs/members.md');
  });
});

/** A reverse proxy that says for whom it asks. */
async function startForwarder(target: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((req, res) => {
    const address = req.socket.remoteAddress ?? '';
    const given = req.headers['x-forwarded-for'];
    const forwarded = given === undefined ? address : `${String(given)}, ${address}`;
    const options = { method: req.method, headers: { ...req.headers, 'x-forwarded-for': forwarded } };
    const upstream = httpRequest(new URL(req.url ?? '/', target), options, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    req.pipe(upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
