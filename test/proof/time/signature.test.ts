import { constants, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/proof/index.js';
import { constructed, openDer } from '../../../src/proof/time/der.js';
import { element, integer, nullValue, oid, sequence } from '../../../src/proof/time/der-writer.js';
import { DIGESTS, readAlgorithm, type DigestName } from '../../../src/proof/time/digests.js';
import { readPublicKey } from '../../../src/proof/time/public-key.js';
import { verifySignature } from '../../../src/proof/time/signature.js';

const MESSAGE = new TextEncoder().encode('a message');
const NAMES = ['sha256', 'sha384', 'sha512'] as const satisfies DigestName[];
const PKCS1 = {
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
};
const ECDSA = { sha256: '1.2.840.10045.4.3.2', sha384: '1.2.840.10045.4.3.3', sha512: '1.2.840.10045.4.3.4' };

const keyOf = (key: KeyObject) => {
  const spki = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }));
  return readPublicKey(openDer(spki, 'a key', 4096));
};
const algorithmOf = (der: Uint8Array) => readAlgorithm(openDer(der, 'an algorithm', 256));
const pkcs1 = (digest: DigestName) => algorithmOf(sequence(oid(PKCS1[digest]), nullValue()));
const ecdsa = (digest: DigestName) => algorithmOf(sequence(oid(ECDSA[digest])));

function pss(digest: DigestName, saltLength: number) {
  const identifier = sequence(oid(DIGESTS[digest].oid), nullValue());
  const mask = sequence(oid('1.2.840.113549.1.1.8'), identifier);
  const salt = saltLength === 20 ? [] : [element(constructed(2), integer(saltLength))];
  const parameters = sequence(element(constructed(0), identifier), element(constructed(1), mask), ...salt);
  return algorithmOf(sequence(oid('1.2.840.113549.1.1.10'), parameters));
}

/** Whether it takes the signature, and neither one of another message nor one with a bit changed. */
function holds(key: KeyObject, algorithm: ReturnType<typeof ecdsa>, signature: Uint8Array): boolean {
  const publicKey = keyOf(key);
  const check = (message: Uint8Array, bytes: Uint8Array) =>
    verifySignature(publicKey, algorithm, null, message, bytes);
  const bits = [31, signature.length - 1].map((at) =>
    signature.map((byte, i) => (i === at ? byte ^ 0x10 : byte)),
  );
  return (
    check(MESSAGE, signature) &&
    !check(concat(MESSAGE, Uint8Array.of(0)), signature) &&
    bits.every((changed) => !check(MESSAGE, changed)) &&
    !check(MESSAGE, concat(signature, Uint8Array.of(0))) &&
    !check(MESSAGE, concat(Uint8Array.of(0), signature))
  );
}

// Lengths that are no multiple of 8 have an encoded message that is shorter than the modulus.
describe.each([2048, 2049, 2050, 3072])('RSA-%d', (modulusLength) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength });

  it.each(NAMES)('PKCS#1 v1.5 with %s holds as Node made it', (digest) => {
    expect(holds(privateKey, pkcs1(digest), new Uint8Array(sign(digest, MESSAGE, privateKey)))).toBe(true);
  });

  it.each(NAMES.flatMap((digest) => [0, 20, DIGESTS[digest].length].map((salt) => [digest, salt] as const)))(
    'PSS with %s and a salt of %d bytes holds as Node made it',
    (digest, saltLength) => {
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      const signature = new Uint8Array(sign(digest, MESSAGE, { key: privateKey, padding, saltLength }));
      expect(holds(privateKey, pss(digest, saltLength), signature)).toBe(true);
      // The salt belongs to the encoding: the signature is good for one length only.
      expect(verifySignature(keyOf(privateKey), pss(digest, saltLength + 1), null, MESSAGE, signature)).toBe(
        false,
      );
    },
  );

  it('PSS with the longest salt holds', () => {
    const saltLength = Math.ceil((modulusLength - 1) / 8) - 32 - 2;
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const signature = new Uint8Array(sign('sha256', MESSAGE, { key: privateKey, padding, saltLength }));
    expect(holds(privateKey, pss('sha256', saltLength), signature)).toBe(true);
  });

  it('takes no signature of another padding', () => {
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const signature = new Uint8Array(sign('sha256', MESSAGE, { key: privateKey, padding, saltLength: 32 }));
    const plain = new Uint8Array(sign('sha256', MESSAGE, privateKey));
    const key = keyOf(privateKey);
    expect(verifySignature(key, pkcs1('sha256'), null, MESSAGE, signature)).toBe(false);
    expect(verifySignature(key, pss('sha256', 32), null, MESSAGE, plain)).toBe(false);
  });
});

describe('a key for PSS only', () => {
  const { privateKey } = generateKeyPairSync('rsa-pss', {
    modulusLength: 2048,
    hashAlgorithm: 'sha256',
    mgf1HashAlgorithm: 'sha256',
  });
  const signature = new Uint8Array(sign('sha256', MESSAGE, privateKey));

  it('holds with its own parameters, and with no others', () => {
    expect(holds(privateKey, pss('sha256', 32), signature)).toBe(true);
    expect(() => verifySignature(keyOf(privateKey), pss('sha256', 33), null, MESSAGE, signature)).toThrow(
      'other PSS parameters',
    );
    expect(() => verifySignature(keyOf(privateKey), pkcs1('sha256'), null, MESSAGE, signature)).toThrow(
      'does not fit the key',
    );
  });
});

describe.each(['P-256', 'P-384', 'P-521'])('ECDSA on %s', (namedCurve) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve });

  it.each(NAMES)('with %s holds as Node made it', (digest) => {
    // Several, since each has a random number of its own: s may be high or low.
    for (let i = 0; i < 4; i++) {
      expect(holds(privateKey, ecdsa(digest), new Uint8Array(sign(digest, MESSAGE, privateKey)))).toBe(true);
    }
  });
});

describe('other keys', () => {
  it.each([
    ['Ed25519', generateKeyPairSync('ed25519').privateKey],
    ['secp256k1', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey],
    ['X25519', generateKeyPairSync('x25519').privateKey],
  ])('%s is read, and refused when it is used', (_, key) => {
    expect(() => verifySignature(keyOf(key), ecdsa('sha256'), null, MESSAGE, new Uint8Array(64))).toThrow(
      'not supported',
    );
  });
});
