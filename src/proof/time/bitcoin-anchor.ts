import { equal } from '../bytes.js';
import {
  judgeHeader,
  noLaterThan,
  parseBitcoinHeader,
  type BitcoinNetwork,
  type HeaderFault,
  type HeaderPin,
  type HeaderStanding,
  type PlacedHeader,
} from './bitcoin.js';
import { bitcoinCommitments } from './ots-tree.js';
import { parseOts } from './ots.js';
import { TimeError, type TimeErrorCode } from './time-error.js';

export type BitcoinAnchorFault =
  | TimeErrorCode
  | 'digest_mismatch' // the timestamp is of something else
  | 'no_attestation' // none of a Bitcoin block at this height
  | 'merkle_root_mismatch' // the header is not the one that the timestamp leads to
  | HeaderFault;

export type BitcoinAnchorVerdict =
  | {
      readonly ok: true;
      readonly height: number;
      /** What is anchored existed by then, milliseconds since the Unix epoch. */
      readonly noLaterThan: number;
      readonly standing: HeaderStanding;
    }
  | { readonly ok: false; readonly fault: BitcoinAnchorFault };

/**
 * Whether an .ots file leads from a digest to a Bitcoin header, and what speaks for the header. All of it is
 * untrusted except the digest, the pins and the network.
 */
export function verifyBitcoinAnchor(
  digest: Uint8Array,
  ots: Uint8Array,
  placed: PlacedHeader,
  pins: readonly HeaderPin[],
  network: BitcoinNetwork,
): BitcoinAnchorVerdict {
  try {
    const detached = parseOts(ots);
    if (!equal(detached.digest, digest)) return { ok: false, fault: 'digest_mismatch' };
    const header = parseBitcoinHeader(placed.header);
    const roots = bitcoinCommitments(detached).filter(({ height }) => height === placed.height);
    if (roots.length === 0) return { ok: false, fault: 'no_attestation' };
    if (!roots.some(({ merkleRoot }) => equal(merkleRoot, header.merkleRoot)))
      return { ok: false, fault: 'merkle_root_mismatch' };
    const standing = judgeHeader(placed, pins, network);
    return typeof standing === 'string'
      ? { ok: false, fault: standing }
      : { ok: true, height: placed.height, noLaterThan: noLaterThan(header), standing };
  } catch (error) {
    if (error instanceof TimeError) return { ok: false, fault: error.code };
    throw error;
  }
}
