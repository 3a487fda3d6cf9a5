import type { ComponentChildren } from 'preact';
import type { Json, JsonObject } from '../../proof/canonical-json.js';
import { printable } from '../../proof/errors.js';
import { formatTime } from '../lib/format.js';
import { recordMessages } from '../messages/records.js';
import type { Row } from './values.js';

/** What events of records state, as pages show it: the members of bodies, and of keys the name and id. */

export function Lines({ of }: { readonly of: readonly string[] }) {
  return (
    <>
      {of.map((line) => (
        <div key={line}>
          <bdi>{line}</bdi>
        </div>
      ))}
    </>
  );
}

/** With the name of the condition that it is about. */
export function named(event: string, condition: string | null): string {
  return condition === null ? event : `${event}: ${printable(condition)}`;
}

/** What an automatic event rests on, by the line of its text. */
export function factSentence(fact: string): string {
  const t = recordMessages();
  const [what, id = ''] = fact.split(' ');
  return what === 'record' ? t.factRecord(id) : t.factDocument(id);
}

/** Of a verifier key the name and id, which tell it from others; any other text as it is. */
export function shortKey(text: string): string {
  return /^[^\s+]+\+[0-9a-f]{8}\+\S+$/.test(text) ? text.split('+').slice(0, 2).join('+') : text;
}

/** Members of bodies that are times, in milliseconds since the Unix epoch. */
const TIMES = new Set(['deadline', 'until', 'from', 'before', 'after']);

/** What an event states, in lines. Its nonce states nothing. */
export function bodyValues(body: JsonObject): readonly Row[] {
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
  const { members, contestingWork, licensee } = recordMessages();
  const named = path.map((name, i) => {
    // Outside of conditions, the record that contests; with members of its own, the licensee.
    if (name === 'by' && path.length === 1) return contestingWork;
    if (name === 'to' && i === 0 && path.length === 2) return licensee;
    return Object.hasOwn(members, name) ? (members[name] ?? name) : printable(name);
  });
  return named.join(' · ').replaceAll(/ · (\d+)(?= · |$)/g, ' $1');
}

function valueText(name: string, value: Exclude<Json, object> | null): string {
  const t = recordMessages();
  if (value === null) return t.none;
  if (typeof value === 'boolean') return value ? t.yes : t.no;
  if (typeof value === 'number') return TIMES.has(name) ? formatTime(value) : String(value);
  return printable(shortKey(value));
}
