import { describe, equal, toHex } from './bytes.js';
import { printable } from './errors.js';
import { accountTagOf, detailsDigestOf, entryLeafHash, type Entry } from './entry.js';
import { headerHashes, leadingZeroBits, type Header } from './header.js';
import { inclusionPathLength, rootFromInclusionPath } from './merkle.js';
import { checkCosignature, checkSignature } from './note-signature.js';
import { logKeysFor, type Policy, quorumHolds } from './policy.js';
import { sha256, type Sha256 } from './hash.js';
import { PENDING_FORMAT, type PendingProof, type ProofFile } from './proof-file.js';
import { isReceiptKeyType, shownKey, type VerifierKey } from './verifier-key.js';
import { failed, mismatch, passed, skipped, StepList, type StepResult } from './step.js';
import { PORTABLE_VERIFIERS, type Verifiers } from './verifiers.js';
import { NO_FINDINGS, type JudgeAnchors, type TimeFindings } from './time/findings.js';

/** The functions that verification rests on. All implementations give the same results. */
export interface Primitives extends Verifiers {
  readonly sha256: Sha256;
}

/** In plain JavaScript, for every platform. */
export const PORTABLE: Primitives = { sha256, ...PORTABLE_VERIFIERS };

/** The verifier's own document. */
export interface DocumentFacts {
  /** SHA-256, 32 bytes. */
  readonly sha256: Uint8Array;
  /** In bytes; absent when the verifier has only the digest. */
  readonly size?: number;
}

export interface TimeInput {
  /** `judgeAnchors` of time/anchors.ts, whose code takes longer to load than all other verification. */
  readonly judge: JudgeAnchors;
  /** The current time, milliseconds since the Unix epoch. */
  readonly now?: number;
  /** DER of revocation lists beside those in the proof, from anybody. */
  readonly crls?: readonly Uint8Array[];
}

export interface VerifyInput {
  readonly proof: ProofFile | PendingProof;
  /** null: no document; the proof is checked for the digest that it names. */
  readonly document: DocumentFacts | null;
  /** The logs and witnesses that the verifier trusts; null: none, so the verdict is never `verified`. */
  readonly policy: Policy | null;
  /** Absent: the anchors of the proof are not looked at, and none counts. */
  readonly time?: TimeInput;
  /** Keys trusted for receipts, which only pending proofs have. */
  readonly receiptKeys?: readonly VerifierKey[];
  /** Faster implementations, where the platform has them. */
  readonly primitives?: Primitives;
}

/**
 * - verified: no step failed.
 * - invalid: something in the proof is wrong.
 * - untrusted: the proof is consistent, but not vouched for by those the verifier trusts: no trusted log
 *   signed it, or too few witnesses cosigned it.
 * - pending: accepted, not sealed yet.
 */
export type Verdict = 'verified' | 'invalid' | 'untrusted' | 'pending';

export interface Verification {
  readonly verdict: Verdict;
  readonly steps: readonly Step[];
  /**
   * The policy's witnesses with a valid cosignature, but for the log itself, and the time that each states, in
   * seconds since the Unix epoch.
   */
  readonly cosignatures: readonly { readonly witness: string; readonly time: number }[];
  /**
   * What the anchors show of the proof's block, which is not the document's when a step failed; null: they
   * were not looked at.
   */
  readonly time: TimeFindings | null;
}

/**
 * Before which time a cosigner signed. Cosigners state whole seconds, rounded down.
 * @param time as the cosigner states it, in seconds since the Unix epoch
 * @returns milliseconds since the Unix epoch
 */
export function cosignedBefore(time: number): number {
  return (time + 1) * 1000;
}

/** The steps of a verification (docs/proof-format.md, "Verification"). */
export type StepName =
  | 'document'
  | 'entry'
  | 'disclosure'
  | 'block'
  | 'proof_of_work'
  | 'time'
  | 'log'
  | 'log_signature'
  | 'cosignatures'
  | 'times'
  | 'receipt'
  | 'receipt_signature';

/** Why a step failed. Stable: scripts may depend on it. */
export type FailureCode =
  | 'document_digest_mismatch'
  | 'document_size_mismatch'
  | 'entry_digest_mismatch'
  | 'entry_size_mismatch'
  | 'details_mismatch'
  | 'account_mismatch'
  | 'index_outside_block'
  | 'block_path_length'
  | 'merkle_root_mismatch'
  | 'proof_of_work_missing'
  | 'sealed_before_accepted'
  | 'height_outside_log'
  | 'log_path_length'
  | 'log_root_mismatch'
  | 'no_trusted_key'
  | 'untrusted_log'
  | 'bad_log_signature'
  | 'bad_cosignature'
  | 'quorum_missing'
  | 'time_missing'
  | 'receipt_mismatch'
  | 'bad_receipt_signature';

