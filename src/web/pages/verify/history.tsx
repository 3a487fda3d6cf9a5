import { HISTORY, historyFailure, missingText } from '../../../messages/history.js';
import { printable } from '../../../proof/errors.js';
import type { HistoryStep, HistoryVerification, TimelineEvent } from '../../../proof/records/history.js';
import { nextSteps } from '../../../proof/records/rules.js';
import type { RecordState } from '../../../proof/records/state.js';
import type { RecordTexts } from '../../../proof/records/texts.js';
import type { Place } from '../../../proof/step.js';
import { type EventMark, Timeline } from '../../components/record-timeline.js';
import { keySentence } from '../../components/key-sentence.js';
import { named, shortKey } from '../../components/record-values.js';
import type { Row } from '../../components/values.js';
import { formatNumber, groupHex } from '../../lib/format.js';
import { language } from '../../lib/language.js';
import { recordMessages } from '../../messages/records.js';
import type { CheckedHistory } from './check.js';
import { type ShownStep, Steps } from './steps.js';

/** What histories of records need, and nothing else: HistoryCode of check.ts. */

export { parseHistory } from '../../../proof/records/history-file.js';
export { verifyHistory } from '../../../proof/records/history.js';

/** What a record is, and in which state. */
export function factsOf({ history, verification }: CheckedHistory): readonly Row[] {
  const t = recordMessages();
  const { state, texts, asOf, verdict } = verification;
  const isInvalid = verdict === 'invalid';
  return [
    ...(state === null || isInvalid ? [] : stateFacts(state, texts)),
    ...(asOf === null || isInvalid ? [] : [[t.asOf, t.asOfNote] as const]),
    [t.record, <code class="digest">{groupHex(history.record)}</code>],
  ];
}

function stateFacts(state: RecordState, texts: RecordTexts): Row[] {
  const t = recordMessages();
  const { kind, status, holder } = state;
  const { title } = texts;
  const next = nextSteps(state, texts);
  return [
    ...(title === null
      ? []
      : [[t.members['title'] ?? '', <bdi class="fact-name">{printable(title)}</bdi>] as const]),
    [t.kind, t.kinds[kind]],
    [t.status, <strong data-status={status}>{t.statuses[status]}</strong>],
    [t.holder, <bdi>{keySentence(holder)}</bdi>],
    [
      t.next,
      next.length === 0
        ? t.nothingNext
        : next.map(({ type, signers, condition }) => (
            <div key={`${type} ${condition ?? ''} ${signers.join(' ')}`}>
              {t.nextStep(
                named(t.types[type] ?? type, condition),
                signers.map((key) => printable(shortKey(key))).join(', '),
              )}
            </div>
          )),
    ],
  ];
}

/** The events, and what a key shows. */
export function Details({ of: { verification } }: { readonly of: CheckedHistory }) {
  const t = recordMessages();
  const { missing, timeline, steps } = verification;
  return (
    <>
      <h3>{t.timeline}</h3>
      {isVouchedFor(verification) ? null : <p class="key-note">{t.claimed}</p>}
      <p class="key-note">{t.keyNote}</p>
      <Timeline
        heading="h4"
        of={timeline.map((event) => ({
          ...event,
          signers: event.signers?.map(keySentence) ?? null,
          mark: markOf(event, verification),
        }))}
      />
      {missing.length === 0 ? null : (
        <>
          <h3>{t.missing}</h3>
          <ul>
            {missing.map((part) => (
              <li key={part.message}>{missingText(part, language(), formatNumber)}</li>
            ))}
          </ul>
        </>
      )}
      <Steps of={steps.map((step) => historyStep(step, missing.length > 0))} />
    </>
  );
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

function historyStep(step: HistoryStep, isMissing: boolean): ShownStep {
  const [title] = HISTORY[language()].steps[step.name];
  return { ...step, title, message: sentenceOf(step, isMissing) };
}

function sentenceOf({ name, outcome, code, at }: HistoryStep, isMissing: boolean): string {
  const t = HISTORY[language()];
  if (code !== null) {
    const failure = historyFailure(code, language());
    return at === undefined ? failure : `${placeText(at)}: ${failure}`;
  }
  if (outcome === 'passed') return t.steps[name][1];
  if (name === 'cosignatures' || name === 'times') return t.stepSkipped;
  return isMissing ? t.stepMissing : t.stepLost;
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
