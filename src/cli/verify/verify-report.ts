import { PENDING_FORMAT, toHex, type Note, type Policy, type Step } from '../../proof/index.js';
import { printLine, type Io } from '../io.js';
import { counted, formatTime, printable } from '../output/text.js';
import type { Outcome } from './verify-json.js';

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
