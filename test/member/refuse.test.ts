import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import { checkEvidence, type EvidenceVerdict } from '../../src/proof/index.js';
import { FORGER_KEY, ForgedChain, serveChain, type Forger, type View } from '../support/forger.js';
import { startMember, stateOf, type TestMember, untilCosigned, untilProblem } from '../support/member.js';
import { until } from '../support/until.js';

const BASE = 6;

interface Scene extends AsyncDisposable {
  readonly operator: Forger;
  readonly member: TestMember;
  readonly chain: ForgedChain;
}

/** A member that has cosigned a sound chain of some blocks. */
async function scene(): Promise<Scene> {
  const chain = new ForgedChain().grown(BASE);
  const operator = await serveChain({ chain });
  const member = await startMember({ upstream: operator.url });
  await untilCosigned(member, BASE);
  const dispose = async (): Promise<void> => {
    await member[Symbol.asyncDispose]();
    await operator[Symbol.asyncDispose]();
  };
  return { operator, member, chain, [Symbol.asyncDispose]: dispose };
}

/** What the evidence shows to somebody who has the log's key; null where nothing signed shows it. */
async function refusal({ member }: Scene, reason: string): Promise<EvidenceVerdict | null> {
  const found = await until(`evidence of ${reason}`, async () =>
    (await member.evidence()).find((kept) => kept.reason === reason),
  );
  await until(`a log line about the refusal for ${reason}`, () =>
    member.log.lines.some((line) => line.startsWith('refused:') && line.includes(`"${reason}"`)),
  );
  return found.evidence === null ? null : checkEvidence(found.evidence, FORGER_KEY.key);
}

/** What was cosigned before stays as it is, and nothing else is. */
async function expectUnmoved({ member, chain }: Scene, blocks = BASE): Promise<void> {
  const state = await stateOf(member);
  expect([state.cosigned, state.blocks]).toEqual([BASE, blocks]);
  const shown = await (await fetch(`${member.url}/checkpoint`)).text();
  expect(shown.startsWith(chain.first(BASE).checkpoint())).toBe(true);
}

describe('an operator with the log key', () => {
  test.each([
    ['as long as before', 0],
    ['longer than before', 3],
    ['shorter than before', -1],
  ])(
    'who rewrites an old entry and mines everything after it anew, %s, is shown to have signed both',
    async (_, more) => {
      await using it = await scene();
      it.operator.view = { chain: it.chain.first(2).grown(BASE - 2 + more) };
      const verdict = await refusal(it, 'fork');
      expect(verdict).toEqual({
        holds: true,
        kind: 'fork',
        origin: 'forger.example/log',
        sizes: [BASE, BASE + more].sort(),
      });
      await expectUnmoved(it);
    },
  );

  test('who drops the last block is noticed at once', async () => {
    await using it = await scene();
    it.operator.view = { chain: it.chain.first(BASE - 1) };
    expect(await refusal(it, 'rolled_back')).toBe(null);
    await expectUnmoved(it);
    // And who puts another in its place has signed two histories.
    it.operator.view = { chain: it.chain.first(BASE - 1).with() };
    expect(await refusal(it, 'fork')).toMatchObject({ holds: true, sizes: [BASE, BASE] });
  });

  test.each<[string, string, (chain: ForgedChain) => ForgedChain]>([
    [
      'lowers the difficulty by more than one',
      'difficulty_step',
      (chain) => chain.with({ change: (header) => ({ ...header, difficulty: header.difficulty - 2 }) }),
    ],
    [
      'lowers it below the first block’s',
      'difficulty_minimum',
      (chain) => chain.with({ change: (header) => ({ ...header, difficulty: header.difficulty - 1 }) }),
    ],
    [
      'goes back in time',
      'time',
      (chain) => chain.with({ change: (header) => ({ ...header, sealedAt: header.sealedAt - 1001 }) }),
    ],
    ['does not mine', 'proof_of_work', (chain) => chain.with({ mined: false })],
    [
      'leaves positions out',
      'first_position',
      (chain) => chain.with({ change: (header) => ({ ...header, firstPosition: header.firstPosition + 1 }) }),
    ],
    [
      'gives positions out twice',
      'first_position',
      (chain) => chain.with({ change: (header) => ({ ...header, firstPosition: header.firstPosition - 1 }) }),
    ],
    [
      'skips a height',
      'height',
      (chain) => chain.with({ change: (header) => ({ ...header, height: header.height + 1 }) }),
    ],
    [
      'links to another block',
      'previous_hash',
      (chain) =>
        chain.with({ change: (header) => ({ ...header, previousHash: new Uint8Array(32).fill(5) }) }),
    ],
  ])('who %s is shown to have signed it', async (_, rule, forge) => {
    await using it = await scene();
    const sound = it.chain.grown(2);
    it.operator.view = { chain: forge(sound) };
    expect(await refusal(it, rule)).toEqual({
      holds: true,
      kind: 'rule',
      origin: 'forger.example/log',
      height: BASE + 2,
      rule,
    });
    await expectUnmoved(it);
    expect((await stateOf(it.member)).problem?.code).toBe(rule);
  });

  test('who breaks a rule in the first block is shown to have signed it', async () => {
    const chain = new ForgedChain().with({ change: (header) => ({ ...header, firstPosition: 7 }) });
    await using operator = await serveChain({ chain });
    await using member = await startMember({ upstream: operator.url });
    const [found] = await until('evidence about the first block', async () => {
      const kept = await member.evidence();
      return kept.length > 0 ? kept : null;
    });
    expect(found?.reason).toBe('first_position');
    expect(found?.evidence && checkEvidence(found.evidence, FORGER_KEY.key)).toMatchObject({
      holds: true,
      height: 0,
    });
    expect((await stateOf(member)).blocks).toBe(0);
  });

  test('who changes a leaf and not the root is refused, and taken up again when it serves the right one', async () => {
    await using it = await scene();
    const sound = it.chain.grown(2);
    const changed = sound.with({
      leaves: ([first, ...rest]) => [new Uint8Array(32), ...rest, ...(first === undefined ? [] : [])],
    });
    it.operator.view = { chain: changed };
    expect(await refusal(it, 'merkle_root')).toBe(null);
    // The two blocks before it are right and are here, under a checkpoint that is not vouched for.
    await expectUnmoved(it, BASE + 2);
    const last = changed.blocks.at(-1);
    if (last === undefined) throw new Error('no block');
    expect(it.member.log.lines.join('\n')).toContain(`block ${BASE + 2}`);
  });

  test('who serves other headers than were signed is refused', async () => {
    await using it = await scene();
    const signed = it.chain.grown(3);
    it.operator.view = { chain: it.chain.grown(3), checkpoint: signed.checkpoint() };
    expect(await refusal(it, 'root_mismatch')).toBe(null);
    await expectUnmoved(it);
    it.operator.view = { chain: signed };
    await untilCosigned(it.member, BASE + 3);
  });
});

