import type { FunctionComponent } from 'preact';
import { toHex } from '../../../proof/bytes.js';
import { canonicalJson } from '../../../proof/canonical-json.js';
import { idWithDetails } from '../../../proof/entry.js';
import { ProofError, type ProofErrorCode } from '../../../proof/errors.js';
import { formatProof, type PendingProof, type ProofFile } from '../../../proof/proof-file.js';
import { comparePromise, type PromiseComparison } from '../../../proof/promise.js';
import { eventNaming } from '../../../proof/records/event-naming.js';
import type { History } from '../../../proof/records/history-file.js';
import type { HistoryVerification, verifyHistory } from '../../../proof/records/history.js';
import type { JudgeAnchors } from '../../../proof/time/findings.js';
import { type FailureCode, type TimeInput, type Verification, verify } from '../../../proof/verify.js';
import type { Row } from '../../components/values.js';
import type { Lookup, Notarization } from '../../lib/api.js';
import type { Certified } from '../../lib/certificate.js';
import { connection, localProblem, type Problem, ProblemError, UnreachableError } from '../../lib/request.js';
import type { StatementName } from '../../messages/verify-statements.js';
import { type Arranged, isPending, positionOf } from './arrange.js';
import { type HashedDocument, isRewrittenCertificate, parsed } from './files.js';
import type { Trust } from './trust.js';

/** Looks up documents without a proof. Each method rejects as the requests of api.ts do. */
export interface Directory {
  lookUp(sha256: string, signal: AbortSignal): Promise<Lookup>;
  proofText(id: string, signal: AbortSignal): Promise<string>;
  /** Returns the certificate of a sealed notarization. */
  readonly certificate: (of: Certified) => Promise<Blob>;
}

/** What histories alone need: it is loaded for the first one. */
export interface HistoryCode {
  readonly parseHistory: (source: Uint8Array) => History;
  readonly verifyHistory: typeof verifyHistory;
  readonly factsOf: (checked: CheckedHistory) => readonly Row[];
  readonly Details: FunctionComponent<{ readonly of: CheckedHistory }>;
}

/** A record's history, and what was checked of it. */
export interface CheckedHistory {
  readonly history: History;
  readonly verification: HistoryVerification;
  readonly trust: Trust;
  /** The event that names the given document; null: none does, or no document was given. */
  readonly naming: number | null;
  readonly views: Pick<HistoryCode, 'factsOf' | 'Details'>;
}

export interface CheckedProof {
  readonly proof: ProofFile | PendingProof;
  readonly verification: Verification;
  readonly trust: Trust;
  readonly source: 'file' | 'certificate' | 'service';
  /** The text of the proof if the user does not have it: it came from the service, or was extended. */
  readonly text: string | null;
  /** What a kept receipt says about the proof, which is verified; null: none was given. */
  readonly promise: CheckedPromise | null;
}

export interface CheckedPromise {
  /** null: the receipt itself is damaged or forged. */
  readonly comparison: PromiseComparison | null;
  /** Milliseconds since the Unix epoch. */
  readonly deadline: number;
  /** Whether a trusted key has signed the receipt: only then it is evidence. */
  readonly signed: boolean;
}

/** The result of a check, and what it is based on. */
export interface Outcome {
  readonly statement: StatementName;
  readonly document: HashedDocument | null;
  readonly checked: CheckedProof | null;
  readonly history: CheckedHistory | null;
  /** All notarizations of the document and the one that was checked; null without a lookup. */
  readonly lookup: (Lookup & { readonly checked: string }) | null;
  readonly unreadable: { readonly code: ProofErrorCode; readonly detail: string } | null;
  readonly problem: Problem | null;
}

/** The id under which the service of a proof's log has its notarization. */
export function idOf(proof: ProofFile | PendingProof): string {
  const { entry, details } = proof;
  // So that the service discloses what the proof does.
  return idWithDetails(positionOf(proof), entry, details === undefined ? null : canonicalJson(details));
}

export interface Question {
  readonly about: Arranged;
  /** The proof with evidence that was added to it; null: as it was given. */
  readonly extended: ProofFile | null;
  /** The notarization to check; null: the best evidence. */
  readonly notarization: string | null;
  /** Called only if there is a proof to check. */
  readonly trust: () => Promise<Trust>;
  /** Looks up the document if there is no proof; null: offline. */
  readonly directory: Directory | null;
  readonly judgeAnchors: () => Promise<JudgeAnchors>;
  readonly histories: () => Promise<HistoryCode>;
}

const NOTHING = {
  document: null,
  checked: null,
  history: null,
  lookup: null,
  unreadable: null,
  problem: null,
} as const;

