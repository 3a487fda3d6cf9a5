import type { JsonObject } from '../../../proof/canonical-json.js';
import { isEventKey, kindOfKey, ownKeys, shownEventKey } from '../../lib/record-keys.js';
import { recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/records-page.js';

/** What a key proves, in words, and no more than that. */
export function keyProves(verifierKey: string): string {
  return recordMessages().proves[kindOfKey(verifierKey)];
}

export function isOwn(verifierKey: string): boolean {
  return ownKeys().some((each) => each.verifierKey === verifierKey);
}

/** A key by name and id, and whether it is one of the reader's. */
export function KeyName({ of }: { readonly of: string }) {
  return (
    <>
      <bdi>{shownEventKey(of)}</bdi>
      {isOwn(of) ? ` ${messages().yours}` : ''}
    </>
  );
}

/** All verifier keys that bodies name, by name and id: notes have no more of a key. */
export function keysIn(bodies: readonly JsonObject[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const look = (json: unknown): void => {
    if (typeof json === 'string') {
      if (json.split('+').length > 2 && isEventKey(json)) found.set(shownEventKey(json), json);
    } else if (typeof json === 'object' && json !== null) Object.values(json).forEach(look);
  };
  bodies.forEach(look);
  return found;
}
