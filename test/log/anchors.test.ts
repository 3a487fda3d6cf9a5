import { createHash } from 'node:crypto';
import request from 'supertest';
import { expect, test } from 'vitest';
import {
  concat,
  encodeHeader,
  equal,
  inclusionPathLength,
  leafHash,
  merkleRoot,
  parseCheckpointNote,
  parsePolicy,
  parseProof,
  parseWitnesses,
  PROOF_FORMAT,
  rootFromInclusionPath,
  sha256,
  utf8,
  verify,
  type ProofFile,
} from '../../src/proof/index.js';
import { readAnchor, type KnownAnchor, type Rfc3161Anchor } from '../../src/proof/time/anchor.js';
import { judgeAnchors } from '../../src/proof/time/anchors.js';
import { REGTEST } from '../../src/proof/time/bitcoin.js';
import { verifyBitcoinAnchor } from '../../src/proof/time/bitcoin-anchor.js';
import { encodeRequest, parseCertificate, verifyToken } from '../../src/proof/time/rfc3161.js';
import { stateHash } from '../../src/proof/time/state.js';
import { AnchorView } from '../../src/log/anchors.js';
import { createBackground, LOG_KEY } from '../support/parts.js';
import { startService, type TestService } from '../support/service.js';
import {
  readTsq,
  sendReply,
  startCalendar,
  startDrand,
  startNode,
  startTsa,
  tokenOver,
} from '../support/time-sources.js';
import { until } from '../support/until.js';
import { startWitness } from '../support/witness.js';
import { ca, CA_USAGE, certificate, crl, name, ROOT, tsa } from '../vectors/make/tokens/certificates.js';
import { ecKey } from '../vectors/make/tokens/keys.js';

async function notarize(service: TestService, digit: string): Promise<string> {
  const response = await request(service.url)
    .post('/v1/notarizations?wait=sealed')
    .send({ documents: [{ sha256: digit.repeat(64) }] })
    .expect(201);
  return (response.body as { notarizations: [{ id: string }] }).notarizations[0].id;
}

async function proofOf(service: TestService, id: string): Promise<ProofFile> {
  const { text } = await request(service.url).get(`/v1/notarizations/${id}/proof`).expect(200);
  const proof = parseProof(text);
  if (proof.format !== PROOF_FORMAT) throw new Error('the proof is pending');
  return proof;
}

const read = ({ anchors }: ProofFile): KnownAnchor[] =>
  anchors.map(readAnchor).filter((each) => each !== null);

const tokens = (proof: ProofFile): Rfc3161Anchor[] => read(proof).filter((each) => each.type === 'rfc3161');

/** A proof once its anchors are of these types. */
const proofWith = (service: TestService, id: string, ...types: KnownAnchor['type'][]) =>
  until(
    `a proof with ${types.join(', ')}`,
    () => proofOf(service, id),
    (proof) => types.every((type) => proof.anchors.some((each) => each.type === type)),
  );

function expectCovered({ block }: ProofFile, note: string, path: readonly Uint8Array[]): void {
  const { size, root } = parseCheckpointNote(note).checkpoint;
  const { height } = block.header;
  expect(path).toHaveLength(inclusionPathLength(height, size));
  expect(rootFromInclusionPath(leafHash(encodeHeader(block.header)), height, size, path)).toEqual(root);
}

test('a proof carries an anchor of each source and the statement of its block, and each stands for itself', async () => {
  await using node = await startNode();
  await using calendar = await startCalendar();
  await using drand = await startDrand();
  await using first = await startTsa();
  await using second = await startTsa();
  await using service = await startService({
    timeSources: {
      anchors: [first.source(), second.source({ name: 'busan' }), calendar.source()],
      ...{ node: node.source(), drand: drand.source() },
    },
    anchoring: { beaconsEveryMs: 50 },
  });
  await until('a beacon', async () => {
    const id = await notarize(service, 'a');
    return (await proofOf(service, id)).anchors.some(({ type }) => type === 'beacon');
  });
  const id = await notarize(service, 'b');
  const proof = await until('all anchors', async () => {
    calendar.complete(node);
    const found = await proofOf(service, id);
    const types = found.anchors.map(({ type }) => type).sort();
    return types.join() === 'beacon,bitcoin,rfc3161,rfc3161' ? found : null;
  });
  for (const anchor of read(proof)) {
    if (anchor.type === 'beacon') {
      expect(stateHash(anchor.statement)).toEqual(proof.block.header.state);
      continue;
    }
    expectCovered(proof, anchor.note, anchor.path);
    const message = utf8(anchor.note);
    if (anchor.type === 'rfc3161') {
      const roots = [parseCertificate(ROOT.der)];
      const { token, crls } = anchor;
      expect(verifyToken({ token, stamped: { message }, roots, crls }).counts).toBe(true);
    } else {
      const digest = new Uint8Array(createHash('sha256').update(message).digest());
      const placed = { ...anchor, path: anchor.headerPath };
      expect(verifyBitcoinAnchor(digest, anchor.ots, placed, [], REGTEST)).toMatchObject({ ok: true });
    }
  }
});

