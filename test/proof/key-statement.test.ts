import { describe, expect, it } from 'vitest';
import { generateKey, type PrivateKey } from '../../src/crypto/keys.js';
import {
  COSIGNATURE,
  ED25519,
  formatNote,
  isSignedBy,
  LogKeys,
  ProofError,
  readKeyStatement,
  signCheckpoint,
  signKeyStatement,
  signStatement,
} from '../../src/proof/index.js';

const NAME = 'log.example/keys';
const [A, B, C] = [1, 2, 3].map((fill) =>
  generateKey(NAME, ED25519, new Uint8Array(32).fill(fill)),
) as unknown as readonly [PrivateKey, PrivateKey, PrivateKey];

const FIVE = [1, 2, 3, 4, 5].map((fill) => generateKey(NAME, ED25519, new Uint8Array(32).fill(fill)));

/** Statements that count from these sizes on. */
const keysOf = (...changes: readonly (readonly [number, ...PrivateKey[]])[]) =>
  LogKeys.of(
    A.key,
    changes.map(([firstSize, ...keys]) => ({ text: signKeyStatement(keys), firstSize })),
  );

describe('key statements', () => {
  it('determine the keys of each checkpoint', () => {
    const keys = keysOf([10, A, B], [20, B], [20, B, C], [30, C]);
    expect([0, 9, 10, 19, 20, 29, 30].map((size) => keys.at(size))).toEqual([
      [A.key],
      [A.key],
      [A.key, B.key],
      [A.key, B.key],
      [B.key, C.key],
      [B.key, C.key],
      [C.key],
    ]);
    expect(keys.all).toEqual([
      { key: A.key, from: 0, until: 19 },
      { key: B.key, from: 10, until: 29 },
      { key: C.key, from: 20, until: null },
    ]);
    expect(keys.trusted).toEqual({
      logs: [C.key],
      retired: [
        { key: A.key, until: 19 },
        { key: B.key, until: 29 },
      ],
    });
  });

  it('are not needed for a log with one key', () => {
    expect(keysOf().all).toEqual([{ key: A.key, from: 0, until: null }]);
  });

  it('may retire a new key', () => {
    expect(keysOf([5, A, B], [7, A]).trusted).toEqual({ logs: [A.key], retired: [{ key: B.key, until: 6 }] });
  });

  it.each<[string, readonly (readonly [number, ...PrivateKey[]])[]]>([
    [
      'a key that no present key vouches for',
      [
        [5, A, B],
        [6, C],
      ],
    ],
    [
      'the return of a retired key',
      [
        [5, A, B],
        [6, B],
        [7, B, A],
      ],
    ],
    [
      'no change',
      [
        [5, A, B],
        [6, B, A],
      ],
    ],
    ['no change of one', [[5, A]]],
    [
      'another order than the chain',
      [
        [5, A, B],
        [4, B],
      ],
    ],
  ])('are refused for %s', (_, changes) => {
    expect(() => keysOf(...changes)).toThrow(ProofError);
  });

  it.each<[string, string]>([
    ['an unsigned key', sign(`ingam/log-key/v1\n${NAME}\n${vkey(A)}\n${vkey(B)}\n`, A)],
    ['one signature more', sign(`ingam/log-key/v1\n${NAME}\n${vkey(A)}\n`, A, B)],
    ['another log', sign(`ingam/log-key/v1\nother.example\n${vkey(A)}\n`, A)],
    ['one key twice', sign(`ingam/log-key/v1\n${NAME}\n${vkey(A)}\n${vkey(A)}\n`, A, A)],
    ['five keys', sign(`ingam/log-key/v1\n${NAME}\n${FIVE.map(vkey).join('\n')}\n`, ...FIVE)],
    ['no key', sign(`ingam/log-key/v1\n${NAME}\n`, A)],
    ['another version', sign(`ingam/log-key/v2\n${NAME}\n${vkey(A)}\n`, A)],
    ['a receipt', sign(`ingam/receipt/v1\n${NAME}\n${vkey(A)}\n`, A)],
    ['a line more', sign(`ingam/log-key/v1\n${NAME}\n${vkey(A)}\n\n`, A)],
    [
      'a key for cosignatures',
      sign(`ingam/log-key/v1\n${NAME}\n${vkey(generateKey(NAME, COSIGNATURE))}\n`, A),
    ],
  ])('are not read with %s', (_, text) => {
    expect(() => readKeyStatement(text)).toThrow(ProofError);
  });

  it('are refused when one character is changed', () => {
    const text = signKeyStatement([A, B]);
    for (let at = 0; at < text.length; at += 7) {
      const other = text[at] === 'x' ? 'y' : 'x';
      expect(() => readKeyStatement(text.slice(0, at) + other + text.slice(at + 1))).toThrow(ProofError);
    }
  });
});

describe('a checkpoint', () => {
  const text = `${NAME}\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n`;
  const stranger = generateKey('witness.example');
  it('is signed with all required keys, and with no other key of their name', () => {
    const note = (...signers: PrivateKey[]) => signCheckpoint(text, signers, 1_800_000_000);
    expect(isSignedBy(note(A, B), [A.key, B.key])).toBe(true);
    expect(isSignedBy(note(B, stranger, A), [A.key, B.key])).toBe(true);
    expect(isSignedBy(note(A), [A.key, B.key])).toBe(false);
    expect(isSignedBy(note(A, B), [A.key])).toBe(false);
    expect(isSignedBy(note(A, A), [A.key])).toBe(false);
    expect(isSignedBy(note(A, B, C), [A.key, B.key])).toBe(false);
  });
});

function vkey({ key }: PrivateKey): string {
  const material = Buffer.from([key.type, ...key.publicKey]).toString('base64');
  return `${key.name}+${Buffer.from(key.keyId).toString('hex')}+${material}`;
}

function sign(text: string, ...signers: PrivateKey[]): string {
  return formatNote(signStatement(text, signers));
}
