import { toHex } from '../../../proof/bytes.js';
import { ProofError, type ProofErrorCode } from '../../../proof/errors.js';
import type * as Pack from '../../../pack/index.js';
import { canonicalJson } from '../../../proof/canonical-json.js';
import { idWithDetails } from '../../../proof/entry.js';
import { extendProof } from '../../../proof/extend.js';
import {
  formatProof,
  parseProof,
  PENDING_FORMAT,
  type PendingProof,
  type ProofFile,
} from '../../../proof/proof-file.js';
import { comparePromise, type PromiseComparison } from '../../../proof/promise.js';
import type { History } from '../../../proof/records/history-file.js';
import type { HistoryVerification, verifyHistory } from '../../../proof/records/history.js';
import { type FailureCode, type TimeInput, type Verification, verify } from '../../../proof/verify.js';
import type { JudgeAnchors } from '../../../proof/time/findings.js';
import type { Render } from '../../components/section.js';
import type { Lookup, Notarization } from '../../lib/api.js';
import type { ChosenFile } from '../../lib/files.js';
import { Hasher, type HashWorkers } from '../../lib/hasher.js';
import { localProblem, type Problem, ProblemError, UnreachableError } from '../../lib/request.js';
import { type HashedDocument, isRewrittenCertificate, parsed, type Parsed, readProof } from './files.js';
import { ownTrust, type Trust, type TrustChoice } from './trust.js';
import type { StatementName } from '../../messages/verify.js';

/** Looks up documents without a proof. Each method rejects as the requests of api.ts do. */
export interface Directory {
  lookUp(sha256: string, signal: AbortSignal): Promise<Lookup>;
  proofText(id: string, signal: AbortSignal): Promise<string>;
  /** Returns the certificate of a sealed notarization. */
  certificate(id: string): Promise<Blob>;
}

/** What differs between the service's page and the offline file. */
export interface VerifyContext {
  /** Loads the code that judges anchors, which a proof without anchors does not need. */
  readonly judgeAnchors: () => Promise<JudgeAnchors>;
  /** Loads the code that reads and verifies histories of records. */
  readonly histories: () => Promise<HistoryCode>;
  readonly frame: (render: Render) => void;
  readonly workers: HashWorkers;
  /**
   * The trust that applies unless users enter their own. Rejects as the requests of api.ts do, and with
   * ProofError.
   */
  readonly trust: (signal: AbortSignal) => Promise<Trust>;
  /** null: offline. */
  readonly directory: Directory | null;
  /** What evidence packs are made of. */
  readonly pack: {
    readonly load: () => Promise<Pick<typeof Pack, 'buildPack' | 'MAX_PACKED_DOCUMENT' | 'zipPack'>>;
    /** HTML of the verifier in one file, without anybody's trust in it. */
    readonly verifier: () => Promise<Uint8Array>;
  };
  /** Address of an entry in the explorer; null: offline. */
  readonly entryLink: ((entry: { readonly height: number; readonly index: number }) => string) | null;
  /** The panel about the page itself, at its end. */
  readonly about: () => HTMLElement;
}

export interface HistoryCode {
  readonly parseHistory: (source: Uint8Array) => History;
  readonly verifyHistory: typeof verifyHistory;
}

/** A record's history, and what was checked of it. */
export interface CheckedHistory {
  readonly history: History;
  readonly verification: HistoryVerification;
  readonly trust: Trust;
  /** The event that names the given document; null: none does, or no document was given. */
  readonly naming: number | null;
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
export function idOf({ entry, block, details }: ProofFile): string {
  // So that the service discloses what the proof does.
  const known = details === undefined ? null : canonicalJson(details);
  return idWithDetails(block.header.firstPosition + block.index, entry, known);
}

export interface Question {
  readonly document: HashedDocument | null;
  readonly proof: Parsed | null;
  /** Whether `proof` has more than the file that the user gave. */
  readonly extended: boolean;
  /** A pending proof that was kept; null: none. */
  readonly receipt: Parsed | null;
  /** Called only if there is a proof to check. */
  readonly trust: (signal: AbortSignal) => Promise<Trust>;
  /** The notarization to check; null: the best evidence. */
  readonly notarization: string | null;
  /** Looks up the document if there is no proof; null: offline. */
  readonly directory: Directory | null;
  readonly judgeAnchors: () => Promise<JudgeAnchors>;
  readonly histories: () => Promise<HistoryCode>;
}

const NOTHING = { checked: null, history: null, lookup: null, unreadable: null, problem: null };

/** Checks a document, a proof, or both. Failures are outcomes, too. @throws only the signal's reason */
async function check(question: Question, signal: AbortSignal): Promise<Outcome> {
  const nothing = { ...NOTHING, document: question.document };
  try {
    return question.proof === null
      ? await lookUp(question, signal)
      : await checkProof(question, question.proof, signal, null);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UnreachableError) return { ...nothing, statement: 'away' };
    const { problem } = error instanceof ProblemError ? error : localProblem('not_understood');
    return { ...nothing, statement: 'refused', problem };
  }
}

