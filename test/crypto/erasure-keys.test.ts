import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ErasureKeys, isSealed } from '../../src/crypto/erasure-keys.js';
import { ProofError, toHex } from '../../src/proof/index.js';

const NOW = 1_700_000_000_000;
const draw = (keys: ErasureKeys, count: number) => Array.from({ length: count }, () => keys.draw());
const saltsOf = (keys: ErasureKeys, drawn: readonly { reference: Uint8Array }[]) =>
  drawn.map(({ reference }) => {
    const salt = keys.saltOf(reference);
    return salt === null ? null : toHex(salt);
  });

describe('data keys', () => {
  test('seal a text so that only its own key and reference open it', () => {
    const keys = ErasureKeys.create(NOW);
    const [one, two] = [keys.draw(), keys.draw()];
    const sealed = one.seal('{"name":"계약서.pdf"}');
    expect(isSealed(sealed)).toBe(true);
    expect(Buffer.from(sealed.slice(1), 'base64').includes('계약서')).toBe(false);
    expect(keys.open(sealed)).toBe('{"name":"계약서.pdf"}');
    expect(ErasureKeys.create(NOW).open(sealed)).toBeNull();
    // Under the reference of another, or with a bit changed.
    const bytes = Buffer.from(sealed.slice(1), 'base64');
    const moved = Buffer.concat([two.reference, bytes.subarray(16)]);
    expect(keys.open(`~${moved.toString('base64')}`)).toBeNull();
    for (const at of [3, 16, 30, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(keys.open(`~${changed.toString('base64')}`), String(at)).toBeNull();
    }
    expect(keys.open('{"name":"plain"}')).toBeNull();
    expect(keys.open('~')).toBeNull();
  });

  test('that are destroyed can be derived by nobody, and every other as before', () => {
    const keys = ErasureKeys.create(NOW);
    // Of several runs, as those of several processes are.
    const other = ErasureKeys.parse(keys.format());
    const drawn = [...draw(keys, 40), ...draw(other, 40), ...draw(ErasureKeys.parse(keys.format()), 3)];
    const before = saltsOf(keys, drawn);
    expect(new Set(before).size).toBe(drawn.length);
    const gone = [0, 1, 17, 39, 40, 63, 82];
    const references = gone.map((i) => drawn[i]?.reference ?? expect.fail());
    const left = keys.without(references.slice(0, 3)).without(references.slice(2));
    const read = ErasureKeys.parse(left.format());
    for (const each of [left, read]) {
      // In an order that uses and misses the path that was derived last.
      const order = drawn.map((_, i) => (i * 37) % drawn.length);
      for (const i of order) {
        const reference = drawn[i]?.reference ?? expect.fail();
        const isGone = gone.includes(i);
        expect(each.stateOf(reference), String(i)).toBe(isGone ? 'destroyed' : 'present');
        expect(saltsOf(each, [{ reference }])).toEqual([isGone ? null : before[i]]);
      }
    }
    // What is left does not grow without limit: at most a node for each level.
    expect(read.trees[0]?.nodes).toBeLessThanOrEqual(64 * gone.length);
    // And the file has no key from which a destroyed one follows: the root is gone.
    expect(read.format()).not.toMatch(/^0 /m);
    expect(keys.stateOf(references[0] ?? expect.fail())).toBe('present');
  });

  test('come from a tree of their own after a rotation', () => {
    const first = ErasureKeys.create(NOW);
    const { reference, salt } = first.draw();
    const both = first.rotated(NOW + 1);
    const next = both.draw();
    expect(both.saltOf(reference)).toEqual(salt);
    expect(first.stateOf(next.reference)).toBe('unknown');
    expect(both.trees.map(({ madeAt }) => madeAt)).toEqual([NOW, NOW + 1]);
    expect(toHex(next.reference).slice(0, 16)).toBe(both.trees[1]?.id);
    expect(both.stateOf(new Uint8Array(randomBytes(15)))).toBe('unknown');
  });

  test('are read only from a whole file', () => {
    const keys = ErasureKeys.create(NOW);
    const text = keys.without([keys.draw().reference]).format();
    expect(ErasureKeys.parse(text).format()).toBe(text);
    const lines = text.split('\n');
    const without = (i: number) => [...lines.slice(0, i), ...lines.slice(i + 1)].join('\n');
    const bad = [
      '',
      'x',
      text.slice(0, -1),
      `${text} `,
      without(0),
      without(1),
      without(7),
      without(lines.length - 2),
    ];
    bad.push(text.replace('tree', 'Tree'), text.replace(/[0-9a-f](?= [0-9a-f]{64}\n)/, 'x'), text + text);
    for (const each of bad) expect(() => ErasureKeys.parse(each), each.slice(0, 40)).toThrow(ProofError);
  });
});
