import {
  type AccessEvent,
  EVENT_KINDS,
  type EventFilter,
  type EventKind,
  type NewAccessEvent,
} from '../store/index.js';
import type { AccessParts, Client } from './context.js';
import { organizationOf, type Actor, assertMay, assertMayIn, may } from './policy.js';
import { isId } from './values.js';

export interface EventSubject {
  /** Whose owners may read of it; null: nobody's. By default the organization that whoever acts acts for. */
  readonly organizationId?: string | null;
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
  const own = by.kind === 'local' ? null : (organizationOf(by)?.id ?? null);
  return {
    at,
    kind,
    organizationId: subject.organizationId === undefined ? own : subject.organizationId,
    personId: by.kind === 'user' ? by.personId : null,
    keyId: subject.keyId ?? (by.kind === 'key' ? by.keyId : null),
    address: by.kind === 'local' ? null : client.address,
    detail: subject.detail ?? {},
  };
}

/**
 * The access log, newest first: an operator reads all of it, an owner what happened in the organization.
 * @throws {AccessError} unauthenticated, forbidden, organization_not_found
 */
export async function readEvents(
  { store }: AccessParts,
  by: Actor,
  filter: EventFilter,
): Promise<AccessEvent[]> {
  if (by.kind === 'local' || may(by, 'whole_access_log'))
    return isReadable(filter) ? store.events(filter) : [];
  assertMay(by, 'access_log');
  const organizationId = filter.organizationId ?? organizationOf(by)?.id ?? '';
  assertMayIn(by, organizationId, 'access_log');
  return isReadable(filter) ? store.events({ ...filter, organizationId }) : [];
}

/** Of what cannot be there, nothing is found. */
function isReadable({ organizationId, personId, kinds }: EventFilter): boolean {
  return (
    (organizationId === undefined || isId('org', organizationId)) &&
    (personId === undefined || /^[^\p{C}]{1,300}$/u.test(personId)) &&
    (kinds === undefined || kinds.every((kind) => EVENT_KINDS.includes(kind)))
  );
}
