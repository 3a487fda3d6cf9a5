import { p256, p384, p521 } from '@noble/curves/nist.js';
import { equal } from '../bytes.js';
import { constructed, openDer, TAG, type DerReader } from './der.js';
import { compactSignature } from './ecdsa.js';
import { RSA, RSA_PSS, type Curve, type PublicKey } from './public-key.js';
import {
  digestOf,
  readAlgorithm,
  readDigestAlgorithm,
  type AlgorithmIdentifier,
  type DigestAlgorithm,
} from './digests.js';
import { TokenRefusal } from './refusal.js';
import { MAX_RSA_BITS, MIN_RSA_BITS, verifyPkcs1, verifyPss } from './rsa.js';

/** Signatures of certificates, CRLs and tokens. */

// The caller hashes. A high s is as good as a low one outside of Bitcoin.
const OPTIONS = { prehash: false, lowS: false, format: 'compact' } as const;
const LIBRARY = { 'P-256': p256, 'P-384': p384, 'P-521': p521 } as const;

const MGF1 = '1.2.840.113549.1.1.8';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const SHA384 = '2.16.840.1.101.3.4.2.2';
const SHA512 = '2.16.840.1.101.3.4.2.3';
const SHA1 = '1.3.14.3.2.26';
const MD5 = '1.2.840.113549.2.5';
const SHA224 = '2.16.840.1.101.3.4.2.4';

/** Signature algorithms that name their digest. */
const NAMED: ReadonlyMap<string, { readonly type: 'rsa' | 'ec'; readonly digest: string }> = new Map([
  ['1.2.840.113549.1.1.4', { type: 'rsa', digest: MD5 }],
  ['1.2.840.113549.1.1.5', { type: 'rsa', digest: SHA1 }],
  ['1.2.840.113549.1.1.14', { type: 'rsa', digest: SHA224 }],
  ['1.2.840.113549.1.1.11', { type: 'rsa', digest: SHA256 }],
  ['1.2.840.113549.1.1.12', { type: 'rsa', digest: SHA384 }],
  ['1.2.840.113549.1.1.13', { type: 'rsa', digest: SHA512 }],
  ['1.2.840.10045.4.1', { type: 'ec', digest: SHA1 }],
  ['1.2.840.10045.4.3.1', { type: 'ec', digest: SHA224 }],
  ['1.2.840.10045.4.3.2', { type: 'ec', digest: SHA256 }],
  ['1.2.840.10045.4.3.3', { type: 'ec', digest: SHA384 }],
  ['1.2.840.10045.4.3.4', { type: 'ec', digest: SHA512 }],
]);

type Scheme =
  | { readonly type: 'rsa' | 'ec'; readonly digest: string }
  | { readonly type: 'rsa-pss'; readonly digest: string; readonly saltLength: number };

/**
 * Whether the signature over `message` is good.
 * @param digest object identifier of the digest that the signer names beside the algorithm (CMS); null: none
 * @throws {TokenRefusal} weak_algorithm, weak_key or unsupported_algorithm
 * @throws {DerError} for malformed parameters
 */
export function verifySignature(
  key: PublicKey,
  algorithm: AlgorithmIdentifier,
  digest: string | null,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (key.type === 'unsupported') throw unsupported(`${key.reason} are not supported`);
  const scheme = schemeOf(algorithm, digest);
  const hash = countedDigest(scheme.digest);
  if (digest !== null && digest !== scheme.digest)
    throw unsupported('the signature uses another digest than the one that the signer names');
  const keyType = key.type === 'rsa-pss' ? 'rsa-pss' : scheme.type === 'rsa-pss' ? 'rsa' : scheme.type;
  if (key.type !== keyType || (key.type === 'rsa-pss' && scheme.type !== 'rsa-pss'))
    throw unsupported('the signature algorithm does not fit the key');
  if (key.type === 'ec') return verifyEcdsa(key.curve, key.point, hash.hash(message), signature);
  if (key.key.bits < MIN_RSA_BITS) {
    throw new TokenRefusal(
      'weak_key',
      `an RSA key has ${key.key.bits} bits; ${MIN_RSA_BITS} are the fewest that count`,
    );
  }
  if (scheme.type !== 'rsa-pss') return verifyPkcs1(key.key, hash, hash.hash(message), signature);
  const isRestricted = key.type === 'rsa-pss' && key.parameters !== null;
  if (isRestricted && !equal(key.parameters, algorithm.parameters ?? new Uint8Array()))
    throw unsupported('the signature has other PSS parameters than its key');
  return verifyPss(key.key, hash, scheme.saltLength, hash.hash(message), signature);
}