export interface Step extends StepResult<FailureCode> {
  /** The step's number in docs/proof-format.md. */
  readonly number: number;
  readonly name: StepName;
}

interface SignedLog {
  readonly log: Pick<ProofFile['log'], 'checkpoint' | 'note'>;
}

type LogCode = 'no_trusted_key' | 'untrusted_log' | 'bad_log_signature';
type CosignatureCode = 'bad_cosignature' | 'quorum_missing';

/** Failures that another trust policy, or more cosignatures, can resolve. */
export const TRUST_CODES: readonly (string | null)[] = [
  'no_trusted_key',
  'untrusted_log',
  'quorum_missing',
  'time_missing',
];

/**
 * Judges a proof by the numbered steps of docs/proof-format.md, "Verification". All steps are taken, even
 * after one failed. Does no I/O. Never throws for input that comes from parseProof, parsePolicy and
 * parseVerifierKey.
 */
export function verify(input: VerifyInput): Verification {
  const { proof, document, policy, receiptKeys = [], primitives = PORTABLE } = input;
  const { sha256 } = primitives;
  const steps = new StepList<StepName, FailureCode>();
  const leaf = entryLeafHash(proof.entry, sha256);
  steps.add(1, 'document', checkDocument(proof, document));
  steps.add(2, 'entry', checkEntry(proof, leaf));
  steps.add(3, 'disclosure', checkDisclosure(proof));
  if (proof.format === PENDING_FORMAT) {
    steps.add(4, 'receipt', checkReceipt(proof, leaf, sha256));
    steps.add(5, 'receipt_signature', checkReceiptSignature(proof, receiptKeys, primitives));
    return { verdict: steps.failed ? 'invalid' : 'pending', steps: steps.all, cosignatures: [], time: null };
  }
  const hashes = headerHashes(proof.block.header, sha256);
  steps.add(4, 'block', checkBlock(proof.block, leaf, sha256));
  steps.add(5, 'proof_of_work', checkProofOfWork(proof.block.header, hashes.block));
  steps.add(6, 'time', checkTime(proof.entry, proof.block.header));
  steps.add(7, 'log', checkLog(proof.block.header, proof.log, hashes.leaf, sha256));
  steps.add(8, 'log_signature', checkLogSignature(proof, policy, primitives));
  const cosigned = checkCosignatures(proof, policy, primitives);
  steps.add(9, 'cosignatures', cosigned.result);
  const time = judgeTime(proof, input, primitives);
  steps.add(10, 'times', checkTimes(policy, time));
  const onlyTrustMissing = steps.failures.every(({ code }) => TRUST_CODES.includes(code));
  return {
    verdict: !steps.failed ? 'verified' : onlyTrustMissing ? 'untrusted' : 'invalid',
    steps: steps.all,
    cosignatures: cosigned.valid,
    time,
  };
}

// 1
function checkDocument(
  { document: claim }: ProofFile | PendingProof,
  document: DocumentFacts | null,
): StepResult<FailureCode> {
  if (document === null)
    return skipped('No document was given. The proof is checked for the fingerprint that it names.');
  if (!equal(document.sha256, claim.sha256)) {
    return mismatch('document_digest_mismatch', "Your document's fingerprint doesn't match the proof.", {
      expected: toHex(claim.sha256),
      computed: toHex(document.sha256),
    });
  }
  if (document.size !== undefined && claim.size !== undefined && document.size !== claim.size) {
    return mismatch('document_size_mismatch', "Your document's size doesn't match the proof.", {
      expected: String(claim.size),
      computed: String(document.size),
    });
  }
  return passed("Your document's fingerprint matches the proof.", toHex(claim.sha256));
}

// 2
function checkEntry(
  { document, entry }: ProofFile | PendingProof,
  leaf: Uint8Array,
): StepResult<FailureCode> {
  if (!equal(entry.digest, document.sha256)) {
    return mismatch('entry_digest_mismatch', 'The entry is for a different document.', {
      expected: toHex(document.sha256),
      computed: toHex(entry.digest),
    });
  }
  if (entry.size !== (document.size ?? null)) {
    return mismatch('entry_size_mismatch', 'The entry records a different file size.', {
      expected: String(document.size ?? 'unknown'),
      computed: String(entry.size ?? 'unknown'),
    });
  }
  return passed('The entry records this fingerprint.', toHex(leaf));
}

