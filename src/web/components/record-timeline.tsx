import type { JsonObject } from '../../proof/canonical-json.js';
import { printable } from '../../proof/errors.js';
import { formatNumber } from '../lib/format.js';
import { recordMessages } from '../messages/records.js';
import { Icon } from './icon.js';
import { bodyValues, factSentence, Lines, named } from './record-values.js';
import { Time } from './time.js';
import { Values } from './values.js';

/** What a verification, or the service, makes of an event. */
export type EventMark = 'applied' | 'automatic' | 'fault' | 'unknown' | 'waiting' | 'void';

const ICONS = {
  applied: 'check',
  automatic: 'clock',
  fault: 'cross',
  unknown: 'dash',
  waiting: 'clock',
  void: 'dash',
} as const;

/** An event of a record, as it is shown. */
export interface ShownEvent {
  readonly sequence: number;
  /** null: it cannot be read. */
  readonly type: string | null;
  readonly mark: EventMark;
  /** It happened by itself. */
  readonly automatic: boolean;
  /** What an automatic event rests on. */
  readonly facts: readonly string[];
  /** The keys, in words; null: they could not be checked. */
  readonly signers: readonly string[] | null;
  /** null: erased, or left out. Without members but the nonce, it states nothing. */
  readonly body: JsonObject | null;
  /** It has a body, of which nothing is shown. */
  readonly hidden?: boolean;
  /** null: no block has it yet, or it cannot be read. */
  readonly height: number | null;
  readonly sealedAt: number | string | null;
}

interface TimelineProps {
  /** In their order. */
  readonly of: readonly ShownEvent[];
  /** The element of its headings: one level below that of the heading above it. */
  readonly heading: 'h3' | 'h4';
}

/** The events of a record along a line. */
export function Timeline({ of, heading }: TimelineProps) {
  return (
    <ol class="timeline">
      {of.map((event, i) => (
        // Of several events with one number, all but one are void.
        <EventItem key={i} event={event} heading={heading} />
      ))}
    </ol>
  );
}

interface EventProps extends Pick<TimelineProps, 'heading'> {
  readonly event: ShownEvent;
}

function EventItem({ event, heading: Heading }: EventProps) {
  const t = recordMessages();
  const { sequence, type, height, sealedAt, automatic, mark } = event;
  return (
    <li class="timeline-event" value={sequence} data-type={type ?? ''} data-mark={mark}>
      <span class="timeline-mark">
        <Icon name={ICONS[mark]} />
      </span>
      <div class="timeline-body">
        <Heading>
          <span class="step-number">{formatNumber(sequence)} </span>
          {type === null ? t.unreadable : named(t.types[type] ?? printable(type), conditionOf(event))}
          <span class="visually-hidden">: {t.marks[mark]}</span>
        </Heading>
        {mark === 'waiting' || mark === 'void' ? <p class="timeline-time">{t.markNotes[mark]}</p> : null}
        {height === null ? null : (
          <p class="timeline-time">
            {sealedAt === null
              ? t.inBlock(formatNumber(height))
              : t.sealed(<Time at={sealedAt} />, formatNumber(height))}
          </p>
        )}
        {automatic ? <ByItself event={event} /> : <Signed event={event} />}
      </div>
    </li>
  );
}

function conditionOf({ type, body }: ShownEvent): string | null {
  const name = type === 'contract.fulfil' ? body?.['name'] : null;
  return typeof name === 'string' ? name : null;
}

function Signed({ event: { signers, body, hidden } }: { readonly event: ShownEvent }) {
  const t = recordMessages();
  const keys = signers ?? [t.notChecked];
  const stated = body === null ? null : bodyValues(body);
  return (
    <>
      <Values of={[[t.signed, <Lines of={keys} />]]} />
      {stated === null ? <p>{hidden === true ? t.notShown : t.erased}</p> : null}
      {stated === null || stated.length === 0 ? null : (
        <details>
          <summary>{t.states}</summary>
          <Values of={stated} />
        </details>
      )}
    </>
  );
}

function ByItself({ event: { facts } }: { readonly event: ShownEvent }) {
  const t = recordMessages();
  return (
    <>
      <p>{t.byItself}</p>
      {facts.length === 0 ? null : <Values of={[[t.restsOn, <Lines of={facts.map(factSentence)} />]]} />}
    </>
  );
}
