import { describe, equal, toHex } from './bytes.js';
import { accountTagOf, detailsDigestOf, entryLeafHash } from './entry.js';
import { type Sha256, PORTABLE, type Primitives } from './hash.js';
import { headerHashes, leadingZeroBits } from './header.js';
import { inclusionPathLength, rootFromInclusionPath } from './merkle.js';
import { checkSignature, formatVerifierKey, type VerifierKey, type VerifyEd25519 } from './note.js';
import { logKeysFor, quorumHolds, type Policy } from './policy.js';
import { PENDING_FORMAT, type PendingProof, type ProofFile } from './proof-file.js';
import {
  failed,
  formatTime,
  held,
  mismatch,
  skipped,
  StepList,
  type FailureCode,
  type Step,
  type StepResult,
} from './verdict.js';
import { checkReceipt, checkReceiptSignature } from './receipt.js';

/** The document as the verifier has it. */
export interface DocumentFacts {
  /** SHA-256, 32 bytes. */
  readonly sha256: Uint8Array;
  /** Length in bytes; absent when the verifier has only a digest. */
  readonly size?: number;
}

export interface VerifyInput {
  readonly proof: ProofFile | PendingProof;
  /** null: the proof is checked for the digest that it names itself. */
  readonly document: DocumentFacts | null;
  /** Whom the verifier believes; null: nobody, and then the verdict is never `verified`. */
  readonly policy: Policy | null;
  /** Keys that are believed for receipts, which only pending proofs carry. */
  readonly receiptKeys?: readonly VerifierKey[];
  /** Faster ones, where there are some. */
  readonly primitives?: Primitives;
}

/**
 * verified: no step failed. invalid: something in the proof is wrong. untrusted: the proof holds together, but those whom
 * the verifier believes do not vouch for it: no trusted log, or too few cosignatures. pending: accepted, not yet sealed.
 */
export type Verdict = 'verified' | 'invalid' | 'untrusted' | 'pending';

export interface Verification {
  readonly verdict: Verdict;
  readonly steps: readonly Step[];
  /** Witnesses of the policy whose cosignatures held, with the time each states, in seconds since the Unix epoch. */
  readonly cosignatures: readonly { readonly witness: string; readonly time: number }[];
}

/** What is missing is trust, not truth: another verifier, or more cosignatures, may make these proofs verified. */
const TRUST_CODES: readonly (FailureCode | null)[] = ['no_trusted_key', 'untrusted_log', 'quorum_missing'];

/**
 * docs/proof-format.md, "Verification": the steps have the numbers they have there. Does no I/O, and never throws for what
 * parseProof, parsePolicy and parseVerifierKey give.
 */
export function verify(input: VerifyInput): Verification {
  const { proof, document, policy, primitives = PORTABLE } = input;
  const { sha256, verifyEd25519 } = primitives;
  const steps = new StepList();
  const leaf = entryLeafHash(proof.entry, sha256);
  steps.add(1, 'document', checkDocument(proof, document));
  steps.add(2, 'entry', checkEntry(proof, leaf));
  steps.add(3, 'disclosure', checkDisclosure(proof));
  if (proof.format === PENDING_FORMAT) {
    steps.add(4, 'receipt', checkReceipt(proof, leaf));
    steps.add(5, 'receipt_signature', checkReceiptSignature(proof, input.receiptKeys ?? [], verifyEd25519));
    return { verdict: steps.failed ? 'invalid' : 'pending', steps: steps.all, cosignatures: [] };
  }
  const hashes = headerHashes(proof.block.header, sha256);
  steps.add(4, 'block', checkBlock(proof, leaf, sha256));
  steps.add(5, 'proof_of_work', checkProofOfWork(proof, hashes.block));
  steps.add(6, 'time', checkTime(proof));
  steps.add(7, 'log', checkLog(proof, hashes.leaf, sha256));
  steps.add(8, 'log_signature', checkLogSignature(proof, policy, verifyEd25519));
  const cosigned = checkCosignatures(proof, policy, verifyEd25519);
  steps.add(9, 'cosignatures', cosigned.result);
  const onlyTrustMissing = steps.failures.every(({ code }) => TRUST_CODES.includes(code));
  return {
    verdict: !steps.failed ? 'verified' : onlyTrustMissing ? 'untrusted' : 'invalid',
    steps: steps.all,
    cosignatures: cosigned.good,
  };
}

