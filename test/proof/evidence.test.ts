import { describe, expect, it } from 'vitest';
import {
  checkEvidence,
  consistencyPath,
  formatEvidence,
  inclusionPath,
  leafHash,
  merkleRoot,
  parseEvidence,
  parseNote,
  type Evidence,
  type ForkEvidence,
  type RuleEvidence,
} from '../../src/proof/index.js';
import { generateKey } from '../../src/crypto/keys.js';
import { FORGER_KEY, ForgedChain } from '../support/forger.js';

const KEY = FORGER_KEY.key;
const chain = new ForgedChain().grown(5);
const leavesOf = ({ blocks }: ForgedChain) => blocks.map(({ bytes }) => leafHash(bytes));

function fork(first: ForgedChain, second: ForgedChain): ForkEvidence {
  const leaves = leavesOf(second);
  return {
    kind: 'fork',
    first: parseNote(first.checkpoint()),
    second: parseNote(second.checkpoint()),
    prefix:
      first.size === second.size
        ? null
        : { root: merkleRoot(leaves.slice(0, first.size)), path: consistencyPath(first.size, leaves) },
  };
}

function shown(of: ForgedChain, index: number) {
  return {
    index,
    header: of.blocks[index]?.bytes ?? new Uint8Array(),
    path: inclusionPath(index, leavesOf(of)),
  };
}

function rule(of: ForgedChain, height: number): RuleEvidence {
  return {
    kind: 'rule',
    checkpoint: parseNote(of.checkpoint()),
    block: shown(of, height),
    previous: height === 0 ? null : shown(of, height - 1),
    first: height < 2 ? null : shown(of, 0),
  };
}

const cheat = chain.with({ mined: false }).with();

describe('evidence is valid', () => {
  it.each<[string, Evidence]>([
    ['a fork of one size', fork(chain, chain.first(4).with())],
    ['a fork of two sizes', fork(chain.first(3), chain.first(2).grown(5))],
    ['a broken rule', rule(cheat, 5)],
    ['a broken rule in the second block', rule(chain.first(1).with({ mined: false }), 1)],
    ['a broken rule in the first block', rule(new ForgedChain().with({ mined: false }).with(), 0)],
  ])('for %s, also after it was written and read', (_, evidence) => {
    expect(checkEvidence(evidence, KEY).holds).toBe(true);
    const text = formatEvidence(evidence);
    expect(formatEvidence(parseEvidence(text))).toBe(text);
    expect(checkEvidence(parseEvidence(text), KEY)).toEqual(checkEvidence(evidence, KEY));
    expect(checkEvidence(evidence, generateKey(KEY.name).key).holds).toBe(false);
  });
});

describe('evidence shows nothing', () => {
  const good = fork(chain.first(3), chain.first(2).grown(5));
  const broken = rule(cheat, 5);
  const prefix = good.prefix ?? { root: new Uint8Array(32), path: [] };
  it.each<[string, Evidence]>([
    ['two checkpoints of one history', fork(chain.first(3), chain)],
    ['one checkpoint given twice', fork(chain, chain)],
    ['two sizes without a proof', { ...good, prefix: null }],
    ['a wrong prefix', { ...good, prefix: { ...prefix, root: new Uint8Array(32) } }],
    ['a path that is too short', { ...good, prefix: { ...prefix, path: prefix.path.slice(1) } }],
    ['the larger checkpoint first', { ...good, first: good.second, second: good.first }],
    [
      'a checkpoint signed with an unknown key',
      { ...good, second: parseNote(chain.checkpoint(generateKey(KEY.name))) },
    ],
    [
      'a checkpoint of another log',
      { ...good, second: parseNote(chain.checkpoint(FORGER_KEY, 'other.example')) },
    ],
    ['a block that breaks no rule', rule(chain, 3)],
    [
      'a header that is not in the log',
      { ...broken, block: { ...broken.block, header: new Uint8Array(134) } },
    ],
    ['a header at the wrong index', { ...broken, block: { ...broken.block, index: 4 } }],
    ['no previous block', { ...broken, previous: null }],
    ['a wrong previous block', { ...broken, previous: shown(cheat, 3) }],
    ['no first block', { ...broken, first: null }],
    ['a wrong first block', { ...broken, first: shown(cheat, 1) }],
    ['an index beyond the log', { ...broken, block: { ...broken.block, index: 99 } }],
  ])('for %s', (_, evidence) => {
    expect(checkEvidence(evidence, KEY).holds).toBe(false);
  });
});

describe('evidence is malformed', () => {
  const text = formatEvidence(fork(chain.first(3), chain.first(2).grown(5)));
  const edited = (edit: (file: Record<string, unknown>) => void) => {
    const file = JSON.parse(text) as Record<string, unknown>;
    edit(file);
    return JSON.stringify(file);
  };
  it.each<[string, string]>([
    ['another format', edited((file) => (file['format'] = 'ingam-proof-v1'))],
    ['another kind', edited((file) => (file['kind'] = 'opinion'))],
    ['an unknown key', edited((file) => (file['more'] = 1))],
    ['a missing key', edited((file) => delete file['prefix'])],
    ['text that is not a note', edited((file) => (file['first'] = 'hello'))],
    ['a number instead of a note', edited((file) => (file['first'] = 7))],
    ['a malformed prefix', edited((file) => (file['prefix'] = []))],
    ['a short hash', edited((file) => (file['prefix'] = { root: 'AAAA', path: [] }))],
    ['text that is not JSON', 'hello'],
  ])('with %s', (_, malformed) => {
    expect(() => parseEvidence(malformed)).toThrow();
  });
});
