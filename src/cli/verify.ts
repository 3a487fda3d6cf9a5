import { resolve } from 'node:path';
import { NODE } from '../crypto/primitives.js';
import {
  cosignedBefore,
  blockHash,
  type DocumentFacts,
  encodeHeader,
  equal,
  formatVerifierKey,
  type Note,
  PENDING_FORMAT,
  type PendingProof,
  type Policy,
  type ProofFile,
  readDigest,
  type Step,
  timeReport,
  toHex,
  USUAL_PROMISE_MS,
  type Verdict,
  type Verification,
  verify,
} from '../proof/index.js';
import { defineCommand } from './command.js';
import { Failure, isMissing, usageError } from './failure.js';
import {
  assertFile,
  hashDocument,
  hashStream,
  isHistoryFile,
  PROOF_SUFFIX,
  readEvidence,
  withoutSuffix,
} from './files.js';
import {
  counted,
  EXIT,
  type ExitCode,
  formatTime,
  type Io,
  isoTime,
  printJson,
  printLine,
  printMarked,
  printNote,
} from './io.js';
import { withSuffix } from './paths.js';
import { GREEN, painter, printStep, RED, YELLOW } from './report.js';
import {
  compareReceipt,
  isBroken,
  type KeptReceipt,
  promiseSentences,
  readReceipt,
  receiptJson,
} from './receipt.js';
import { CRL_OPTION, readLists } from './revocation-lists.js';
import { timeInput, timeSentences } from './time.js';
import { loadTrust, type Trust, TRUST_OPTIONS } from './trust-store.js';
import type { GivenHistory } from './verify-history.js';
import { readStamp, type Stamp, STAMP_OPTIONS, stampSentences } from './verify-token.js';

/**
 * Verification with nothing but a file and its proof. This module imports only proof/, crypto/, other modules
 * of the command line and Node modules without network access; a test enforces that.
 */
export const verifyCommand = defineCommand({
  name: 'verify',
  summary: 'verify a document against its proof, or the history of a record, offline',
  usage: 'FILE [PROOF] | [FILE] HISTORY [--receipt PENDING] [--key VKEY | --trust FILE]',
  text: `Verifies that PROOF is for exactly this FILE and that the log you trust vouches for its time. No network is
used, and the service that made the proof does not need to exist any more.

PROOF defaults to FILE${PROOF_SUFFIX}. It can also be a certificate: a PDF with the proof embedded. FILE can be -
for standard input. Without a trusted key the verdict is never "verified": get the key from the service's owner,
not from the place where you got the proof.

With a policy that names time sources, it also says between which times the document was registered, and which
independent sources confirm it. Certificates are judged with the revocation lists that the proof keeps; --crl gives
newer ones.

With --receipt PENDING, a pending proof that you kept from the time before the seal, it also says whether the service
kept its promise: the same entry, sealed by the deadline. Give the receipt key as well: --trust FILE --key VKEY.

FILE can be a time-stamp (RFC 3161) of a service that keeps them in its log: get its proof with "ingam tsa proof". With
--tsa-root it is judged as a time-stamp, too, and also without a proof.

HISTORY is the history of a record, from "ingam record history": it shows all events of the record, who signed them with
which kind of key, the record's state, and as of which block nothing later happened. With FILE before it, it also says
whether an event names that document.

The verdict is written to standard output, the explanation to standard error.
Exit code: 0 verified, 1 not verified or the promise not kept, 2 wrong usage or unreadable input, 3 not yet sealed.`,
  options: {
    ...TRUST_OPTIONS,
    receipt: {
      type: 'string',
      value: 'PENDING',
      help: 'kept pending proof: say whether the service kept its promise',
    },
    sha256: {
      type: 'string',
      value: 'HEX',
      help: 'verify this digest instead of a FILE: ingam verify --sha256 HEX PROOF',
    },
    ...STAMP_OPTIONS,
    ...CRL_OPTION,
    json: { type: 'boolean', help: 'print verdict, steps and values as JSON' },
  },
  positionals: { min: 0, max: 2 },
  async run({ values, positionals }, io) {
    const subject = chooseSubject(values.sha256, positionals);
    // Small inputs first, so that a mistyped key is reported before a large file is hashed.
    const trust = await loadTrust(values, io);
    const crls = await readLists(values.crl, io);
    const history = await findHistory(subject, io);
    if (history !== null) return reportFound({ path: history, subject, trust, crls, json: values.json }, io);
    const stamp = await readStamp(subject.file, { ...values, crls }, io);
    if (stamp?.verdict === 'bad') return reportStamp(stamp, subject, values.json, io);
    const evidence = await readEvidence(resolve(io.cwd, subject.proof), subject.proof).catch(
      async (error: unknown) => {
        if (stamp?.verdict === 'good' && isMissing(error) && !subject.proofNamed) return null;
        throw await explainMissing(error, subject, stamp, io);
      },
    );
    if (evidence === null) return reportStamp(stamp, subject, values.json, io);
    const { proof, fromCertificate } = evidence;
    const pending = values.receipt === undefined ? null : await readReceipt(values.receipt, io);
    // The log has the token of a response, unless somebody notarized the file itself.
    const isOfToken = stamp !== null && equal(proof.document.sha256, stamp.document.sha256);
    const document = isOfToken ? stamp.document : await documentFacts(subject, io);
    const verification = verify({
      proof,
      document,
      policy: trust.policy,
      receiptKeys: trust.receiptKeys,
      primitives: NODE,
      ...(await timeInput(proof, crls)),
    });
    const names = { name: subject.name, proofPath: subject.proof };
    const judged = { verification, proof, document, trust, fromCertificate, ...names };
    const receipt = pending === null ? null : compareReceipt(values.receipt ?? '', pending, judged);
    const outcome = { ...judged, receipt, gaveLists: crls.length > 0 };
    if (values.json) {
      const timeStamp = stamp === null ? {} : { timeStamp: stamp.json };
      printJson(io.stdout, { ...verificationJson(outcome), ...timeStamp });
    } else {
      printReport(outcome, io);
      if (isOfToken) printNote(io, '', ...stampSentences(stamp, proof));
    }
    const code = exitCodeOf(verification.verdict);
    return code === EXIT.ok && receipt !== null && isBroken(receipt) ? EXIT.failed : code;
  },
});

