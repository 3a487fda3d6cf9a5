import type { Json, JsonObject } from '../../proof/canonical-json.js';
import { printable } from '../../proof/errors.js';
import { parseEventKey } from '../../proof/records/keys.js';
import type { TimelineEvent } from '../../proof/records/history.js';
import { element, hiddenText, icon } from '../lib/dom.js';
import { formatNumber, formatTime } from '../lib/format.js';
import { recordMessages } from '../messages/records.js';
import { type Definition, definitions } from './section.js';

/** What the verification makes of an event. */
export type EventMark = 'applied' | 'automatic' | 'fault' | 'unknown';

const ICONS = { applied: 'check', automatic: 'clock', fault: 'cross', unknown: 'dash' } as const;

/** The events of a record from the first to the last, along a line. */
export function timeline(
  items: readonly TimelineEvent[],
  markOf: (item: TimelineEvent) => EventMark,
): HTMLElement {
  return element('ol', { class: 'timeline' }, ...items.map((item) => timelineItem(item, markOf(item))));
}

function timelineItem(item: TimelineEvent, mark: EventMark): HTMLElement {
  const t = recordMessages();
  const { sequence, type, height, sealedAt, automatic } = item;
  const block = formatNumber(height);
  return element(
    'li',
    { class: 'timeline-event', value: sequence, 'data-type': type ?? '', 'data-mark': mark },
    element('span', { class: 'timeline-mark' }, icon(ICONS[mark])),
    element(
      'div',
      { class: 'timeline-body' },
      element(
        'h4',
        {},
        element('span', { class: 'step-number' }, `${formatNumber(sequence)} `),
        type === null ? t.unreadable : (t.types[type] ?? printable(type)),
        hiddenText(`: ${t.marks[mark]}`),
      ),
      element(
        'p',
        { class: 'timeline-time' },
        sealedAt === null ? t.inBlock(block) : t.sealed(formatTime(sealedAt, 'UTC'), block),
      ),
      ...(automatic ? byItself(item) : signed(item)),
    ),
  );
}

function signed({ signers, body }: TimelineEvent): HTMLElement[] {
  const t = recordMessages();
  const keys = signers === null ? [t.notChecked] : signers.map(keySentence);
  return [
    element(
      'dl',
      { class: 'values' },
      element(
        'div',
        {},
        element('dt', {}, t.signed),
        ...keys.map((key) => element('dd', {}, element('bdi', {}, key))),
      ),
    ),
    body === null
      ? element('p', {}, t.erased)
      : element('details', {}, element('summary', {}, t.states), definitions(bodyValues(body))),
  ];
}

function byItself({ facts }: TimelineEvent): HTMLElement[] {
  const t = recordMessages();
  return [
    element('p', {}, t.byItself),
    ...(facts.length === 0
      ? []
      : [definitions(facts.map((fact): Definition => [t.restsOn, factSentence(fact), 'text']))]),
  ];
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
function bodyValues(body: JsonObject): Definition[] {
  return Object.entries(body)
    .filter(([name]) => name !== 'nonce')
    .flatMap(([name, value]) => valuesOf([name], value));
}

function valuesOf(path: readonly string[], value: Json): Definition[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value as JsonObject).flatMap(([key, each]) => valuesOf([...path, key], each));
  }
  const isCode = typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
  return [[placeOf(path), valueText(path.at(-1) ?? '', value), isCode ? 'code' : 'text']];
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
  if (typeof value === 'number') return TIMES.has(name) ? formatTime(value, 'UTC') : String(value);
  return printable(shortKey(value));
}

/** Of a verifier key the name and id, which tell it from others; any other text as it is. */
export function shortKey(text: string): string {
  return /^[^\s+]+\+[0-9a-f]{8}\+\S+$/.test(text) ? text.split('+').slice(0, 2).join('+') : text;
}
