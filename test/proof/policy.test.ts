import { describe, expect, it } from 'vitest';
import {
  formatVerifierKey,
  NO_TIME_TRUST,
  parsePolicy,
  ProofError,
  quorumHolds,
  verifierKey,
  type Policy,
} from '../../src/proof/index.js';
import { fastSha256, standard } from './support.js';

const witnessKey = (i: number) =>
  formatVerifierKey(verifierKey(`w${i}.example`, 4, fastSha256(Buffer.from(`witness ${i}`))));
const witnesses = (count: number) =>
  Array.from({ length: count }, (_, i) => `witness w${i + 1} ${witnessKey(i + 1)}\n`).join('');
const holds = (policy: Policy, ...names: string[]) => quorumHolds(policy, new Set(names));

describe('policies of transparency-dev/formats', () => {
  interface Case {
    readonly policy: string;
    readonly threshold: number;
    readonly members: number;
  }
  const { ok, errors } = standard('tlog-policy/parse.json') as {
    ok: Case[];
    errors: { desc: string; policy: string }[];
  };

  it.each(ok.map((vector, i) => [i, vector] as const))('reads number %i', (_, vector) => {
    const policy = parsePolicy(vector.policy);
    expect(policy.groups.get('g1')).toMatchObject({ threshold: vector.threshold });
    expect(policy.groups.get('g1')?.members).toHaveLength(vector.members);
    for (const key of policy.witnesses.values()) expect(key.type).toBe(4);
  });

  it.each(errors.map(({ desc, policy }) => [desc, policy]))('refuses: %s', (_, policy) => {
    expect(() => parsePolicy(policy)).toThrow(ProofError);
  });
});

describe('the example of c2sp.org/tlog-policy', () => {
  const policy = parsePolicy(
    `${witnesses(6)}group X 2 w1 w2 w3\ngroup Y any w4 w5 w6\ngroup X-and-Y all X Y\nquorum X-and-Y\n`,
  );

  it('meets its quorum as documented, for every set of witnesses', () => {
    for (let set = 0; set < 64; set++) {
      const names = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6'].filter((_, i) => Math.floor(set / 2 ** i) % 2 === 1);
      const x = names.filter((name) => name < 'w4').length;
      expect(holds(policy, ...names)).toBe(x >= 2 && names.length > x);
    }
  });
});

describe('hostile policies', () => {
  it('cannot count one key twice', () => {
    const twice = `witness a ${witnessKey(1)}\nwitness b ${witnessKey(1)}\ngroup g 2 a b\nquorum g\n`;
    expect(() => parsePolicy(twice)).toThrow(ProofError);
    const plain = formatVerifierKey(verifierKey('other.example', 1, fastSha256(Buffer.from('witness 1'))));
    expect(() => parsePolicy(twice.replace(`b ${witnessKey(1)}`, `b ${plain}`))).toThrow(ProofError);
  });

  it('cannot count one witness in two groups', () => {
    expect(() => parsePolicy(`${witnesses(1)}group a 1 w1\ngroup b 1 w1\ngroup c 2 a b\nquorum c\n`)).toThrow(
      ProofError,
    );
  });

  it('cannot exhaust the stack with 20,000 groups in groups', () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, i) => `group g${i} all ${i === 0 ? 'w1' : `g${i - 1}`}\n`,
    );
    const policy = parsePolicy(`${witnesses(1)}${lines.join('')}quorum g19999\n`);
    expect(holds(policy, 'w1')).toBe(true);
    expect(holds(policy)).toBe(false);
  });

  it('cannot make a comment cost more than its length', () => {
    expect(
      parsePolicy(`${'#'.repeat(500_000)}\u2028\n${'# '.repeat(250_000)}\nquorum none\n`).quorum,
    ).toBeNull();
  });

  it('cannot be met by a stranger or by the name of a group', () => {
    const policy = parsePolicy(`${witnesses(2)}group g all w1 w2\nquorum g\n`);
    expect(holds(policy, 'g')).toBe(false);
    expect(holds(policy, 'stranger', 'w1')).toBe(false);
    expect(holds(policy, 'w1', 'w2')).toBe(true);
  });

  it('that do not come from a parser are not met, without an exception', () => {
    const policy: Policy = {
      logs: [],
      retired: [],
      witnesses: new Map(),
      groups: new Map(),
      quorum: 'nobody',
      time: NO_TIME_TRUST,
    };
    expect(holds(policy, 'nobody')).toBe(false);
    const circle = { threshold: 1, members: ['b'] };
    expect(
      holds({
        ...policy,
        groups: new Map([
          ['a', circle],
          ['b', { ...circle, members: ['a'] }],
        ]),
        quorum: 'a',
      }),
    ).toBe(false);
  });

  it('must not use keywords as names, stricter than the standard', () => {
    // The standard reserves "none" alone; other implementations refuse these too, and so does a careful
    // reader.
    for (const name of ['all', 'any', 'none', '#w']) {
      expect(() => parsePolicy(`witness ${name} ${witnessKey(1)}\nquorum none\n`)).toThrow(ProofError);
    }
  });
});
