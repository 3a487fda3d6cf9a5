import { describe, expect, test as alone } from 'vitest';
import { Checker, Renewing } from '../../src/anchoring/index.js';
import { Background } from '../../src/background/index.js';
import { concat, leafHash, merkleRoot, rootFromInclusionPath, inclusionPath } from '../../src/proof/index.js';
import { parseCertificate, verifyToken } from '../../src/proof/time/rfc3161.js';
import type { Store } from '../../src/store/index.js';
import { createLog } from '../support/parts.js';
import { crlPoint, startList, startTsa, type Behaviour, type TestTsa } from '../support/time-sources.js';
import { until } from '../support/until.js';
import {
  ca,
  CA_USAGE,
  certificate,
  crl,
  name,
  REASON,
  ROOT,
  SIGNING,
  STAMPING,
  tsa,
} from '../vectors/make/tokens/certificates.js';
import { ecKey } from '../vectors/make/tokens/keys.js';
import { createScene } from './scene.js';

const test = alone.concurrent;

/** A second authority, whose certificates last until 2060. */
const LATE_ROOT = certificate({
  ...{ subject: name('Late Root'), key: ecKey('late root'), issuer: null, until: '2060-01-01T00:00:00Z' },
  extensions: [ca(), CA_USAGE],
});
const LATE = tsa({ issuer: LATE_ROOT, until: '2060-01-01T00:00:00Z' });
/** The first authority's certificate ends with 2027. */
const IN_2028 = Date.UTC(2027, 7, 1);

function renewing(
  store: Store,
  sources: readonly TestTsa[],
  clock: () => number,
  former: readonly TestTsa[] = [],
) {
  const log = createLog();
  const checker = new Checker();
  const anchors = sources.map((server, i) => server.source({ name: `source${i}` }));
  const formerSources = former.map((server, i) => {
    const { owner, roots } = server.source();
    return { type: 'former' as const, name: `former${i}`, owner, roots };
  });
  const options = {
    store,
    sources: { anchors, former: formerSources },
    leads: () => true,
    checker,
    clock,
    timeoutMs: 5000,
  };
  const running = new Renewing({ ...options, background: new Background(log) });
  running.start();
  return {
    log,
    [Symbol.asyncDispose]: async () => {
      await running.stop();
      await checker.close();
    },
  };
}

/** Tokens of the first authority over three checkpoints, each stored as the service does it. */
async function withTokens(server: TestTsa) {
  const scene = await createScene({ anchors: [server.source({ everyMs: 1 })] });
  for (let height = 0; height < 3; height++) {
    await scene.seal();
    await until('the token', async () => (await scene.db.store.anchorsOver(height)).length > 0);
  }
  return scene;
}

test('one token renews all whose certificate ends within 180 days, with their revocation lists, once', async () => {
  await using server = await startTsa();
  await using late = await startTsa({ holder: LATE, root: LATE_ROOT, clock: () => IN_2028 });
  await using scene = await withTokens(server);
  const { store } = scene.db;
  {
    let looks = 0;
    const renewableTokens: typeof store.renewableTokens = (...question) => {
      looks++;
      return store.renewableTokens(...question);
    };
    await using early = renewing({ ...store, renewableTokens }, [late], () => Date.UTC(2027, 0, 1));
    await until('a look at what is to be renewed', () => looks > 0);
    expect(early.log.lines).toEqual([]);
  }
  expect(late.requests).toEqual([]);
  await using it = renewing(store, [late], () => IN_2028);
  const anchors = await store.anchorsOver(0);
  const [first] = anchors;
  if (first?.type !== 'rfc3161') throw new Error('it is of another type');
  const [renewal] = await until(
    'the renewal',
    () => store.renewalsOf(first.id),
    (found) => found.length > 0,
  );
  if (renewal === undefined) throw new Error('there is none');
  const leaves = await store.renewalLeaves(renewal.id);
  expect(leaves.length).toBeGreaterThanOrEqual(3);
  const leaf = leafHash(concat(first.token, ...first.crls));
  const path = inclusionPath(renewal.index, leaves);
  const root = merkleRoot(leaves);
  expect(rootFromInclusionPath(leaf, renewal.index, leaves.length, path)).toEqual(root);
  const judged = verifyToken({
    ...{ token: renewal.token, stamped: { message: root }, roots: [parseCertificate(LATE_ROOT.der)] },
  });
  expect(judged.counts).toBe(true);
  expect(await store.renewableTokens(Date.UTC(2050, 0), 10)).toEqual([]);
  expect(late.requests).toHaveLength(1);
  expect(it.log.lines).toEqual([]);
});

