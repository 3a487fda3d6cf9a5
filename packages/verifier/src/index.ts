/**
 * Verifies proofs and histories of records without any service: bytes in, verdict out; no network, no files. The
 * formats are specified in docs/proof-format.md and docs/record-files.md of Ingam.
 */
import {
  formatTime,
  type JsonObject,
  parsePolicy,
  parseProofOrCertificate,
  parseVerifierKey,
  PENDING_FORMAT,
  type PendingProof,
  type Policy,
  policyOfKeys,
  type ProofFile,
  type TimeReport,
  timeReport,
  toHex,
  utf8,
  type Verification,
  verify,
} from '../../../src/proof/index.js';
import { eventNaming } from '../../../src/proof/records/event-naming.js';
import { parseHistory } from '../../../src/proof/records/history-file.js';
import { historyReport } from '../../../src/proof/records/history-report.js';
import { verifyHistory as judgeHistory } from '../../../src/proof/records/history.js';
import { judgeAnchors } from '../../../src/proof/time/anchors.js';
import { type DocumentSource, hashDocument } from './document.js';

export * from '../../../src/proof/index.js';
export type {
  HistoryInput,
  HistoryStep,
  HistoryVerdict,
  HistoryVerification,
} from '../../../src/proof/records/history.js';
export { historyReport, judgeAnchors, judgeHistory };
export { type BlobLike, type DocumentDigest, type DocumentSource, hashDocument } from './document.js';

interface Question {
  readonly document?: DocumentSource;
  /**
   * Whom you trust: the text of a trust policy (that of `ingam trust`, or `policy` of GET /v1/chain), a verifier key
   * of the log, or what `parsePolicy` made of one. Take it from the service once, by a way that you trust, and keep
   * it. null: nobody, so the verdict is never `verified`.
   */
  readonly policy: string | Policy | null;
  /** In milliseconds since the Unix epoch: certificates of time-stamps are judged as of now. Default: the clock. */
  readonly now?: number;
  /** DER of revocation lists beside those in the file. */
  readonly revocationLists?: readonly Uint8Array[];
}

export interface ProofQuestion extends Question {
  /** The proof file, or the PDF certificate that carries it. */
  readonly proof: Uint8Array | string;
  /** Verifier keys for receipts, which only pending proofs have: `receiptKeys` of GET /v1/chain. */
  readonly receiptKeys?: readonly string[];
}

export interface ProofAnswer extends Pick<Verification, 'verdict' | 'steps' | 'cosignatures'> {
  /** Digest of the document that the proof is about, in hexadecimal. */
  readonly sha256: string;
  /** When the service accepted it, by its own clock: RFC 3339. */
  readonly acceptedAt: string;
  /** When the block was sealed, by the service's own clock: RFC 3339. null: it is not sealed yet. */
  readonly sealedAt: string | null;
  /** What independent sources show of the time. null: the proof is pending. */
  readonly time: TimeReport | null;
  /** The details that the proof discloses. */
  readonly details: JsonObject | null;
  readonly proof: ProofFile | PendingProof;
}

/**
 * Judges a proof by the steps of docs/proof-format.md. Without `document`, for the digest that the proof names.
 * @throws {ProofError} when the proof, the policy or a key is malformed, with the reason in `code`; whatever reading
 * the document throws
 */
export async function verifyProof(question: ProofQuestion): Promise<ProofAnswer> {
  const { document, receiptKeys = [] } = question;
  const proof = parseProofOrCertificate(bytesOf(question.proof));
  const policy = policyOf(question.policy);
  const { verdict, steps, cosignatures, time } = verify({
    proof,
    document: document === undefined ? null : await hashDocument(document),
    policy,
    receiptKeys: receiptKeys.map(parseVerifierKey),
    time: timeOf(question),
  });
  const sealed = proof.format === PENDING_FORMAT ? null : proof.block.header.sealedAt;
  return {
    verdict,
    sha256: toHex(proof.document.sha256),
    acceptedAt: formatTime(proof.entry.acceptedAt),
    sealedAt: sealed === null ? null : formatTime(sealed),
    steps,
    cosignatures,
    time: timeReport(time, policy),
    details: proof.details ?? null,
    proof,
  };
}

export interface HistoryQuestion extends Question {
  /** The history file. */
  readonly history: Uint8Array | string;
}

export type HistoryAnswer = ReturnType<typeof historyReport> & {
  /** The first event that states the digest of `document`. null: none does, or there is no document. */
  readonly namedByEvent: number | null;
};

/**
 * Judges the history of a record by the steps of docs/record-files.md.
 * @throws {ProofError} when the history or the policy is malformed, with the reason in `code`; whatever reading the
 * document throws
 */
export async function verifyHistory(question: HistoryQuestion): Promise<HistoryAnswer> {
  const { document } = question;
  const history = parseHistory(bytesOf(question.history));
  const policy = policyOf(question.policy);
  const facts = document === undefined ? null : await hashDocument(document);
  const verification = judgeHistory({ history, policy, time: timeOf(question) });
  return {
    ...historyReport(verification, policy),
    namedByEvent: facts === null ? null : eventNaming(verification, facts.sha256),
  };
}

function bytesOf(file: Uint8Array | string): Uint8Array {
  return typeof file === 'string' ? utf8(file) : file;
}

function policyOf(policy: string | Policy | null): Policy | null {
  if (typeof policy !== 'string') return policy;
  // A verifier key has no white space; a policy that trusts anybody has.
  return /^\S+$/.test(policy.trim()) ? policyOfKeys([parseVerifierKey(policy.trim())]) : parsePolicy(policy);
}

function timeOf({ now = Date.now(), revocationLists = [] }: Question) {
  return { judge: judgeAnchors, now, crls: revocationLists };
}
