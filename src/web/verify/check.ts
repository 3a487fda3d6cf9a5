import { toHex } from '../../proof/bytes.js';
import { ProofError, type ProofErrorCode } from '../../proof/errors.js';
import { PENDING_FORMAT, type PendingProof, type ProofFile } from '../../proof/proof-file.js';
import { verify, type Verification } from '../../proof/verify.js';
import type { StatementName } from '../messages/verify.js';
import {
  ownProblem,
  RefusedError,
  UnreachableError,
  type Lookup,
  type Notarization,
  type Problem,
} from '../resources.js';
import { parsed, type GivenDocument, type Parsed } from './given.js';
import type { Directory } from './surroundings.js';
import type { Trust } from './trust.js';

export interface Judged {
  readonly proof: ProofFile | PendingProof;
  readonly verification: Verification;
  readonly trust: Trust;
  readonly source: 'file' | 'certificate' | 'service';
  /** The proof as the service gave it; null when the reader gave it. */
  readonly text: string | null;
}

/** What can be said, and what it rests on. */
export interface Outcome {
  readonly statement: StatementName;
  readonly document: GivenDocument | null;
  readonly judged: Judged | null;
  /** Every notarization of the document here, and the one that was checked; null when none were looked for. */
  readonly lookup: (Lookup & { readonly checked: string }) | null;
  readonly unreadable: { readonly code: ProofErrorCode; readonly detail: string } | null;
  readonly problem: Problem | null;
}

export interface Question {
  readonly document: GivenDocument | null;
  readonly proof: Parsed | null;
  /** Asked only when there is a proof to check. */
  readonly trust: (signal: AbortSignal) => Promise<Trust>;
  /** Which of the document's notarizations to check; null: the best evidence. */
  readonly notarization: string | null;
  /** Where the document is looked up when there is no proof; null: nowhere. */
  readonly directory: Directory | null;
}

/** Never rejects but with the signal's reason: every failure is something to say. */
export async function check(question: Question, signal: AbortSignal): Promise<Outcome> {
  const nothing = {
    document: question.document,
    judged: null,
    lookup: null,
    unreadable: null,
    problem: null,
  };
  try {
    return question.proof === null
      ? await lookUp(question, signal)
      : await judge(question, question.proof, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UnreachableError) return { ...nothing, statement: 'away' };
    const { problem } = error instanceof RefusedError ? error : ownProblem('not_understood');
    return { ...nothing, statement: 'refused', problem };
  }
}

async function lookUp(question: Question, signal: AbortSignal): Promise<Outcome> {
  const { document, directory } = question;
  const nothing = { document, judged: null, lookup: null, unreadable: null, problem: null };
  if (document === null) throw new RangeError('neither a document nor a proof was given');
  if (directory === null) return { ...nothing, statement: 'no_lookup' };
  const lookup = await directory.lookUp(toHex(document.sha256), signal);
  const chosen =
    lookup.notarizations.find(({ id }) => id === question.notarization) ??
    bestEvidence(lookup.notarizations, document.size);
  if (chosen === null) return { ...nothing, statement: 'unknown' };
  const text = await directory.proofText(chosen.id, signal);
  const outcome = await judge(question, parsed(text), signal, text);
  return { ...outcome, lookup: { ...lookup, checked: chosen.id } };
}

/**
 * The earliest that is sealed, else the earliest. One that states another length is passed over while there are others:
 * whoever notarizes only a digest may state any, and must not be able to spoil what others have done.
 */
export function bestEvidence(notarizations: readonly Notarization[], size: number): Notarization | null {
  const fitting = notarizations.filter(
    (notarization) => notarization.size === null || notarization.size === size,
  );
  return fitting.find(({ status }) => status !== 'accepted') ?? fitting[0] ?? notarizations[0] ?? null;
}

async function judge(
  { document, trust: ask }: Question,
  given: Parsed,
  signal: AbortSignal,
  text: string | null = null,
): Promise<Outcome> {
  const nothing = { document, judged: null, lookup: null, unreadable: null, problem: null };
  if ('unreadable' in given) {
    return {
      ...nothing,
      statement: 'unreadable',
      unreadable: { code: given.unreadable, detail: given.detail },
    };
  }
  const { proof } = given;
  const trust = await ask(signal).catch((error: unknown) => {
    signal.throwIfAborted();
    // Away, or answering something that holds no key: the proof can still be checked, but nobody vouches for it.
    if (error instanceof UnreachableError || error instanceof RefusedError || error instanceof ProofError) {
      return { source: 'service', policy: null, receiptKeys: [] } satisfies Trust;
    }
    throw error;
  });
  const verification = verify({ proof, document, policy: trust.policy, receiptKeys: trust.receiptKeys });
  const source = text !== null ? 'service' : given.certificate ? 'certificate' : 'file';
  const judged: Judged = { proof, verification, trust, source, text };
  return { ...nothing, statement: statementOf(verification, document, trust), judged };
}

/** The one thing that is said in large letters. */
export function statementOf(
  { verdict, steps }: Verification,
  document: GivenDocument | null,
  trust: Trust,
): StatementName {
  switch (verdict) {
    case 'verified':
      return document === null ? 'holds' : 'verified';
    case 'untrusted':
      // The log's own signature held: what is missing is only the others'.
      if (steps.every(({ code }) => code === null || code === 'quorum_missing')) return 'uncosigned';
      return trust.source === 'service' && trust.policy === null ? 'no_key' : 'untrusted';
    case 'invalid':
      // Whose first step fails may hold in everything else: then the proof is good, and this is not its document.
      return steps[0]?.outcome === 'failed' ? 'other_document' : 'invalid';
    case 'pending':
      return steps.some(({ name, outcome }) => name === 'receipt_signature' && outcome === 'held')
        ? 'pending'
        : 'pending_unvouched';
  }
}

export function isPending(proof: ProofFile | PendingProof): proof is PendingProof {
  return proof.format === PENDING_FORMAT;
}
