import * as api from '../api.js';
import { persist } from '../persist.js';
import { ownProblem, type DocumentInput, type Notarization } from '../resources.js';
import type { Item, Mode, State } from './item.js';

/** One request's worth of documents: accepted whole or not at all, and repeated as the same request. */
export interface Submission {
  readonly key: string;
  readonly items: readonly Item[];
  /** What is said of each, as it was when the request was made. */
  readonly documents: readonly DocumentInput[];
  readonly mode: Mode;
  readonly abort: AbortController;
}

export function createSubmission(
  mode: Mode,
  items: readonly Item[],
  describe: (item: Item) => DocumentInput,
): Submission {
  return { key: idempotencyKey(), items, documents: items.map(describe), mode, abort: new AbortController() };
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
  const { items, documents, key, mode, abort } = submission;
  const tellAll = (state: State) => {
    for (const item of items) tell(item, state);
  };
  const begin: State = mode === 'digest' ? { phase: 'sending' } : { phase: 'uploading', bytes: 0 };
  tellAll(begin);
  const { notarizations } = await persist(
    () =>
      mode === 'digest' ? api.notarizeDigests(documents, key, abort.signal) : sendFile(submission, tell),
    abort.signal,
    (held) => {
      tellAll(held ? { phase: 'held' } : begin);
    },
  );
  // The page knows what it sent. An answer about something else must not pass for a notarization of it.
  const matches = documents.every(({ sha256 }, i) => notarizations[i]?.sha256 === sha256);
  if (!matches || notarizations.length !== items.length) throw ownProblem('wrong_digest');
  return notarizations;
}

function sendFile({ items, documents, key, abort }: Submission, tell: (item: Item, state: State) => void) {
  const [item] = items;
  if (item === undefined) throw new RangeError('an upload has one item');
  return api.upload(
    item.file,
    documents[0]?.details ?? null,
    key,
    (bytes) => {
      tell(item, bytes >= item.file.size ? { phase: 'uploaded' } : { phase: 'uploading', bytes });
    },
    abort.signal,
  );
}

/** crypto.randomUUID is missing where the page came over plain HTTP from another machine; random values are not. */
function idempotencyKey(): string {
  return `web-${[...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('')}`;
}
