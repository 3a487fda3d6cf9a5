import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import {
  checkSignature,
  COSIGNATURE,
  cosign,
  formatAddCheckpoint,
  formatVerifierKey,
  formatWitnessLines,
  parseAddCheckpoint,
  parsePolicy,
  parseWitnesses,
  utf8,
} from '../../src/proof/index.js';

const KEYS = [1, 2, 3, 4, 5].map((i) =>
  generateKey(`w${i}.example`, COSIGNATURE, new Uint8Array(32).fill(i)),
);
const lines = (urls = true) =>
  KEYS.map(
    ({ key }, i) => `witness w${i} ${formatVerifierKey(key)}${urls ? ` https://w${i}.example/add/` : ''}`,
  ).join('\n');

describe('parseWitnesses', () => {
  it('reads names, keys and addresses', () => {
    const { all, needed } = parseWitnesses(`${lines()}\ngroup g 2 w0 w1 w2\nquorum g # of three\n`);
    expect(all.map(({ name, url }) => [name, url])).toEqual(
      [0, 1, 2, 3, 4].map((i) => [`w${i}`, `https://w${i}.example/add`]),
    );
    expect(all[3]?.key).toEqual(KEYS[3]?.key);
    expect(needed).toBe(2);
  });

  it.each([
    ['quorum none', 0],
    ['quorum w3', 1],
    ['group a all w0 w1 w2\ngroup b any w3 w4\ngroup c 1 a b\nquorum c', 1],
    ['group a all w0 w1 w2\ngroup b 2 w3 w4\ngroup c all a b\nquorum c', 5],
    ['group a all w0 w1 w2\ngroup b any a w3 w4\nquorum b', 1],
    ['group a 2 w0 w1 w2\ngroup b 2 a w3 w4\nquorum b', 2],
  ])('%s needs %i', (rest, needed) => {
    expect(parseWitnesses(`${lines()}\n${rest}\n`).needed).toBe(needed);
  });

  it.each([
    ['no address', `${lines(false)}\nquorum w0`],
    ['an address that is none', `${lines().replace('https://w0', 'ftp://w0')}\nquorum w0`],
    ['a query in an address', `${lines().replace('example/add/', 'example/?a=b')}\nquorum w0`],
    ['no witness', 'quorum none'],
    ['a log', `log ${formatVerifierKey(generateKey('log.example').key)}\n${lines()}\nquorum w0`],
    ['no quorum', lines()],
  ])('refuses %s', (_, text) => {
    expect(() => parseWitnesses(text)).toThrow(
      expect.objectContaining({ code: 'malformed_policy' }) as Error,
    );
  });

  it('reads what formatWitnessLines writes', () => {
    const { policy } = parseWitnesses(`${lines()}\ngroup a all w0 w1\ngroup b any a w3 w4\nquorum b\n`);
    expect(parsePolicy(formatWitnessLines(policy).join('\n'))).toEqual(policy);
  });
});

describe('cosign', () => {
  it('makes a valid signature line with its time', () => {
    const [signer] = KEYS;
    if (signer === undefined) throw new Error('no key');
    const text = 'log.example\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n';
    const note = { text, signatures: [cosign(text, signer, 1_700_000_000)] };
    expect(checkSignature(note, signer.key)).toEqual({ state: 'good', time: 1_700_000_000 });
    expect(checkSignature({ ...note, text: `${text}x\n` }, signer.key).state).toBe('bad');
    expect(() => cosign(text, signer, 0)).toThrow(RangeError);
    expect(() => cosign(text, generateKey('log.example'), 1)).toThrow(RangeError);
  });
});

describe('add-checkpoint requests', () => {
  const sequence = JSON.parse(
    readFileSync(new URL('../vectors/tlog-witness/add-checkpoint-sequence.json', import.meta.url), 'utf8'),
  ) as { steps: { request: string }[] };

  it.each(sequence.steps.map(({ request }) => request))(
    'are read and written as other implementations do: %#',
    (request) => {
      const parsed = parseAddCheckpoint(utf8(request));
      expect(formatAddCheckpoint(parsed)).toBe(request);
    },
  );

  it.each([
    ['nothing', ''],
    ['no blank line', 'old 0\nnote\n'],
    ['no old line', '\nnote\n'],
    ['another word', 'new 0\n\nnote\n'],
    ['a leading zero', 'old 01\n\nnote\n'],
    ['a negative size', 'old -1\n\nnote\n'],
    ['a short hash', `old 1\n${btoa('short')}\n\nnote\n`],
    ['64 hashes', `old 1\n${`${btoa('x'.repeat(32))}\n`.repeat(64)}\nnote\n`],
    ['a carriage return', 'old 0\r\n\nnote\n'],
  ])('are refused with %s', (_, text) => {
    expect(() => parseAddCheckpoint(utf8(text))).toThrow();
  });
});
