import { equal, utf8 } from '../bytes.js';
import { parseCheckpointNote } from '../checkpoint.js';
import { ProofError } from '../errors.js';
import { leafHash } from '../hash.js';
import { headerHashes } from '../header.js';
import { inclusionPathLength, rootFromInclusionPath } from '../merkle.js';
import { checkSignature } from '../note-signature.js';
import { logKeysFor } from '../policy.js';
import {
  DOCUMENT_RENEWAL,
  readAnchor,
  renewedBytes,
  type Anchor,
  type AnchoredNote,
  type BeaconAnchor,
  type BitcoinAnchor,
  type KeptToken,
  type KnownAnchor,
  type Renewal,
  type Rfc3161Anchor,
} from './anchor.js';
import { judgeBeacon, type BeaconFault, type BeaconVerdict } from './beacon.js';
import { verifyBitcoinAnchor, type BitcoinAnchorFault } from './bitcoin-anchor.js';
import { MAINNET, type BitcoinNetwork, type HeaderStanding } from './bitcoin.js';
import type {
  AnchorBasis,
  AnchorFault,
  AnchorInput,
  AnchorVerdict,
  JudgeAnchors,
  JudgedAnchor,
  TimeConflict,
  TimeFindings,
} from './findings.js';
import { parseStatement, stateHash, type Beacon } from './state.js';
import { TimeError } from './time-error.js';
import { verifyToken, type TimeStamp } from './token.js';
import { BITCOIN, NO_TIME_TRUST, type TimeTrust } from './trust.js';
import type { Certificate } from './x509.js';

/**
 * Judges the anchors of a proof (docs/proof-format-time.md, "Verification"). Each is untrusted and judged
 * alone: it counts, or does not count for one reason. Pure; the current time comes from the caller.
 */
export const judgeAnchors: JudgeAnchors = (input) => judgeAnchorsOf(input, MAINNET);

/** The same for another network than Bitcoin's main network: for tests. */
export function judgeAnchorsOf(input: AnchorInput, network: BitcoinNetwork): TimeFindings {
  const judge = new AnchorJudge(input, network);
  const anchors = input.proof.anchors.flatMap((anchor, index) =>
    judge.verdicts(anchor).map((verdict): JudgedAnchor => ({ index, type: anchor.type, ...verdict })),
  );
  const times = (wanted: 'notBefore' | 'notAfter') =>
    anchors.flatMap((each) => (each.counts && each.bound === wanted ? [each.time] : []));
  const [lower, upper] = [times('notBefore'), times('notAfter')];
  const notBefore = lower.length === 0 ? null : Math.max(...lower);
  const notAfter = upper.length === 0 ? null : Math.min(...upper);
  const owners = anchors.flatMap((each) => (each.counts && each.bound === 'notAfter' ? [each.owner] : []));
  const conflict = conflictOf(notBefore, input.proof.block.header.sealedAt, notAfter);
  return { anchors, notBefore, notAfter, owners: [...new Set(owners)], conflict };
}

function conflictOf(
  notBefore: number | null,
  sealedAt: number,
  notAfter: number | null,
): TimeConflict | null {
  if (notBefore !== null && notAfter !== null && notBefore > notAfter) return 'sources';
  if (notBefore !== null && sealedAt < notBefore) return 'sealed_too_early';
  return notAfter !== null && sealedAt > notAfter ? 'sealed_too_late' : null;
}

/** Of tokens and .ots files that are looked at in one proof: bounds what a hostile proof can cost. */
const MAX_STAMPS = 32;

/** Thrown and caught in this file. */
class Refusal extends Error {
  readonly fault: AnchorFault;