function checkDocument(
  { document: claim }: ProofFile | PendingProof,
  document: DocumentFacts | null,
): StepResult {
  if (document === null)
    return skipped('No document was given: the proof is checked for the digest it names.');
  if (!equal(document.sha256, claim.sha256)) {
    return mismatch(
      'document_digest_mismatch',
      'This is not the document of the proof: its SHA-256 differs.',
      {
        expected: toHex(claim.sha256),
        computed: toHex(document.sha256),
      },
    );
  }
  if (document.size !== undefined && claim.size !== undefined && document.size !== claim.size) {
    return mismatch('document_size_mismatch', 'The document has another length than the proof says.', {
      expected: String(claim.size),
      computed: String(document.size),
    });
  }
  return held('The document has the SHA-256 that the proof is for.', toHex(claim.sha256));
}

function checkEntry({ document, entry }: ProofFile | PendingProof, leaf: Uint8Array): StepResult {
  if (!equal(entry.digest, document.sha256)) {
    return mismatch('entry_digest_mismatch', 'The entry stands for another document.', {
      expected: toHex(document.sha256),
      computed: toHex(entry.digest),
    });
  }
  if (entry.size !== (document.size ?? null)) {
    return mismatch('entry_size_mismatch', 'The entry records another length of the document.', {
      expected: String(document.size ?? 'unknown'),
      computed: String(entry.size ?? 'unknown'),
    });
  }
  return held('The entry records this digest.', toHex(leaf));
}

function checkDisclosure({ entry, details, account }: ProofFile | PendingProof): StepResult {
  if (details === undefined && account === undefined)
    return skipped('No details and no account are disclosed.');
  if (details !== undefined) {
    const computed = detailsDigestOf(entry.salt, details);
    if (!equal(computed, entry.detailsDigest)) {
      return mismatch('details_mismatch', 'The details are not those that were notarized.', {
        expected: toHex(entry.detailsDigest),
        computed: toHex(computed),
      });
    }
  }
  if (account !== undefined) {
    const computed = accountTagOf(entry.salt, account);
    if (!equal(computed, entry.accountTag)) {
      return mismatch('account_mismatch', 'The entry was not made by this account.', {
        expected: toHex(entry.accountTag),
        computed: toHex(computed),
      });
    }
  }
  return held('What is disclosed is what was notarized.');
}

function checkBlock({ block }: ProofFile, leaf: Uint8Array, sha256: Sha256): StepResult {
  const { header, index, path } = block;
  if (index >= header.entryCount) {
    return mismatch('index_outside_block', 'The entry is said to stand beyond the end of its block.', {
      expected: `below ${header.entryCount}`,
      computed: String(index),
    });
  }
  const length = inclusionPathLength(index, header.entryCount);
  if (path.length !== length) {
    return mismatch('block_path_length', 'The path through the block has the wrong length.', {
      expected: String(length),
      computed: String(path.length),
    });
  }
  const root = rootFromInclusionPath(leaf, index, header.entryCount, path, sha256);
  return equal(root, header.merkleRoot)
    ? held(`The entry is number ${index + 1} of ${header.entryCount} in block ${header.height}.`, toHex(root))
    : mismatch('merkle_root_mismatch', 'The path does not lead from the entry to the root of the block.', {
        expected: toHex(header.merkleRoot),
        computed: toHex(root),
      });
}

