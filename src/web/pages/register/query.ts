import { digestDigits, TYPED_DIGEST_PREFIX } from '../../../proof/bytes.js';
import type { Sort } from '../../components/table.js';
import { midnight } from '../../lib/format.js';

const STATUSES = ['accepted', 'sealed', 'anchored'] as const;
export const ORDERS = [
  'newest',
  'oldest',
  'name',
  'name-reversed',
  'reference',
  'reference-reversed',
] as const;
export type Order = (typeof ORDERS)[number];
export const SIZES = [50, 100, 200] as const;

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
  /** Who submitted it: `key:<id>` or `person:<id>`. */
  readonly by: string;
  /** Id of a legal hold, or `any` for those in force. */
  readonly hold: string;
  readonly order: Order;
  /** From 0. */
  readonly page: number;
  /** Rows per page. */
  readonly size: number;
}

export const EVERYTHING: Query = {
  words: '',
  tag: '',
  digest: '',
  from: '',
  to: '',
  status: null,
  by: '',
  hold: '',
  order: 'newest',
  page: 0,
  size: SIZES[0],
};

/** What the register shows, in the fragment of its address. */
export type Place =
  | { readonly kind: 'list'; readonly query: Query }
  /** One notarization; `query` is the list to return to. */
  | { readonly kind: 'one'; readonly id: string; readonly query: Query }
  /** The legal holds. */
  | { readonly kind: 'holds'; readonly query: Query };

const DAY = /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/;
const PAGE = /^[1-9][0-9]{0,3}$/;
const ID = /^[A-Za-z0-9_-]{1,100}$/;
const SUBMITTER = /^(key|person|service):\S{1,300}$/u;
const HOLD = /^[a-z0-9_]{1,50}$/;
/** Limits of the service. */
export const MAX_WORDS_LENGTH = 500;
export const MAX_TAG_LENGTH = 100;
/** The most matches that the service counts, or leaves out before a page. */
export const MAX_COUNTED = 20_000;

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
    by: text('by', (value) => SUBMITTER.test(value)),
    hold: text('hold', (value) => HOLD.test(value)),
    order: ORDERS.find((known) => known === given.get('order')) ?? 'newest',
    page: Number(text('page', (value) => PAGE.test(value)) || 1) - 1,
    size: SIZES.find((known) => String(known) === given.get('size')) ?? EVERYTHING.size,
  };
  if (given.get('view') === 'holds') return { kind: 'holds', query };
  const id = text('id', (value) => ID.test(value));
  return id === '' ? { kind: 'list', query } : { kind: 'one', id, query };
}

export function placeAddress(place: Place): string {
  const { words, tag, digest, from, to, status, by, hold, order, page, size } = place.query;
  const pairs = [
    ['view', place.kind === 'holds' ? 'holds' : ''],
    ['id', place.kind === 'one' ? place.id : ''],
    ['q', words],
    ['tag', tag],
    ['digest', digest],
    ['from', from],
    ['to', to],
    ['status', status ?? ''],
    ['by', by],
    ['hold', hold],
    ['order', order === 'newest' ? '' : order],
    ['page', page === 0 ? '' : String(page + 1)],
    ['size', size === EVERYTHING.size ? '' : String(size)],
  ].filter(([, value]) => value !== '');
  return `#${new URLSearchParams(pairs).toString()}`;
}

export function isDigestBeginning(text: string): boolean {
  return TYPED_DIGEST_PREFIX.test(text);
}

/** Number of conditions besides the words. */
export function filterCount({ tag, digest, from, to, status, by, hold }: Query): number {
  return [tag, digest, from, to, status ?? '', by, hold].filter((value) => value !== '').length;
}

export function isEverything(query: Query): boolean {
  return query.words === '' && filterCount(query) === 0;
}

/**
 * Query parameters for the API. Days are in the reader's time zone, from the start of the first to the end of
 * the last.
 */
export function apiQuery({
  words,
  tag,
  digest,
  from,
  to,
  status,
  by,
  hold,
  order,
}: Query): Record<string, string> {
  return {
    ...(words === '' ? {} : { q: words }),
    ...(tag === '' ? {} : { tag }),
    ...(digest === '' ? {} : { sha256: digest }),
    ...(from === '' ? {} : { from: midnight(from, 0) }),
    ...(to === '' ? {} : { to: midnight(to, 1) }),
    ...(status === null ? {} : { status }),
    ...(by === '' ? {} : { submittedBy: by }),
    ...(hold === '' ? {} : { hold }),
    ...(order === 'newest' ? {} : { order }),
  };
}

/** Periods that are offered, in the reader's time zone: this month, this year and the last. */
export function periods(now: Date) {
  const [year, month] = [now.getFullYear(), now.getMonth()];
  const day = (date: Date) =>
    [date.getFullYear(), date.getMonth() + 1, date.getDate()]
      .map((part) => String(part).padStart(2, '0'))
      .join('-');
  const period = (first: Date, next: Date) => ({
    from: day(first),
    to: day(new Date(next.getFullYear(), next.getMonth(), next.getDate() - 1)),
  });
  return {
    thisMonth: period(new Date(year, month), new Date(year, month + 1)),
    thisYear: period(new Date(year, 0), new Date(year + 1, 0)),
    lastYear: period(new Date(year - 1, 0), new Date(year, 0)),
  };
}

/** The column by which an order sorts, as the table shows it. */
export function sortOf(order: Order): Sort {
  if (order === 'newest' || order === 'oldest') return { column: 'accepted', descending: order === 'newest' };
  const [column = '', reversed] = order.split('-');
  return { column, descending: reversed !== undefined };
}

export function orderOf({ column, descending }: Sort): Order {
  if (column === 'accepted') return descending ? 'newest' : 'oldest';
  return ORDERS.find((order) => order === (descending ? `${column}-reversed` : column)) ?? 'newest';
}
