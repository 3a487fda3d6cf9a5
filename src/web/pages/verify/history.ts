import { printable } from '../../../proof/errors.js';
import type {
  HistoryCode,
  HistoryStep,
  HistoryVerification,
  TimelineEvent,
} from '../../../proof/records/history.js';
import type { MissingPart } from '../../../proof/records/history-replay.js';
import { nextSteps } from '../../../proof/records/rules.js';
import type { RecordState } from '../../../proof/records/state.js';
import type { RecordTexts } from '../../../proof/records/texts.js';
import type { Place } from '../../../proof/step.js';
import { definitions } from '../../components/section.js';
import { type EventMark, keySentence, shortKey, timeline } from '../../components/timeline.js';
import { element, hiddenText, icon } from '../../lib/dom.js';
import { formatNumber, formatTime, groupHex } from '../../lib/format.js';
import { type HistoryOnlyCode, recordMessages } from '../../messages/records.js';
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
  const { state, texts, asOf, verdict } = verification;
  const named =
    document.length === 0
      ? []
      : [fact(t.document, naming === null ? t.documentNotIn : t.documentIn(formatNumber(naming)))];
  return element(
    'dl',
    { class: 'facts' },
    ...document,
    ...named,
    ...(state === null || verdict === 'invalid' ? [] : stateFacts(state, texts)),
    ...(asOf === null || verdict === 'invalid'
      ? []
      : [fact(t.asOf, t.asOfBlock(formatNumber(asOf.height), formatTime(asOf.sealedAt, 'UTC')), t.asOfNote)]),
    fact(t.record, element('code', { class: 'digest' }, groupHex(history.record))),
    trust,
  );
}

function stateFacts(state: RecordState, texts: RecordTexts): HTMLElement[] {
  const t = recordMessages();
  const { kind, status, holder } = state;
  const { title } = texts;
  const name = title === null ? [] : [element('bdi', { class: 'fact-name' }, printable(title))];
  return [
    fact(t.kind, ...name, t.kinds[kind]),
    fact(t.status, element('strong', { 'data-status': status }, t.statuses[status])),
    fact(t.holder, element('bdi', {}, keySentence(holder))),
    fact(t.next, ...nextLines(state, texts)),
  ];
}

/** The events that the record takes next, and whose keys sign them. */
function nextLines(state: RecordState, texts: RecordTexts): HTMLElement[] {
  const t = recordMessages();
  const steps = nextSteps(state, texts);
  if (steps.length === 0) return [element('span', {}, t.nothingNext)];
  return steps.map(({ type, signers, condition }) => {
    const what = `${t.types[type] ?? type}${condition === null ? '' : ` (${printable(condition)})`}`;
    return element('span', {}, `${what}: ${signers.map((key) => printable(shortKey(key))).join(', ')}`);
  });
}

/** The events, and what a key shows. */
export function historyDetails({ verification }: CheckedHistory): HTMLElement[] {
  const t = recordMessages();
  const parts: readonly (HTMLElement | null)[] = [
    element('h3', {}, t.timeline),
    isVouchedFor(verification) ? null : element('p', { class: 'key-note' }, t.claimed),
    element('p', { class: 'key-note' }, t.keyNote),
    timeline(verification.timeline, (event) => markOf(event, verification)),
    ...(verification.missing.length === 0
      ? []
      : [
          element('h3', {}, t.missing),
          element('ul', {}, ...verification.missing.map((part) => element('li', {}, missingText(part)))),
        ]),
    element('h3', {}, messages().stepsHeading),
    element(
      'ol',
      { class: 'steps' },
      ...verification.steps.map((step) => stepItem(step, verification.missing.length > 0)),
    ),
  ];
  return parts.filter((part) => part !== null);
}

function isVouchedFor({ verdict }: HistoryVerification): boolean {
  return verdict === 'verified' || verdict === 'incomplete';
}

/** Steps name their first fault only, so no event of an invalid history is marked as good. */
function markOf({ sequence, state, automatic }: TimelineEvent, verification: HistoryVerification): EventMark {
  const isFault = verification.steps.some(
    ({ code, at }) => code !== null && at?.event === sequence && at.record === undefined,
  );
  if (isFault) return 'fault';
  if (state === null || !isVouchedFor(verification)) return 'unknown';
  return automatic ? 'automatic' : 'applied';
}

function missingText(part: MissingPart): string {
  const t = recordMessages();
  switch (part.what) {
    case 'body': {
      const body = t.missingBody(formatNumber(part.event));
      return part.record === undefined ? body : `${body} ${t.missingOf(part.record)}`;
    }
    case 'record':
      return t.missingRecord(part.record, formatNumber(part.block));
    case 'record_before':
      return t.missingBefore(part.record, formatNumber(part.block));
    case 'document':
      return t.missingDocument(part.document);
  }
}

const ICONS = { passed: 'check', failed: 'cross', skipped: 'dash' } as const;

function stepItem(step: HistoryStep, isMissing: boolean): HTMLElement {
  const { number, name, outcome, code, expected, computed } = step;
  const [title] = recordMessages().steps[name];
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
      element('p', {}, sentenceOf(step, isMissing)),
      expected === undefined || computed === undefined
        ? null
        : definitions([
            [messages().expected, printable(expected), 'code'],
            [messages().computed, printable(computed), 'code'],
          ]),
    ),
  );
}

function sentenceOf({ name, outcome, code, at }: HistoryStep, isMissing: boolean): string {
  const t = recordMessages();
  if (code !== null) return at === undefined ? failure(code) : `${placeText(at)}: ${failure(code)}`;
  if (outcome === 'passed') return t.steps[name][1];
  if (name === 'cosignatures' || name === 'times') return t.stepSkipped;
  return isMissing ? t.stepMissing : t.stepLost;
}

function failure(code: HistoryCode): string {
  const { failures } = recordMessages();
  const isOwn = (each: HistoryCode): each is HistoryOnlyCode => Object.hasOwn(failures, each);
  return isOwn(code) ? failures[code] : messages().failures[code];
}

function placeText({ block, event, record, document }: Place): string {
  const t = recordMessages().place;
  return [
    ...(record === undefined ? [] : [t.record(record)]),
    ...(block === undefined ? [] : [t.block(formatNumber(block))]),
    ...(event === undefined ? [] : [t.event(formatNumber(event))]),
    ...(document === undefined ? [] : [t.document(document)]),
  ].join(', ');
}