describe('an operator', () => {
  test.each<[string, string, (chain: ForgedChain) => Partial<View>]>([
    [
      'with another key',
      'unsigned',
      (chain) => ({ checkpoint: chain.checkpoint(generateKey('forger.example/log')) }),
    ],
    [
      'of another log',
      'unsigned',
      (chain) => ({ checkpoint: chain.checkpoint(FORGER_KEY, 'other.example/log') }),
    ],
    ['whose checkpoint is none', 'malformed', () => ({ checkpoint: 'hello\n' })],
    [
      'whose checkpoint is no text',
      'unavailable',
      () => ({ instead: (path, res) => path === '/checkpoint' && (res.end(Buffer.of(0xff)), true) }),
    ],
    [
      'whose bundles are none',
      'malformed',
      () => ({ instead: (path, res) => path.startsWith('/tile/entries') && (res.end('hello'), true) }),
    ],
    [
      'whose headers are none',
      'malformed',
      (chain) => ({
        chain,
        instead: (path, res) =>
          path.startsWith('/tile/entries') &&
          (res.end(Buffer.from(`000161`.repeat(chain.size), 'hex')), true),
      }),
    ],
    [
      'whose tiles are too short',
      'malformed',
      () => ({ instead: (path, res) => path.startsWith('/v1/leaves') && (res.end(Buffer.alloc(32)), true) }),
    ],
    [
      'whose answers do not end',
      'unavailable',
      () => ({
        instead: (path, res) => path.startsWith('/tile/entries') && (res.end(Buffer.alloc(100_000)), true),
      }),
    ],
  ])('%s is not followed', async (_, code, change) => {
    await using it = await scene();
    const chain = it.chain.grown(2);
    it.operator.view = { chain, ...change(chain) };
    await untilProblem(it.member, code);
    expect((await stateOf(it.member)).cosigned).toBe(BASE);
    it.operator.view = { chain };
    await untilCosigned(it.member, BASE + 2);
    expect((await stateOf(it.member)).problem).toBe(null);
  });
});

test('an alarm is told once: by a log line, to the webhook, and by a figure', async () => {
  const told: { reason: string; proven: boolean; evidence: string }[] = [];
  const hook = createServer((req, res) => {
    const chunks: Uint8Array[] = [];
    req.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    req.on('end', () => {
      told.push(JSON.parse(Buffer.concat(chunks).toString()) as (typeof told)[0]);
      res.end();
    });
  }).listen(0, '127.0.0.1');
  await once(hook, 'listening');
  const chain = new ForgedChain().grown(3);
  await using operator = await serveChain({ chain });
  await using member = await startMember({
    upstream: operator.url,
    webhook: `http://127.0.0.1:${(hook.address() as AddressInfo).port}`,
  });
  await untilCosigned(member, 3);
  operator.view = { chain: chain.first(1).grown(2) };
  const refusals = async () => {
    const metrics = await (await fetch(`${member.url}/metrics`)).text();
    return [...metrics.matchAll(/^ingam_member_refusals_total\{reason="(\w+)"\} (\d+)$/gm)];
  };
  await until('the webhook call', () => told.length > 0);
  await until('four refusals to be counted', refusals, (seen) => Number(seen[0]?.[2] ?? 0) > 3);
  expect(told).toMatchObject([{ reason: 'fork', proven: true, origin: 'forger.example/log' }]);
  expect((await refusals()).map(([, reason]) => reason)).toEqual(['fork']);
  expect(member.log.lines.filter((line) => line.startsWith('refused:'))).toHaveLength(1);
  const document: unknown = await (
    await fetch(`${member.url}/v1/evidence/${told[0]?.evidence ?? ''}`)
  ).json();
  expect(document).toMatchObject({ format: 'ingam-evidence-v1', kind: 'fork' });
  hook.close();
  hook.closeAllConnections();
});