/** The path of a record's history among the arguments; null: there is none. */
async function findHistory({ file, proof, proofNamed }: Subject, io: Io): Promise<string | null> {
  const shown = proofNamed ? proof : file;
  return shown !== null && (await isHistoryFile(resolve(io.cwd, shown), shown)) ? shown : null;
}

/** Loads the code for histories only for one: it takes longer to load than that for proofs. */
async function reportFound(
  {
    path,
    subject,
    ...given
  }: { readonly path: string; readonly subject: Subject } & Pick<GivenHistory, 'trust' | 'crls' | 'json'>,
  io: Io,
): Promise<ExitCode> {
  const { reportHistory } = await import('./verify-history.js');
  const facts = subject.proofNamed ? await documentFacts(subject, io) : null;
  const document = facts === null ? null : { ...facts, name: subject.name };
  return reportHistory({ ...given, path, document }, io);
}

/** The verdict on a time-stamp by itself: without a proof, or because it does not count. */
function reportStamp(stamp: Stamp | null, { name }: Subject, asJson: boolean | undefined, io: Io): ExitCode {
  if (stamp === null) throw new Error('there is no time-stamp');
  const isGood = stamp.verdict === 'good';
  if (asJson === true) {
    const { sha256, size } = stamp.document;
    const verdict: Verdict = isGood ? 'verified' : 'invalid';
    printJson(io.stdout, { verdict, document: { name, sha256: toHex(sha256), size }, timeStamp: stamp.json });
  } else {
    const paint = painter(io);
    const [word, rest, colour] = isGood
      ? (['VERIFIED', `${stamp.subject} ${stamp.reason}`, GREEN] as const)
      : (['NOT VERIFIED', stamp.reason, RED] as const);
    printMarked(io.stdout, word, paint(colour), `  ${name}: ${rest}`);
    printNote(io, 'Only the time-stamp was judged, not whether it is in a log.');
  }
  return isGood ? EXIT.ok : EXIT.failed;
}

interface Subject {
  /** Path of the document, `-` for standard input, or null if only a digest was given. */
  readonly file: string | null;
  readonly digest: Uint8Array | null;
  readonly proof: string;
  /** The document's name in the report. */
  readonly name: string;
  readonly proofNamed: boolean;
}