async function lookUp(question: Question, signal: AbortSignal): Promise<Outcome> {
  const { document, directory } = question;
  const nothing = { ...NOTHING, document };
  if (document === null) throw new RangeError('neither a document nor a proof was given');
  if (directory === null) return { ...nothing, statement: 'no_lookup' };
  const lookup = await directory.lookUp(toHex(document.sha256), signal);
  const chosen =
    lookup.notarizations.find(({ id }) => id === question.notarization) ??
    bestEvidence(lookup.notarizations, document.size);
  if (chosen === null) return { ...nothing, statement: 'unknown' };
  const text = await directory.proofText(chosen.id, signal);
  const outcome = await checkProof(question, parsed(text), signal, text);
  return { ...outcome, lookup: { ...lookup, checked: chosen.id } };
}

/**
 * The earliest sealed notarization, or else the earliest. Those that state another size are skipped if there
 * are others: anyone who notarizes only a digest can state any size, and must not spoil the notarizations of
 * others.
 */
export function bestEvidence(notarizations: readonly Notarization[], size: number): Notarization | null {
  const fitting = notarizations.filter(
    (notarization) => notarization.size === null || notarization.size === size,
  );
  return fitting.find(({ status }) => status !== 'accepted') ?? fitting[0] ?? notarizations[0] ?? null;
}

async function checkProof(
  question: Question,
  given: Parsed,
  signal: AbortSignal,
  fetched: string | null,
): Promise<Outcome> {
  const { document, receipt, extended, judgeAnchors } = question;
  const nothing = { ...NOTHING, document };
  if ('unreadable' in given) {
    return {
      ...nothing,
      statement: 'unreadable',
      unreadable: { code: given.unreadable, detail: given.detail },
    };
  }
  if ('history' in given) return checkHistory(question, given.history, signal);
  const { proof } = given;
  const trust = await trustOf(question, signal);
  const time = await timeInput(proof, judgeAnchors);
  signal.throwIfAborted();
  const { policy, receiptKeys } = trust;
  const verification = verify({ proof, document, policy, receiptKeys, ...time });
  const source = fetched !== null ? 'service' : given.certificate ? 'certificate' : 'file';
  const text = fetched ?? (extended ? formatProof(proof) : null);
  const promise =
    receipt === null || isPending(proof) || verification.verdict !== 'verified'
      ? null
      : checkPromise(receipt, proof, trust);
  const checked: CheckedProof = { proof, verification, trust, source, text, promise };
  return { ...nothing, statement: statementOf(verification, document, trust), checked };
}

/** Without the service's key everything can still be checked but the signatures of the log. */
async function trustOf({ trust: ask }: Question, signal: AbortSignal): Promise<Trust> {
  return ask(signal).catch((error: unknown) => {
    signal.throwIfAborted();
    if (error instanceof UnreachableError || error instanceof ProblemError || error instanceof ProofError) {
      return { source: 'service', policy: null, receiptKeys: [] } satisfies Trust;
    }
    throw error;
  });
}

/** Checks the history of a record, and looks for the document in what its events state. */
async function checkHistory(question: Question, source: Uint8Array, signal: AbortSignal): Promise<Outcome> {
  const { document } = question;
  const nothing = { ...NOTHING, document };
  const { parseHistory, verifyHistory } = await question.histories();
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
  const naming = document === null ? null : eventNaming(verification, toHex(document.sha256));
  const checked = { history, verification, trust, naming };
  return { ...nothing, statement: historyStatement(checked, document), history: checked };
}

/** The first event that states this digest; null: none does. */
function eventNaming({ timeline }: HistoryVerification, digest: string): number | null {
  const found = timeline.find(({ body }) => body !== null && JSON.stringify(body).includes(`"${digest}"`));
  return found?.sequence ?? null;
}

