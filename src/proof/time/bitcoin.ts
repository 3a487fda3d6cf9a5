import { equal, toHex } from '../bytes.js';
import { HASH_LENGTH, leafHash, sha256, type Sha256 } from '../hash.js';
import { inclusionPathLength, rootFromInclusionPath } from '../merkle.js';
import { TimeError } from './time-error.js';

/** Bitcoin's block headers, as far as they say when something existed. Hashes are in the headers' byte order. */

export const BITCOIN_HEADER_LENGTH = 80;

export interface BitcoinHeader {
  readonly version: number;
  readonly previousHash: Uint8Array;
  readonly merkleRoot: Uint8Array;
  /** Seconds since the Unix epoch. */
  readonly time: number;
  /** The target in its compact form. */
  readonly bits: number;
  readonly nonce: number;
}

export interface BitcoinNetwork {
  readonly name: 'mainnet' | 'regtest';
  /** Hash of the first block. */
  readonly genesis: Uint8Array;
  /** The easiest target that is allowed, in its compact form. */
  readonly easiest: number;
  /** Whether the target changes every 2016 blocks. */
  readonly retargets: boolean;
  /**
   * The least work of a header that only its work speaks for, as a power of two. Below, a forgery would cost
   * less than what a miner earns with a block.
   */
  readonly leastWork: number;
}

const fromDisplay = (hex: string) =>
  Uint8Array.from({ length: HASH_LENGTH }, (_, i) => Number.parseInt(hex.slice(62 - 2 * i, 64 - 2 * i), 16));

export const MAINNET: BitcoinNetwork = {
  name: 'mainnet',
  genesis: fromDisplay('000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f'),
  easiest: 0x1d00ffff,
  retargets: true,
  // The headers of 2026 have some 2^79.
  leastWork: 76,
};

/** For tests: anybody can make its blocks. */
export const REGTEST: BitcoinNetwork = {
  name: 'regtest',
  genesis: fromDisplay('0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206'),
  easiest: 0x207fffff,
  retargets: false,
  leastWork: 0,
};