function chooseSubject(hex: string | undefined, positionals: readonly string[]): Subject {
  const [first, second] = positionals;
  if (hex !== undefined) {
    if (first === undefined)
      throw usageError('--sha256 requires PROOF', 'Usage: ingam verify --sha256 HEX PROOF');
    if (second !== undefined) throw usageError('--sha256 and FILE cannot be used together');
    const digest = parseDigest(hex);
    return { file: null, digest, proof: first, name: `sha256:${toHex(digest)}`, proofNamed: true };
  }
  if (first === undefined)
    throw usageError('missing FILE', 'Usage: ingam verify FILE [PROOF] [--key VKEY | --trust FILE]');
  if (first === '-' && second === undefined) {
    throw usageError('standard input requires PROOF', 'Usage: ingam verify - PROOF');
  }
  return {
    file: first,
    digest: null,
    proof: second ?? withSuffix(first, PROOF_SUFFIX),
    name: first === '-' ? 'standard input' : first,
    proofNamed: second !== undefined,
  };
}

function parseDigest(hex: string): Uint8Array {
  const digest = readDigest(hex);
  if (digest === null) throw usageError('--sha256 must be the 64 hexadecimal digits of a SHA-256 digest');
  return digest;
}

/** The failure when a proof cannot be read. Without a named proof, the document itself may be the mistake. */
async function explainMissing(
  error: unknown,
  { file, proofNamed }: Subject,
  stamp: Stamp | null,
  io: Io,
): Promise<unknown> {
  if (!isMissing(error) || proofNamed || file === null) return error;
  await assertFile(resolve(io.cwd, file), file);
  if (stamp !== null) {
    const hint = `Get its proof with: ingam tsa proof ${file} --server URL. Or judge the time-stamp alone: --tsa-root FILE`;
    return new Failure('unreadable', `no proof next to the time-stamp: ${error.message}`, {
      hint,
      cause: error,
    });
  }
  const hint = file.endsWith(PROOF_SUFFIX)
    ? `${file} looks like a proof. Give the document instead: ingam verify ${withoutSuffix(file)}`
    : 'If the proof is elsewhere, name it: ingam verify FILE PROOF';
  return new Failure('unreadable', `no proof next to the document: ${error.message}`, {
    hint,
    cause: error,
  });
}

async function documentFacts({ file, digest }: Subject, io: Io): Promise<DocumentFacts> {
  if (digest !== null) return { sha256: digest };
  if (file === null || file === '-') return hashStream(io.stdin, io.signal);
  return hashDocument(resolve(io.cwd, file), file, io);
}

function exitCodeOf(verdict: Verdict): ExitCode {
  switch (verdict) {
    case 'verified':
      return EXIT.ok;
    case 'invalid':
    case 'untrusted':
      return EXIT.failed;
    case 'pending':
      return EXIT.pending;
  }
}

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
 * Prints the verdict as one line on stdout, and its meaning and the steps on stderr.
 */
export function printReport(outcome: Outcome, io: Io): void {
  const paint = painter(io);
  const [word, rest] = headline(outcome);
  const colour = { verified: GREEN, invalid: RED, untrusted: YELLOW, pending: YELLOW }[
    outcome.verification.verdict
  ];
  printMarked(io.stdout, word, paint(colour), `  ${outcome.name}: ${rest}`);
  const sentences = [
    ...meaning(outcome),
    ...(outcome.receipt == null ? [] : promiseSentences(outcome.receipt, outcome.proof, outcome.proofPath)),
    ...(outcome.fromCertificate === true
      ? ['The proof was read out of the PDF. What is printed on its pages was not checked.']
      : []),
  ];
  printNote(io, ...sentences);
  if (sentences.length > 0) printLine(io.stderr);
  for (const step of outcome.verification.steps) printStep(step, io, paint);
  const advice = adviceFor(outcome);
  if (advice.length > 0) printLine(io.stderr);
  printNote(io, ...advice);
}

function headline({ verification, proof }: Outcome): [string, string] {
  switch (verification.verdict) {
    case 'verified':
      return ['VERIFIED', sealedBy(proof, verification)];
    case 'untrusted':
      return [
        'NOT VERIFIED',
        {
          quorum_missing: 'not enough trusted members have cosigned',
          time_missing: 'too few independent time sources have confirmed the time',
          key: 'not signed by a key that you trust',
        }[lacks(verification.steps)],
      ];
    case 'pending':
      return ['PENDING', 'accepted, not yet sealed'];
    case 'invalid':
      return ['NOT VERIFIED', inShort(firstFailure(verification.steps))];
  }
}

/** Who vouches for what: the headline of a verified proof. */
function sealedBy(proof: Outcome['proof'], { cosignatures }: Verification): string {
  if (proof.format === PENDING_FORMAT) throw new Error('a pending proof is never verified');
  const { origin } = proof.log.checkpoint;
  const members = cosignatures.map(({ witness }) => witness);
  const cosigned = members.length === 0 ? 'no member has cosigned' : `cosigned by ${members.join(', ')}`;
  return `sealed ${formatTime(proof.block.header.sealedAt)} by ${origin}, ${cosigned}`;
}