/**
 * The digest that a signature rests on.
 * @throws {TokenRefusal} weak_algorithm or unsupported_algorithm
 * @throws {DerError} for malformed parameters
 */
export function signatureDigest(algorithm: AlgorithmIdentifier, digest: string | null): DigestAlgorithm {
  return countedDigest(schemeOf(algorithm, digest).digest);
}

/** @throws {TokenRefusal} weak_algorithm or unsupported_algorithm */
export function countedDigest(identifier: string): DigestAlgorithm {
  const choice = digestOf(identifier);
  if (choice.algorithm !== null) return choice.algorithm;
  const reason = choice.fault === 'weak_algorithm' ? 'is too weak to count' : 'is not supported';
  throw new TokenRefusal(choice.fault, `the digest algorithm ${choice.name} ${reason}`);
}

function schemeOf({ oid, parameters }: AlgorithmIdentifier, digest: string | null): Scheme {
  if (oid === RSA_PSS) return readPssParameters(parameters);
  const isNull = parameters === null || parameters[0] === TAG.null;
  const named = NAMED.get(oid);
  if (named !== undefined && isNull && (named.type === 'rsa' || parameters === null)) return named;
  if (oid === RSA && digest !== null && isNull) return { type: 'rsa', digest };
  throw unsupported(`the signature algorithm ${oid} is not supported`);
}

/** RSASSA-PSS-params (RFC 4055 §3.1). What is left out stands for SHA-1. */
function readPssParameters(parameters: Uint8Array | null): Scheme {
  if (parameters === null) throw new TokenRefusal('weak_algorithm', 'PSS without parameters uses SHA-1');
  const reader = openDer(parameters, 'PSS parameters', 256);
  const fields = reader.sequence();
  const digest =
    fields.optional(constructed(0), () => readDigestAlgorithm(fields.enter(constructed(0)))) ?? SHA1;
  const mask = fields.optional(constructed(1), () => readMask(fields.enter(constructed(1)))) ?? SHA1;
  const saltLength =
    fields.optional(constructed(2), () => fields.enter(constructed(2)).smallInteger(MAX_RSA_BITS / 8)) ?? 20;
  const trailer = fields.optional(constructed(3), () => fields.enter(constructed(3)).smallInteger(0xff)) ?? 1;
  fields.finish();
  if (trailer !== 1) throw reader.unexpected('have an unknown trailer');
  if (mask !== digest) throw unsupported('PSS with two digest algorithms is not supported');
  return { type: 'rsa-pss', digest, saltLength };
}

function readMask(reader: DerReader): string {
  const { oid, parameters } = readAlgorithm(reader);
  if (oid !== MGF1 || parameters === null)
    throw unsupported('PSS with a mask other than MGF1 is not supported');
  return readDigestAlgorithm(openDer(parameters, 'PSS parameters', 64));
}

function verifyEcdsa(curve: Curve, point: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  const compact = compactSignature(signature, curve.size);
  try {
    return compact !== null && LIBRARY[curve.name].verify(compact, digest, point, OPTIONS);
  } catch {
    // The library throws for a point that is not on the curve.
    return false;
  }
}

function unsupported(message: string): TokenRefusal {
  return new TokenRefusal('unsupported_algorithm', message);
}