function checkProofOfWork({ block: { header } }: ProofFile, hash: Uint8Array): StepResult {
  return leadingZeroBits(hash) >= header.difficulty
    ? held(`The hash of the block begins with ${header.difficulty} zero bits.`, toHex(hash))
    : mismatch('proof_of_work_missing', 'The hash of the block lacks the zeros that its header claims.', {
        expected: `${header.difficulty} zero bits`,
        computed: toHex(hash),
      });
}

function checkTime({ entry, block: { header } }: ProofFile): StepResult {
  return entry.acceptedAt <= header.sealedAt
    ? held(`Accepted ${formatTime(entry.acceptedAt)}, sealed ${formatTime(header.sealedAt)}.`)
    : mismatch('sealed_before_accepted', 'The block was sealed before the entry was accepted.', {
        expected: `not before ${formatTime(entry.acceptedAt)}`,
        computed: formatTime(header.sealedAt),
      });
}

function checkLog({ block: { header }, log }: ProofFile, leaf: Uint8Array, sha256: Sha256): StepResult {
  const { size, root: signedRoot } = log.checkpoint;
  if (header.height >= size) {
    return mismatch('height_outside_log', 'The checkpoint is older than the block.', {
      expected: `more than ${header.height} blocks`,
      computed: String(size),
    });
  }
  const length = inclusionPathLength(header.height, size);
  if (log.path.length !== length) {
    return mismatch('log_path_length', 'The path through the log has the wrong length.', {
      expected: String(length),
      computed: String(log.path.length),
    });
  }
  const root = rootFromInclusionPath(leaf, header.height, size, log.path, sha256);
  return equal(root, signedRoot)
    ? held(
        `Block ${header.height} is in the log, which has ${size} ${size === 1 ? 'block' : 'blocks'}.`,
        toHex(root),
      )
    : mismatch('log_root_mismatch', 'The path does not lead from the block to the root of the log.', {
        expected: toHex(signedRoot),
        computed: toHex(root),
      });
}

function checkLogSignature(
  { log }: ProofFile,
  policy: Policy | null,
  verifyEd25519: VerifyEd25519,
): StepResult {
  const { origin, size } = log.checkpoint;
  if (policy === null || policy.logs.length + policy.retired.length === 0) {
    return failed('no_trusted_key', 'No trusted key was given, so nobody vouches for the log.');
  }
  // A valid signature of another log is not enough: the key must be the one of the log that the checkpoint names.
  const checks = logKeysFor(policy, origin, size).map((key) => ({
    key,
    ...checkSignature(log.note, key, verifyEd25519),
  }));
  if (checks.some(({ state }) => state === 'bad')) {
    return failed(
      'bad_log_signature',
      `The signature of ${describe(origin)} on the checkpoint does not hold.`,
    );
  }
  const good = checks.find(({ state }) => state === 'good');
  return good === undefined
    ? failed('untrusted_log', `The log ${describe(origin)} is not signed by any key that you trust.`)
    : held(`The checkpoint is signed by ${describe(origin)}.`, formatVerifierKey(good.key));
}

function checkCosignatures({ log }: ProofFile, policy: Policy | null, verifyEd25519: VerifyEd25519) {
  const checks = [...(policy?.witnesses ?? [])].map(([witness, key]) => ({
    witness,
    ...checkSignature(log.note, key, verifyEd25519),
  }));
  const good = checks.flatMap((check) =>
    check.state === 'good' && check.time !== null ? [{ witness: check.witness, time: check.time }] : [],
  );
  const bad = checks.filter(({ state }) => state === 'bad').map(({ witness }) => witness);
  const names = good.map(({ witness }) => witness).join(', ');
  const result =
    bad.length > 0
      ? failed('bad_cosignature', `The cosignature of ${bad.join(', ')} does not hold.`)
      : policy === null || policy.quorum === null
        ? skipped('The trust policy asks for no cosignatures.')
        : quorumHolds(policy, new Set(good.map(({ witness }) => witness)))
          ? held(`The quorum has cosigned: ${names}.`)
          : failed('quorum_missing', `Too few witnesses have cosigned: ${names === '' ? 'none' : names}.`);
  return { result, good };
}
