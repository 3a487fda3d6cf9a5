import type { Details } from '../../lib/api.js';
import { partTags } from '../../lib/tags.js';

/** Details that are sent with documents: for all, or for one alone. */

/** Limits of the service. */
export const MAX_LENGTH = { title: 500, author: 255, reference: 255, note: 8000, tag: 100 } as const;
const MAX_TAGS = 64;
const MAX_BYTES = 16 * 1024;

/** Details for all documents. */
export interface CommonDetails {
  readonly details: Details | null;
  /** Whether the file names are sent; an upload always sends them. */
  readonly withName: boolean;
}

/** The details of one document; null: none. Its own override those for all, key by key. */
export function detailsFor(
  own: Details | null,
  { details, withName }: CommonDetails,
  name: string,
): Details | null {
  const all = { ...(withName ? { name } : {}), ...details, ...own };
  return Object.keys(all).length === 0 ? null : all;
}

interface DetailTexts {
  readonly title: string;
  readonly author: string;
  readonly reference: string;
  readonly note: string;
  /** Separated by commas. */
  readonly tags: string;
}

export function readDetails({ tags, ...texts }: DetailTexts): Details | null {
  const parted = partTags(tags);
  const details = {
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== '')),
    ...(parted.length === 0 ? {} : { tags: parted }),
  };
  return Object.keys(details).length === 0 ? null : details;
}

export function writeDetails(details: Details | null): DetailTexts {
  const { title = '', author = '', reference = '', note = '', tags = [] } = details ?? {};
  return { title, author, reference, note, tags: tags.join(', ') };
}

export type DetailsFault = 'forbidden' | 'too_long' | 'too_many_tags' | 'too_large';

/** The service rejects these: control and bidirectional characters, line separators, lone surrogates. */
const FORBIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\p{Surrogate}]/u;

export function textFault(text: string, longest: number, lines = false): DetailsFault | null {
  if (FORBIDDEN.test(lines ? text.replaceAll(/[\n\t]/g, ' ') : text)) return 'forbidden';
  return text.length > longest ? 'too_long' : null;
}

export function tagsFault(text: string): DetailsFault | null {
  const tags = partTags(text);
  if (tags.length > MAX_TAGS) return 'too_many_tags';
  for (const tag of tags) {
    const fault = textFault(tag, MAX_LENGTH.tag);
    if (fault !== null) return fault;
  }
  return null;
}

/** Checks the total size, with room for a file name. */
export function sizeFault(details: Details | null): DetailsFault | null {
  if (details === null) return null;
  return new TextEncoder().encode(JSON.stringify(details)).length > MAX_BYTES - 1024 ? 'too_large' : null;
}