/** Checks a document, a proof, or both. Failures are outcomes, too. @throws only the signal's reason */
export async function check(question: Question, signal: AbortSignal): Promise<Outcome> {
  const { about } = question;
  const { document, proof } = about;
  const nothing = { ...NOTHING, document };
  if (about.gone) return { ...nothing, statement: 'gone' };
  try {
    if (proof === null) return await lookUp(question, signal);
    if ('unreadable' in proof.parsed) {
      const { unreadable: code, detail } = proof.parsed;
      return { ...nothing, statement: 'unreadable', unreadable: { code, detail } };
    }
    if ('history' in proof.parsed) return await checkHistory(question, proof.parsed.history, signal);
    const { certificate } = proof.parsed;
    const { extended } = question;
    return await checkProof(
      question,
      {
        proof: extended ?? proof.parsed.proof,
        source: certificate ? 'certificate' : 'file',
        text: extended === null ? null : formatProof(extended),
        receipt: about.receipt,
      },
      signal,
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UnreachableError) return { ...nothing, statement: 'away' };
    const { problem } = error instanceof ProblemError ? error : localProblem('not_understood');
    return { ...nothing, statement: 'refused', problem };
  }
}

async function lookUp(question: Question, signal: AbortSignal): Promise<Outcome> {
  const { directory, about } = question;
  const { document, id } = about;
  const nothing = { ...NOTHING, document };
  const missing = async (statement: 'unknown' | 'no_lookup'): Promise<Outcome> => {
    const file = document === null ? null : (about.document?.file ?? null);
    const rewritten = file !== null && (await isRewrittenCertificate(file.file));
    signal.throwIfAborted();
    return { ...nothing, statement: rewritten ? 'rewritten' : statement };
  };
  if (directory === null) return missing('no_lookup');
  if (id !== null) return fetchProof(question, directory, id, signal);
  if (document === null) throw new RangeError('neither a document nor a proof was given');
  const lookup = await patiently(() => directory.lookUp(toHex(document.sha256), signal), signal);
  const chosen =
    lookup.notarizations.find((each) => each.id === question.notarization) ??
    bestEvidence(lookup.notarizations, document.size);
  if (chosen === null) return missing('unknown');
  const outcome = await fetchProof(question, directory, chosen.id, signal);
  return { ...outcome, lookup: { ...lookup, checked: chosen.id } };
}

async function fetchProof(
  question: Question,
  directory: Directory,
  id: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const text = await patiently(() => directory.proofText(id, signal), signal);
  const given = parsed(text);
  if (!('proof' in given)) throw localProblem('not_understood');
  return checkProof(question, { proof: given.proof, source: 'service', text, receipt: null }, signal);
}

/** Waits when too many requests were sent, which checks of many documents are. */
async function patiently<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ProblemError) || error.problem.status !== 429 || !error.temporary) throw error;
      await connection.backOff(attempt, error.problem.retryAfterSeconds, signal);
    }
  }
}

/**
 * The earliest sealed notarization, or else the earliest. Those that state another size are skipped if there
 * are others: anyone who notarizes only a digest can state any size, and must not spoil the notarizations of
 * others.
 * @param size in bytes; null: not known
 */
export function bestEvidence(
  notarizations: readonly Notarization[],
  size: number | null,
): Notarization | null {
  const fitting = notarizations.filter(
    (notarization) => notarization.size === null || size === null || notarization.size === size,
  );
  return fitting.find(({ status }) => status !== 'accepted') ?? fitting[0] ?? notarizations[0] ?? null;
}

interface Evidence extends Pick<CheckedProof, 'proof' | 'source' | 'text'> {
  readonly receipt: PendingProof | null;
}

async function checkProof(question: Question, evidence: Evidence, signal: AbortSignal): Promise<Outcome> {
  const { document } = question.about;
  const { proof, source, text, receipt } = evidence;
  const trust = await trustOf(question, signal);
  const time = await timeInput(proof, question.judgeAnchors);
  signal.throwIfAborted();
  const { policy, receiptKeys } = trust;
  const given = document === null ? null : { sha256: document.sha256, ...sizeOf(document) };
  const verification = verify({ proof, document: given, policy, receiptKeys, ...time });
  const statement = statementOf(verification, document, trust);
  const promise =
    receipt === null || isPending(proof) || verification.verdict !== 'verified'
      ? null
      : checkPromise(receipt, proof, trust);
  const outcome: Outcome = {
    ...NOTHING,
    document,
    statement,
    checked: { proof, verification, trust, source, text, promise },
  };
  if (statement !== 'pending' || !isPending(proof) || question.directory === null) return outcome;
  const later = await followUp(question, question.directory, proof, signal);
  return later === 'broken' ? { ...outcome, statement: 'broken_promise' } : (later ?? outcome);
}

const sizeOf = ({ size }: HashedDocument) => (size === null ? {} : { size });

/** What the service has made of its promise; null: nothing yet, or it cannot be asked. */
async function followUp(
  question: Question,
  directory: Directory,
  pending: PendingProof,
  signal: AbortSignal,
): Promise<Outcome | 'broken' | null> {
  let text: string | null = null;
  try {
    text = await patiently(() => directory.proofText(idOf(pending), signal), signal);
  } catch (error) {
    signal.throwIfAborted();
    const unknown = error instanceof ProblemError && error.problem.code === 'notarization_not_found';
    if (!unknown) return null;
  }
  const later = text === null ? null : parsed(text);
  if (later !== null && 'proof' in later && !isPending(later.proof)) {
    return checkProof(question, { proof: later.proof, source: 'service', text, receipt: pending }, signal);
  }
  return Date.now() > pending.receipt.deadline ? 'broken' : null;
}

