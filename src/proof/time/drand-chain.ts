import { concat, equal, FieldWriter, toHex, utf8 } from '../bytes.js';
import { HASH_LENGTH, sha256 } from '../hash.js';
import { TimeError } from './time-error.js';

/** The parameters of drand's chains, and the times of their rounds. */

export const DRAND_KEY_LENGTH = 96;
export const DRAND_SIGNATURE_LENGTH = 48;
/** At three seconds a round, reached after four centuries. */
const MAX_DRAND_ROUND = 0xffff_ffff;
const MAX_PERIOD = 600;

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
 * The chain with these parameters. Does not look at the key, under which no round verifies if it is none:
 * its code takes long to load.
 * @param hash the chain's hash, when it is known: must be the one of the parameters
 * @throws {TimeError} malformed_drand
 */
export function drandChainOf(parameters: DrandParameters, hash?: Uint8Array): DrandChain {
  const { publicKey, genesis, period, seed, id } = parameters;
  if (publicKey.length !== DRAND_KEY_LENGTH)
    throw malformed(`the public key of a drand chain has ${DRAND_KEY_LENGTH} bytes`);
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

export function isRound(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_DRAND_ROUND;
}

function malformed(message: string): TimeError {
  return new TimeError('malformed_drand', message);
}
