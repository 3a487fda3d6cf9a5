import { midnight } from '../../lib/format.js';

/** A search in the register. Empty strings and null: no condition. */
export interface Query {
  readonly words: string;
  readonly tag: string;
  /** The digest's first 8 to 64 lower-case hexadecimal digits. */
  readonly digest: string;
  /** YYYY-MM-DD in the reader's time zone, inclusive. */
  readonly from: string;
  readonly to: string;
  readonly status: 'accepted' | 'sealed' | null;
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
const DIGEST = /^[0-9a-f]{8,64}$/;
const ID = /^[A-Za-z0-9_-]{1,100}$/;
/** Limits of the service. */
export const MAX_WORDS_LENGTH = 500;
export const MAX_TAG_LENGTH = 100;

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
    digest: text('digest', isDigestBeginning),
    from: text('from', (value) => DAY.test(value)),
    to: text('to', (value) => DAY.test(value)),
    status: status === 'accepted' || status === 'sealed' ? status : null,
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

export function isDigestBeginning(text: string): boolean {
  return DIGEST.test(text);
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
