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

/** The verdict of the log's key about the stored evidence; null when no signed data proves the fault. */
async function refusal({ member }: Scene, reason: string): Promise<EvidenceVerdict | null> {
  const found = await until(`evidence of ${reason}`, async () =>
    (await member.evidence()).find((kept) => kept.reason === reason),
  );
  await until(`a log line about the refusal for ${reason}`, () =>
    member.log.lines.some((line) => line.startsWith('refused:') && line.includes(`"${reason}"`)),
  );
  return found.evidence === null ? null : checkEvidence(found.evidence, FORGER_KEY.key);
}

/** Expects that the member still publishes its last cosigned checkpoint. */
async function expectUnchanged({ member, chain }: Scene, blocks = BASE): Promise<void> {
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
    'that rewrites an old entry and mines all later blocks again leaves evidence of a fork when the log is %s',
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
      await expectUnchanged(it);
    },
  );

  test('that drops the last block is refused, and leaves evidence of a fork when it replaces the block', async () => {
    await using it = await scene();
    it.operator.view = { chain: it.chain.first(BASE - 1) };
    expect(await refusal(it, 'rolled_back')).toBe(null);
    await expectUnchanged(it);
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
      'lowers it below that of the first block',
      'difficulty_minimum',
      (chain) => chain.with({ change: (header) => ({ ...header, difficulty: header.difficulty - 1 }) }),
    ],
    [
      'seals a block before the one before it',
      'time',
      (chain) => chain.with({ change: (header) => ({ ...header, sealedAt: header.sealedAt - 1001 }) }),
    ],
    ['does not mine', 'proof_of_work', (chain) => chain.with({ mined: false })],
    [
      'skips positions',
      'first_position',
      (chain) => chain.with({ change: (header) => ({ ...header, firstPosition: header.firstPosition + 1 }) }),
    ],
    [
      'assigns positions twice',
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
  ])('that %s leaves evidence of the broken rule', async (_, rule, forge) => {
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
    await expectUnchanged(it);
    expect((await stateOf(it.member)).problem?.code).toBe(rule);
  });

  test('that breaks a rule in the first block leaves evidence', async () => {
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

  test('that serves a leaf hash outside the signed root is refused', async () => {
    await using it = await scene();
    const sound = it.chain.grown(2);
    const changed = sound.with({
      leaves: ([, ...rest]) => [new Uint8Array(32), ...rest],
    });
    it.operator.view = { chain: changed };
    expect(await refusal(it, 'merkle_root')).toBe(null);
    // The two valid blocks before it are stored; their checkpoint is not cosigned.
    await expectUnchanged(it, BASE + 2);
    expect(it.member.log.lines.join('\n')).toContain(`block ${BASE + 2}`);
  });

  test('that serves headers outside the signed root is refused until it serves the right ones', async () => {
    await using it = await scene();
    const signed = it.chain.grown(3);
    it.operator.view = { chain: it.chain.grown(3), checkpoint: signed.checkpoint() };
    expect(await refusal(it, 'root_mismatch')).toBe(null);
    await expectUnchanged(it);
    it.operator.view = { chain: signed };
    await untilCosigned(it.member, BASE + 3);
  });
});

describe('a member', () => {
  test.each<[string, string, (chain: ForgedChain) => Partial<View>]>([
    [
      'signed with another key',
      'unsigned',
      (chain) => ({ checkpoint: chain.checkpoint(generateKey('forger.example/log')) }),
    ],
    [
      'for another log',
      'unsigned',
      (chain) => ({ checkpoint: chain.checkpoint(FORGER_KEY, 'other.example/log') }),
    ],
    ['that is no checkpoint', 'malformed', () => ({ checkpoint: 'hello\n' })],
    [
      'that is not UTF-8',
      'unavailable',
      () => ({ instead: (path, res) => path === '/checkpoint' && (res.end(Buffer.of(0xff)), true) }),
    ],
    [
      'with bundles that are none',
      'malformed',
      () => ({ instead: (path, res) => path.startsWith('/tile/entries') && (res.end('hello'), true) }),
    ],
    [
      'with headers that are none',
      'malformed',
      (chain) => ({
        chain,
        instead: (path, res) =>
          path.startsWith('/tile/entries') &&
          (res.end(Buffer.from(`000161`.repeat(chain.size), 'hex')), true),
      }),
    ],
    [
      'with too few leaf hashes',
      'malformed',
      () => ({ instead: (path, res) => path.startsWith('/v1/leaves') && (res.end(Buffer.alloc(32)), true) }),
    ],
    [
      'with a bundle that is too long',
      'unavailable',
      () => ({
        instead: (path, res) => path.startsWith('/tile/entries') && (res.end(Buffer.alloc(100_000)), true),
      }),
    ],
  ])('does not follow a checkpoint %s, and follows again when it is valid', async (_, code, change) => {
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

test('raises an alarm once, by a log line and the webhook, and counts every refusal', async () => {
  const alarms: { reason: string; proven: boolean; evidence: string }[] = [];
  const hook = createServer((req, res) => {
    const chunks: Uint8Array[] = [];
    req.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    req.on('end', () => {
      alarms.push(JSON.parse(Buffer.concat(chunks).toString()) as (typeof alarms)[0]);
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
  await until('the webhook call', () => alarms.length > 0);
  await until('four refusals to be counted', refusals, (seen) => Number(seen[0]?.[2] ?? 0) > 3);
  expect(alarms).toMatchObject([{ reason: 'fork', proven: true, origin: 'forger.example/log' }]);
  expect((await refusals()).map(([, reason]) => reason)).toEqual(['fork']);
  expect(member.log.lines.filter((line) => line.startsWith('refused:'))).toHaveLength(1);
  const document: unknown = await (
    await fetch(`${member.url}/v1/evidence/${alarms[0]?.evidence ?? ''}`)
  ).json();
  expect(document).toMatchObject({ format: 'ingam-evidence-v1', kind: 'fork' });
  hook.close();
  hook.closeAllConnections();
});