/** Without the service's key everything can still be checked but the signatures of the log. */
async function trustOf({ trust: ask }: Question, signal: AbortSignal): Promise<Trust> {
  return ask().catch((error: unknown) => {
    signal.throwIfAborted();
    if (error instanceof UnreachableError || error instanceof ProblemError || error instanceof ProofError) {
      return { source: 'service', policy: null, receiptKeys: [], waives: false } satisfies Trust;
    }
    throw error;
  });
}

/** Checks the history of a record, and looks for the document in what its events state. */
async function checkHistory(question: Question, source: Uint8Array, signal: AbortSignal): Promise<Outcome> {
  const { document } = question.about;
  const nothing = { ...NOTHING, document };
  const { parseHistory, verifyHistory, factsOf, Details } = await question.histories();
  let history: History;
  try {
    history = parseHistory(source);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return { ...nothing, statement: 'unreadable', unreadable: { code: error.code, detail: error.message } };
  }
  const trust = await trustOf(question, signal);
  const judge = await question.judgeAnchors().catch(() => null);
  signal.throwIfAborted();
  const verification = verifyHistory({
    history,
    policy: trust.policy,
    ...(judge === null ? {} : { time: { judge, now: Date.now() } }),
  });
  const naming = document === null ? null : eventNaming(verification, document.sha256);
  const checked = { history, verification, trust, naming, views: { factsOf, Details } };
  return { ...nothing, statement: historyStatement(checked, document), history: checked };
}

function historyStatement(
  { verification: { verdict, steps, cosignatures }, trust, naming }: CheckedHistory,
  document: HashedDocument | null,
): StatementName {
  switch (verdict) {
    case 'verified':
      if (document !== null && naming === null) return 'not_named';
      return cosignatures.length > 0 || trust.waives ? 'history' : 'history_alone';
    case 'incomplete':
      return 'history_incomplete';
    case 'untrusted':
      return untrustedStatement(steps, trust);
    case 'invalid':
      return 'history_invalid';
  }
}

/** Without the code, which could not be loaded, no anchor is looked at; the page says so. */
export async function timeInput(
  proof: ProofFile | PendingProof,
  judgeAnchors: Question['judgeAnchors'],
): Promise<{ readonly time?: TimeInput }> {
  if (isPending(proof) || proof.anchors.length === 0) return {};
  try {
    return { time: { judge: await judgeAnchors(), now: Date.now() } };
  } catch {
    return {};
  }
}

function checkPromise(pending: PendingProof, proof: ProofFile, { receiptKeys }: Trust): CheckedPromise {
  const { verdict, steps } = verify({ proof: pending, document: proof.document, policy: null, receiptKeys });
  return {
    comparison: verdict === 'invalid' ? null : comparePromise(pending, proof),
    deadline: pending.receipt.deadline,
    signed: hasPassed(steps, 'receipt_signature'),
  };
}

export function hasPassed(
  steps: Verification['steps'],
  name: Verification['steps'][number]['name'],
): boolean {
  return steps.some((step) => step.name === name && step.outcome === 'passed');
}

/** Failures that more of the same can resolve: what a copy of the proof that is fetched later may have. */
const LATER: readonly FailureCode[] = ['quorum_missing', 'time_missing'];

/** Whether anybody but the log says when. */
function isConfirmed({ cosignatures, time }: Pick<Verification, 'cosignatures' | 'time'>): boolean {
  return cosignatures.length > 0 || (time !== null && time.notAfter !== null);
}

/** The headline of a verification. Where the log alone says when, it is another, unless one's own policy wants that. */
export function statementOf(
  verification: Verification,
  document: HashedDocument | null,
  trust: Trust,
): StatementName {
  const { verdict, steps } = verification;
  switch (verdict) {
    case 'verified':
      if (isConfirmed(verification) || trust.waives) return document === null ? 'holds' : 'verified';
      return document === null ? 'holds_alone' : 'alone';
    case 'untrusted':
      return untrustedStatement(steps, trust);
    case 'invalid':
      // If the first step fails, the proof is for another document; the other steps may pass.
      return steps[0]?.outcome === 'failed' ? 'other_document' : 'invalid';
    case 'pending':
      return hasPassed(steps, 'receipt_signature') ? 'pending' : 'pending_unvouched';
  }
}

function untrustedStatement(
  steps: readonly { readonly code: string | null }[],
  { policy }: Trust,
): StatementName {
  // The log's own signature is valid; only cosignatures are missing.
  if (steps.every(({ code }) => code === null || code === 'quorum_missing')) return 'uncosigned';
  if (steps.every(({ code }) => code === null || LATER.some((each) => each === code))) return 'untimed';
  return policy === null ? 'no_key' : 'untrusted';
}

/**
 * Whether the proof is from this service's chain: it came from the service, or the published key signed it.
 */
export function isHere({ verification, trust, source }: CheckedProof): boolean {
  const isSigned = hasPassed(verification.steps, 'log_signature');
  return isSigned && (source === 'service' || trust.source === 'service');
}
