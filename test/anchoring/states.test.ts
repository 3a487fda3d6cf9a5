import { createHash } from 'node:crypto';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import type { LogFinding, LogSource } from '../../src/audit/log-source.js';
import { auditLog } from '../../src/audit/remote.js';
import { remoteLog } from '../../src/member/remote-log.js';
import { parseVerifierKey, policyOfKeys, toHex } from '../../src/proof/index.js';
import { EMPTY_MAP } from '../../src/proof/records/map-step.js';
import { judgeBeacon } from '../../src/proof/time/beacon.js';
import { REGTEST } from '../../src/proof/time/bitcoin.js';
import { formatStatement, parseStatement, stateHash } from '../../src/proof/time/state.js';
import { ForgedChain, serveChain, type View } from '../support/forger.js';
import { startMember, untilCosigned } from '../support/member.js';
import { startService, type TestService } from '../support/service.js';
import { startDrand, startNode } from '../support/time-sources.js';
import { until } from '../support/until.js';

async function notarize(service: TestService, digit: string): Promise<number> {
  const response = await request(service.url)
    .post('/v1/notarizations?wait=sealed')
    .send({ documents: [{ sha256: digit.repeat(64) }] })
    .expect(201);
  const { notarizations } = response.body as { notarizations: [{ block: { height: number } }] };
  return notarizations[0].block.height;
}

/** Blocks until one names as many beacons. */
async function blockWith(service: TestService, beacons: number): Promise<number> {
  return until('a block with beacons', async () => {
    const height = await notarize(service, 'a');
    const [found] = await service.store.stateStatements(height, height + 1);
    return found !== undefined && parseStatement(found.statement).beacons.length === beacons ? height : null;
  });
}

async function auditOf(service: TestService, change: Partial<LogSource> = {}): Promise<LogFinding[]> {
  const source = { ...remoteLog(service.url, 10_000, new AbortController().signal), ...change };
  const findings: LogFinding[] = [];
  const policy = policyOfKeys([parseVerifierKey(service.verifierKey)]);
  for await (const finding of auditLog({ source, policy })) findings.push(finding);
  return findings;
}

test('a block names the beacons at hand, its header commits to them, and members and audits check that', async () => {
  await using drand = await startDrand();
  await using node = await startNode();
  await using service = await startService({
    timeSources: { drand: drand.source(), node: node.source() },
    anchoring: { beaconsEveryMs: 50 },
  });
  const height = await blockWith(service, 2);
  const response = await request(service.url).get(`/v1/blocks/${height}/state`).expect(200);
  const { text } = response;
  expect(response.body).toMatchObject({ format: 'ingam-state-v1', map: { records: 0 } });
  const block = await service.store.block(height);
  expect(toHex(block?.state ?? new Uint8Array())).toBe(createHash('sha256').update(text).digest('hex'));
  for (const beacon of parseStatement(text).beacons) {
    const verdict = judgeBeacon(beacon, { chains: [drand.chain], network: REGTEST, pins: [] });
    if (!verdict.ok) throw new Error(verdict.fault);
    expect(verdict.notBefore).toBeLessThanOrEqual(block?.sealedAt ?? 0);
  }
  const all = await request(service.url)
    .get(`/v1/states?first=0&count=${height + 1}`)
    .expect(200);
  expect((all.body as { statements: unknown[] }).statements[height]).toBe(text);
  await request(service.url).get(`/v1/states?first=0&count=200`).expect(404);

  await using member = await startMember({
    upstream: service.url,
    upstreamKey: parseVerifierKey(service.verifierKey),
  });
  await until(
    'the member to have the block',
    async () => (await member.store.tip())?.height ?? -1,
    (tip) => tip >= height,
  );
  const shown = await request(member.url).get(`/v1/blocks/${height}/state`).expect(200);
  expect(shown.text).toBe(text);

  expect(await auditOf(service)).toEqual([]);
  const other = `${text} `;
  const changed = await auditOf(service, {
    statements: (first, count) =>
      Promise.resolve(Array.from({ length: count }, (_, i) => (first + i === height ? other : null))),
  });
  expect(changed.map(({ where, what }) => [where, what])).toContainEqual([`block ${height}`, 'state']);
  const hidden = await auditOf(service, { statements: () => Promise.resolve(null) });
  expect(hidden.map(({ where }) => where)).toContain(`block ${height}`);
});

