import type { ComponentChildren } from 'preact';
import { isObject, type Json, type JsonObject } from '../../proof/canonical-json.js';
import { printable } from '../../proof/errors.js';
import { formatBytes } from '../lib/format.js';
import { recordMessages } from '../messages/records.js';
import { bodyValues } from './record-values.js';
import type { Row } from './values.js';

/** What the first event of a work or an item states, in the order in which people read it. */

const IN_ORDER = [
  ...['serial', 'kind', 'authors', 'features', 'createdOn', 'published', 'madeForHire', 'basis', 'licence'],
  'documents',
];

/** Everything that it states: the title first, and the keys last. */
export function statedRows({ title, ...body }: JsonObject): readonly Row[] {
  const rest = Object.entries(body).filter(([name]) => !IN_ORDER.includes(name));
  return [
    ...(title === undefined ? [] : bodyValues({ title })),
    ...aboutRows(body),
    ...bodyValues(Object.fromEntries(rest)),
  ];
}

/** Without the title and the keys. @param body what is shown of it */
export function aboutRows(body: JsonObject): readonly Row[] {
  const t = recordMessages().about;
  return IN_ORDER.flatMap((name): readonly Row[] => {
    const value = body[name];
    if (value === undefined) return [];
    const all = Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : [];
    switch (name) {
      case 'features':
        return [[t.features, <List of={all.map(feature)} />]];
      case 'authors':
        return [[t.authors, <List of={all.map(author)} />]];
      case 'documents':
        return [[t.documents, <List of={all.map(document)} />]];
      case 'published':
        return [[recordMessages().members['published'] ?? name, publishedAt(value)]];
      default:
        return bodyValues({ [name]: value });
    }
  });
}

function textOf(json: JsonObject, name: string): string {
  const value = json[name];
  return typeof value === 'string' ? printable(value) : '';
}

const joined = (json: JsonObject, names: readonly string[]) =>
  names
    .map((name) => textOf(json, name))
    .filter((text) => text !== '')
    .join(', ');

function feature(json: JsonObject) {
  return (
    <>
      <bdi>{textOf(json, 'name')}</bdi>: <bdi>{textOf(json, 'value')}</bdi>
    </>
  );
}

function author(json: JsonObject) {
  return <bdi>{joined(json, ['name', 'role', 'nationality'])}</bdi>;
}

function document(json: JsonObject) {
  const { size } = json;
  const name = textOf(json, 'name');
  return (
    <>
      {name === '' ? null : <bdi>{name}</bdi>}
      {typeof size === 'number' ? ` (${formatBytes(size)})` : ''}
      <code class="digest">{textOf(json, 'sha256')}</code>
    </>
  );
}

function publishedAt(value: Json) {
  return isObject(value) ? <bdi>{joined(value, ['on', 'in'])}</bdi> : recordMessages().about.unpublished;
}

function List({ of }: { readonly of: readonly ComponentChildren[] }) {
  return (
    <ul class="record-list">
      {of.map((each, i) => (
        <li key={i}>{each}</li>
      ))}
    </ul>
  );
}
