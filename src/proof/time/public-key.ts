import { openDer, TAG, type DerReader } from './der.js';
import { readAlgorithm } from './digests.js';
import { MAX_RSA_BITS, rsaKey, type RsaKey } from './rsa.js';

/** Public keys of certificates. Apart from their use: the code of the curves takes long to load. */

export type PublicKey =
  /** `parameters`: of a key that is for PSS only (RFC 4055 §1.2). */
  | { readonly type: 'rsa'; readonly key: RsaKey }
  | { readonly type: 'rsa-pss'; readonly key: RsaKey; readonly parameters: Uint8Array | null }
  | { readonly type: 'ec'; readonly curve: Curve; readonly point: Uint8Array }
  | { readonly type: 'unsupported'; readonly reason: string };

export interface Curve {
  readonly name: 'P-256' | 'P-384' | 'P-521';
  /** Length of a coordinate in bytes. */
  readonly size: number;
}

const CURVES: ReadonlyMap<string, Curve> = new Map([
  ['1.2.840.10045.3.1.7', { name: 'P-256', size: 32 }],
  ['1.3.132.0.34', { name: 'P-384', size: 48 }],
  ['1.3.132.0.35', { name: 'P-521', size: 66 }],
]);

export const RSA = '1.2.840.113549.1.1.1';
export const RSA_PSS = '1.2.840.113549.1.1.10';
const EC = '1.2.840.10045.2.1';

/**
 * SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). Keys of other algorithms are read and not used.
 * @throws {DerError}
 */
export function readPublicKey(reader: DerReader): PublicKey {
  const fields = reader.sequence();
  const algorithm = readAlgorithm(fields);
  const bits = fields.octetsOfBitString();
  fields.finish();
  switch (algorithm.oid) {
    case RSA:
      return { type: 'rsa', key: readRsaKey(bits, reader) };
    case RSA_PSS:
      return { type: 'rsa-pss', key: readRsaKey(bits, reader), parameters: algorithm.parameters };
    case EC:
      return readPoint(algorithm.parameters, bits);
    default:
      return { type: 'unsupported', reason: `keys of the algorithm ${algorithm.oid}` };
  }
}

function readRsaKey(bits: Uint8Array, reader: DerReader): RsaKey {
  const fields = openDer(bits, 'an RSA key', MAX_RSA_BITS).sequence();
  const key = rsaKey(fields.integer(), fields.integer());
  fields.finish();
  if (key === null) throw reader.unexpected('has an RSA key with a number out of range');
  return key;
}

function readPoint(parameters: Uint8Array | null, point: Uint8Array): PublicKey {
  const isNamed = parameters?.[0] === TAG.oid;
  const name = isNamed ? openDer(parameters, 'a curve', 64).oid() : 'without a name';
  const curve = CURVES.get(name);
  if (curve === undefined) return { type: 'unsupported', reason: `the elliptic curve ${name}` };
  if (point[0] !== 0x04 || point.length !== 1 + 2 * curve.size)
    return { type: 'unsupported', reason: `a point on ${curve.name} that is not uncompressed` };
  return { type: 'ec', curve, point };
}