test('a proof carries the earliest anchor of a source that covers its block', async () => {
  await using server = await startTsa();
  await using service = await startService({ timeSources: { anchors: [server.source({ everyMs: 1 })] } });
  const old = await notarize(service, 'a');
  const [before] = tokens(await proofWith(service, old, 'rfc3161'));
  const young = await notarize(service, 'b');
  const [later] = tokens(await proofWith(service, young, 'rfc3161'));
  const [again] = tokens(await proofOf(service, old));
  expect(again?.token).toEqual(before?.token);
  expect(later?.token).not.toEqual(before?.token);
});

test('what was read before the view knew of an anchor is not used after it does', async () => {
  await using server = await startTsa();
  await using service = await startService({ timeSources: { anchors: [server.source()] } });
  await proofWith(service, await notarize(service, 'a'), 'rfc3161');
  const block = await service.store.block(0);
  if (block === null) throw new Error('nothing is sealed');
  let learn: () => void = () => undefined;
  const learns = new Promise<void>((resolve) => {
    learn = resolve;
  });
  const anchoredSize = () => learns.then(() => service.store.anchoredSize());
  const onAnchored = (listener: (size: null) => void) => {
    setImmediate(listener, null);
    return { close: () => Promise.resolve() };
  };
  const store = { ...service.store, anchoredSize, onAnchored };
  const view = new AnchorView(store, createBackground().background);
  await new Promise(setImmediate);
  try {
    expect(await view.of(block)).toEqual([]);
    learn();
    await until('the view to know', () => view.size > block.height);
    expect(await view.of(block)).toHaveLength(1);
  } finally {
    learn();
    await view.close();
  }
});

test('a proof carries the renewals of its token', async () => {
  await using server = await startTsa();
  await using service = await startService({ timeSources: { anchors: [server.source({ everyMs: 1 })] } });
  const ids = [await notarize(service, 'a')];
  await proofWith(service, ids[0] ?? '', 'rfc3161');
  ids.push(await notarize(service, 'b'));
  await proofWith(service, ids[1] ?? '', 'rfc3161');
  const kept = await service.store.renewableTokens(Number.MAX_SAFE_INTEGER, 100);
  const newer = crl(ROOT, '2026-06-01T00:00:00Z', []);
  const leaves = kept.map(({ id, token, crls }) => ({
    ...{ renewed: id, crls: [newer], hash: leafHash(concat(token, ...crls, newer)) },
  }));
  const root = merkleRoot(leaves.map(({ hash }) => hash));
  const asked = {
    digest: 'sha256',
    imprint: sha256(root),
    nonce: null,
    certReq: true,
    policy: null,
  } as const;
  const token = tokenOver(readTsq(encodeRequest(asked)), tsa());
  await service.store.addRenewal({ source: 'seoul', token, validUntil: 1, crls: [], leaves }, Date.now());
  for (const id of ids) {
    const [anchor] = await until(
      'the renewal',
      async () => tokens(await proofOf(service, id)),
      ([found]) => found?.renewals.length === 1,
    );
    const [renewal] = anchor?.renewals ?? [];
    if (anchor === undefined || renewal === undefined) throw new Error('there is none');
    expect(renewal.renewedCrls.map((list) => Buffer.from(list))).toEqual([Buffer.from(newer)]);
    const leaf = leafHash(concat(anchor.token, ...anchor.crls, ...renewal.renewedCrls));
    const { size, index, path } = renewal;
    expect(equal(rootFromInclusionPath(leaf, index, size, path), root)).toBe(true);
    const judged = verifyToken({
      ...{ token: renewal.token, stamped: { message: root }, roots: [parseCertificate(ROOT.der)] },
    });
    expect(judged.counts).toBe(true);
  }
});

test('a proof that would be too long to be read goes without the anchor that makes it so', async () => {
  await using server = await startTsa();
  await using service = await startService({ timeSources: { anchors: [server.source({ everyMs: 1 })] } });
  const id = await notarize(service, 'a');
  const [own] = tokens(await proofWith(service, id, 'rfc3161'));
  if (own === undefined) throw new Error('there is no token');
  const { token } = own;
  const long = { type: 'rfc3161', size: 1, validUntil: 1, token, crls: [new Uint8Array(600_000)] } as const;
  await service.store.addAnchor({ ...long, source: 'a list too long' }, Date.now());
  await service.store.addAnchor({ ...long, source: 'short', crls: [] }, Date.now());
  await until(
    'the second anchor',
    async () => tokens(await proofOf(service, id)).length,
    (count) => count === 2,
  );
});

/** The statuses that an event stream names until it ends. */
async function statusesOf(service: TestService, id: string): Promise<string[]> {
  const stream = await fetch(`${service.url}/v1/notarizations/${id}/events`);
  return [...(await stream.text()).matchAll(/^event: (.*)$/gm)].map(([, status = '']) => status);
}