  constructor(fault: AnchorFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

class AnchorJudge {
  readonly #input: AnchorInput;
  readonly #network: BitcoinNetwork;
  readonly #trust: TimeTrust;
  readonly #roots: readonly Certificate[];
  #stamps = 0;
  /** The verdict on the drand round of the block's statement, of which there is at most one. */
  #drand: BeaconVerdict | null = null;

  constructor(input: AnchorInput, network: BitcoinNetwork) {
    this.#input = input;
    this.#network = network;
    this.#trust = input.policy?.time ?? NO_TIME_TRUST;
    this.#roots = this.#trust.authorities.flatMap(({ roots }) => roots);
  }

  /** One, or one for each beacon in it; none for a document renewal, which is judged with the document. */
  verdicts(anchor: Anchor): AnchorVerdict[] {
    if (anchor.type === DOCUMENT_RENEWAL) return [];
    try {
      const known = readAnchor(anchor);
      if (known === null) throw new Refusal('unknown_type', 'it is of a type that is not known');
      return this.#judge(known);
    } catch (error) {
      if (error instanceof Refusal) return [refused(error.fault, error.message)];
      if (error instanceof ProofError) return [refused('malformed_anchor', error.message)];
      throw error;
    }
  }

  #judge(anchor: KnownAnchor): AnchorVerdict[] {
    switch (anchor.type) {
      case 'rfc3161':
        return [this.#judgeToken(anchor)];
      case 'bitcoin':
        return [this.#judgeBitcoin(anchor)];
      case 'beacon':
        return this.#judgeBeacons(anchor);
    }
  }

  /**
   * Checks that the note is a trusted checkpoint of the proof's log, and covers the block.
   * @returns the note's bytes
   */
  #requireNote({ note: text, path }: AnchoredNote): Uint8Array {
    const { proof, policy, sha256 } = this.#input;
    const { note, checkpoint } = parseCheckpointNote(text);
    const { origin, size, root, extensions } = checkpoint;
    if (extensions.length > 0) throw new Refusal('malformed_anchor', 'its checkpoint has extension lines');
    if (origin !== proof.log.checkpoint.origin)
      throw new Refusal('note_of_another_log', 'its checkpoint is of another log');
    const keys = policy === null ? [] : logKeysFor(policy, origin, size);
    const states = keys.map((key) => checkSignature(note, key, this.#input).state);
    if (states.includes('bad'))
      throw new Refusal('bad_note_signature', 'the signature of its checkpoint is invalid');
    if (!states.includes('good'))
      throw new Refusal('untrusted_note', 'its checkpoint is not signed by a key that you trust');
    const { header } = proof.block;
    if (header.height >= size) throw new Refusal('note_too_small', 'its checkpoint is older than the block');
    const { leaf } = headerHashes(header, sha256);
    if (
      path.length !== inclusionPathLength(header.height, size) ||
      !equal(rootFromInclusionPath(leaf, header.height, size, path, sha256), root)
    )
      throw new Refusal('note_path_mismatch', "its path doesn't lead from the block to its checkpoint");
    return utf8(text);
  }

  /** Counts what is about to be looked at. */
  #countStamp(): void {
    this.#stamps++;
    if (this.#stamps > MAX_STAMPS)
      throw new Refusal('too_many_stamps', `more than ${MAX_STAMPS} stamps of a proof are not looked at`);
  }

  #judgeToken(anchor: Rfc3161Anchor): AnchorVerdict {
    const message = this.#requireNote(anchor);
    if (this.#roots.length === 0)
      throw new Refusal('untrusted_source', 'you trust no time-stamping authority');
    const chain = this.#judgeRenewals(anchor);
    const first = this.#stamp(anchor, anchor.renewals[0], message, chain);
    const root = first.chain.at(-1);
    const source = this.#trust.authorities.find(({ roots }) =>
      roots.some(({ der }) => root !== undefined && equal(der, root.der)),
    );
    if (source === undefined) throw new Refusal('untrusted_root', 'its chain ends in no pinned certificate');
    const basis: AnchorBasis = {
      type: 'token',
      validUntil: chain.validUntil ?? first.validUntil,
      notRevokedAsOf: first.notRevokedAsOf,
      renewals: chain.count,
      renewalFault: chain.fault,
    };
    const { name, owner } = source;
    return { counts: true, source: name, owner, bound: 'notAfter', time: first.latest, basis };
  }

  /**
   * From the last renewal to the first: each is judged as existing by the time of the next one. One that does
   * not count renews nothing, and then those behind it do not help.
   */
  #judgeRenewals(anchor: Rfc3161Anchor): RenewalChain & { readonly fault: AnchorFault | null } {
    let chain = NOT_RENEWED;
    let fault: AnchorFault | null = null;
    for (const [i, renewal] of [...anchor.renewals.entries()].toReversed()) {
      try {
        const root = this.#renewedRoot(renewal, anchor.renewals[i - 1] ?? anchor);
        const { latest, validUntil } = this.#stamp(renewal, anchor.renewals[i + 1], root, chain);
        chain = {
          renewedBy: latest,
          validUntil: chain.validUntil ?? validUntil,
          count: chain.count + 1,
        };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        fault ??= error.fault;
        chain = NOT_RENEWED;
      }
    }
    return { ...chain, fault };
  }

  /** What a renewal stamps. */
  #renewedRoot({ size, index, path, renewedCrls }: Renewal, before: KeptToken): Uint8Array {
    const { sha256 } = this.#input;
    if (index >= size || path.length !== inclusionPathLength(index, size))
      throw new Refusal('renewal_path_mismatch', 'the path of a renewal has another length');
    const leaf = leafHash(renewedBytes(before, renewedCrls), sha256);
    return rootFromInclusionPath(leaf, index, size, path, sha256);
  }

  /** @param next the renewal of this token, whose lists speak of it whether it counts or not */
  #stamp(
    { token, crls }: KeptToken,
    next: Renewal | undefined,
    message: Uint8Array,
    { renewedBy }: RenewalChain,
  ): TimeStamp {
    this.#countStamp();
    const existedBy = renewedBy ?? this.#input.now;
    const verdict = verifyToken({
      token,
      stamped: { message },
      roots: this.#roots,
      crls: [...(this.#input.crls ?? []), ...crls, ...(next?.renewedCrls ?? [])],
      ...(existedBy === undefined ? {} : { existedBy }),
    });
    if (!verdict.counts) throw new Refusal(verdict.fault, verdict.message);
    if (renewedBy !== null && renewedBy < verdict.stamp.time)
      throw new Refusal('renewal_too_early', 'it is younger than what renews it');
    return verdict.stamp;
  }

  #judgeBitcoin(anchor: BitcoinAnchor): AnchorVerdict {
    const message = this.#requireNote(anchor);
    const { pins } = this.#trust;
    if (pins.length === 0) throw new Refusal('untrusted_source', 'you trust no headers of Bitcoin');
    this.#countStamp();
    const { header, height, headerPath: path, following } = anchor;
    const placed = { header, height, path, following };
    const verdict = verifyBitcoinAnchor(this.#input.sha256(message), anchor.ots, placed, pins, this.#network);
    if (!verdict.ok) throw new Refusal(verdict.fault, MESSAGES[verdict.fault]);
    const { noLaterThan: time, standing } = verdict;
    const basis: AnchorBasis = { type: 'block', height, standing };
    return { counts: true, source: BITCOIN, owner: BITCOIN, bound: 'notAfter', time, basis };
  }

  #judgeBeacons({ statement, headerPath }: BeaconAnchor): AnchorVerdict[] {
    if (!equal(stateHash(statement), this.#input.proof.block.header.state))
      throw new Refusal('statement_mismatch', 'it is not the state statement of the block');
    const beacons = beaconsOf(statement);
    if (beacons.length === 0) throw new Refusal('no_beacon', 'the state statement names no beacon');
    return beacons.map((beacon) => this.#judgeBeacon(beacon, headerPath));
  }

  #judgeBeacon(beacon: Beacon, headerPath: readonly Uint8Array[]): AnchorVerdict {
    const { pins, chains } = this.#trust;
    const { type: source } = beacon;
    if (source === 'bitcoin' ? pins.length === 0 : chains.length === 0)
      return refused(
        'untrusted_source',
        `you trust no ${source === 'bitcoin' ? 'headers of Bitcoin' : 'drand chain'}`,
      );
    const trust = { pins, chains, network: this.#network };
    const known = source === 'drand' ? this.#drand : null;
    const verdict = known ?? judgeBeacon(beacon, trust, headerPath);
    if (source === 'drand') this.#drand = verdict;
    if (!verdict.ok) return refused(verdict.fault, MESSAGES[verdict.fault]);
    const { notBefore: time, standing } = verdict;
    return {
      counts: true,
      source,
      owner: source,
      bound: 'notBefore',
      time,
      basis: basisOf(beacon, standing),
    };
  }
}

/** Renewals that count, up to the last. */
interface RenewalChain {
  /** When the token before the first of them existed, milliseconds since the Unix epoch; null: none. */
  readonly renewedBy: number | null;
  /** Of the last of them. */
  readonly validUntil: number | null;
  readonly count: number;
}

const NOT_RENEWED: RenewalChain = { renewedBy: null, validUntil: null, count: 0 };

function beaconsOf(statement: string): readonly Beacon[] {
  try {
    return parseStatement(statement).beacons;
  } catch (error) {
    if (error instanceof TimeError) throw new Refusal(error.code, error.message);
    throw error;
  }
}

function basisOf(beacon: Beacon, standing: HeaderStanding | null): AnchorBasis {
  if (beacon.type === 'drand') return { type: 'round', round: beacon.round };
  if (standing === null) throw new RangeError('a Bitcoin header stands by a pin or by its work');
  return { type: 'block', height: beacon.height, standing };
}

/** Without full stops. */
const MESSAGES: Readonly<Record<BitcoinAnchorFault | BeaconFault, string>> = {
  malformed_ots: 'its OpenTimestamps file cannot be read',
  malformed_bitcoin_header: 'a header of Bitcoin cannot be read',
  malformed_header_archive: 'an archive of headers cannot be read',
  malformed_drand: 'the drand round cannot be read',
  malformed_state: 'the state statement cannot be read',
  digest_mismatch: 'its OpenTimestamps file is of something else',
  no_attestation: 'its OpenTimestamps file names no Bitcoin block at this height',
  merkle_root_mismatch: 'its OpenTimestamps file does not lead to this header of Bitcoin',
  proof_of_work: 'a header of Bitcoin does not have the work that it claims',
  broken_link: 'the headers of Bitcoin do not follow each other',
  wrong_target: 'the headers of Bitcoin change their difficulty as they must not',
  not_in_pinned_tree: 'this header of Bitcoin is not among those that you trust',
  too_little_work: 'this header of Bitcoin is so easy that anybody could have made it',
  unknown_chain: 'it names a drand chain that you do not trust',
  bad_signature: 'the signature of the drand round is invalid',
};

function refused(fault: AnchorFault, message: string): AnchorVerdict {
  return { counts: false, fault, message };
}
