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
import { formatNumber, groupHex } from '../../lib/format.js';
import { type HistoryOnlyCode, recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/verify.js';
import type { CheckedHistory } from './check.js';
import { Fact } from './fact.js';
import { type ShownStep, Steps } from './steps.js';
import { type EventMark, keySentence, shortKey, Timeline } from './timeline.js';

/** What a record is, and in which state. */
export function HistoryFacts({ of: { history, verification } }: { readonly of: CheckedHistory }) {
  const t = recordMessages();
  const { state, texts, asOf, verdict } = verification;
  const isInvalid = verdict === 'invalid';
  return (
    <>
      {state === null || isInvalid ? null : <StateFacts state={state} texts={texts} />}
      {asOf === null || isInvalid ? null : <Fact name={t.asOf}>{t.asOfNote}</Fact>}
      <Fact name={t.record}>
        <code class="digest">{groupHex(history.record)}</code>
      </Fact>
    </>
  );
}

interface StateFactsProps {
  readonly state: RecordState;
  readonly texts: RecordTexts;
}

function StateFacts({ state, texts }: StateFactsProps) {
  const t = recordMessages();
  const { kind, status, holder } = state;
  const { title } = texts;
  const next = nextSteps(state, texts);
  return (
    <>
      <Fact name={t.kind}>
        {title === null ? null : (
          <div>
            <bdi class="fact-name">{printable(title)}</bdi>
          </div>
        )}
        {t.kinds[kind]}
      </Fact>
      <Fact name={t.status}>
        <strong data-status={status}>{t.statuses[status]}</strong>
      </Fact>
      <Fact name={t.holder}>
        <bdi>{keySentence(holder)}</bdi>
      </Fact>
      <Fact name={t.next}>
        {next.length === 0
          ? t.nothingNext
          : next.map(({ type, signers, condition }) => (
              <div key={`${type} ${condition ?? ''} ${signers.join(' ')}`}>
                {t.types[type] ?? type}
                {condition === null ? '' : ` (${printable(condition)})`}
                {`: ${signers.map((key) => printable(shortKey(key))).join(', ')}`}
              </div>
            ))}
      </Fact>
    </>
  );
}

/** The events, and what a key shows. */
export function HistoryDetails({ of: { verification } }: { readonly of: CheckedHistory }) {
  const t = recordMessages();
  const { missing, timeline, steps } = verification;
  return (
    <>
      <h3>{t.timeline}</h3>
      {isVouchedFor(verification) ? null : <p class="key-note">{t.claimed}</p>}
      <p class="key-note">{t.keyNote}</p>
      <Timeline events={timeline} markOf={(event) => markOf(event, verification)} />
      {missing.length === 0 ? null : (
        <>
          <h3>{t.missing}</h3>
          <ul>
            {missing.map((part) => (
              <li key={part.message}>{missingText(part)}</li>
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

function historyStep(step: HistoryStep, isMissing: boolean): ShownStep {
  const [title] = recordMessages().steps[step.name];
  return { ...step, title, message: sentenceOf(step, isMissing) };
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
