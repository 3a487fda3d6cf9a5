import { bls12_381 } from '@noble/curves/bls12-381.js';
import { equal, FieldWriter, fromHex, toHex } from '../bytes.js';
import { isObject, parseStrictJson } from '../canonical-json.js';
import { HASH_LENGTH, sha256 } from '../hash.js';
import {
  DRAND_KEY_LENGTH,
  DRAND_SIGNATURE_LENGTH,
  drandChainOf,
  isRound,
  type DrandChain,
  type DrandParameters,
  type DrandRound,
} from './drand-chain.js';
import { reading, TimeError } from './time-error.js';

export * from './drand-chain.js';

/**
 * drand: a group of servers that signs the number of each round when its time has come (docs.drand.love).
 * Only the scheme bls-unchained-g1-rfc9380, in which a round can be verified on its own.
 */

const DOMAIN = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';
/** Of an answer, in characters. */
const MAX_ANSWER = 1024;

/**
 * The chain with these parameters.
 * @param hash the chain's hash, when it is known: must be the one of the parameters
 * @throws {TimeError} malformed_drand
 */
export function drandChain(parameters: DrandParameters, hash?: Uint8Array): DrandChain {
  if (!isPublicKey(parameters.publicKey))
    throw malformed('the public key of a drand chain must be a point of G2');
  return drandChainOf(parameters, hash);
}

function isPublicKey(bytes: Uint8Array): boolean {
  if (bytes.length !== DRAND_KEY_LENGTH) return false;
  try {
    const point = bls12_381.G2.Point.fromBytes(bytes);
    point.assertValidity();
    return point.isTorsionFree() && !point.is0() && equal(point.toBytes(), bytes);
  } catch {
    return false;
  }
}

/**
 * What a server answers for a round (`GET /<chain>/public/<round>`), before its signature is verified.
 * @throws {TimeError} malformed_drand
 */
export function parseDrandRound(text: string): DrandRound {
  return reading('malformed_drand', () => {
    if (text.length > MAX_ANSWER) throw malformed(`a drand round must have at most ${MAX_ANSWER} characters`);
    const json = parseStrictJson(text);
    if (!isObject(json)) throw malformed('a drand round must be a JSON object');
    const { round, signature, randomness, ...others } = json;
    if (Object.keys(others).length > 0) throw malformed('a drand round of this scheme has other members');
    if (!isRound(round)) throw malformed('the number of a drand round must be 1 or more');
    if (typeof signature !== 'string') throw malformed('a drand round must have a signature');
    const bytes = fromHex(signature, DRAND_SIGNATURE_LENGTH, 'the signature of a drand round');
    if (randomness !== undefined && randomness !== toHex(sha256(bytes)))
      throw malformed('the randomness of a drand round must be the SHA-256 of its signature');
    return { round, signature: bytes };
  });
}

/** Whether the chain's key has signed the round. */
export function verifyDrandRound({ publicKey }: DrandParameters, { round, signature }: DrandRound): boolean {
  if (!isRound(round) || signature.length !== DRAND_SIGNATURE_LENGTH) return false;
  const message = sha256(new FieldWriter(8).u64(round, 'round').bytes);
  try {
    const scheme = bls12_381.shortSignatures;
    return scheme.verify(signature, scheme.hash(message, DOMAIN), publicKey);
  } catch {
    // No point of the group.
    return false;
  }
}

function malformed(message: string): TimeError {
  return new TimeError('malformed_drand', message);
}

/** The chain that the League of Entropy has run since 2023. */
export const QUICKNET: DrandChain = {
  publicKey: fromHex(
    '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451' +
      '0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
    DRAND_KEY_LENGTH,
  ),
  genesis: 1_692_803_367,
  period: 3,
  seed: fromHex('f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e', HASH_LENGTH),
  id: 'quicknet',
  hash: fromHex('52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971', HASH_LENGTH),
};
