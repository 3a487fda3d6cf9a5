import { toHex } from '../../../proof/bytes.js';
import { printable } from '../../../proof/errors.js';
import { shownKey, type VerifierKey } from '../../../proof/verifier-key.js';
import type { ProofFile } from '../../../proof/proof-file.js';
import { USUAL_PROMISE_MS } from '../../../proof/promise.js';
import { problemLine } from '../../components/loaded.js';
import { problemSentence } from '../../components/problem.js';
import { button, type Child, element, icon, type IconName } from '../../lib/dom.js';
import { saveCertificate, saveProof } from '../../lib/files.js';
import { type Count, formatNumber, formatTime, groupHex } from '../../lib/format.js';
import {
  type Directory,
  idOf,
  isPending,
  type CheckedProof,
  type Outcome,
  type VerifyContext,
} from './examination.js';
import { historyDetails, historyFacts } from './history.js';
import { fact, rawValues, signerList, stepList, times } from './steps.js';
import { timeLines } from './time.js';
import { type Quorum, quorumOf, retiredSentence } from './trust.js';
import { timeMessages } from '../../messages/time.js';
import { common } from '../../messages/common.js';
import { type StatementName, messages } from '../../messages/verify.js';

/** Statements with which the times in the proof may be shown. */
const TIMED: readonly StatementName[] = ['verified', 'holds', 'pending'];
/** Statements with which a proof that the user does not have can be saved. */
const SAVED: readonly StatementName[] = ['verified', 'holds', 'uncosigned', 'untimed'];
/** Statements with which the page says what time sources show. */
const HAS_TIME: readonly StatementName[] = ['verified', 'holds', 'untimed'];

/** The facts of a proof, and whose signatures they rest on. */
function facts(
  { statement, document }: Outcome,
  checked: CheckedProof,
  quorum: Quorum | null,
  entryLink: VerifyContext['entryLink'],
): HTMLElement {
  const t = messages();
  const { proof, trust, source } = checked;
  const claimed = toHex(proof.document.sha256);
  const parts: Child[] = [
    documentFact(document?.name ?? null, document === null ? claimed : toHex(document.sha256)),
  ];
  if (statement === 'other_document') {
    parts.push(fact(t.factProofFor, element('code', { class: 'digest' }, groupHex(claimed))));
  }
  if (TIMED.includes(statement)) {
    // The time of sealing first: the chain vouches for it.
    if (!isPending(proof)) parts.push(fact(t.factSealed, ...times(proof.block.header.sealedAt)));
    parts.push(fact(t.factAccepted, ...times(proof.entry.acceptedAt)));
    const deadline = isPending(proof) ? proof.receipt.deadline : checked.promise?.deadline;
    if (deadline !== undefined) parts.push(fact(t.factPromised, ...times(deadline)));
  }
  if (!isPending(proof) && HAS_TIME.includes(statement)) {
    const lines = timeLines(checked.verification.time, trust.policy);
    if (lines.length > 0) parts.push(fact(timeMessages().fact, ...lines));
  }
  if (quorum !== null) parts.push(fact(t.factCosigned, ...signerList(quorum)));
  if (!isPending(proof) && TIMED.includes(statement)) {
    parts.push(fact(t.factBlock, ...place(proof, isHere(checked) ? entryLink : null)));
  }
  parts.push(fact(t.factSource, t.sources[source]), trustFact(isPending(proof), trust));
  return element('dl', { class: 'facts' }, ...parts);
}

function trustFact(byReceipt: boolean, { policy, receiptKeys, source }: CheckedProof['trust']): HTMLElement {
  const t = messages();
  const keys = byReceipt ? receiptKeys : (policy?.logs ?? []);
  const retired = byReceipt ? [] : (policy?.retired ?? []);
  const message =
    keys.length + retired.length === 0
      ? t.checkedWithNothing
      : source === 'own'
        ? t.checkedWithOwn
        : t.checkedWithService;
  return fact(
    t.factTrust,
    message,
    ...keys.map(keyCode),
    ...retired.flatMap((gone) => [retiredSentence(gone), keyCode(gone.key)]),
  );
}

function keyCode(key: VerifierKey): HTMLElement {
  return element('code', { class: 'key' }, printable(shownKey(key)));
}

function documentParts({ document }: Outcome): HTMLElement[] {
  return document === null ? [] : [documentFact(document.name, toHex(document.sha256))];
}

function documentFact(name: string | null, sha256: string): HTMLElement {
  const digest = element('code', { class: 'digest' }, groupHex(sha256));
  return fact(
    messages().factDocument,
    ...(name === null ? [] : [element('bdi', { class: 'fact-name' }, name)]),
    digest,
  );
}

