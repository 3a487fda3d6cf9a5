import { Point, utils } from '@noble/ed25519';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import {
  NODE,
  nodeSha256,
  nodeVerifyEd25519,
  rememberValid,
  sha256Into,
} from '../../src/crypto/primitives.js';
import { sha256, verifyEd25519 } from '../../src/proof/index.js';
import { judge } from '../vectors/judge.js';
import { loadVectors } from '../vectors/load.js';

const ORDER = Point.CURVE().n;
const PRIME = Point.CURVE().p;
const seed = new Uint8Array(32).fill(7);
const signer = generateKey('node-crypto', undefined, seed);
const publicKey = signer.key.publicKey;
const message = Buffer.from('a checkpoint\n');
const signature = new Uint8Array(signer.sign(message));
const bothSay = (s: Uint8Array, m: Uint8Array, k: Uint8Array) => [
  verifyEd25519(s, m, k),
  nodeVerifyEd25519(s, m, k),
];

describe('the OpenSSL primitives', () => {
  it.each(loadVectors().map((vector) => [`${vector.folder}/${vector.name}`, vector] as const))(
    // test/proof/vectors does the same with those.
    'judge %s like the portable ones',
    (_, vector) => {
      expect(judge(vector, NODE)).toEqual(vector.expected);
    },
  );

  it('hash like the portable ones', () => {
    for (let length = 0; length < 300; length++) {
      const data = new Uint8Array(length).fill(length);
      expect(nodeSha256(data)).toEqual(sha256(data));
    }
  });

  it('write a hash into a part of the hashed bytes', () => {
    for (let offset = 0; offset < 40; offset++) {
      const bytes = Uint8Array.from({ length: 100 }, (_, i) => i * offset);
      const expected = Uint8Array.from(bytes);
      expected.set(sha256(bytes.subarray(7)), offset);
      sha256Into(bytes.subarray(7), bytes, offset);
      expect(bytes).toEqual(expected);
    }
  });
});

describe('Ed25519 by OpenSSL agrees with the portable implementation', () => {
  it('on a valid signature and on every change of one bit in it, in the message and in the key', () => {
    expect(bothSay(signature, message, publicKey)).toEqual([true, true]);
    for (const which of [0, 1, 2] as const) {
      const parts = [signature, message, publicKey] as const;
      for (let bit = 0; bit < parts[which].length * 8; bit += 3) {
        const [s, m, k] = parts.map((part, i) => (i === which ? flipped(part, bit) : part)) as [
          Uint8Array,
          Uint8Array,
          Uint8Array,
        ];
        expect(bothSay(s, m, k)).toEqual([false, false]);
      }
    }
  });

  it('on wrong lengths', () => {
    for (const length of [0, 31, 33, 63, 65]) {
      const other = new Uint8Array(length);
      expect(bothSay(other, message, publicKey)).toEqual([false, false]);
      expect(bothSay(signature, message, other)).toEqual([false, false]);
    }
  });

  it('on an S that is not below the order of the group', () => {
    const s = fromLittleEndian(signature.subarray(32));
    for (const more of [ORDER, 2n * ORDER, 8n * ORDER]) {
      const again = Buffer.concat([signature.subarray(0, 32), littleEndian(s + more)]);
      expect(bothSay(again, message, publicKey)).toEqual([false, false]);
    }
  });

  it('on keys and points of small order or not in canonical form', () => {
    const odd = [...smallOrder(), ...[0n, 1n, 3n, 18n].flatMap((y) => bothSigns(PRIME + y))];
    expect(odd.length).toBeGreaterThan(16);
    for (const point of odd) {
      for (const s of [0n, 1n, fromLittleEndian(signature.subarray(32))]) {
        const forged = Buffer.concat([point, littleEndian(s)]);
        expect(bothSay(forged, message, publicKey)).toEqual([false, false]);
        for (const key of odd) expect(bothSay(forged, message, key)).toEqual([false, false]);
      }
    }
  });

  it('on signatures that are valid only with the cofactor, which OpenSSL alone would refuse', () => {
    const { scalar, point } = utils.getExtendedPublicKey(seed);
    for (const low of smallOrder().map((bytes) => Point.fromBytes(bytes, true))) {
      for (const key of [point, point.add(low)]) {
        const nonce = 12345n;
        const r = Point.BASE.multiply(nonce).add(low).toBytes();
        const k = fromLittleEndian(
          createHash('sha512').update(r).update(key.toBytes()).update(message).digest(),
        );
        const s = littleEndian((nonce + k * scalar) % ORDER);
        expect(bothSay(Buffer.concat([r, s]), message, key.toBytes())).toEqual([true, true]);
      }
    }
  });
});

describe('rememberValid', () => {
  const counted = () => {
    const calls: Uint8Array[] = [];
    const verify = rememberValid((s, m, k) => {
      calls.push(s);
      return verifyEd25519(s, m, k);
    }, 2);
    return { calls, verify };
  };

  it('checks a valid signature once, and everything else each time', () => {
    const { calls, verify } = counted();
    for (let i = 0; i < 3; i++) expect(verify(signature, message, publicKey)).toBe(true);
    expect(calls).toHaveLength(1);
    for (const bit of [0, 40, 511]) expect(verify(flipped(signature, bit), message, publicKey)).toBe(false);
    expect(verify(signature, flipped(message, 0), publicKey)).toBe(false);
    expect(verify(signature, message, flipped(publicKey, 0))).toBe(false);
    expect(
      verify(signature, Buffer.concat([publicKey.subarray(31), message]), publicKey.subarray(0, 31)),
    ).toBe(false);
    expect(verify(signature.subarray(0, 63), message, publicKey)).toBe(false);
  });

  it('is not affected when the bytes change afterwards', () => {
    const { verify } = counted();
    const copy = Uint8Array.from(signature);
    expect(verify(copy, message, publicKey)).toBe(true);
    copy[5] = (copy[5] ?? 0) ^ 1;
    expect(verify(copy, message, publicKey)).toBe(false);
  });

  it('keeps the last valid signatures up to its limit, and no invalid ones', () => {
    const { calls, verify } = counted();
    const texts = ['one', 'two', 'three'].map((text) => Buffer.from(text));
    const [one, two, three] = texts.map(
      (text) => () => verify(new Uint8Array(signer.sign(text)), text, publicKey),
    ) as [() => boolean, () => boolean, () => boolean];
    one();
    two();
    for (let bit = 0; bit < 8; bit++) verify(flipped(signature, bit), message, publicKey);
    const before = calls.length;
    one();
    two();
    expect(calls).toHaveLength(before);
    three();
    one();
    expect(calls).toHaveLength(before + 2);
  });
});

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const at = bit >> 3;
  changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7));
  return changed;
}

/** Every spelling of every point of small order, canonical or not. */
function smallOrder(): Uint8Array[] {
  const y8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
  return [0n, 1n, PRIME - 1n, y8, PRIME - y8, PRIME, PRIME + 1n].flatMap(bothSigns);
}

function bothSigns(y: bigint): Uint8Array[] {
  const bytes = littleEndian(y);
  const negative = Uint8Array.from(bytes);
  negative[31] = (negative[31] ?? 0) | 0x80;
  return [bytes, negative];
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
}
