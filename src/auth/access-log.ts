import {
  type AccessEvent,
  EVENT_KINDS,
  type EventFilter,
  type EventKind,
  type NewAccessEvent,
  type PositionEventFilter,
} from '../store/index.js';
import type { AccessParts, Client } from './context.js';
import { organizationOf, type Actor, assertMay, assertMayIn, may } from './policy.js';
import { isId } from './values.js';

export interface EventSubject {
  /** The organization whose owners may read the event; null: none. By default the actor's organization. */
  readonly organizationId?: string | null;
  /** The API key that the event is about; by default the actor's. */
  readonly keyId?: string | null;
  readonly detail?: NewAccessEvent['detail'];
}

/** The access log's record of something that `by` did. */
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

/** The append-only record of everything that concerns access. */
export class AccessLog {
  readonly #parts: AccessParts;

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  append(event: NewAccessEvent): Promise<void> {
    return this.#parts.store.appendEvent(event);
  }

  /**
   * Newest first. An operator reads all events, an owner or auditor those of the organization.
   * @throws {AccessError} unauthenticated, forbidden, organization_not_found
   */
  async read(by: Actor, filter: EventFilter): Promise<AccessEvent[]> {
    const { store } = this.#parts;
    if (by.kind === 'local' || may(by, 'whole_access_log'))
      return canMatch(filter) ? store.events(filter) : [];
    assertMay(by, 'access_log');
    const organizationId = filter.organizationId ?? organizationOf(by)?.id ?? '';
    assertMayIn(by, organizationId, 'access_log');
    return canMatch(filter) ? store.events({ ...filter, organizationId }) : [];
  }

  /**
   * What happened to one notarization, latest first. `beforeAt`: the time of the event before the page; null: it is the
   * first page.
   * @param filter of an organization whose notarizations `by` may read
   * @throws {AccessError} unauthenticated, forbidden, organization_not_found
   */
  async ofPosition(
    by: Actor,
    filter: PositionEventFilter,
  ): Promise<{ readonly events: readonly AccessEvent[]; readonly beforeAt: number | null }> {
    assertMayIn(by, filter.organizationId, 'read');
    return this.#parts.store.positionEvents(filter);
  }

  /** The names of the people, organizations and API keys in events that `by` has read, by id. */
  names(by: Actor, events: readonly AccessEvent[]): Promise<ReadonlyMap<string, string>> {
    return this.namesOf(by, events.flatMap(idsIn));
  }

  /** The names of people, organizations and API keys, as far as `by` may know them, by id. */
  namesOf(by: Actor, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const isWhole = by.kind === 'local' || may(by, 'whole_access_log');
    const within = isWhole ? null : (organizationOf(by)?.id ?? '');
    return this.#parts.store.names(ids, within);
  }
}

function idsIn({ personId, organizationId, keyId, detail }: AccessEvent): string[] {
  const ids = [personId, organizationId, keyId, detail.person];
  return ids.filter((id) => typeof id === 'string');
}

/** Whether the filter's values are well formed; the database would reject some others. */
function canMatch({ organizationId, personId, kinds }: EventFilter): boolean {
  return (
    (organizationId === undefined || isId('org', organizationId)) &&
    (personId === undefined || /^[^\p{C}]{1,300}$/u.test(personId)) &&
    (kinds === undefined || kinds.every((kind) => EVENT_KINDS.includes(kind)))
  );
}
