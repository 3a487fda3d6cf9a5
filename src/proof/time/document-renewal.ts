import { sha3_512 } from '@noble/hashes/sha3.js';
import { concat, equal, utf8 } from '../bytes.js';
import { encodeEntry } from '../entry.js';
import { ProofError } from '../errors.js';
import { encodeHeader } from '../header.js';
import type { Policy } from '../policy.js';
import { parseProof, PENDING_FORMAT, type ProofFile } from '../proof-file.js';
import { type DocumentFacts, type Primitives, verify } from '../verify.js';
import { DOCUMENT_RENEWAL, readDocumentRenewal, type Anchor, type DocumentRenewal } from './anchor.js';
import { judgeAnchors } from './anchors.js';
import { parseSignedToken } from './cms.js';
import type { TokenFault } from './refusal.js';
import { signatureDigest } from './signature.js';
import { verifyToken, type TimeStamp } from './token.js';
import { NO_TIME_TRUST } from './trust.js';
import type { Certificate } from './x509.js';

/**
 * Document renewals (docs/proof-format-time.md): tokens that rest on SHA-512 and SHA3-512 alone, and are over the
 * document itself and over a whole proof. They are for the day on which SHA-256 is weak. Pure and synchronous.
 */

/** Why one does not count. A closed union; scripts may depend on it. */
export type DocumentRenewalFault =
  | 'malformed_anchor'
  | 'too_many' // more than are looked at in one proof
  | 'document_missing' // not checked
  | 'untrusted_source' // the policy names no time-stamping authority
  | 'rests_on_sha256'
  | 'other_proof' // it is over the proof of another notarization
  | 'proof_not_verified' // what it is over was not verified at its time
  | TokenFault;

export type JudgedDocumentRenewal = {
  /** The anchor's place in the proof. */
  readonly index: number;
} & DocumentRenewalVerdict;

type DocumentRenewalVerdict =
  | {
      readonly counts: true;
      /** The name of the authority in the policy. */
      readonly source: string;
      /** Document and proof existed together by this time, in milliseconds since the Unix epoch. */
      readonly time: number;
    }
  /** `message`: one English sentence without its full stop. */
  | { readonly counts: false; readonly fault: DocumentRenewalFault; readonly message: string };

/** The verifier's own document. */
export interface RenewedDocument extends DocumentFacts {
  /** SHA3-512, 64 bytes. */
  readonly sha3: Uint8Array;
}

export interface DocumentRenewalInput {
  readonly proof: ProofFile;
  /** null: it is not at hand, and nothing can be checked. */
  readonly document: RenewedDocument | null;
  readonly policy: Policy | null;
  /** The current time, milliseconds since the Unix epoch. */
  readonly now: number;
  /** DER of revocation lists beside those in the proof, from anybody. */
  readonly crls?: readonly Uint8Array[];
  readonly primitives?: Primitives;
}

const PREFIX = utf8('ingam/document-renewal/v1\n');

/**
 * What the token is over.
 * @param sha3 SHA3-512 of the document, 64 bytes
 * @param proof the bytes of the proof file
 */
export function documentRenewalBytes(sha3: Uint8Array, proof: Uint8Array): Uint8Array {
  return concat(PREFIX, sha3, sha3_512(proof));
}

/** Of one proof, those in the proofs that they are over included: bounds what a hostile proof can cost. */
const MAX_RENEWALS = 8;

/** Judges each alone. None changes the verdict on the proof. Never throws for what comes from parseProof. */
export function judgeDocumentRenewals(input: DocumentRenewalInput): JudgedDocumentRenewal[] {
  return judgeAll(input, { looked: 0 });
}

/** Thrown and caught in this file. */
class Refusal extends Error {
  readonly fault: DocumentRenewalFault;

