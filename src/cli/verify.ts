import { resolve } from 'node:path';
import { NODE } from '../crypto/primitives.js';
import {
  blockHash,
  type DocumentFacts,
  encodeHeader,
  formatVerifierKey,
  fromHex,
  type Note,
  PENDING_FORMAT,
  type PendingProof,
  type Policy,
  ProofError,
  type ProofFile,
  type Step,
  toHex,
  type Verdict,
  type Verification,
  verify,
} from '../proof/index.js';
import { defineCommand } from './command.js';
import { Failure, usageError } from './failure.js';
import { hashDocument, hashStream, PROOF_SUFFIX, readProofOrCertificate } from './files.js';
import {
  counted,
  EXIT,
  type ExitCode,
  formatTime,
  type Io,
  isoTime,
  printable,
  printJson,
  printLine,
} from './io.js';
import { loadTrust, type Trust, TRUST_OPTIONS } from './trust-store.js';

/**
 * The verifier of those who have nothing but a file and its proof. What this file imports, all the way down, is proof/, its
 * primitives from Node, and builtins that cannot reach a network; a test holds it to that.
 */
export const verifyCommand = defineCommand({
  name: 'verify',
  summary: 'check a document against its proof, offline',
  usage: 'FILE [PROOF] [--key VKEY | --trust FILE]',
  text: `Tells whether PROOF shows that exactly this FILE existed at the time it states. No network is used, and
the service that made the proof need not exist any more.

PROOF is FILE${PROOF_SUFFIX} unless named; a certificate, which is a PDF that carries the proof, will do as well.
FILE may be - for standard input. Without a key that you trust the answer is never "verified": get the key
from the service's owner, not from where the proof came from.

The verdict is on standard output, its explanation on standard error.
Exit code: 0 verified, 1 not verified, 2 wrong usage or input that cannot be read, 3 not yet sealed.`,
  options: {
    ...TRUST_OPTIONS,
    sha256: {
      type: 'string',
      value: 'HEX',
      help: 'check this digest instead of a FILE: ingam verify --sha256 HEX PROOF',
    },
    json: { type: 'boolean', help: 'verdict, steps and values as JSON on standard output' },
  },
  positionals: { min: 0, max: 2 },
  async run({ values, positionals }, io) {
    const subject = chooseSubject(values.sha256, positionals);
    // Cheap inputs first: nobody waits for a large file to be hashed only to hear of a mistyped key.
    const trust = await loadTrust(values, io);
    const proof = await readProofOrCertificate(resolve(io.cwd, subject.proof), subject.proof).catch(
      (error: unknown) => {
        throw explainMissing(error, subject);
      },
    );
    const document = await documentFacts(subject, io);
    const verification = verify({
      proof,
      document,
      policy: trust.policy,
      receiptKeys: trust.receiptKeys,
      primitives: NODE,
    });
    const outcome = { verification, proof, document, trust, name: subject.name, proofPath: subject.proof };
    if (values.json) printJson(io.stdout, verificationJson(outcome));
    else printReport(outcome, io);
    return exitCodeOf(verification.verdict);
  },
});

interface Subject {
  /** Path of the document, `-`, or null when only a digest is at hand. */
  readonly file: string | null;
  readonly digest: Uint8Array | null;
  readonly proof: string;
  /** How the report calls the document. */
  readonly name: string;
  readonly proofNamed: boolean;
}

function chooseSubject(hex: string | undefined, positionals: readonly string[]): Subject {
  const [first, second] = positionals;
  if (hex !== undefined) {
    if (first === undefined) throw usageError('--sha256 needs the PROOF: ingam verify --sha256 HEX PROOF');
    if (second !== undefined) throw usageError('give either --sha256 or a FILE, not both');
    return { file: null, digest: parseDigest(hex), proof: first, name: `sha256:${hex}`, proofNamed: true };
  }
  if (first === undefined) throw usageError('which file? Usage: ingam verify FILE [PROOF]');
  if (first === '-' && second === undefined) {
    throw usageError('standard input has no proof beside it: ingam verify - PROOF');
  }
  return {
    file: first,
    digest: null,
    proof: second ?? `${first}${PROOF_SUFFIX}`,
    name: first === '-' ? 'standard input' : first,
    proofNamed: second !== undefined,
  };
}

