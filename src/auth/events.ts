import {
  type AccessEvent,
  EVENT_KINDS,
  type EventFilter,
  type EventKind,
  type NewAccessEvent,
} from '../store/index.js';
import type { AccessParts, Client } from './context.js';
import { accountOf, type Actor, assertMay, assertMayIn, may } from './policy.js';
import { isId } from './values.js';

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

/**
 * The access log, newest first: an operator reads all of it, an owner what happened in the account.
 * @throws {AccessError} unauthenticated, forbidden, account_not_found
 */
export async function readEvents(
  { store }: AccessParts,
  by: Actor,
  filter: EventFilter,
): Promise<AccessEvent[]> {
  if (by.kind === 'local' || may(by, 'whole_access_log'))
    return isReadable(filter) ? store.events(filter) : [];
  assertMay(by, 'access_log');
  const accountId = filter.accountId ?? accountOf(by)?.id ?? '';
  assertMayIn(by, accountId, 'access_log');
  return isReadable(filter) ? store.events({ ...filter, accountId }) : [];
}

/** Of what cannot be there, nothing is found. */
function isReadable({ accountId, personId, kinds }: EventFilter): boolean {
  return (
    (accountId === undefined || isId('acct', accountId)) &&
    (personId === undefined || /^[^\p{C}]{1,300}$/u.test(personId)) &&
    (kinds === undefined || kinds.every((kind) => EVENT_KINDS.includes(kind)))
  );
}