test('many tokens are read in parts, because each can bring long lists, and renewed together', async () => {
  await using server = await startTsa();
  await using late = await startTsa({ holder: LATE, root: LATE_ROOT, clock: () => IN_2028 });
  await using scene = await withTokens(server);
  const columns = 'made_at, size, valid_until, height, type, source, data, headers, crls, mac';
  await scene.db.query(
    `INSERT INTO anchor (${columns}) SELECT ${columns} FROM anchor, generate_series(1, 600) WHERE id = 1`,
  );
  const { store } = scene.db;
  const parts: number[] = [];
  const renewableTokens: typeof store.renewableTokens = async (...question) => {
    const part = await store.renewableTokens(...question);
    parts.push(part.length);
    return part;
  };
  const count = (await store.renewableTokens(Date.UTC(2050, 0), 10_000)).length;
  await using it = renewing({ ...store, renewableTokens }, [late], () => IN_2028);
  await until('the renewal', async () => (await store.renewableTokens(Date.UTC(2050, 0), 1)).length === 0);
  expect(parts.slice(0, 3)).toEqual([256, 256, count - 512]);
  expect(late.requests).toHaveLength(1);
  expect(it.log.lines).toEqual([]);
});

describe.concurrent('revocation lists of the day of the renewal', () => {
  /** Of the first token, renewed while its authority is one that is asked no more. */
  async function renewalWith(behaviour: Behaviour, former: (server: TestTsa) => TestTsa[]) {
    await using lists = await startList(crl(ROOT, '2026-01-01T00:00:00Z', []));
    await using server = await startTsa({
      holder: tsa({ extensions: [SIGNING, STAMPING, crlPoint(lists.url)] }),
    });
    await using late = await startTsa({ holder: LATE, root: LATE_ROOT, clock: () => IN_2028 });
    await using scene = await withTokens(server);
    const [first] = await scene.db.store.anchorsOver(0);
    if (first?.type !== 'rfc3161') throw new Error('it is of another type');
    expect(first.crls).toHaveLength(1);
    const before = lists.requests.length;
    lists.behaviour = behaviour;
    await using it = renewing(scene.db.store, [late], () => IN_2028, former(server));
    const [renewal] = await until(
      'the renewal',
      () => scene.db.store.renewalsOf(first.id),
      (found) => found.length > 0,
    );
    if (renewal === undefined) throw new Error('there is none');
    const leaves = await scene.db.store.renewalLeaves(renewal.id);
    const leaf = leafHash(concat(first.token, ...first.crls, ...renewal.renewedCrls));
    const path = inclusionPath(renewal.index, leaves);
    expect(rootFromInclusionPath(leaf, renewal.index, leaves.length, path)).toEqual(merkleRoot(leaves));
    expect(leaves.length).toBeGreaterThanOrEqual(3);
    return {
      lists: renewal.renewedCrls.map((list) => Buffer.from(list)),
      requests: lists.requests.length - before,
      log: it.log.lines,
    };
  }
  const withServer = (server: TestTsa) => [server];

  test('are fetched once for all tokens of an authority, and renewed with them', async () => {
    const newer = crl(ROOT, '2027-07-31T00:00:00Z', []);
    const renewal = await renewalWith((_, res) => void res.end(newer), withServer);
    expect(renewal).toEqual({ lists: [Buffer.from(newer)], requests: 1, log: [] });
  });

  test('are not kept twice when they are those of the token', async () => {
    const same = crl(ROOT, '2026-01-01T00:00:00Z', []);
    expect(await renewalWith((_, res) => void res.end(same), withServer)).toMatchObject({ lists: [] });
  });

  test('are left out when they cannot be had or are too long for proofs, and the tokens are renewed without', async () => {
    const away = await renewalWith((_, res) => void res.writeHead(404).end(), withServer);
    expect(away).toMatchObject({ lists: [], log: [expect.stringContaining('fetching revocation lists')] });
    const long = { id: '1.2.3', critical: false, value: new Uint8Array(70_000) };
    const answer = crl(ROOT, '2027-07-31T00:00:00Z', [], [long]);
    expect(await renewalWith((_, res) => void res.end(answer), withServer)).toMatchObject({ lists: [] });
  });

  test('are not asked for at addresses that a certificate of nobody in the file names', async () => {
    const none = await renewalWith(
      (_, res) => void res.end(),
      () => [],
    );
    expect(none).toEqual({ lists: [], requests: 0, log: [] });
  });
});