function parseDigest(hex: string): Uint8Array {
  try {
    return fromHex(hex, 32, '--sha256');
  } catch (error) {
    if (error instanceof ProofError) throw usageError(error.message);
    throw error;
  }
}

/** `ingam verify contract.pdf.ingam.json` is a likely slip: say what was meant. */
function explainMissing(error: unknown, { file, proofNamed }: Subject): unknown {
  if (!(error instanceof Failure) || error.reason !== 'unreadable' || proofNamed || file === null)
    return error;
  const hint = file.endsWith(PROOF_SUFFIX)
    ? `${file} looks like a proof. Name the document: ingam verify ${file.slice(0, -PROOF_SUFFIX.length)}`
    : 'Name the proof if it lies elsewhere: ingam verify FILE PROOF';
  return new Failure('unreadable', `no proof beside the document: ${error.message}`, { hint, cause: error });
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

/** All that a verification has come to, before it is told to people or to programs. */
export interface Outcome {
  readonly verification: Verification;
  readonly proof: ProofFile | PendingProof;
  readonly document: DocumentFacts;
  readonly trust: Trust;
  readonly name: string;
  readonly proofPath: string;
}

/** What `--json` prints. Keys are stable; new ones may be added. */
export function verificationJson({ verification, proof, document, trust, name, proofPath }: Outcome) {
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
    cosignatures: cosignatures.map(({ witness, time }) => ({ witness, time: isoTime(time * 1000) })),
    steps,
  };
}

/**
 * One calm line on stdout that says the verdict, so that it is never silence; what it means, and why, on stderr.
 * Whatever comes out of the proof was written by strangers and is shown as printable text.
 */
export function printReport(outcome: Outcome, io: Io): void {
  const paint = painter(io);
  const [word, rest] = headline(outcome);
  const colour = { verified: GREEN, invalid: RED, untrusted: YELLOW, pending: YELLOW }[
    outcome.verification.verdict
  ];
  // On a terminal both streams are the same screen; elsewhere stdout is for files and programs.
  printLine(io.stdout, `${paint(word, colour)}  ${printable(`${outcome.name}: ${rest}`)}`);
  const sentences = meaning(outcome);
  for (const sentence of sentences) printLine(io.stderr, printable(sentence));
  if (sentences.length > 0) printLine(io.stderr);
  for (const step of outcome.verification.steps) printStep(step, io, paint);
  const advice = adviceFor(outcome);
  if (advice.length > 0) printLine(io.stderr);
  for (const line of advice) printLine(io.stderr, printable(line));
}

function headline({ verification, proof }: Outcome): [string, string] {
  switch (verification.verdict) {
    case 'verified':
      return ['VERIFIED', `notarized ${formatTime(proof.entry.acceptedAt)}`];
    case 'untrusted':
      return [
        'NOT VERIFIED',
        lacksQuorum(verification.steps)
          ? 'too few of the witnesses that you trust vouch for the proof'
          : 'no key that you trust vouches for the proof',
      ];
    case 'pending':
      return ['PENDING', 'accepted, not yet sealed'];
    case 'invalid':
      return ['NOT VERIFIED', inShort(firstFailure(verification.steps))];
  }
}

