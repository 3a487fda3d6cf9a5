import { stepFacts, type StepFacts } from '../messages/verification.js';
import {
  cosignedBefore,
  blockHash,
  type DocumentFacts,
  encodeHeader,
  formatVerifierKey,
  type Note,
  PENDING_FORMAT,
  type PendingProof,
  type Policy,
  type ProofFile,
  type Step,
  timeReport,
  toHex,
  USUAL_PROMISE_MS,
  type Verdict,
  type Verification,
} from '../proof/index.js';
import { formatTime, grouped, type Io, isoTime, printLine, printMarked, printNote } from './io.js';
import { type FileVerdict, verifyMessages } from './messages/verify.js';
import { type KeptReceipt, promiseSentences, receiptJson } from './receipt.js';
import { GREEN, painter, printSteps, RED, YELLOW } from './report.js';
import { timeSentences } from './time.js';
import type { Trust } from './trust-store.js';

// How `ingam verify` says what it found.

/** The result of a verification with its inputs, before formatting. */
export interface Outcome {
  readonly verification: Verification;
  readonly proof: ProofFile | PendingProof;
  readonly document: DocumentFacts;
  readonly trust: Trust;
  /** Whether the proof came out of a PDF, whose pages nobody has checked. */
  readonly fromCertificate?: boolean;
  /** A receipt that was kept, beside the proof. */
  readonly receipt?: KeptReceipt | null;
  /** Whether revocation lists were given. */
  readonly gaveLists?: boolean;
  readonly name: string;
  readonly proofPath: string;
}

/** The `--json` output. Keys are stable; new ones may be added. */
export function verificationJson(outcome: Outcome) {
  const { verification, proof, document, trust, name, proofPath, receipt = null } = outcome;
  const { verdict, steps, cosignatures } = verification;
  return {
    verdict,
    document: { name, sha256: toHex(document.sha256), size: document.size ?? null },
    proof: proofPath,
    acceptedAt: isoTime(proof.entry.acceptedAt),
    ...(proof.format === PENDING_FORMAT
      ? { sealedBy: isoTime(proof.receipt.deadline), origin: proof.receipt.origin }
      : {
          sealedAt: isoTime(proof.block.header.sealedAt),
          origin: proof.log.checkpoint.origin,
          position: proof.block.header.firstPosition + proof.block.index,
          block: {
            height: proof.block.header.height,
            hash: toHex(blockHash(encodeHeader(proof.block.header))),
          },
        }),
    ...(proof.details === undefined ? {} : { details: proof.details }),
    ...(proof.account === undefined ? {} : { account: proof.account }),
    trust: { source: trust.source, keys: (trust.policy?.logs ?? []).map(formatVerifierKey) },
    // Members state whole seconds, rounded down: the signature is from before `before`.
    cosignatures: cosignatures.map(({ witness, time }) => ({
      witness,
      before: isoTime(cosignedBefore(time)),
    })),
    ...(proof.format === PENDING_FORMAT ? {} : { time: timeReport(verification.time, trust.policy) }),
    ...(receipt === null ? {} : { promise: receiptJson(receipt) }),
    steps,
  };
}

/**
 * Prints the verdict as one line on stdout, and its meaning and the steps that failed on stderr.
 * @param verbose whether to show all steps
 */
export function printReport(outcome: Outcome, verbose: boolean, io: Io): void {
  const paint = painter(io);
  const { words } = verifyMessages();
  const { verdict } = outcome.verification;
  printMarked(
    io.stdout,
    words[wordOf(verdict)],
    paint(COLOURS[verdict]),
    `  ${outcome.name}: ${headline(outcome)}`,
  );
  printExplanation(outcome, verbose, io);
}

/** What the verdict means, the steps, and what to do next. */
export function printExplanation(outcome: Outcome, verbose: boolean, io: Io): void {
  const t = verifyMessages();
  const sentences = [
    ...meaning(outcome),
    ...(outcome.receipt == null ? [] : promiseSentences(outcome.receipt, outcome.proof, outcome.proofPath)),
    ...(outcome.fromCertificate === true ? [t.fromCertificate] : []),
  ];
  printNote(io, ...sentences);
  const facts = factsOf(outcome);
  const steps = outcome.verification.steps.map((step) => ({ ...step, message: t.step(step, facts) }));
  if (sentences.length > 0 && (verbose || firstFailure(steps) !== undefined)) printLine(io.stderr);
  printSteps(steps, verbose, io, painter(io));
  const advice = adviceFor(outcome);
  if (advice.length > 0) printLine(io.stderr);
  printNote(io, ...advice);
}

function factsOf({ verification, proof }: Pick<Outcome, 'verification' | 'proof'>): StepFacts {
  return stepFacts(proof, verification, { number: grouped, time: formatTime });
}

/** The word for a verdict, as for one of several files. */
export function wordOf(verdict: Verdict): Exclude<FileVerdict, 'no_proof' | 'no_document' | 'unreadable'> {
  return verdict === 'invalid' || verdict === 'untrusted' ? 'not_verified' : verdict;
}

const COLOURS: Readonly<Record<Verdict, number>> = {
  verified: GREEN,
  invalid: RED,
  untrusted: YELLOW,
  pending: YELLOW,
};

/** What is said of the verdict in one line. */
export function headline({ verification, proof }: Pick<Outcome, 'verification' | 'proof'>): string {
  const t = verifyMessages();
  switch (verification.verdict) {
    case 'verified':
      return sealedBy(proof, verification);
    case 'untrusted':
      return t.lacks[lacks(verification.steps)];
    case 'pending':
      return t.pendingShort;
    case 'invalid':
      return inShort(firstFailure(verification.steps));
  }
}

