import type { ComponentChildren } from 'preact';
import type { Json, JsonObject } from '../../../proof/canonical-json.js';
import { printable } from '../../../proof/errors.js';
import type { TimelineEvent } from '../../../proof/records/history.js';
import { parseEventKey } from '../../../proof/records/keys.js';
import { Icon } from '../../components/icon.js';
import { Values } from '../../components/values.js';
import { formatNumber, formatTime } from '../../lib/format.js';
import { recordMessages } from '../../messages/records.js';

/** What the verification makes of an event. */
export type EventMark = 'applied' | 'automatic' | 'fault' | 'unknown';

const ICONS = { applied: 'check', automatic: 'clock', fault: 'cross', unknown: 'dash' } as const;

interface TimelineProps {
  readonly events: readonly TimelineEvent[];
  readonly markOf: (event: TimelineEvent) => EventMark;
}

/** The events of a record from the first to the last, along a line. */
export function Timeline({ events, markOf }: TimelineProps) {
  return (
    <ol class="timeline">
      {events.map((event) => (
        <EventItem key={event.sequence} event={event} mark={markOf(event)} />
      ))}
    </ol>
  );
}

function EventItem({ event, mark }: { readonly event: TimelineEvent; readonly mark: EventMark }) {
  const t = recordMessages();
  const { sequence, type, height, sealedAt, automatic } = event;
  const block = formatNumber(height);
  return (
    <li class="timeline-event" value={sequence} data-type={type ?? ''} data-mark={mark}>
      <span class="timeline-mark">
        <Icon name={ICONS[mark]} />
      </span>
      <div class="timeline-body">
        <h4>
          <span class="step-number">{formatNumber(sequence)} </span>
          {type === null ? t.unreadable : (t.types[type] ?? printable(type))}
          <span class="visually-hidden">: {t.marks[mark]}</span>
        </h4>
        <p class="timeline-time">
          {sealedAt === null ? t.inBlock(block) : t.sealed(formatTime(sealedAt), block)}
        </p>
        {automatic ? <ByItself event={event} /> : <Signed event={event} />}
      </div>
    </li>
  );
}

function Signed({ event: { signers, body } }: { readonly event: TimelineEvent }) {
  const t = recordMessages();
  const keys = signers === null ? [t.notChecked] : signers.map(keySentence);
  return (
    <>
      <dl class="values">
        <div>
          <dt>{t.signed}</dt>
          {keys.map((key) => (
            <dd key={key}>
              <bdi>{key}</bdi>
            </dd>
          ))}
        </div>
      </dl>
      {body === null ? (
        <p>{t.erased}</p>
      ) : (
        <details>
          <summary>{t.states}</summary>
          <Values of={bodyValues(body)} />
        </details>
      )}
    </>
  );
}

function ByItself({ event: { facts } }: { readonly event: TimelineEvent }) {
  const t = recordMessages();
  return (
    <>
      <p>{t.byItself}</p>
      {facts.length === 0 ? null : (
        <dl class="values">
          <div>
            <dt>{t.restsOn}</dt>
            {facts.map((fact) => (
              <dd key={fact}>
                <bdi>{factSentence(fact)}</bdi>
              </dd>
            ))}
          </div>
        </dl>
      )}
    </>
  );
}

function factSentence(fact: string): string {
  const t = recordMessages();
  const [what, id = ''] = fact.split(' ');
  return what === 'record' ? t.factRecord(id) : t.factDocument(id);
}

/** The key's name and id, and how it is kept: the name alone says nothing. */
export function keySentence(text: string): string {
  const t = recordMessages();
  return `${printable(shortKey(text))}, ${t.keyKinds[parseEventKey(text).algorithm]}`;
}

/** Members of bodies that are times, in milliseconds since the Unix epoch. */
const TIMES = new Set(['deadline', 'until', 'from', 'before', 'after']);

/** What an event states, in lines. Its nonce states nothing. */
function bodyValues(body: JsonObject) {
  return Object.entries(body)
    .filter(([name]) => name !== 'nonce')
    .flatMap(([name, value]) => valuesOf([name], value));
}

function valuesOf(path: readonly string[], value: Json): (readonly [string, ComponentChildren])[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value as JsonObject).flatMap(([key, each]) => valuesOf([...path, key], each));
  }
  const text = valueText(path.at(-1) ?? '', value);
  const isCode = typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
  return [[placeOf(path), isCode ? <code>{text}</code> : <bdi>{text}</bdi>]];
}

/** Members by their names in the reader's language, elements of lists by their numbers, from 0 as events name them. */
function placeOf(path: readonly string[]): string {
  const { members } = recordMessages();
  const named = path.map((name) =>
    Object.hasOwn(members, name) ? (members[name] ?? name) : printable(name),
  );
  return named.join(' · ').replaceAll(/ · (\d+)(?= · |$)/g, ' $1');
}

function valueText(name: string, value: Exclude<Json, object> | null): string {
  const t = recordMessages();
  if (value === null) return t.none;
  if (typeof value === 'boolean') return value ? t.yes : t.no;
  if (typeof value === 'number') return TIMES.has(name) ? formatTime(value) : String(value);
  return printable(shortKey(value));
}

/** Of a verifier key the name and id, which tell it from others; any other text as it is. */
export function shortKey(text: string): string {
  return /^[^\s+]+\+[0-9a-f]{8}\+\S+$/.test(text) ? text.split('+').slice(0, 2).join('+') : text;
}
