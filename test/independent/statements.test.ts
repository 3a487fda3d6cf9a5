import { describe, expect, it } from 'vitest';
import { generateKey, type PrivateKey } from '../../src/crypto/keys.js';
import {
  ED25519,
  formatNote,
  formatVerifierKey,
  LogKeys,
  ProofError,
  signKeyStatement,
  signStatement,
} from '../../src/proof/index.js';
import { Malformed } from './strict-json.js';
import { followStatements, type Keys } from './statements.js';

const NAME = 'log.example/keys';
const KEYS = [1, 2, 3].map((fill) => generateKey(NAME, ED25519, new Uint8Array(32).fill(fill)));
const vkey = ({ key }: PrivateKey) => formatVerifierKey(key);

interface Placed {
  readonly note: string;
  readonly height: number;
}

function ours(statements: readonly Placed[]): Keys | null {
  try {
    const placed = statements.map(({ note, height }) => ({ text: note, firstSize: height + 1 }));
    const { logs, retired } = LogKeys.of(null, placed).trusted;
    return {
      current: logs.map(formatVerifierKey),
      retired: retired.map(({ key, until }) => ({ vkey: formatVerifierKey(key), size: until })),
    };
  } catch (error) {
    if (error instanceof ProofError) return null;
    throw error;
  }
}

function second(statements: readonly Placed[]): Keys | null {
  try {
    return followStatements(statements);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

/** The order of retired keys means nothing. */
const inOrder = (keys: Keys | null) =>
  keys === null ? null : { ...keys, retired: keys.retired.toSorted((a, b) => (a.vkey < b.vkey ? -1 : 1)) };

/** Every way to name one or two of the keys, in every order. */
const CHOICES = KEYS.flatMap((one) => [
  [one],
  ...KEYS.filter((other) => other !== one).map((other) => [one, other]),
]);

describe('a reader of key statements written from the specification alone agrees', () => {
  it('on every sequence of three statements', () => {
    const notes = CHOICES.map((keys) => signKeyStatement(keys));
    let accepted = 0;
    // That begins with the first key: the others would say the same of other names.
    for (const first of notes.slice(0, 3)) {
      for (const next of notes) {
        for (const last of notes) {
          const statements = [first, next, last].map((note, i) => ({ note, height: 10 * i + 3 }));
          const judged = second(statements);
          expect(inOrder(judged)).toEqual(inOrder(ours(statements)));
          if (judged !== null) accepted++;
        }
      }
    }
    expect(accepted).toBeGreaterThan(0);
  });

  it.each<[string, (keys: readonly PrivateKey[]) => string]>([
    ['a first statement of one key', ([a]) => signKeyStatement([a as PrivateKey])],
    ['a signature too few', ([a, b]) => signed(textOf(a, b), [a as PrivateKey])],
    ['signatures in another order', ([a, b]) => signed(textOf(a, b), [b as PrivateKey, a as PrivateKey])],
    ['one key twice', ([a]) => signed(textOf(a, a), [a as PrivateKey, a as PrivateKey])],
    [
      'another origin',
      ([a, b]) => signed(textOf(a, b).replace(NAME, 'other.example'), [a, b] as PrivateKey[]),
    ],
  ])('on %s', (_, make) => {
    const statements = [{ note: make(KEYS), height: 0 }];
    expect(second(statements)).toBeNull();
    expect(ours(statements)).toBeNull();
  });
});

function signed(text: string, signers: readonly PrivateKey[]): string {
  return formatNote(signStatement(text, signers));
}

function textOf(...keys: readonly (PrivateKey | undefined)[]): string {
  return ['ingam/log-key/v1', NAME, ...keys.map((key) => vkey(key as PrivateKey)), ''].join('\n');
}