function historyStatement(
  { verification: { verdict, steps }, trust, naming }: CheckedHistory,
  document: HashedDocument | null,
): StatementName {
  switch (verdict) {
    case 'verified':
      return document !== null && naming === null ? 'not_named' : 'history';
    case 'incomplete':
      return 'history_incomplete';
    case 'untrusted':
      return untrustedStatement(steps, trust);
    case 'invalid':
      return 'history_invalid';
  }
}

/** Without the code, which could not be loaded, no anchor is looked at; the page says so. */
async function timeInput(
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

function checkPromise(given: Parsed, proof: ProofFile, { receiptKeys }: Trust): CheckedPromise | null {
  if (!('proof' in given) || !isPending(given.proof)) return null;
  const pending = given.proof;
  const { verdict, steps } = verify({ proof: pending, document: proof.document, policy: null, receiptKeys });
  return {
    comparison: verdict === 'invalid' ? null : comparePromise(pending, proof),
    deadline: pending.receipt.deadline,
    signed: steps.some(({ name, outcome }) => name === 'receipt_signature' && outcome === 'passed'),
  };
}

/** Failures that more of the same can resolve: what a copy of the proof that is fetched later may have. */
const LATER: readonly FailureCode[] = ['quorum_missing', 'time_missing'];

/** The headline of a verification. */
export function statementOf(
  { verdict, steps }: Verification,
  document: HashedDocument | null,
  trust: Trust,
): StatementName {
  switch (verdict) {
    case 'verified':
      return document === null ? 'holds' : 'verified';
    case 'untrusted':
      return untrustedStatement(steps, trust);
    case 'invalid':
      // If the first step fails, the proof is for another document; the other steps may pass.
      return steps[0]?.outcome === 'failed' ? 'other_document' : 'invalid';
    case 'pending':
      return steps.some(({ name, outcome }) => name === 'receipt_signature' && outcome === 'passed')
        ? 'pending'
        : 'pending_unvouched';
  }
}

function untrustedStatement(steps: readonly { readonly code: string | null }[], trust: Trust): StatementName {
  // The log's own signature is valid; only cosignatures are missing.
  if (steps.every(({ code }) => code === null || code === 'quorum_missing')) return 'uncosigned';
  if (steps.every(({ code }) => code === null || LATER.some((each) => each === code))) return 'untimed';
  if (trust.policy !== null) return 'untrusted';
  return trust.source === 'service' ? 'no_key' : 'key_missing';
}

export function isPending(proof: ProofFile | PendingProof): proof is PendingProof {
  return proof.format === PENDING_FORMAT;
}

export type Work =
  | { readonly kind: 'hashing'; readonly name: string; readonly bytes: number; readonly size: number }
  | { readonly kind: 'looking' }
  | { readonly kind: 'unreadable' };

export type Given = 'document' | 'proof' | 'receipt';

/** Statements about documents without any evidence. */
const NOTHING_KNOWN: readonly StatementName[] = ['unknown', 'no_lookup'];

type ExaminationContext = Pick<
  VerifyContext,
  'workers' | 'trust' | 'directory' | 'judgeAnchors' | 'histories'
>;

/**
 * The given files and the outcome of their check. Every change starts a new check and drops the result of the
 * old one.
 */
export class Examination {
  document: ChosenFile | null = null;
  proof: ChosenFile | null = null;
  /** A pending proof beside the final one. */
  receipt: ChosenFile | null = null;
  work: Work | null = null;
  outcome: Outcome | null = null;
  #hashed: HashedDocument | null = null;
  #parsed: Parsed | null = null;
  #extended = false;
  #parsedReceipt: Parsed | null = null;
  #chosen: string | null = null;
  #trust: TrustChoice = { source: 'service', pasted: '' };
  #asking = new AbortController();
  readonly #context: ExaminationContext;
  readonly #hasher: Hasher;
  readonly #listeners: Readonly<Record<'onGiven' | 'onWork' | 'onOutcome', () => void>>;

  constructor(
    context: ExaminationContext,
    listeners: Readonly<Record<'onGiven' | 'onWork' | 'onOutcome', () => void>>,
  ) {
    this.#context = context;
    this.#hasher = new Hasher(context.workers, 1);
    this.#listeners = listeners;
  }

  set trust(chosen: TrustChoice) {
    this.#trust = chosen;
    this.ask();
  }

  /** A receipt belongs to the proof that it is given with. */
  give(given: {
    readonly document?: ChosenFile;
    readonly proof?: ChosenFile;
    readonly receipt?: ChosenFile;
  }): void {
    if (given.document !== undefined) this.#forget('document', given.document);
    if (given.proof !== undefined) {
      this.#forget('proof', given.proof);
      this.#forget('receipt', given.receipt ?? null);
    }
    this.#listeners.onGiven();
    this.ask();
  }

  take(what: Given): void {
    this.#forget(what, null);
    if (what === 'proof') this.#forget('receipt', null);
    this.#listeners.onGiven();
    this.ask();
  }

  /**
   * Adds to the given proof what the service has collected for it since, and checks it again.
   * @returns false: there is nothing new
   * @throws as the requests of api.ts do, and ProofError
   */
  async extend(directory: Directory): Promise<boolean> {
    const [given, checked] = [this.#parsed, this.outcome?.checked];
    if (given === null || !('proof' in given) || isPending(given.proof) || checked == null) return false;
    const later = parseProof(await directory.proofText(idOf(given.proof), new AbortController().signal));
    const time = await timeInput(later, this.#context.judgeAnchors);
    if (this.#parsed !== given || isPending(later)) return false;
    const proof = extendProof(given.proof, later, { policy: checked.trust.policy, ...time });
    if (proof === null) return false;
    this.#parsed = { ...given, proof };
    this.#extended = true;
    this.ask();
    return true;
  }

  /** Checks another notarization of the document. */
  choose(id: string): void {
    this.#chosen = id;
    this.ask();
  }

  ask(): void {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.#answer(signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async #answer(signal: AbortSignal): Promise<void> {
    if (this.document === null && this.proof === null) {
      this.#setWork(null);
      this.#setOutcome(null);
      return;
    }
    if (!(await this.#read(signal))) {
      this.#setOutcome(null);
      return;
    }
    this.#setWork({ kind: 'looking' });
    const outcome = await check(
      {
        document: this.#hashed,
        proof: this.#parsed,
        extended: this.#extended,
        receipt: this.#parsedReceipt,
        trust: async (trustSignal) =>
          this.#trust.source === 'own'
            ? ownTrust(this.#trust.pasted)
            : await this.#context.trust(trustSignal),
        notarization: this.#chosen,
        directory: this.#context.directory,
        judgeAnchors: this.#context.judgeAnchors,
        histories: this.#context.histories,
      },
      signal,
    );
    const rewritten = NOTHING_KNOWN.includes(outcome.statement) && (await this.#isRewritten());
    if (signal.aborted) return;
    this.#setWork(null);
    this.#setOutcome(rewritten ? { ...outcome, statement: 'rewritten' } : outcome);
  }

  /** @returns false if a file can no longer be read */
  async #read(signal: AbortSignal): Promise<boolean> {
    const { document, proof, receipt } = this;
    try {
      if (proof !== null) this.#parsed ??= await readProof(proof.file);
      if (receipt !== null) this.#parsedReceipt ??= await readProof(receipt.file);
      if (document !== null && this.#hashed === null) {
        const { name, size } = document.file;
        this.#setOutcome(null);
        this.#setWork({ kind: 'hashing', name, bytes: 0, size });
        const sha256 = await this.#hasher.hash(document.file, signal, (bytes) => {
          if (!signal.aborted) this.#setWork({ kind: 'hashing', name, bytes, size });
        });
        this.#hashed = { name, size, sha256 };
      }
    } catch {
      signal.throwIfAborted();
      this.#setWork({ kind: 'unreadable' });
      return false;
    }
    signal.throwIfAborted();
    return true;
  }

  async #isRewritten(): Promise<boolean> {
    return this.document !== null && isRewrittenCertificate(this.document.file);
  }

  #forget(what: Given, now: ChosenFile | null): void {
    this.#chosen = null;
    this[what] = now;
    if (what === 'document') this.#hashed = null;
    else if (what === 'proof') [this.#parsed, this.#extended] = [null, false];
    else this.#parsedReceipt = null;
  }

  #setWork(work: Work | null): void {
    this.work = work;
    this.#listeners.onWork();
  }

  #setOutcome(outcome: Outcome | null): void {
    this.outcome = outcome;
    this.#listeners.onOutcome();
  }
}
