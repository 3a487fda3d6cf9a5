import { expect, test } from 'vitest';
import { checkEvidence } from '../../src/proof/index.js';
import { FORGER_KEY, ForgedChain, serveChain, type ForgedChain as Chain } from '../support/forger.js';
import { startMember, stateOf, untilCosigned } from '../support/member.js';
import { until } from '../support/until.js';

test.each<[string, (chain: Chain) => Chain, (chain: Chain) => Chain]>([
  ['two views of one length', (chain) => chain.grown(2), (chain) => chain.grown(2)],
  ['a longer view of the other member', (chain) => chain.grown(1), (chain) => chain.grown(4)],
  ['a shorter view of the other member', (chain) => chain.grown(4), (chain) => chain.grown(1)],
])('detects a split view by one exchange between two members: %s', async (_, viewA, viewB) => {
  const common = new ForgedChain().grown(3);
  const [chainA, chainB] = [viewA(common), viewB(common)];
  await using a = await serveChain({ chain: chainA });
  await using b = await serveChain({ chain: chainB });
  await using second = await startMember({ upstream: b.url });
  await untilCosigned(second, chainB.size);
  await using first = await startMember({ upstream: a.url, peers: [second.url] });
  const found = await until('evidence of the fork', async () =>
    (await first.evidence()).find(({ reason }) => reason === 'fork'),
  );
  expect(found.evidence && checkEvidence(found.evidence, FORGER_KEY.key)).toMatchObject({
    holds: true,
    kind: 'fork',
    sizes: [chainA.size, chainB.size].sort(),
  });
  expect((await stateOf(first)).peers[0]?.problem).toMatch(/two histories/);
});

test('raises no alarm about peers that are behind, ahead, unreachable or invalid', async () => {
  const chain = new ForgedChain().grown(5);
  await using operator = await serveChain({ chain });
  await using late = await serveChain({ chain: chain.first(2) });
  await using behind = await startMember({ upstream: late.url });
  await using early = await serveChain({ chain: chain.grown(3) });
  await using ahead = await startMember({ upstream: early.url });
  await untilCosigned(behind, 2);
  await untilCosigned(ahead, 8);
  await using invalid = await serveChain({ chain, checkpoint: 'hello\n' });
  await using member = await startMember({
    upstream: operator.url,
    peers: [behind.url, ahead.url, invalid.url, 'http://127.0.0.1:1'],
  });
  await untilCosigned(member, 5);
  const peers = await until('a response or a problem of every peer', async () => {
    const state = await stateOf(member);
    return state.peers.every(({ size, problem }) => size !== null || problem !== null) ? state.peers : null;
  });
  expect(peers.map(({ size }) => size)).toEqual([2, 8, null, null]);
  expect(peers.map(({ problem }) => problem === null)).toEqual([true, true, false, false]);
  expect(await member.evidence()).toEqual([]);
  expect((await stateOf(member)).problem).toBe(null);
});