test('the last status is anchored: in events, in the notarization and in the register', async () => {
  await using server = await startTsa();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  server.behaviour = async (req, res, body) => {
    await held;
    sendReply(res, server.answer(readTsq(body)));
  };
  await using service = await startService({ timeSources: { anchors: [server.source()] } });
  const id = await notarize(service, 'a');
  const watched = statusesOf(service, id);
  await until('the source to be asked', () => server.requests.length > 0);
  const before = await request(service.url).get(`/v1/notarizations/${id}`).expect(200);
  expect(before.body).toMatchObject({ status: 'sealed' });
  release();
  expect(await watched).toEqual(['sealed', 'anchored']);
  const after = await request(service.url).get(`/v1/notarizations/${id}`).expect(200);
  expect(after.body).toMatchObject({ status: 'anchored' });
  expect(await statusesOf(service, id)).toEqual(['anchored']);
});

test('a log with members is anchored after it is cosigned', async () => {
  await using witness = await startWitness('w0', () => LOG_KEY.key);
  witness.behaviour = (_, res) => {
    res.writeHead(503).end();
  };
  await using server = await startTsa();
  await using service = await startService({
    members: parseWitnesses(`${witness.line}\nquorum w0`),
    timeSources: { anchors: [server.source()] },
  });
  const id = await notarize(service, 'a');
  await proofWith(service, id, 'rfc3161');
  const waiting = await request(service.url).get(`/v1/notarizations/${id}`).expect(200);
  expect(waiting.body).toMatchObject({ status: 'sealed' });
  witness.behaviour = null;
  expect((await statusesOf(service, id)).at(-1)).toBe('anchored');
});

test('a proof of a service without time sources has no anchors', async () => {
  await using service = await startService();
  expect((await proofOf(service, await notarize(service, 'a'))).anchors).toEqual([]);
});

test('the published policy names what the service believes about time', async () => {
  await using drand = await startDrand();
  await using first = await startTsa();
  await using second = await startTsa();
  await using calendar = await startCalendar();
  await using node = await startNode();
  const pin = { size: 5, root: new Uint8Array(32).fill(7) };
  await using service = await startService({
    timeSources: {
      anchors: [first.source(), second.source({ name: 'busan', owner: 'seoul' }), calendar.source()],
      ...{ drand: drand.source(), node: { ...node.source(), pin } },
    },
  });
  const { body } = (await request(service.url).get('/v1/chain').expect(200)) as { body: { policy: string } };
  const { time } = parsePolicy(body.policy);
  // Both authorities have one root: they are one source.
  expect(
    time.authorities.map(({ name, owner, roots }) => [name, owner, roots.map(({ der }) => der)]),
  ).toEqual([['seoul', 'seoul', [ROOT.der]]]);
  expect(time).toMatchObject({ pins: [pin], chains: [drand.chain], least: null });
});

test('what a proof carries counts for a verifier with the published policy: an interval, from two sources', async () => {
  const otherRoot = certificate({
    ...{ subject: name('Other Root'), key: ecKey('other root'), issuer: null },
    extensions: [ca(), CA_USAGE],
  });
  await using drand = await startDrand();
  await using first = await startTsa();
  await using second = await startTsa({ root: otherRoot, holder: tsa({ issuer: otherRoot }) });
  await using service = await startService({
    timeSources: {
      anchors: [first.source(), second.source({ name: 'busan', owner: 'busan' })],
      drand: drand.source(),
    },
    anchoring: { beaconsEveryMs: 50 },
  });
  const began = Date.now();
  await until('a beacon', async () => {
    const { anchors } = await proofOf(service, await notarize(service, 'a'));
    return anchors.some(({ type }) => type === 'beacon');
  });
  const id = await notarize(service, 'b');
  const proof = await until(
    'both tokens',
    () => proofOf(service, id),
    (found) => found.anchors.length === 3,
  );
  const { body } = (await request(service.url).get('/v1/chain').expect(200)) as { body: { policy: string } };
  const judged = (policy: string) =>
    verify({
      ...{ proof, document: null, policy: parsePolicy(policy) },
      time: { judge: judgeAnchors, now: Date.now() },
    });
  const { verdict, time } = judged(`${body.policy}#times 2\n`);
  expect(verdict).toBe('verified');
  expect(time?.anchors.map(({ counts }) => counts)).toEqual([true, true, true]);
  expect(time).toMatchObject({ owners: ['busan', 'seoul'], conflict: null });
  const { sealedAt } = proof.block.header;
  expect(time?.notBefore).toBeLessThanOrEqual(sealedAt);
  expect(time?.notBefore).toBeGreaterThan(began - 600_000);
  expect(time?.notAfter).toBeGreaterThanOrEqual(sealedAt);
  // Without the lines about time, nothing counts, and the proof is as good as before.
  const plain = judged(body.policy.replaceAll(/^#(tsa|beacon).*\n/gm, ''));
  expect(plain.verdict).toBe('verified');
  expect(plain.time?.anchors.map(({ counts }) => counts)).toEqual([false, false, false]);
});