// 3
function checkDisclosure({ entry, details, account }: ProofFile | PendingProof): StepResult<FailureCode> {
  if (details === undefined && account === undefined)
    return skipped('The proof discloses no details and no organization.');
  if (details !== undefined) {
    const computed = detailsDigestOf(entry.salt, details);
    if (!equal(computed, entry.detailsDigest)) {
      return mismatch('details_mismatch', "The details don't match those that were notarized.", {
        expected: toHex(entry.detailsDigest),
        computed: toHex(computed),
      });
    }
  }
  if (account !== undefined) {
    const computed = accountTagOf(entry.salt, account);
    if (!equal(computed, entry.accountTag)) {
      return mismatch('account_mismatch', "The organization doesn't match the one that notarized.", {
        expected: toHex(entry.accountTag),
        computed: toHex(computed),
      });
    }
  }
  return passed('What the proof discloses matches what was notarized.');
}

// 4
export function checkBlock(
  { header, index, path }: ProofFile['block'],
  leaf: Uint8Array,
  sha256: Sha256,
): StepResult<FailureCode> {
  if (index >= header.entryCount) {
    return mismatch('index_outside_block', "The entry's index is beyond the end of its block.", {
      expected: `below ${header.entryCount}`,
      computed: String(index),
    });
  }
  const length = inclusionPathLength(index, header.entryCount);
  if (path.length !== length) {
    return mismatch('block_path_length', 'The inclusion path in the block has the wrong length.', {
      expected: String(length),
      computed: String(path.length),
    });
  }
  const root = rootFromInclusionPath(leaf, index, header.entryCount, path, sha256);
  return equal(root, header.merkleRoot)
    ? passed(
        `The entry is number ${index + 1} of ${header.entryCount} in block ${header.height}.`,
        toHex(root),
      )
    : mismatch('merkle_root_mismatch', "The inclusion path doesn't lead to the root of the block.", {
        expected: toHex(header.merkleRoot),
        computed: toHex(root),
      });
}

// 5
export function checkProofOfWork(header: Header, hash: Uint8Array): StepResult<FailureCode> {
  return leadingZeroBits(hash) >= header.difficulty
    ? passed(`The block hash begins with at least ${header.difficulty} zero bits.`, toHex(hash))
    : mismatch('proof_of_work_missing', 'The block hash has fewer zero bits than the block requires.', {
        expected: `${header.difficulty} zero bits`,
        computed: toHex(hash),
      });
}

// 6
export function checkTime(entry: Entry, header: Header): StepResult<FailureCode> {
  return entry.acceptedAt <= header.sealedAt
    ? passed(`Accepted ${formatTime(entry.acceptedAt)}, sealed ${formatTime(header.sealedAt)}.`)
    : mismatch('sealed_before_accepted', 'The block was sealed before the entry was accepted.', {
        expected: `not before ${formatTime(entry.acceptedAt)}`,
        computed: formatTime(header.sealedAt),
      });
}

// 7
export function checkLog(
  header: Header,
  log: Pick<ProofFile['log'], 'path' | 'checkpoint'>,
  leaf: Uint8Array,
  sha256: Sha256,
): StepResult<FailureCode> {
  const { size, root: signedRoot } = log.checkpoint;
  if (header.height >= size) {
    return mismatch('height_outside_log', 'The checkpoint is older than the block.', {
      expected: `more than ${header.height} blocks`,
      computed: String(size),
    });
  }
  const length = inclusionPathLength(header.height, size);
  if (log.path.length !== length) {
    return mismatch('log_path_length', 'The inclusion path in the log has the wrong length.', {
      expected: String(length),
      computed: String(log.path.length),
    });
  }
  const root = rootFromInclusionPath(leaf, header.height, size, log.path, sha256);
  return equal(root, signedRoot)
    ? passed(
        `The log of ${size} ${size === 1 ? 'block' : 'blocks'} contains block ${header.height}.`,
        toHex(root),
      )
    : mismatch('log_root_mismatch', "The inclusion path doesn't lead to the root of the log.", {
        expected: toHex(signedRoot),
        computed: toHex(root),
      });
}

// 8
export function checkLogSignature(
  { log }: SignedLog,
  policy: Policy | null,
  verifiers: Verifiers,
): StepResult<LogCode> {
  const { origin, size } = log.checkpoint;
  if (policy === null || policy.logs.length + policy.retired.length === 0)
    return failed('no_trusted_key', "No trusted key was given to check the chain's signature with.");
  // Only keys of the log that the checkpoint names: a signature of another trusted log would prove nothing.
  const checks = logKeysFor(policy, origin, size).map((key) => ({
    key,
    ...checkSignature(log.note, key, verifiers),
  }));
  if (checks.some(({ state }) => state === 'bad'))
    return failed('bad_log_signature', "The chain's signature is invalid.");
  const good = checks.find(({ state }) => state === 'good');
  return good === undefined
    ? failed('untrusted_log', `The chain ${describe(origin)} is not signed by a key that you trust.`)
    : passed(`The checkpoint is signed by ${describe(origin)}.`, shownKey(good.key));
}

