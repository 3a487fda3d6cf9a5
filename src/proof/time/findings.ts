import type { Policy } from '../policy.js';
import type { ProofFile } from '../proof-file.js';
import type { BeaconFault } from './beacon.js';
import type { BitcoinAnchorFault } from './bitcoin-anchor.js';
import type { HeaderStanding } from './bitcoin.js';
import type { TokenFault } from './refusal.js';
import type { Sha256 } from '../hash.js';
import type { Verifiers } from '../verifiers.js';

/** What the anchors of a proof show. Apart from `anchors.ts`, whose code takes long to load. */

/** Why an anchor does not count. A closed union; scripts may depend on it. */
export type AnchorFault =
  | 'unknown_type'
  | 'malformed_anchor'
  | 'too_many_stamps' // more than are looked at in one proof
  // The anchored note.
  | 'note_of_another_log'
  | 'bad_note_signature'
  | 'untrusted_note' // no trusted key of the log has signed it
  | 'note_too_small' // it does not cover the block
  | 'note_path_mismatch'
  // The source.
  | 'untrusted_source' // the policy names none of this type
  | 'renewal_path_mismatch'
  | 'renewal_too_early' // before what it renews
  | 'statement_mismatch' // not the state statement of the block
  | 'no_beacon' // the statement names none
  | TokenFault
  | BitcoinAnchorFault
  | BeaconFault;

/** What speaks for an anchor that counts. */
export type AnchorBasis =
  | {
      readonly type: 'token';
      /** When the certificates of the last token that counts end, milliseconds since the Unix epoch. */
      readonly validUntil: number;
      /** As of when lists show that the first token's certificates were not revoked; null: none does. */
      readonly notRevokedAsOf: number | null;
      /** How many renewals count. */
      readonly renewals: number;
      /** Why the last renewal that does not count does not; null: all count. */
      readonly renewalFault: AnchorFault | null;
    }
  | { readonly type: 'block'; readonly height: number; readonly standing: HeaderStanding }
  | { readonly type: 'round'; readonly round: number };

export type AnchorVerdict =
  | {
      readonly counts: true;
      /** The name of the source in the policy, `bitcoin` or `drand`. */
      readonly source: string;
      /** Whose source it is. */
      readonly owner: string;
      /** `notAfter`: the block existed by `time`. `notBefore`: it was made after `time`. */
      readonly bound: 'notAfter' | 'notBefore';
      /** Milliseconds since the Unix epoch. */
      readonly time: number;
      readonly basis: AnchorBasis;
    }
  /** `message`: one English sentence without its full stop. */
  | { readonly counts: false; readonly fault: AnchorFault; readonly message: string };

/** An anchor, or one of the beacons in it. */
export type JudgedAnchor = AnchorVerdict & {
  /** The anchor's place in the proof. */
  readonly index: number;
  /** As the anchor states it. */
  readonly type: string;
};

/** Times that cannot all be true. */
export type TimeConflict =
  | 'sources' // a beacon is later than what an anchor says
  | 'sealed_too_early' // the stated time of sealing is before the interval
  | 'sealed_too_late';

export interface TimeFindings {
  readonly anchors: readonly JudgedAnchor[];
  /** The block was made after this, milliseconds since the Unix epoch; null: no beacon counts. */
  readonly notBefore: number | null;
  /** The block existed by this; null: no anchor that says so counts. */
  readonly notAfter: number | null;
  /** The owners of the sources that `notAfter` can rest on, in the order of the anchors. */
  readonly owners: readonly string[];
  readonly conflict: TimeConflict | null;
}

/** What is looked at of a proof. */
export interface AnchoredBlock extends Pick<ProofFile, 'anchors'> {
  readonly block: Pick<ProofFile['block'], 'header'>;
  readonly log: Pick<ProofFile['log'], 'checkpoint'>;
}

export interface AnchorInput extends Verifiers {
  /** The anchors, the header of their block, and the origin of its log. */
  readonly proof: AnchoredBlock;
  /** null: nobody is trusted, and no anchor counts. */
  readonly policy: Policy | null;
  /** The current time, milliseconds since the Unix epoch. Absent: a token may be as young as its reading. */
  readonly now?: number;
  /** DER of revocation lists beside those in the proof, from anybody. */
  readonly crls?: readonly Uint8Array[];
  readonly sha256: Sha256;
}

/** `judgeAnchors` of anchors.ts. Never throws for what comes from parseProof and parsePolicy. */
export type JudgeAnchors = (input: AnchorInput) => TimeFindings;

export const NO_FINDINGS: TimeFindings = {
  anchors: [],
  notBefore: null,
  notAfter: null,
  owners: [],
  conflict: null,
};
