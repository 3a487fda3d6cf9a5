import { printable } from '../../../proof/errors.js';
import type { HistoryStep } from '../../../proof/records/history.js';
import { nextSteps } from '../../../proof/records/rules.js';
import type { RecordState } from '../../../proof/records/state.js';
import { keySentence, shortKey, timeline } from '../../components/timeline.js';
import { element, hiddenText, icon } from '../../lib/dom.js';
import { formatNumber, formatTime, groupHex } from '../../lib/format.js';
import { recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/verify.js';
import type { CheckedHistory } from './examination.js';
import { fact } from './steps.js';

/** What a record is, in which state, and as of when. */
export function historyFacts(
  { history, verification, naming }: CheckedHistory,
  document: readonly HTMLElement[],
  trust: HTMLElement,
): HTMLElement {
  const t = recordMessages();
  const { state, asOf } = verification;
  const named =
    document.length === 0
      ? []
      : [fact(t.document, naming === null ? t.documentNotIn : t.documentIn(formatNumber(naming)))];
  return element(
    'dl',
    { class: 'facts' },
    ...document,
    ...named,
    ...(state === null ? [] : stateFacts(state)),
    ...(asOf === null
      ? []
      : [fact(t.asOf, t.asOfBlock(formatNumber(asOf.height), formatTime(asOf.sealedAt, 'UTC')), t.asOfNote)]),
    fact(t.record, element('code', { class: 'digest' }, groupHex(history.record))),
    trust,
  );
}

function stateFacts(state: RecordState): HTMLElement[] {
  const t = recordMessages();
  const { kind, title, status, holder } = state;
  const name = title === null ? [] : [element('bdi', { class: 'fact-name' }, printable(title))];
  return [
    fact(t.kind, ...name, t.kinds[kind]),
    fact(t.status, element('strong', { 'data-status': status }, t.statuses[status])),
    fact(t.holder, element('bdi', {}, keySentence(holder))),
    fact(t.next, ...nextLines(state)),
  ];
}

/** The events that the record takes next, and whose keys sign them. */
function nextLines(state: RecordState): HTMLElement[] {
  const t = recordMessages();
  const steps = nextSteps(state);
  if (steps.length === 0) return [element('span', {}, t.nothingNext)];
  return steps.map(({ type, signers, condition }) => {
    const what = `${t.types[type] ?? type}${condition === null ? '' : ` (${printable(condition)})`}`;
    return element('span', {}, `${what}: ${signers.map((key) => printable(shortKey(key))).join(', ')}`);
  });
}

/** The events, and what a key shows. */
export function historyDetails({ verification }: CheckedHistory): HTMLElement[] {
  const t = recordMessages();
  return [
    element('h3', {}, t.timeline),
    element('p', { class: 'key-note' }, t.keyNote),
    timeline(verification.timeline),
    ...(verification.missing.length === 0
      ? []
      : [
          element('h3', {}, t.missing),
          element(
            'ul',
            { lang: 'en' },
            ...verification.missing.map((text) => element('li', {}, printable(text))),
          ),
        ]),
    element('h3', {}, messages().stepsHeading),
    element('ol', { class: 'steps' }, ...verification.steps.map(stepItem)),
  ];
}

const ICONS = { passed: 'check', failed: 'cross', skipped: 'dash' } as const;

function stepItem({ number, name, outcome, code, message }: HistoryStep): HTMLElement {
  const t = recordMessages();
  const [title, passed] = t.steps[name];
  return element(
    'li',
    {
      class: 'step',
      value: number,
      'data-step': name,
      'data-outcome': outcome,
      ...(code === null ? {} : { 'data-code': code }),
    },
    element('span', { class: 'step-icon' }, icon(ICONS[outcome])),
    element(
      'div',
      {},
      element(
        'h4',
        {},
        element('span', { class: 'step-number' }, `${formatNumber(number)} `),
        title,
        hiddenText(`: ${messages().outcomes[outcome]}`),
      ),
      ...(outcome === 'failed'
        ? [element('p', {}, t.failedAt), element('p', { lang: 'en' }, printable(message))]
        : [element('p', {}, outcome === 'passed' ? passed : t.stepSkipped)]),
    ),
  );
}