/** @throws {TimeError} malformed_bitcoin_header, also for a target that is not in its one compact form */
export function parseBitcoinHeader(bytes: Uint8Array): BitcoinHeader {
  if (bytes.length !== BITCOIN_HEADER_LENGTH)
    throw malformed(`a Bitcoin header has ${BITCOIN_HEADER_LENGTH} bytes, not ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const bits = view.getUint32(72, true);
  targetOf(bits);
  return {
    version: view.getInt32(0, true),
    previousHash: bytes.slice(4, 36),
    merkleRoot: bytes.slice(36, 68),
    time: view.getUint32(68, true),
    bits,
    nonce: view.getUint32(76, true),
  };
}

/** Double SHA-256 of a header. */
export function bitcoinHash(header: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  return hash(hash(header));
}

/** A hash as Bitcoin's tools write it. */
export function formatBitcoinHash(hash: Uint8Array): string {
  return toHex(hash.toReversed());
}

/**
 * The target that the compact form means: a mantissa of 23 bits and the number of bytes.
 * @throws {TimeError} malformed_bitcoin_header unless `bits` is how Bitcoin writes a positive target
 */
export function targetOf(bits: number): bigint {
  const length = Math.floor(bits / 0x1_00_00_00);
  const mantissa = bits % 0x1_00_00_00;
  // A mantissa with its highest bit set would be negative; a smaller one would be written with a byte less.
  if (length < 3 || length > 32 || mantissa < 0x8000 || mantissa > 0x7fffff)
    throw malformed(`0x${bits.toString(16)} is no target of a Bitcoin header`);
  return BigInt(mantissa) << BigInt(8 * (length - 3));
}

/** The compact form, which rounds down. `target` must have 3 bytes or more. */
function compact(target: bigint): number {
  const hex = target.toString(16);
  let length = Math.ceil(hex.length / 2);
  let mantissa = Number(target >> BigInt(8 * (length - 3)));
  if (mantissa > 0x7fffff) {
    mantissa = Math.floor(mantissa / 0x100);
    length++;
  }
  return length * 0x1_00_00_00 + mantissa;
}

/** The number of hashes that a header with this target takes on average. */
export function workOf(bits: number): bigint {
  return (1n << 256n) / (targetOf(bits) + 1n);
}

/** The work as a power of two, rounded down. */
export function workBits(work: bigint): number {
  return work.toString(2).length - 1;
}

const PERIOD = 2016;
const PERIOD_SECONDS = 14 * 24 * 60 * 60;

/**
 * The target after a period of 2016 blocks.
 * @param firstTime time of the period's first header, `lastTime` of its last
 */
export function retarget(bits: number, firstTime: number, lastTime: number, network: BitcoinNetwork): number {
  const seconds = Math.min(Math.max(lastTime - firstTime, PERIOD_SECONDS / 4), PERIOD_SECONDS * 4);
  const target = (targetOf(bits) * BigInt(seconds)) / BigInt(PERIOD_SECONDS);
  return target > targetOf(network.easiest) ? network.easiest : compact(target);
}

export type ChainFault =
  | 'proof_of_work' // a header's hash is above its target, or its target above what the network allows
  | 'broken_link' // a header does not name the one before
  | 'wrong_target'; // the target changes where or as it must not

/** The work of headers that were checked one after the other. */
export class HeaderChain {
  readonly #network: BitcoinNetwork;
  readonly #hash: Sha256;
  /** Height of the next header. */
  #height: number;
  #count = 0;
  #work = 0n;
  #last: { readonly header: BitcoinHeader; readonly hash: Uint8Array } | null = null;
  /** Time of the first header of the period, when it was among the headers. */
  #periodStart: number | null = null;

  /** @param height of the first header that will be added */
  constructor(height: number, network: BitcoinNetwork, hash: Sha256 = sha256) {
    this.#height = height;
    this.#network = network;
    this.#hash = hash;
  }

  get count(): number {
    return this.#count;
  }

  /** The work of all headers, as a power of two, rounded down. */
  get bits(): number {
    return workBits(this.#work);
  }

  /**
   * Adds the next header, or names the first rule that it breaks.
   * @throws {TimeError} malformed_bitcoin_header
   */
  add(bytes: Uint8Array): ChainFault | null {
    const header = parseBitcoinHeader(bytes);
    const hash = bitcoinHash(bytes, this.#hash);
    const isGenesis = this.#height === 0;
    if (isGenesis ? !equal(hash, this.#network.genesis) : !hasBitcoinWork(hash, header.bits, this.#network))
      return isGenesis ? 'broken_link' : 'proof_of_work';
    if (this.#last !== null && !equal(header.previousHash, this.#last.hash)) return 'broken_link';
    if (this.#last !== null && !this.#isNextTarget(header.bits, this.#last.header)) return 'wrong_target';
    if (this.#height % PERIOD === 0) this.#periodStart = header.time;
    this.#work += workOf(header.bits);
    this.#last = { header, hash };
    this.#count++;
    this.#height++;
    return null;
  }

  #isNextTarget(bits: number, last: BitcoinHeader): boolean {
    if (!this.#network.retargets || this.#height % PERIOD !== 0) return bits === last.bits;
    if (this.#periodStart !== null)
      return bits === retarget(last.bits, this.#periodStart, last.time, this.#network);
    // The period's first header is not here: its time can be anything, but the factor has bounds.
    const bounds = [0, PERIOD_SECONDS * 4].map((seconds) => retarget(last.bits, 0, seconds, this.#network));
    const [hardest = 0n, easiest = 0n] = bounds.map(targetOf);
    return targetOf(bits) >= hardest && targetOf(bits) <= easiest;
  }
}

/** Whether a header's hash is at most its target, and the target one that the network allows. */
export function hasBitcoinWork(hash: Uint8Array, bits: number, network: BitcoinNetwork): boolean {
  const target = targetOf(bits);
  return target <= targetOf(network.easiest) && BigInt(`0x${formatBitcoinHash(hash)}`) <= target;
}

/** All headers up to a height, as a verifier trusts them: an RFC 6962 tree, leaf i being the header at height i. */
export interface HeaderPin {
  /** Number of headers. */
  readonly size: number;
  readonly root: Uint8Array;
}

/** A header and what is known of its place. Untrusted. */
export interface PlacedHeader {
  readonly header: Uint8Array;
  readonly height: number;
  /** From the header to the root of a pin; empty when there is none. */
  readonly path: readonly Uint8Array[];
  /** Headers that were built on this one, one behind the other. */
  readonly following: readonly Uint8Array[];
}

/** What speaks for a header. */
export type HeaderStanding =
  | { readonly by: 'pin'; readonly pin: HeaderPin }
  /** Only that it and the headers behind it took work: `headers` of them, with together 2^`bits` hashes. */
  | { readonly by: 'work'; readonly headers: number; readonly bits: number };

export type HeaderFault =
  | ChainFault
  | 'not_in_pinned_tree' // below a pin, and not what was there
  | 'too_little_work'; // above all pins, and so easy that anybody could have made it

/**
 * A header below a pin must be in a pinned tree: work alone is no substitute there.
 * @throws {TimeError} malformed_bitcoin_header
 */
export function judgeHeader(
  { header, height, path, following }: PlacedHeader,
  pins: readonly HeaderPin[],
  network: BitcoinNetwork,
): HeaderStanding | HeaderFault {
  parseBitcoinHeader(header);
  const pin = pins.find((each) => isIn(each, header, height, path));
  if (pin !== undefined) return { by: 'pin', pin };
  if (pins.some(({ size }) => height < size)) return 'not_in_pinned_tree';
  const chain = new HeaderChain(height, network);
  for (const each of [header, ...following]) {
    const fault = chain.add(each);
    if (fault !== null) return fault;
    if (workBits(workOf(parseBitcoinHeader(each).bits)) < network.leastWork) return 'too_little_work';
  }
  return { by: 'work', headers: chain.count, bits: chain.bits };
}

function isIn(pin: HeaderPin, header: Uint8Array, height: number, path: readonly Uint8Array[]): boolean {
  if (height >= pin.size || path.length !== inclusionPathLength(height, pin.size)) return false;
  if (path.some(({ length }) => length !== HASH_LENGTH)) return false;
  return equal(rootFromInclusionPath(leafHash(header), height, pin.size, path), pin.root);
}

/**
 * Bitcoin's times are no clock: a header's time is later than the median of the eleven before it, and nodes
 * refuse it when it is more than two hours ahead of their own clocks.
 */
const TOLERANCE = 2 * 60 * 60;

/** What a block commits to existed by then: milliseconds since the Unix epoch. */
export function noLaterThan({ time }: BitcoinHeader): number {
  return (time + TOLERANCE) * 1000;
}

/** What names a block's header was made after this: milliseconds since the Unix epoch. */
export function notBefore({ time }: BitcoinHeader): number {
  return Math.max(0, time - TOLERANCE) * 1000;
}

function malformed(message: string): TimeError {
  return new TimeError('malformed_bitcoin_header', message);
}
