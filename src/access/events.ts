import type { EventKind, NewAccessEvent } from '../store/index.js';
import type { Client } from './client.js';
import { accountOf, type Actor } from './principal.js';

export interface EventSubject {
  /** Whose owners may read of it; null: nobody's. By default the account that whoever acts acts for. */
  readonly accountId?: string | null;
  /** The API key that it is about; by default the one that acts. */
  readonly keyId?: string | null;
  readonly detail?: NewAccessEvent['detail'];
}

/** What the access log says of something that somebody did. */
export function eventOf(
  by: Actor,
  client: Client,
  at: number,
  kind: EventKind,
  subject: EventSubject = {},
): NewAccessEvent {
  const own = by.kind === 'local' ? null : (accountOf(by)?.id ?? null);
  return {
    at,
    kind,
    accountId: subject.accountId === undefined ? own : subject.accountId,
    personId: by.kind === 'user' ? by.personId : null,
    keyId: subject.keyId ?? (by.kind === 'key' ? by.keyId : null),
    address: by.kind === 'local' ? null : client.address,
    detail: subject.detail ?? {},
  };
}