function place({ block: { header, index } }: ProofFile, address: VerifyContext['entryLink']): Child[] {
  const t = messages();
  const [number, count, height] = [index + 1, header.entryCount, header.height].map(formatNumber);
  return [
    t.inBlock(number ?? '', count ?? '', height ?? ''),
    address === null ? null : element('a', { href: address({ height: header.height, index }) }, t.seeBlock),
  ];
}

/**
 * Whether the proof is from this service's chain: it came from the service, or the published key signed it.
 */
export function isHere({ verification, trust, source }: CheckedProof): boolean {
  const signed = verification.steps.some(
    ({ name, outcome }) => name === 'log_signature' && outcome === 'passed',
  );
  return signed && (source === 'service' || trust.source === 'service');
}

/** Offers the certificate of a verified notarization of this service; otherwise nothing. */
function certificateDownload(
  { statement, checked, lookup, document }: Outcome,
  directory: Directory | null,
): { readonly button: Child; readonly line: Child } {
  if (directory === null || checked === null || isPending(checked.proof)) return NOTHING;
  if (statement !== 'verified' && statement !== 'holds') return NOTHING;
  // The user already has the certificate.
  if (checked.source === 'certificate' || (lookup === null && !isHere(checked))) return NOTHING;
  const id = lookup?.checked ?? idOf(checked.proof);
  const named = checked.proof.details?.['name'];
  const name = document?.name ?? (typeof named === 'string' ? named : 'document');
  const t = messages();
  const problem = problemLine(() => ({ notarization_not_found: messages().noCertificate }));
  const save = async () => {
    press.setAttribute('aria-busy', 'true');
    await problem.during(async () => {
      saveCertificate(name, await directory.certificate(id));
    });
    press.removeAttribute('aria-busy');
  };
  const press = button(t.saveCertificate, () => void save());
  return { button: press, line: problem.element };
}

const NOTHING = { button: null, line: null };

/** The looks of a statement. Color is never the only sign. */
const LOOKS: Readonly<Record<StatementName, { readonly tone: string; readonly icon: IconName }>> = {
  verified: { tone: 'good', icon: 'check' },
  holds: { tone: 'good', icon: 'proof' },
  history: { tone: 'good', icon: 'check' },
  history_incomplete: { tone: 'doubt', icon: 'warning' },
  history_invalid: { tone: 'bad', icon: 'cross' },
  not_named: { tone: 'bad', icon: 'cross' },
  other_document: { tone: 'bad', icon: 'cross' },
  invalid: { tone: 'bad', icon: 'cross' },
  untrusted: { tone: 'doubt', icon: 'warning' },
  uncosigned: { tone: 'doubt', icon: 'clock' },
  untimed: { tone: 'doubt', icon: 'clock' },
  key_missing: { tone: 'plain', icon: 'question' },
  no_key: { tone: 'doubt', icon: 'warning' },
  pending: { tone: 'pending', icon: 'clock' },
  pending_unvouched: { tone: 'doubt', icon: 'clock' },
  unknown: { tone: 'plain', icon: 'question' },
  no_lookup: { tone: 'plain', icon: 'proof' },
  rewritten: { tone: 'doubt', icon: 'warning' },
  unreadable: { tone: 'doubt', icon: 'warning' },
  away: { tone: 'plain', icon: 'question' },
  refused: { tone: 'plain', icon: 'warning' },
};
const WORTH_ANOTHER_TRY: readonly StatementName[] = [
  'no_key',
  'pending',
  'pending_unvouched',
  'unknown',
  'away',
  'refused',
];
interface ResultActions {
  readonly again: () => void;
  /** Buttons that the page adds, each with a line that says what it did. */
  readonly more: (outcome: Outcome) => readonly { readonly button: Child; readonly line: Child }[];
  readonly entryLink: VerifyContext['entryLink'];
  readonly directory: VerifyContext['directory'];
  readonly choose: (notarization: string) => void;
}

