import { utf8, equal } from '../bytes.js';
import { leafHash, sha256, type Sha256 } from '../hash.js';
import { inclusionPath, merkleRoot } from '../merkle.js';
import {
  BITCOIN_HEADER_LENGTH,
  HeaderChain,
  MAINNET,
  REGTEST,
  type BitcoinNetwork,
  type HeaderPin,
} from './bitcoin.js';
import { TimeError } from './time-error.js';

/**
 * A file of Bitcoin headers, one behind the other, as the OpenTimestamps client keeps them: 16 bytes (magic,
 * version, network, height of the first header), and then 80 bytes for each header.
 */

const MAGIC = utf8('OTSH');
const START_LENGTH = 16;
const VERSION = [1, 0] as const;
/** Some 19 million headers, of which Bitcoin makes 53,000 a year. */
const MAX_ARCHIVE = 1_500_000_000;

/** By the number that an archive names. */
const NETWORKS: ReadonlyMap<number, BitcoinNetwork> = new Map([
  [0, MAINNET],
  [2, REGTEST],
]);

export class HeaderArchive {
  readonly network: BitcoinNetwork;
  /** Height of the first header. */
  readonly start: number;
  /** Height of the last header and 1. */
  readonly end: number;
  readonly #headers: Uint8Array;
  readonly #hash: Sha256;

  /**
   * Checks the work of each header, that each names the one before, and the changes of the target.
   * @param bytes are kept, not copied
   * @throws {TimeError} malformed_header_archive
   */
  constructor(bytes: Uint8Array, hash: Sha256 = sha256) {
    if (bytes.length < START_LENGTH || !equal(bytes.subarray(0, 4), MAGIC))
      throw malformed('this is not an archive of Bitcoin headers');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (view.getUint8(4) !== VERSION[0] || view.getUint8(5) !== VERSION[1])
      throw malformed(`archives of version ${view.getUint8(4)}.${view.getUint8(5)} cannot be read`);
    const network = NETWORKS.get(view.getUint8(6));
    if (network === undefined) throw malformed(`there is no network with the number ${view.getUint8(6)}`);
    if (view.getUint8(7) !== 0 || view.getUint32(12) !== 0)
      throw malformed('the reserved bytes of an archive must be zero');
    const length = bytes.length - START_LENGTH;
    if (length % BITCOIN_HEADER_LENGTH !== 0 || bytes.length > MAX_ARCHIVE)
      throw malformed(`an archive must hold whole headers, and at most ${MAX_ARCHIVE} bytes`);
    this.network = network;
    this.start = view.getUint32(8, true);
    this.end = this.start + length / BITCOIN_HEADER_LENGTH;
    this.#headers = bytes.subarray(START_LENGTH);
    this.#hash = hash;
    this.#check();
  }

  #check(): void {
    const chain = new HeaderChain(this.start, this.network, this.#hash);
    for (let height = this.start; height < this.end; height++) {
      const fault = faultOf(chain, this.#at(height));
      if (fault !== null) throw malformed(`the header at height ${height} is not valid: ${fault}`);
    }
  }

  /** A copy; null when the archive does not have this height. */
  header(height: number): Uint8Array | null {
    if (!Number.isSafeInteger(height) || height < this.start || height >= this.end) return null;
    return this.#at(height).slice();
  }

  /**
   * The pin over the first `size` headers.
   * @throws {RangeError} when the archive does not have them all
   */
  pin(size = this.end): HeaderPin {
    return { size, root: merkleRoot(this.#leaves(size), this.#hash) };
  }

  /**
   * From the header at `height` to the root of the pin over the first `size` headers.
   * @throws {RangeError} when the archive does not have them all
   */
  path(height: number, size = this.end): Uint8Array[] {
    return inclusionPath(height, this.#leaves(size));
  }

  #leaves(size: number): Uint8Array[] {
    if (this.start !== 0 || !Number.isSafeInteger(size) || size < 1 || size > this.end)
      throw new RangeError(
        `the archive has the headers ${this.start} to ${this.end - 1}, not the first ${size}`,
      );
    return Array.from({ length: size }, (_, height) => leafHash(this.#at(height), this.#hash));
  }

  #at(height: number): Uint8Array {
    const offset = (height - this.start) * BITCOIN_HEADER_LENGTH;
    return this.#headers.subarray(offset, offset + BITCOIN_HEADER_LENGTH);
  }
}

function faultOf(chain: HeaderChain, header: Uint8Array): string | null {
  try {
    return chain.add(header);
  } catch (error) {
    if (error instanceof TimeError) return error.message;
    throw error;
  }
}

function malformed(message: string): TimeError {
  return new TimeError('malformed_header_archive', message);
}
