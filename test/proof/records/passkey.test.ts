import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isSignedByPasskey } from '../../independent/passkey.js';
import { fromBase64, ProofError } from '../../../src/proof/index.js';
import { formatPasskey, parseEventKey } from '../../../src/proof/records/keys.js';
import { verifyPasskey } from '../../../src/proof/records/passkey.js';
import { VECTORS } from '../../vectors/load.js';
import type { PasskeyVectors } from '../../vectors/make/records/passkeys.js';

const { signatures, keys } = JSON.parse(
  readFileSync(join(VECTORS, 'records/passkeys.json'), 'utf8'),
) as PasskeyVectors;

function passkeyOf(text: string) {
  const key = parseEventKey(text);
  if (key.algorithm !== 'passkey') throw new Error('not a passkey');
  return key;
}

describe('a signature of a passkey', () => {
  it.each(Object.entries(signatures))('%s', (_, { key, text, signature, expected }) => {
    const bytes = fromBase64(signature);
    expect(verifyPasskey(bytes, text, passkeyOf(key).passkey)).toBe(expected === 'good');
    expect(isSignedByPasskey(key, text, Buffer.from(bytes))).toBe(expected === 'good');
  });

  it('is for one text and one domain only', () => {
    const { plain } = signatures;
    if (plain === undefined) throw new Error('no vector');
    const { passkey } = passkeyOf(plain.key);
    expect(verifyPasskey(fromBase64(plain.signature), `${plain.text}\n`, passkey)).toBe(false);
    expect(verifyPasskey(fromBase64(plain.signature), plain.text, { ...passkey, rpId: 'example' })).toBe(
      false,
    );
  });
});

describe('the verifier key of a passkey', () => {
  it.each(Object.entries(keys))('%s', (_, { key, expected }) => {
    if (expected === 'malformed') {
      expect(() => parseEventKey(key)).toThrow(ProofError);
      return;
    }
    const { name, passkey } = passkeyOf(key);
    expect(formatPasskey(name, passkey)).toBe(key);
  });
});
