import { equal } from '../bytes.js';
import {
  judgeHeader,
  notBefore,
  parseBitcoinHeader,
  type BitcoinNetwork,
  type HeaderFault,
  type HeaderPin,
  type HeaderStanding,
} from './bitcoin.js';
import { drandTime, type DrandChain } from './drand-chain.js';
import { verifyDrandRound } from './drand.js';
import type { Beacon } from './state.js';

/** Whom a verifier believes about time. */
export interface BeaconTrust {
  readonly chains: readonly DrandChain[];
  readonly network: BitcoinNetwork;
  readonly pins: readonly HeaderPin[];
}

export type BeaconFault =
  | 'unknown_chain' // a drand chain that the verifier does not trust
  | 'bad_signature'
  | HeaderFault;

export type BeaconVerdict =
  | {
      readonly ok: true;
      /** What names the beacon was made after this, milliseconds since the Unix epoch. */
      readonly notBefore: number;
      /** What speaks for a Bitcoin header; null: the signature of a drand chain. */
      readonly standing: HeaderStanding | null;
    }
  | { readonly ok: false; readonly fault: BeaconFault };

/**
 * Whether a beacon is genuine, and from when.
 * @param headerPath of a Bitcoin header: from it to the root of a pin
 */
export function judgeBeacon(
  beacon: Beacon,
  { chains, network, pins }: BeaconTrust,
  headerPath: readonly Uint8Array[] = [],
): BeaconVerdict {
  switch (beacon.type) {
    case 'drand': {
      const chain = chains.find(({ hash }) => equal(hash, beacon.chain));
      if (chain === undefined) return { ok: false, fault: 'unknown_chain' };
      return verifyDrandRound(chain, beacon)
        ? { ok: true, notBefore: drandTime(chain, beacon.round), standing: null }
        : { ok: false, fault: 'bad_signature' };
    }
    case 'bitcoin': {
      const { header, height } = beacon;
      const standing = judgeHeader({ header, height, path: headerPath, following: [] }, pins, network);
      return typeof standing === 'string'
        ? { ok: false, fault: standing }
        : { ok: true, notBefore: notBefore(parseBitcoinHeader(header)), standing };
    }
  }
}