  constructor(fault: DocumentRenewalFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

function judgeAll(input: DocumentRenewalInput, budget: { looked: number }): JudgedDocumentRenewal[] {
  return input.proof.anchors.flatMap((anchor, index) =>
    anchor.type === DOCUMENT_RENEWAL ? [{ index, ...verdictOn(anchor, input, budget) }] : [],
  );
}

function verdictOn(
  anchor: Anchor,
  input: DocumentRenewalInput,
  budget: { looked: number },
): DocumentRenewalVerdict {
  try {
    return judge(readDocumentRenewal(anchor), input, budget);
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof Refusal) return { counts: false, fault: error.fault, message };
    if (error instanceof ProofError) return { counts: false, fault: 'malformed_anchor', message };
    throw error;
  }
}

function judge(
  renewal: DocumentRenewal,
  { proof, document, policy, now, crls = [], primitives }: DocumentRenewalInput,
  budget: { looked: number },
): DocumentRenewalVerdict {
  budget.looked++;
  if (budget.looked > MAX_RENEWALS)
    throw new Refusal('too_many', `more than ${MAX_RENEWALS} document renewals of a proof are not looked at`);
  if (document === null)
    throw new Refusal('document_missing', 'it was not checked, because the document is not at hand');
  const { authorities } = policy?.time ?? NO_TIME_TRUST;
  if (authorities.length === 0) throw new Refusal('untrusted_source', 'you trust no time-stamping authority');
  const roots = authorities.flatMap((authority) => authority.roots);
  const stamp = requireStamp(renewal, document.sha3, { roots, crls, existedBy: now });
  const root = stamp.chain.at(-1);
  const source = authorities.find((authority) =>
    authority.roots.some(({ der }) => root !== undefined && equal(der, root.der)),
  );
  if (source === undefined) throw new Refusal('untrusted_root', 'its chain ends in no pinned certificate');

  const covered = parseProof(renewal.proof);
  if (covered.format === PENDING_FORMAT || !isOfSameEntry(covered, proof))
    throw new Refusal('other_proof', 'it is over the proof of another notarization');
  const then = stamp.latest;
  const { verdict } = verify({
    ...{ proof: covered, document, policy, time: { judge: judgeAnchors, now: then, crls } },
    ...(primitives && { primitives }),
  });
  if (verdict !== 'verified')
    throw new Refusal('proof_not_verified', 'the proof that it is over was not verified at its time');
  // The renewals before are judged as of this one: so one may follow when SHA-512 or their authority's key is weak.
  const before = judgeAll(
    { proof: covered, document, policy, now: then, crls, ...(primitives && { primitives }) },
    budget,
  );
  const times = before.flatMap((each) => (each.counts ? [each.time] : []));
  return { counts: true, source: source.name, time: Math.min(then, ...times) };
}

const isOfSameEntry = (one: ProofFile, other: ProofFile) =>
  equal(encodeEntry(one.entry), encodeEntry(other.entry)) &&
  equal(encodeHeader(one.block.header), encodeHeader(other.block.header));

interface StampInput {
  readonly roots: readonly Certificate[];
  readonly crls: readonly Uint8Array[];
  /** When the token is known to have existed, milliseconds since the Unix epoch. */
  readonly existedBy: number;
}

/**
 * Why the token of a document renewal does not count, whatever the proof under it is worth; null: it counts.
 * @param sha3 SHA3-512 of the document, 64 bytes
 */
export function documentRenewalFault(
  renewal: DocumentRenewal,
  sha3: Uint8Array,
  input: StampInput,
): string | null {
  try {
    requireStamp(renewal, sha3, input);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

/** @throws {Refusal} */
function requireStamp(
  { proof, token, crls }: DocumentRenewal,
  sha3: Uint8Array,
  input: StampInput,
): TimeStamp {
  const verdict = verifyToken({
    ...{ token, stamped: { message: documentRenewalBytes(sha3, proof) }, roots: input.roots },
    ...{ crls: [...input.crls, ...crls], existedBy: input.existedBy },
  });
  if (!verdict.counts) throw new Refusal(verdict.fault, verdict.message);
  const { stamp } = verdict;
  if (stamp.digest !== 'sha512') throw new Refusal('rests_on_sha256', 'its imprint is not by SHA-512');
  const { algorithm, digest } = parseSignedToken(token).signer;
  if (signatureDigest(algorithm, digest).name === 'sha256')
    throw new Refusal('rests_on_sha256', 'its signature rests on SHA-256');
  // The last one is pinned: its own signature does not matter.
  const signed = stamp.chain.slice(0, -1);
  if (signed.some(({ signatureAlgorithm }) => signatureDigest(signatureAlgorithm, null).name === 'sha256'))
    throw new Refusal('rests_on_sha256', 'a certificate of its authority rests on SHA-256');
  return stamp;
}