test('in 2031 a renewed token counts although its key is known to be stolen, and one that was not renewed does not', async () => {
  await using server = await startTsa();
  await using late = await startTsa({ holder: LATE, root: LATE_ROOT, clock: () => IN_2028 });
  await using scene = await withTokens(server);
  const { store } = scene.db;
  await using it = renewing(store, [late], () => IN_2028);
  const [first] = await store.anchorsOver(0);
  if (first?.type !== 'rfc3161') throw new Error('it is of another type');
  const [renewal] = await until(
    'the renewal',
    () => store.renewalsOf(first.id),
    (found) => found.length > 0,
  );
  expect(it.log.lines).toEqual([]);
  const root = merkleRoot(await store.renewalLeaves(renewal?.id ?? 0));
  const late2031 = verifyToken({
    ...{ token: renewal?.token ?? new Uint8Array(), stamped: { message: root } },
    roots: [parseCertificate(LATE_ROOT.der)],
  });
  if (!late2031.counts) throw new Error(late2031.message);
  const note = (await store.checkpoint(first.size))?.note ?? '';
  const stolen = { serial: 77, at: '2029-01-01T00:00:00Z', reason: REASON.keyCompromise };
  const judge = (existedBy?: number) =>
    verifyToken({
      ...{ token: first.token, stamped: { message: new TextEncoder().encode(note) } },
      ...{ roots: [parseCertificate(ROOT.der)], crls: [crl(ROOT, '2031-01-01T00:00:00Z', [stolen])] },
      ...(existedBy === undefined ? {} : { existedBy }),
    });
  expect(judge(late2031.stamp.latest).counts).toBe(true);
  expect(judge()).toMatchObject({ counts: false, fault: 'revoked' });
});

test('an authority whose own certificate ends soon renews nothing, and the next one is asked', async () => {
  await using server = await startTsa();
  await using soon = await startTsa({ clock: () => IN_2028 });
  await using broken = await startTsa();
  broken.behaviour = (req, res) => {
    res.writeHead(500).end();
  };
  await using late = await startTsa({ holder: LATE, root: LATE_ROOT, clock: () => IN_2028 });
  await using scene = await withTokens(server);
  await using it = renewing(scene.db.store, [soon, broken, late], () => IN_2028);
  await until(
    'the renewal',
    async () => (await scene.db.store.renewableTokens(Date.UTC(2050, 0), 1)).length === 0,
  );
  expect([soon, broken, late].map(({ requests }) => requests.length)).toEqual([1, 1, 1]);
  expect(it.log.lines).toEqual([]);
});

test('a failure is logged, and nothing is stored', async () => {
  await using server = await startTsa();
  await using soon = await startTsa({ clock: () => IN_2028 });
  await using scene = await withTokens(server);
  await using it = renewing(scene.db.store, [soon], () => IN_2028);
  await until('the failure', () => it.log.lines.some((line) => line.startsWith('renewing anchors stalled')));
  expect(it.log.lines.join('\n')).toContain('ends on 2027-12-31, too soon to renew other tokens with it');
  expect(await scene.db.query('SELECT FROM renewal_leaf')).toEqual([]);
});
