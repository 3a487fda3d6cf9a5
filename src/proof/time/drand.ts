import { bls12_381 } from '@noble/curves/bls12-381.js';
import { concat, equal, FieldWriter, fromHex, toHex, utf8 } from '../bytes.js';
import { isObject, parseStrictJson } from '../canonical-json.js';
import { HASH_LENGTH, sha256 } from '../hash.js';
import { reading, TimeError } from './time-error.js';

/**
 * drand: a group of servers that signs the number of each round when its time has come (docs.drand.love).
 * Only the scheme bls-unchained-g1-rfc9380, in which a round can be verified on its own.
 */

const DOMAIN = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';
const DRAND_KEY_LENGTH = 96;
export const DRAND_SIGNATURE_LENGTH = 48;
/** At three seconds a round, reached after four centuries. */
const MAX_DRAND_ROUND = 0xffff_ffff;
const MAX_PERIOD = 600;
/** Of an answer, in characters. */
const MAX_ANSWER = 1024;

export interface DrandParameters {
  /** Compressed point of G2. */
  readonly publicKey: Uint8Array;
  /** Time of round 1, seconds since the Unix epoch. */
  readonly genesis: number;
  /** Seconds from round to round. */
  readonly period: number;
  /** `groupHash` in what a server says of its chain. */
  readonly seed: Uint8Array;
  /** `metadata.beaconID` there, such as "quicknet". */
  readonly id: string;
}

export interface DrandChain extends DrandParameters {
  /** By which drand's servers name the chain. */
  readonly hash: Uint8Array;
}

export interface DrandRound {
  /** 1 for the first. */
  readonly round: number;
  readonly signature: Uint8Array;
}

/**
 * The chain with these parameters.
 * @param hash the chain's hash, when it is known: must be the one of the parameters
 * @throws {TimeError} malformed_drand
 */
export function drandChain(parameters: DrandParameters, hash?: Uint8Array): DrandChain {
  const { publicKey, genesis, period, seed, id } = parameters;
  if (!isPublicKey(publicKey)) throw malformed('the public key of a drand chain must be a point of G2');
  if (!Number.isInteger(genesis) || genesis < 1 || genesis > 0xffff_ffff)
    throw malformed('the genesis of a drand chain must be a time in seconds');
  if (!Number.isInteger(period) || period < 1 || period > MAX_PERIOD)
    throw malformed(`the period of a drand chain must be 1 to ${MAX_PERIOD} seconds`);
  if (seed.length !== HASH_LENGTH) throw malformed(`the seed of a drand chain has ${HASH_LENGTH} bytes`);
  if (!/^[a-z0-9._-]{1,64}$/.test(id)) throw malformed('the id of a drand chain must be a short name');
  const computed = chainHash(parameters);
  if (hash !== undefined && !equal(hash, computed))
    throw malformed(`these are the parameters of chain ${toHex(computed)}, not of ${toHex(hash)}`);
  return { ...parameters, hash: computed };
}

function chainHash({ period, genesis, publicKey, seed, id }: DrandParameters): Uint8Array {
  const times = new FieldWriter(12).u32(period, 'period').u64(genesis, 'genesis').bytes;
  // The first chain has an id too, but was there before ids.
  return sha256(concat(times, publicKey, seed, utf8(id === 'default' ? '' : id)));
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

/** When the round is published, milliseconds since the Unix epoch. */
export function drandTime({ genesis, period }: DrandParameters, round: number): number {
  return (genesis + (round - 1) * period) * 1000;
}

/**
 * The newest round at a time; 0: there is none yet.
 * @param time milliseconds since the Unix epoch
 */
export function drandRoundAt({ genesis, period }: DrandParameters, time: number): number {
  return Math.max(0, Math.floor((time / 1000 - genesis) / period) + 1);
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

export function isRound(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_DRAND_ROUND;
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