function meaning({ verification, proof, document }: Outcome): string[] {
  const { verdict, cosignatures } = verification;
  if (verdict === 'invalid') return [];
  if (proof.format === PENDING_FORMAT) {
    const { origin, deadline } = proof.receipt;
    return [
      `${origin} states that it accepted this document at ${formatTime(proof.entry.acceptedAt)}, to be sealed by ` +
        `${formatTime(deadline)}${deadline < Date.now() ? ' (which has passed)' : ''}.`,
      'Until the seal this is a promise, not a proof.',
    ];
  }
  if (verdict === 'untrusted') return ['The proof holds together and is for this document.'];
  const { header, index } = proof.block;
  const size = document.size === undefined ? '' : ` (${counted(document.size, 'byte')})`;
  const witnesses = cosignatures.map(({ witness, time }) => `${witness} ${formatTime(time * 1000)}`);
  return [
    `Exactly this document${size} was accepted by ${proof.log.checkpoint.origin} at ` +
      `${formatTime(proof.entry.acceptedAt)} and sealed at ${formatTime(header.sealedAt)} ` +
      `in block ${header.height}, at position ${header.firstPosition + index} of the chain.`,
    witnesses.length === 0
      ? 'These times are the word of the log that you trust; no witness has confirmed them.'
      : `Witnesses confirm that it existed by: ${witnesses.join(', ')}.`,
  ];
}

function printStep(step: Step, io: Io, paint: Paint): void {
  const [mark, colour] = { held: ['✓', GREEN], failed: ['✗', RED], skipped: ['–', GREY] }[step.outcome] as [
    string,
    number,
  ];
  printLine(io.stderr, `${paint(mark, colour)} ${step.number}. ${printable(step.says)}`);
  const failed = step.outcome === 'failed';
  if (failed && step.expected !== undefined)
    printLine(io.stderr, `     expected ${printable(step.expected)}`);
  if (step.computed !== undefined) {
    printLine(io.stderr, `     ${failed ? 'found    ' : ''}${printable(step.computed)}`);
  }
}

/** What to do next: an answer that leaves the user alone with it is half an answer. */
function adviceFor({ verification, proof, trust, proofPath }: Outcome): string[] {
  switch (verification.verdict) {
    case 'verified':
      return [];
    case 'pending':
      return [`Get the final proof with: ingam upgrade ${proofPath}`];
    case 'untrusted':
      if (lacksQuorum(verification.steps)) {
        return [
          `${trust.source ?? 'Your trust policy'} asks for more cosignatures than this copy of the proof carries.`,
          'A copy fetched later may have them.',
        ];
      }
      return [
        trust.source === null
          ? 'You have named no key that you trust.'
          : `The log is none of those that are trusted by ${trust.source}.`,
        ...(isOfTrustedName(proof, trust.policy)
          ? [
              'It has the name of one of them, and another key. When its owner has changed the key, "ingam trust --server URL"',
              'fetches the new one, and replaces the old one only if that vouches for it.',
            ]
          : []),
        ...(proof.format === PENDING_FORMAT
          ? []
          : [`The proof claims to be signed by ${signers(proof.log.note)}.`]),
        "Get the log's key from its owner, by a way that does not lead through this proof, and give it with --key VKEY.",
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
      return 'The proof was damaged or forged, and proves nothing. Look for another copy of it.';
  }
}

function firstFailure(steps: readonly Step[]): Step | undefined {
  return steps.find(({ outcome }) => outcome === 'failed');
}

/** A step's sentence as the rest of a line: without what follows its colon, small at the start, no full stop. */
function inShort(step: Step | undefined): string {
  const [first = ''] = (step?.says ?? '').replace(/\.$/, '').split(': ');
  return first.charAt(0).toLowerCase() + first.slice(1);
}

/** The log is trusted; its witnesses are missing. */
function lacksQuorum(steps: readonly Step[]): boolean {
  return firstFailure(steps)?.code === 'quorum_missing';
}

/** Names and key ids as a verifier key begins with them, so that they can be compared with one. */
function signers({ signatures }: Note): string {
  return signatures.map(({ name, keyId }) => `${name}+${toHex(keyId)}`).join(', ');
}

const [RED, GREEN, YELLOW, GREY] = [31, 32, 33, 90];

type Paint = (text: string, colour: number) => string;

function painter(io: Io): Paint {
  // https://no-color.org: set to anything but nothing
  const plain = !io.isTTY || (io.env['NO_COLOR'] ?? '') !== '' || io.env['TERM'] === 'dumb';
  return (text, colour) => (plain ? text : `\u001b[${colour}m${text}\u001b[0m`);
}
