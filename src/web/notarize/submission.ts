import * as api from '../api.js';
import { persist } from '../persist.js';
import { ownProblem, type Notarization } from '../resources.js';
import type { Item, State } from './item.js';

/** One request's worth of documents: accepted whole or not at all, and repeated as the same request. */
export interface Submission {
  readonly key: string;
  readonly items: readonly Item[];
  readonly mode: 'digest' | 'upload';
  readonly abort: AbortController;
}

/** Far below what the service takes, so that the first rows come alive early. */
export const MAX_DIGESTS = 1000;

export function createSubmission(mode: Submission['mode'], items: readonly Item[]): Submission {
  return { key: idempotencyKey(), items, mode, abort: new AbortController() };
}

/**
 * Sends until the service has answered.
 * @param tell called with each new state of an item
 * @returns the notarizations in the order of the items
 * @throws RefusedError, or the AbortError of the submission
 */
export async function send(
  submission: Submission,
  tell: (item: Item, state: State) => void,
): Promise<readonly Notarization[]> {
  const { items, key, mode, abort } = submission;
  const tellAll = (state: State) => {
    for (const item of items) tell(item, state);
  };
  const begin: State = mode === 'digest' ? { phase: 'sending' } : { phase: 'uploading', bytes: 0 };
  tellAll(begin);
  const { notarizations } = await persist(
    () =>
      mode === 'digest' ? sendDigests(items, key, abort.signal) : sendFile(items, key, abort.signal, tell),
    abort.signal,
    (held) => {
      tellAll(held ? { phase: 'held' } : begin);
    },
  );
  // The page knows what it sent. An answer about something else must not pass for a notarization of it.
  const matches = items.every(
    ({ sha256 }, i) =>
      notarizations[i] !== undefined && (sha256 ?? notarizations[i].sha256) === notarizations[i].sha256,
  );
  if (!matches || notarizations.length !== items.length) throw ownProblem('wrong_digest');
  return notarizations;
}

function sendDigests(items: readonly Item[], key: string, signal: AbortSignal) {
  return api.notarizeDigests(
    items.map(({ sha256 }) => sha256 ?? ''),
    key,
    signal,
  );
}

function sendFile(
  [item]: readonly Item[],
  key: string,
  signal: AbortSignal,
  tell: (item: Item, state: State) => void,
) {
  if (item === undefined) throw new RangeError('an upload has one item');
  return api.upload(
    item.file,
    key,
    (bytes) => {
      tell(item, bytes >= item.file.size ? { phase: 'uploaded' } : { phase: 'uploading', bytes });
    },
    signal,
  );
}

/** crypto.randomUUID is missing where the page came over plain HTTP from another machine; random values are not. */
function idempotencyKey(): string {
  return `web-${[...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('')}`;
}
