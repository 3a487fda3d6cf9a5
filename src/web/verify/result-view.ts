import { toHex } from '../../proof/bytes.js';
import { element, button, icon, type Child, type IconName } from '../dom.js';
import { formatNumber, formatShortTime } from '../format.js';
import { common } from '../messages/common.js';
import { words, type StatementName } from '../messages/verify.js';
import { proofName, saveFile } from '../save-file.js';
import { certificateDownload } from './certificate-button.js';
import { isPending, type Outcome } from './check.js';
import { documentFact, facts } from './facts-view.js';
import { quorumOf } from './quorum.js';
import { rawValues } from './raw-view.js';
import { stepList } from './steps-view.js';
import type { Surroundings } from './surroundings.js';

/** How a statement looks: the colour follows the tone, and the words never depend on it. */
const LOOKS: Readonly<Record<StatementName, { readonly tone: string; readonly icon: IconName }>> = {
  verified: { tone: 'good', icon: 'check' },
  holds: { tone: 'good', icon: 'proof' },
  other_document: { tone: 'bad', icon: 'cross' },
  invalid: { tone: 'bad', icon: 'cross' },
  untrusted: { tone: 'doubt', icon: 'warning' },
  uncosigned: { tone: 'doubt', icon: 'clock' },
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
export interface ResultActions {
  readonly again: () => void;
  readonly entryAddress: Surroundings['entryAddress'];
  readonly directory: Surroundings['directory'];
  readonly choose: (notarization: string) => void;
}

export function resultView(outcome: Outcome, actions: ResultActions): HTMLElement {
  const t = words();
  const { statement, judged, document } = outcome;
  const { title, says } = t.statements[statement];
  const { tone, icon: name } = LOOKS[statement];
  const certificate = certificateDownload(outcome, actions.directory);
  const quorum =
    judged === null || isPending(judged.proof)
      ? null
      : quorumOf(judged.trust.policy, judged.verification.cosignatures);
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
        element('p', {}, says),
        ...explanations(outcome),
      ),
    ),
    judged === null
      ? document === null
        ? null
        : element('dl', { class: 'facts' }, documentFact(document.name, toHex(document.sha256)))
      : facts(outcome, judged, quorum, actions.entryAddress),
    element('div', { class: 'result-actions' }, ...resultButtons(outcome, actions), certificate.button),
    certificate.problem,
    others(outcome, actions),
    ...(judged === null
      ? []
      : [
          element('h3', {}, t.stepsHeading),
          stepList(judged.verification, judged.proof, quorum),
          rawValues(judged.proof),
        ]),
  );
}

function explanations({ unreadable, problem }: Outcome): Child[] {
  const t = common();
  return [
    unreadable === null ? null : element('p', {}, words().unreadableProof(unreadable.code)),
    unreadable === null
      ? null
      : element('p', { class: 'technical', lang: 'en' }, element('code', {}, unreadable.detail)),
    problem === null
      ? null
      : element('p', {}, t.problems[problem.code] ?? t.otherProblem(problem.code, problem.detail)),
  ];
}

function resultButtons({ statement, judged, document }: Outcome, { again }: ResultActions): Child[] {
  const t = words();
  const text = judged?.text ?? null;
  const save = () => {
    if (text !== null)
      saveFile(proofName(document?.name ?? 'document'), text, 'application/vnd.ingam.proof+json');
  };
  return [
    text !== null && statement === 'verified'
      ? button(t.saveProof, save, { class: 'button is-primary' })
      : null,
    WORTH_ANOTHER_TRY.includes(statement) || (statement === 'uncosigned' && judged?.source === 'service')
      ? button(t.tryAgain, again)
      : null,
  ];
}

function others({ lookup }: Outcome, { choose }: ResultActions): HTMLElement | null {
  if (lookup === null || lookup.notarizations.length < 2) return null;
  const t = words();
  const rows = lookup.notarizations.map(({ id, acceptedAt, block }) => {
    const time = formatShortTime(Date.parse(acceptedAt));
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
