import { printable } from '../../proof/errors.js';
import { parseEventKey } from '../../proof/records/keys.js';
import { recordMessages } from '../messages/records.js';
import { shortKey } from './record-values.js';

/** The key's name and id, and how it is kept, if the key is whole: the name alone says nothing. */
export function keySentence(text: string): string {
  const t = recordMessages();
  if (shortKey(text) === text) return printable(text);
  return `${printable(shortKey(text))}, ${t.keyKinds[parseEventKey(text).algorithm]}`;
}