// 9
export function checkCosignatures(
  { log }: SignedLog,
  policy: Policy | null,
  verifiers: Verifiers,
): { readonly result: StepResult<CosignatureCode>; readonly valid: Verification['cosignatures'] } {
  const checks = [...(policy?.witnesses ?? [])].map(([witness, key]) => ({
    witness,
    isLog: key.name === log.checkpoint.origin,
    ...checkCosignature(log.note, key, verifiers),
  }));
  const met = checks.filter(({ state }) => state === 'good').map(({ witness }) => witness);
  // What the log states of itself as a witness is no outside evidence of time.
  const valid = checks.flatMap(({ witness, isLog, ...check }) =>
    check.state === 'good' && check.time !== null && !isLog ? [{ witness, time: check.time }] : [],
  );
  const bad = checks.filter(({ state }) => state === 'bad').map(({ witness }) => witness);
  const names = met.join(', ');
  const result: StepResult<CosignatureCode> =
    bad.length > 0
      ? failed('bad_cosignature', `The cosignature of ${bad.join(', ')} is invalid.`)
      : policy === null || policy.quorum === null
        ? skipped('The trust policy requires no cosignatures.')
        : quorumHolds(policy, new Set(met))
          ? passed(`The quorum has cosigned: ${names}.`)
          : failed('quorum_missing', `There are too few cosignatures: ${names === '' ? 'none' : names}.`);
  return { result, valid };
}

// 10
function judgeTime(
  proof: ProofFile,
  { policy, time }: VerifyInput,
  primitives: Primitives,
): TimeFindings | null {
  if (proof.anchors.length === 0) return NO_FINDINGS;
  if (time === undefined) return null;
  const { judge, ...rest } = time;
  return judge({ proof, policy, ...rest, ...primitives });
}

function checkTimes(policy: Policy | null, time: TimeFindings | null): StepResult<FailureCode> {
  const least = policy?.time.least ?? null;
  if (least === null) return skipped('The trust policy requires no time sources.');
  const owners = time?.owners ?? [];
  const names = owners.length === 0 ? 'none' : owners.map(printable).join(', ');
  return owners.length >= least
    ? passed(`Independent sources have confirmed the time: ${names}.`)
    : mismatch('time_missing', `Too few independent sources have confirmed the time: ${names}.`, {
        expected: `${least} independent sources`,
        computed: String(owners.length),
      });
}

// 4 of a pending proof
function checkReceipt(
  { entry, receipt, index, path }: PendingProof,
  leaf: Uint8Array,
  sha256: Sha256,
): StepResult<FailureCode> {
  const { count } = receipt;
  const length = index < count ? inclusionPathLength(index, count) : null;
  if (length === null || path.length !== length) {
    return mismatch('receipt_mismatch', "The entry's place doesn't fit the receipt.", {
      expected: length === null ? `index below ${count}` : `${length} hashes`,
      computed: length === null ? String(index) : `${path.length} hashes`,
    });
  }
  const root = rootFromInclusionPath(leaf, index, count, path, sha256);
  if (!equal(root, receipt.root)) {
    return mismatch('receipt_mismatch', 'The receipt is not for this entry.', {
      expected: toHex(receipt.root),
      computed: toHex(root),
    });
  }
  if (receipt.acceptedAt !== entry.acceptedAt) {
    return mismatch('receipt_mismatch', 'The receipt and the entry state different times of acceptance.', {
      expected: formatTime(entry.acceptedAt),
      computed: formatTime(receipt.acceptedAt),
    });
  }
  return passed(`The receipt promises a seal by ${formatTime(receipt.deadline)}.`, toHex(root));
}

// 5 of a pending proof
function checkReceiptSignature(
  { note, receipt }: PendingProof,
  keys: readonly VerifierKey[],
  verifiers: Verifiers,
): StepResult<FailureCode> {
  const checks = keys
    .filter(({ type }) => isReceiptKeyType(type))
    .map((key) => checkSignature(note, key, verifiers));
  if (checks.some(({ state }) => state === 'bad'))
    return failed('bad_receipt_signature', "The receipt's signature is invalid.");
  return checks.some(({ state }) => state === 'good')
    ? passed(`The receipt is signed for the log ${describe(receipt.origin)}.`)
    : skipped('The receipt is not signed by a key that you trust.');
}

/** @param milliseconds since the Unix epoch */
export function formatTime(milliseconds: number): string {
  // A proof may state a time that Date cannot represent (after the year 275760).
  return milliseconds <= 8.64e15 ? new Date(milliseconds).toISOString() : `${milliseconds} ms`;
}
