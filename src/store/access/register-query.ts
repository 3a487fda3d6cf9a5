import { CLOCK_TOLERANCE_MS } from '../store.js';
import type { Connections } from '../connections.js';
import { safe } from '../rows.js';
import type { KeptEntry } from '../types.js';
import { searchQuery } from './words.js';

export type RegisterOrder = 'newest' | 'oldest';

export interface RegisterQuery {
  /** The account's number. */
  readonly account: number;
  /** By acceptance; by default the newest come first. */
  readonly order?: RegisterOrder;
  /** Only positions that come after this one in that order. */
  readonly beyond?: number;
  /** 1 to 1,000. */
  readonly limit: number;
  /** Each must begin a word of the details. */
  readonly words?: readonly string[];
  /** Each must be a tag of the details; upper and lower case are one. */
  readonly tags?: readonly string[];
  /** 8 to 64 lower-case hex digits. */
  readonly digestPrefix?: string;
  /** Time of acceptance in milliseconds, inclusive. */
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
  readonly status?: 'accepted' | 'sealed';
}

export interface RegisteredEntry {
  readonly entry: KeptEntry;
  /** Who it was, as it was given at acceptance. */
  readonly submittedBy: string;
  /** Whose it is by the register, for the entry's account tag to confirm; null: there is no account of that number. */
  readonly accountId: string | null;
}

/** What is looked for, ready to be asked for. */
export interface Search {
  readonly account: number;
  readonly limit: number;
  /** Of positions. */
  readonly direction: 'ASC' | 'DESC';
  /** tsquery; null: whatever the words. */
  readonly words: string | null;
  /** First and last digest that have the prefix; null: whatever the digest. */
  readonly digests: { readonly first: Uint8Array; readonly last: Uint8Array } | null;
  readonly from: number;
  readonly to: number;
}

/** Positions [low, high). */
export interface Span {
  readonly low: number;
  readonly high: number;
}

const MAX_LIMIT = 1000;
const DIGEST_PREFIX = /^[0-9a-f]{8,64}$/;

/** null: nothing can match. @throws {RangeError} */
export function toSearch(query: RegisterQuery): Search | null {
  const {
    account,
    limit,
    order = 'newest',
    words = [],
    tags = [],
    digestPrefix,
    from = 0,
    to = Number.MAX_SAFE_INTEGER,
  } = query;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new RangeError(`limit must be an integer from 1 to ${MAX_LIMIT}`);
  }
  if (digestPrefix !== undefined && !DIGEST_PREFIX.test(digestPrefix)) {
    throw new RangeError('digestPrefix must be 8 to 64 lower-case hex digits');
  }
  const asked = words.length + tags.length === 0 ? '' : searchQuery(account, words, tags);
  if (asked === null) return null;
  return {
    account,
    limit,
    direction: order === 'newest' ? 'DESC' : 'ASC',
    words: asked === '' ? null : asked,
    digests:
      digestPrefix === undefined
        ? null
        : { first: hex(digestPrefix.padEnd(64, '0')), last: hex(digestPrefix.padEnd(64, 'f')) },
    from,
    to,
  };
}

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

/**
 * Times of acceptance follow positions, but for the tolerance that `accept` gives the clock. So a run that is older than `from` by
 * more than that has only older ones before it, and one that is younger than `to` by as much only younger ones after it.
 */
const SPAN = `
SELECT
  (SELECT first_position + entry_count FROM block ORDER BY first_position DESC LIMIT 1) AS sealed,
  (SELECT first_position FROM register_run WHERE account_number = $1 AND accepted_at < $2::bigint - ${CLOCK_TOLERANCE_MS}
   ORDER BY accepted_at DESC LIMIT 1) AS older,
  (SELECT first_position FROM register_run WHERE account_number = $1 AND accepted_at >= $3::bigint + ${CLOCK_TOLERANCE_MS}
   ORDER BY accepted_at LIMIT 1) AS younger`;

/** Outside of which nothing can match. Costs one step into an index for each bound. */
export async function spanOf(connections: Connections, query: RegisterQuery): Promise<Span> {
  const { account, from, to, status } = query;
  const { low, high } = beyond(query);
  if (from === undefined && to === undefined && status === undefined) return { low, high };
  const [row] = await connections.read<{
    sealed: string | null;
    older: string | null;
    younger: string | null;
  }>(SPAN, [account, from ?? null, to ?? null]);
  const sealed = safe(row?.sealed ?? 0);
  return {
    low: Math.max(low, status === 'accepted' ? sealed : 0, row?.older == null ? 0 : safe(row.older) + 1),
    high: Math.min(
      high,
      status === 'sealed' ? sealed : Number.MAX_SAFE_INTEGER,
      safe(row?.younger ?? Number.MAX_SAFE_INTEGER),
    ),
  };
}

function beyond({ order = 'newest', beyond: position }: RegisterQuery): Span {
  const all = { low: 0, high: Number.MAX_SAFE_INTEGER };
  if (position === undefined) return all;
  return order === 'newest' ? { ...all, high: position } : { ...all, low: position + 1 };
}
