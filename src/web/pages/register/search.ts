import { digestDigits, TYPED_DIGEST_PREFIX } from '../../../proof/bytes.js';
import { Field, selection } from '../../components/form.js';
import { button, element } from '../../lib/dom.js';
import { counted, midnight } from '../../lib/format.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/register.js';

const STATUSES = ['accepted', 'sealed', 'anchored'] as const;

/** A search in the register. Empty strings and null: no condition. */
export interface Query {
  readonly words: string;
  readonly tag: string;
  /** The digest's first 8 to 64 lower-case hexadecimal digits. */
  readonly digest: string;
  /** YYYY-MM-DD in the reader's time zone, inclusive. */
  readonly from: string;
  readonly to: string;
  readonly status: (typeof STATUSES)[number] | null;
  readonly order: 'newest' | 'oldest';
}

export const EVERYTHING: Query = {
  words: '',
  tag: '',
  digest: '',
  from: '',
  to: '',
  status: null,
  order: 'newest',
};

/** What the register shows, in the fragment of its address. */
export type Place =
  | { readonly kind: 'list'; readonly query: Query }
  /** One notarization; `query` is the list to return to. */
  | { readonly kind: 'one'; readonly id: string; readonly query: Query };

const DAY = /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/;
const ID = /^[A-Za-z0-9_-]{1,100}$/;
/** Limits of the service. */
const MAX_WORDS_LENGTH = 500;
const MAX_TAG_LENGTH = 100;

/** @param fragment with or without `#`; invalid conditions are ignored */
export function parsePlace(fragment: string): Place {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  const text = (name: string, taken: (value: string) => boolean) => {
    const value = (given.get(name) ?? '').trim();
    return taken(value) ? value : '';
  };
  const status = given.get('status');
  const query: Query = {
    words: text('q', ({ length }) => length <= MAX_WORDS_LENGTH),
    tag: text('tag', ({ length }) => length <= MAX_TAG_LENGTH),
    digest: digestDigits(text('digest', isDigestBeginning)),
    from: text('from', (value) => DAY.test(value)),
    to: text('to', (value) => DAY.test(value)),
    status: STATUSES.find((known) => known === status) ?? null,
    order: given.get('order') === 'oldest' ? 'oldest' : 'newest',
  };
  const id = text('id', (value) => ID.test(value));
  return id === '' ? { kind: 'list', query } : { kind: 'one', id, query };
}

export function placeAddress(place: Place): string {
  const { words, tag, digest, from, to, status, order } = place.query;
  const pairs = [
    ['id', place.kind === 'one' ? place.id : ''],
    ['q', words],
    ['tag', tag],
    ['digest', digest],
    ['from', from],
    ['to', to],
    ['status', status ?? ''],
    ['order', order === 'newest' ? '' : order],
  ].filter(([, value]) => value !== '');
  return `#${new URLSearchParams(pairs).toString()}`;
}

function isDigestBeginning(text: string): boolean {
  return TYPED_DIGEST_PREFIX.test(text);
}

/** Number of conditions besides the words. */
export function filterCount({ tag, digest, from, to, status }: Query): number {
  return [tag, digest, from, to, status ?? ''].filter((value) => value !== '').length;
}

export function isEverything(query: Query): boolean {
  return query.words === '' && filterCount(query) === 0;
}

/**
 * Query parameters for the API. Days are in the reader's time zone, from the start of the first to the end of
 * the last.
 */
export function apiQuery({ words, tag, digest, from, to, status, order }: Query): Record<string, string> {
  return {
    ...(words === '' ? {} : { q: words }),
    ...(tag === '' ? {} : { tag }),
    ...(digest === '' ? {} : { sha256: digest }),
    ...(from === '' ? {} : { from: midnight(from, 0) }),
    ...(to === '' ? {} : { to: midnight(to, 1) }),
    ...(status === null ? {} : { status }),
    ...(order === 'newest' ? {} : { order }),
  };
}

/** The search form: words, and the other conditions in a collapsed part. */
export function searchForm(query: Query, apply: (query: Query) => void): HTMLElement {
  const t = messages();
  const fields = fieldsOf(query);
  const status = selection(
    'status',
    t.status,
    [
      ['', t.anyStatus],
      ['accepted', t.onlyAccepted],
      ['sealed', t.onlySealed],
      ['anchored', t.onlyAnchored],
    ],
    query.status ?? '',
  );
  const filters = element(
    'details',
    { class: 'filters', open: filterCount(query) > 0 },
    element('summary', {}, filterCount(query) === 0 ? t.filters : t.filtersSet(counted(filterCount(query)))),
    element(
      'div',
      { class: 'form' },
      element(
        'div',
        { class: 'field-row' },
        ...[fields.digest, fields.tag, fields.from, fields.to].map((field) => field.element),
        status.element,
      ),
      element(
        'div',
        { class: 'form-actions' },
        element('button', { class: 'button', name: 'apply' }, t.applyFilters),
      ),
    ),
  );
  const send = (event: Event) => {
    event.preventDefault();
    const wrong = Object.values(fields).filter((field) => !field.check());
    const [first] = wrong;
    if (first !== undefined) {
      if (first !== fields.words) filters.open = true;
      first.input.focus();
      return;
    }
    apply({
      words: fields.words.value,
      tag: fields.tag.value,
      digest: digestDigits(fields.digest.value),
      from: fields.from.value,
      to: fields.to.value,
      status: status.value === '' ? null : status.value,
      order: query.order,
    });
  };
  return element(
    'form',
    { class: 'search', role: 'search', novalidate: true, 'data-form': 'search', onsubmit: send },
    element(
      'div',
      { class: 'search-line' },
      fields.words.element,
      element('button', { class: 'button is-primary', name: 'search' }, t.search),
    ),
    element(
      'div',
      { class: 'search-more' },
      filters,
      isEverything(query)
        ? null
        : button(
            t.clear,
            () => {
              apply({ ...EVERYTHING, order: query.order });
            },
            { class: 'button is-quiet clear' },
          ),
    ),
  );
}

function fieldsOf(query: Query) {
  const t = messages();
  const short = (length: number) => (value: string) => (value.length > length ? common().tooLong : null);
  const from = new Field({
    name: 'from',
    label: t.from,
    type: 'date',
    optional: 'quietly',
    value: query.from,
  });
  return {
    words: new Field({
      name: 'words',
      label: t.search,
      hint: t.searchHint,
      type: 'search',
      optional: 'quietly',
      value: query.words,
      check: short(MAX_WORDS_LENGTH),
    }),
    digest: new Field({
      name: 'digest',
      label: t.digestStarts,
      optional: 'quietly',
      value: query.digest,
      check: (value) => (isDigestBeginning(value) ? null : t.digestWrong),
    }),
    tag: new Field({
      name: 'tag',
      label: t.tag,
      optional: 'quietly',
      value: query.tag,
      check: short(MAX_TAG_LENGTH),
    }),
    from,
    to: new Field({
      name: 'to',
      label: t.to,
      type: 'date',
      optional: 'quietly',
      value: query.to,
      check: (value) => (from.value !== '' && value < from.value ? t.daysReversed : null),
    }),
  };
}