/** Who vouches for what: the headline of a verified proof. */
function sealedBy(proof: Outcome['proof'], { cosignatures, time }: Verification): string {
  if (proof.format === PENDING_FORMAT) throw new Error('a pending proof is never verified');
  const t = verifyMessages();
  const members = cosignatures.map(({ witness }) => witness);
  return [
    t.sealedBy(formatTime(proof.block.header.sealedAt), proof.log.checkpoint.origin),
    members.length === 0 ? t.notCosigned : t.cosigned(members.join(', ')),
    ...(time?.notAfter == null ? [] : [t.timed(time.owners.join(', '))]),
  ].join(', ');
}

/** Whether nobody but the log vouches for the time of a verified proof. */
export function isByLogAlone({ cosignatures, time }: Verification): boolean {
  return cosignatures.length === 0 && time?.notAfter == null;
}

/** What the log only stated: for the time before the seal nobody else vouches. */
function acceptance({ entry, block, log }: ProofFile, receipt: KeptReceipt | null): string {
  const t = verifyMessages();
  const { origin } = log.checkpoint;
  const delay = block.header.sealedAt - entry.acceptedAt;
  const time = formatTime(entry.acceptedAt);
  const isAnswered = receipt?.outcome === 'kept' || receipt?.outcome === 'late';
  if (delay <= USUAL_PROMISE_MS || isAnswered) return t.accepted(origin, time);
  return t.acceptedLate(origin, time, grouped(Math.floor(delay / 1000)));
}

function meaning({
  verification,
  proof,
  document,
  trust,
  receipt = null,
  gaveLists = false,
}: Outcome): string[] {
  const t = verifyMessages();
  const { verdict, cosignatures } = verification;
  if (verdict === 'invalid') return [];
  if (proof.format === PENDING_FORMAT) {
    const { origin, deadline } = proof.receipt;
    return [
      t.promised(origin, formatTime(proof.entry.acceptedAt), formatTime(deadline), deadline < Date.now()),
      t.onlyPromise,
    ];
  }
  if (verdict === 'untrusted')
    return [
      t.consistent,
      ...(lacks(verification.steps) === 'time_missing'
        ? timeSentences(verification, trust.policy, gaveLists)
        : []),
    ];
  const { header, index } = proof.block;
  const size = document.size === undefined ? null : grouped(document.size);
  const witnesses = cosignatures.map(({ witness, time }) => `${witness} ${formatTime(cosignedBefore(time))}`);
  return [
    t.sealed(
      size,
      proof.log.checkpoint.origin,
      formatTime(header.sealedAt),
      header.height,
      header.firstPosition + index,
    ),
    acceptance(proof, receipt),
    ...(witnesses.length > 0 ? [t.members(witnesses.join(', '))] : []),
    ...(isByLogAlone(verification) ? [t.logAlone] : []),
    ...timeSentences(verification, trust.policy, gaveLists),
  ];
}

/** What the user can do next. */
export function adviceFor({
  verification,
  proof,
  trust,
  proofPath,
}: Pick<Outcome, 'verification' | 'proof' | 'trust' | 'proofPath'>): string[] {
  const t = verifyMessages();
  switch (verification.verdict) {
    case 'verified':
      return [];
    case 'pending':
      return [t.getFinal(proofPath)];
    case 'untrusted': {
      const lacking = lacks(verification.steps);
      if (lacking !== 'key')
        return t.requiresMore(trust.source, lacking === 'quorum_missing' ? 'cosignatures' : 'sources');
      return [
        trust.source === null ? t.noKey : t.otherLog(trust.source),
        ...(isOfTrustedName(proof, trust.policy) ? t.sameName : []),
        ...(proof.format === PENDING_FORMAT ? [] : [t.claims(signers(proof.log.note))]),
        t.getKey,
      ];
    }
    case 'invalid':
      return [adviceForFailure(firstFailure(verification.steps))];
  }
}

function isOfTrustedName(proof: Outcome['proof'], policy: Policy | null): boolean {
  if (proof.format === PENDING_FORMAT || policy === null) return false;
  const { origin } = proof.log.checkpoint;
  return [...policy.logs, ...policy.retired.map(({ key }) => key)].some(({ name }) => name === origin);
}

function adviceForFailure(step: Step | undefined): string {
  switch (step?.code) {
    case 'document_digest_mismatch':
    case 'document_size_mismatch':
      return verifyMessages().otherDocument;
    default:
      return verifyMessages().damaged;
  }
}

function firstFailure(steps: readonly Step[]): Step | undefined {
  return steps.find(({ outcome }) => outcome === 'failed');
}

/** A step's message for use inside a line: up to its colon, in lower case, without the full stop. */
function inShort(step: Step | undefined): string {
  if (step === undefined) return '';
  const [first = ''] = verifyMessages().failure(step).replace(/\.$/, '').split(': ');
  return first.charAt(0).toLowerCase() + first.slice(1);
}

/** What an untrusted proof lacks first: a key that is trusted, cosignatures, or time sources. */
function lacks(steps: readonly Step[]): 'key' | 'quorum_missing' | 'time_missing' {
  const code = firstFailure(steps)?.code;
  return code === 'quorum_missing' || code === 'time_missing' ? code : 'key';
}

/** Names and key ids in the form in which a verifier key begins, for comparison with one. */
function signers({ signatures }: Note): string {
  return signatures.map(({ name, keyId }) => `${name}+${toHex(keyId)}`).join(', ');
}
