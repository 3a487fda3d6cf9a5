import { SIGNING_KINDS, type SigningKind } from '../../../messages/signing.js';
import type { RecordState } from '../../../proof/records/state.js';

/** What the Records page shows, in the fragment of its address. */

export type Kind = RecordState['kind'];
export const KINDS: readonly Kind[] = ['contract', 'item', 'work', 'document'];

/** A search. Empty strings and null: no condition. */
export interface Query {
  readonly words: string;
  readonly kind: Kind | null;
  readonly status: string;
}

export const EVERYTHING: Query = { words: '', kind: null, status: '' };

export type Place =
  | { readonly kind: 'list'; readonly query: Query }
  /** One record; `step`: the event that the person is about to sign; null: none. */
  | { readonly kind: 'one'; readonly id: string; readonly step: Step | null }
  | { readonly kind: 'new'; readonly of: Kind }
  /** An event that others have begun to sign, from a file. */
  | { readonly kind: 'file' }
  /** Requests by link; `ask`: what the form begins with, and for which record. */
  | { readonly kind: 'asks'; readonly ask: SigningKind; readonly record: string | null }
  | { readonly kind: 'keys' };

/** One of the events that the record takes next. */
export interface Step {
  readonly type: string;
  /** The index of the party whose step it is; null: it is no party's. */
  readonly party: number | null;
  /** The name of the condition that it fulfils; null: none. */
  readonly condition: string | null;
}

const ID = /^[0-9a-f]{64}$/;
const TYPE = /^[a-z]{1,32}\.[a-z]{1,32}$/;
const STATUS = /^[a-z]{1,32}$/;
const PARTY = /^(0|[1-9][0-9]?)$/;
/** A limit of the service. */
export const MAX_WORDS_LENGTH = 500;

/** The id of a record that was typed or pasted, also as the link to its page; null: there is none. */
export function recordIdIn(text: string): string | null {
  const plain = text.trim().toLowerCase();
  if (ID.test(plain)) return plain;
  const [, fragment] = text.split('#');
  const id = fragment === undefined ? '' : (new URLSearchParams(fragment.trim()).get('id') ?? '');
  return ID.test(id) ? id : null;
}

/** @param fragment with or without `#`; what cannot be read is ignored */
export function parsePlace(fragment: string): Place {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  const text = (name: string, form: RegExp) => {
    const value = given.get(name) ?? '';
    return form.test(value) ? value : '';
  };
  const begun = KINDS.find((kind) => kind === given.get('new'));
  if (begun !== undefined) return { kind: 'new', of: begun };
  const view = given.get('view');
  if (view === 'keys' || view === 'file') return { kind: view };
  const id = text('id', ID);
  if (view === 'asks') {
    const ask = SIGNING_KINDS.find((kind) => kind === given.get('ask')) ?? 'contract';
    return { kind: 'asks', ask, record: id === '' ? null : id };
  }
  if (id !== '') {
    const [type, party] = [text('do', TYPE), text('party', PARTY)];
    if (type === '') return { kind: 'one', id, step: null };
    const step = {
      type,
      party: party === '' ? null : Number(party),
      condition: given.get('condition'),
    };
    return { kind: 'one', id, step };
  }
  const words = (given.get('q') ?? '').trim();
  return {
    kind: 'list',
    query: {
      words: words.length <= MAX_WORDS_LENGTH ? words : '',
      kind: KINDS.find((kind) => kind === given.get('kind')) ?? null,
      status: text('status', STATUS),
    },
  };
}

export function placeAddress(place: Place): string {
  return `#${new URLSearchParams(pairsOf(place)).toString()}`;
}

function pairsOf(place: Place): string[][] {
  switch (place.kind) {
    case 'new':
      return [['new', place.of]];
    case 'keys':
    case 'file':
      return [['view', place.kind]];
    case 'asks':
      return [
        ['view', 'asks'],
        ...(place.ask === 'contract' ? [] : [['ask', place.ask]]),
        ...(place.record === null ? [] : [['id', place.record]]),
      ];
    case 'one': {
      const { id, step } = place;
      if (step === null) return [['id', id]];
      const { type, party, condition } = step;
      return [
        ['id', id],
        ['do', type],
        ...(party === null ? [] : [['party', String(party)]]),
        ...(condition === null ? [] : [['condition', condition]]),
      ];
    }
    case 'list': {
      const { words, kind, status } = place.query;
      return [
        ['q', words],
        ['kind', kind ?? ''],
        ['status', status],
      ].filter(([, value]) => value !== '');
    }
  }
}

export function go(place: Place): void {
  location.hash = placeAddress(place);
}