/** What the log only stated: for the time before the seal nobody else vouches. */
function acceptance({ entry, block, log }: ProofFile, receipt: KeptReceipt | null): string[] {
  const { origin } = log.checkpoint;
  const delay = block.header.sealedAt - entry.acceptedAt;
  const stated = `${origin} states that it accepted it at ${formatTime(entry.acceptedAt)}`;
  const isAnswered = receipt?.outcome === 'kept' || receipt?.outcome === 'late';
  if (delay <= USUAL_PROMISE_MS || isAnswered) return [`${stated}.`];
  const seconds = counted(Math.floor(delay / 1000), 'second');
  return [
    `${stated}, ${seconds} before the seal. That is longer than usual: for this time there is only its word, unless you have kept its receipt (--receipt PENDING).`,
  ];
}

function meaning({
  verification,
  proof,
  document,
  trust,
  receipt = null,
  gaveLists = false,
}: Outcome): string[] {
  const { verdict, cosignatures } = verification;
  if (verdict === 'invalid') return [];
  if (proof.format === PENDING_FORMAT) {
    const { origin, deadline } = proof.receipt;
    return [
      `${origin} states that it accepted this document at ${formatTime(proof.entry.acceptedAt)} and promised to seal it ` +
        `by ${formatTime(deadline)}${deadline < Date.now() ? ' (now past)' : ''}.`,
      'Until it is sealed this is a promise, not a proof.',
    ];
  }
  if (verdict === 'untrusted')
    return [
      'The proof is consistent and is for this document.',
      ...(lacks(verification.steps) === 'time_missing'
        ? timeSentences(verification, trust.policy, gaveLists)
        : []),
    ];
  const { header, index } = proof.block;
  const size = document.size === undefined ? '' : ` (${counted(document.size, 'byte')})`;
  const witnesses = cosignatures.map(({ witness, time }) => `${witness} ${formatTime(cosignedBefore(time))}`);
  return [
    `Exactly this document${size} was sealed by ${proof.log.checkpoint.origin} at ${formatTime(header.sealedAt)} ` +
      `in block ${header.height}, at position ${header.firstPosition + index} of the chain.`,
    ...acceptance(proof, receipt),
    ...(witnesses.length > 0
      ? [`Members confirm that it existed before: ${witnesses.join(', ')}.`]
      : verification.time?.notAfter == null
        ? ['The times are those stated by the log that you trust; nobody else has confirmed them.']
        : []),
    ...timeSentences(verification, trust.policy, gaveLists),
  ];
}

/** What the user can do next. */
function adviceFor({ verification, proof, trust, proofPath }: Outcome): string[] {
  switch (verification.verdict) {
    case 'verified':
      return [];
    case 'pending':
      return [`Get the final proof with: ingam upgrade ${proofPath}`];
    case 'untrusted':
      if (lacks(verification.steps) !== 'key') {
        const what = lacks(verification.steps) === 'quorum_missing' ? 'cosignatures' : 'time sources';
        return [
          `${trust.source ?? 'Your trust policy'} requires more ${what} than this copy of the proof has.`,
          'A copy fetched later may have them.',
        ];
      }
      return [
        trust.source === null
          ? 'You have not given a key that you trust.'
          : `The log is not among those trusted by ${trust.source}.`,
        ...(isOfTrustedName(proof, trust.policy)
          ? [
              'It has the name of a trusted log but a different key. If its owner has rotated the key, "ingam trust --server URL"',
              'fetches the new one and replaces the old one only if the old one vouches for it.',
            ]
          : []),
        ...(proof.format === PENDING_FORMAT
          ? []
          : [`The proof claims to be signed by ${signers(proof.log.note)}.`]),
        "Get the log's public key from its owner, through another channel than this proof, and pass it with --key VKEY.",
      ];
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
      return 'Either the file was changed after it was notarized, or this is the proof of another file.';
    default:
      return 'The proof is damaged or forged and proves nothing. Look for another copy of it.';
  }
}

function firstFailure(steps: readonly Step[]): Step | undefined {
  return steps.find(({ outcome }) => outcome === 'failed');
}

/** A step's message for use inside a line: up to its colon, in lower case, without the full stop. */
function inShort(step: Step | undefined): string {
  const [first = ''] = (step?.message ?? '').replace(/\.$/, '').split(': ');
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