test('a block without a fresh beacon names none, and is not delayed', async () => {
  await using drand = await startDrand();
  drand.behaviour = () => undefined;
  await using service = await startService({ timeSources: { drand: drand.source() } });
  const height = await notarize(service, 'a');
  const response = await request(service.url).get(`/v1/blocks/${height}/state`).expect(404);
  expect(response.body).toMatchObject({ code: 'no_state' });
  expect(await service.store.block(height)).toMatchObject({ state: stateHash(null) });
  await request(service.url).get('/v1/blocks/999/state').expect(404);
});

const STATEMENT =
  formatStatement({
    beacons: [{ type: 'drand', chain: new Uint8Array(32), round: 5, signature: new Uint8Array(48) }],
    map: EMPTY_MAP,
  }) ?? '';

describe('a member', () => {
  /** A chain whose third block has a state. */
  const chainWith = (state: Uint8Array) =>
    new ForgedChain().grown(2).with({ change: (header) => ({ ...header, state }) });
  const serving = (chain: ForgedChain, statements: unknown): View => ({
    chain,
    instead: (path, res) => {
      if (!path.startsWith('/v1/states')) return false;
      res.end(typeof statements === 'string' ? statements : JSON.stringify({ statements }));
      return true;
    },
  });

  test('takes a block whose statement is the one in its header', async () => {
    await using operator = await serveChain(
      serving(chainWith(stateHash(STATEMENT)), [null, null, STATEMENT]),
    );
    await using member = await startMember({ upstream: operator.url });
    await untilCosigned(member, 3);
    expect(await member.store.stateStatements(0, 3)).toEqual([{ height: 2, statement: STATEMENT }]);
  });

  test.each<[string, Uint8Array, unknown, string]>([
    ['is not shown', stateHash(STATEMENT), [null, null, null], 'state'],
    [
      'is another one',
      stateHash(STATEMENT),
      [null, null, STATEMENT.replace('"round":5', '"round":6')],
      'state',
    ],
    ['is shown for another block', stateHash(STATEMENT), [null, STATEMENT, STATEMENT], 'state'],
    ['is malformed', stateHash('{}'), [null, null, '{}'], 'state'],
    ['is in a response without form', stateHash(STATEMENT), 'hello', 'malformed'],
    ['is in a response for other blocks', stateHash(STATEMENT), [STATEMENT], 'malformed'],
  ])('refuses a block whose statement %s', async (_, state, statements, reason) => {
    await using operator = await serveChain(serving(chainWith(state), statements));
    await using member = await startMember({ upstream: operator.url });
    await until('the refusal', async () => (await member.evidence()).some((kept) => kept.reason === reason));
    expect((await member.store.tip())?.height ?? -1).toBeLessThan(2);
  });

  test('waits for statements that are not served', async () => {
    await using operator = await serveChain({ chain: chainWith(stateHash(STATEMENT)) });
    await using member = await startMember({ upstream: operator.url });
    await until('the question', () => operator.asked.some((path) => path.startsWith('/v1/states')));
    operator.view = serving(operator.view.chain, [null, null, STATEMENT]);
    await untilCosigned(member, 3);
    expect(await member.evidence()).toEqual([]);
  });

  test('asks for no statements of blocks that have none', async () => {
    await using operator = await serveChain({ chain: new ForgedChain().grown(3) });
    await using member = await startMember({ upstream: operator.url });
    await untilCosigned(member, 3);
    expect(operator.asked.filter((path) => path.startsWith('/v1/states'))).toEqual([]);
  });
});