export function resultView(outcome: Outcome, actions: ResultActions): HTMLElement {
  const t = messages();
  const { statement, checked, history } = outcome;
  const { title } = t.statements[statement];
  const { tone, icon: name } = LOOKS[statement];
  const offers = [certificateDownload(outcome, actions.directory), ...actions.more(outcome)];
  const quorum =
    checked === null || isPending(checked.proof)
      ? null
      : quorumOf(checked.trust.policy, checked.verification.cosignatures);
  return element(
    'section',
    { class: 'result', 'data-statement': statement, 'data-tone': tone, 'aria-labelledby': 'statement' },
    element(
      'div',
      { class: 'statement' },
      element('span', { class: 'statement-icon' }, icon(name)),
      element(
        'div',
        {},
        element('h2', { id: 'statement', tabindex: -1 }, title),
        element('p', {}, messageOf(outcome)),
        ...promiseSentences(outcome).map((text) => element('p', { class: 'promise' }, text)),
        ...explanations(outcome),
      ),
    ),
    history !== null
      ? historyFacts(history, documentParts(outcome), trustFact(false, history.trust))
      : checked === null
        ? element('dl', { class: 'facts' }, ...documentParts(outcome))
        : facts(outcome, checked, quorum, actions.entryLink),
    element(
      'div',
      { class: 'result-actions' },
      ...resultButtons(outcome, actions),
      ...offers.map((offer) => offer.button),
    ),
    ...offers.map((offer) => offer.line),
    others(outcome, actions),
    ...(history === null ? [] : historyDetails(history)),
    ...(checked === null
      ? []
      : [
          element('h3', {}, t.stepsHeading),
          stepList(checked.verification, checked.proof, quorum),
          rawValues(checked.proof),
        ]),
  );
}

/** The message of the statement. It names the log if no member has confirmed the log's times. */
export function messageOf({ statement, checked }: Outcome): string {
  const t = messages();
  if (checked === null || isPending(checked.proof) || isConfirmed(checked.verification)) {
    return t.statements[statement].message;
  }
  const origin = printable(checked.proof.log.checkpoint.origin);
  return statement === 'verified' || statement === 'holds'
    ? t.byLogAlone[statement](origin)
    : t.statements[statement].message;
}

/** Whether a kept receipt's promise was kept; without a receipt, who vouches for an unusually long time. */
export function promiseSentences({ statement, checked }: Outcome): string[] {
  if (checked === null || isPending(checked.proof)) return [];
  if (statement !== 'verified' && statement !== 'holds') return [];
  const t = messages();
  const { proof, promise } = checked;
  const origin = printable(proof.log.checkpoint.origin);
  const seconds = (ms: number): Count => {
    const n = Math.max(1, Math.floor(ms / 1000));
    return { n, text: formatNumber(n) };
  };
  const delay = proof.block.header.sealedAt - proof.entry.acceptedAt;
  if (promise === null) return delay > USUAL_PROMISE_MS ? [t.sealedLate(origin, seconds(delay))] : [];
  if (promise.comparison === null) return [t.promise.invalid];
  const { outcome, lateMs } = promise.comparison;
  const said = t.promise[outcome](origin, seconds(lateMs));
  return promise.signed ? [said] : [said, t.promise.unsigned];
}

/** Whether anybody but the log says when. */
function isConfirmed({ cosignatures, time }: CheckedProof['verification']): boolean {
  return cosignatures.length > 0 || (time !== null && time.notAfter !== null);
}

function explanations({ unreadable, problem }: Outcome): Child[] {
  return [
    unreadable === null ? null : element('p', {}, messages().unreadableProof(unreadable.code)),
    unreadable === null
      ? null
      : element('p', { class: 'technical', lang: 'en' }, element('code', {}, unreadable.detail)),
    problem === null ? null : element('p', {}, problemSentence(problem)),
  ];
}

function resultButtons({ statement, checked, document }: Outcome, { again }: ResultActions): Child[] {
  const t = messages();
  const text = checked?.text ?? null;
  const save = () => {
    if (text !== null) saveProof(document?.name ?? 'document', text);
  };
  return [
    text !== null && SAVED.includes(statement)
      ? button(t.saveProof, save, { class: 'button is-primary' })
      : null,
    WORTH_ANOTHER_TRY.includes(statement) ||
    ((statement === 'uncosigned' || statement === 'untimed') && checked?.source === 'service')
      ? button(common().tryAgain, again)
      : null,
  ];
}

function others({ lookup }: Outcome, { choose }: ResultActions): HTMLElement | null {
  if (lookup === null || lookup.notarizations.length < 2) return null;
  const t = messages();
  const rows = lookup.notarizations.map(({ id, acceptedAt, block }) => {
    const time = formatTime(Date.parse(acceptedAt));
    return element(
      'li',
      {},
      element(
        'span',
        {},
        block === undefined ? t.otherAccepted(time) : t.otherSealed(time, String(block.height)),
      ),
      id === lookup.checked
        ? element('span', { class: 'tag' }, t.shown)
        : button(
            t.checkThis,
            () => {
              choose(id);
            },
            { 'aria-label': t.checkThisNamed(time) },
          ),
    );
  });
  return element(
    'details',
    { class: 'others' },
    element('summary', {}, t.others(formatNumber(lookup.notarizations.length))),
    element('ul', {}, ...rows),
    lookup.more ? element('p', {}, t.moreOthers) : null,
  );
}
