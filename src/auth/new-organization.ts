import type { NewAccessEvent, NewOrganizationRow, Person } from '../store/index.js';
import { eventOf } from './access-log.js';
import type { Client } from './context.js';
import type { Actor } from './policy.js';
import { allLimits, type LimitsInput, newId, parseName } from './values.js';

/** @throws {AccessError} invalid_value */
export function newOrganization(
  { name, limits }: { readonly name: string; readonly limits?: LimitsInput | undefined },
  createdAt: number,
): NewOrganizationRow {
  return { id: newId('org'), name: parseName(name), createdAt, limits: allLimits(limits) };
}

/** What the access log says of a new organization. @param owner null: it has none yet */
export function creationEvents(
  by: Actor,
  client: Client,
  { id: organizationId, name, limits, createdAt }: NewOrganizationRow,
  owner: Pick<Person, 'id' | 'email'> | null,
): NewAccessEvent[] {
  const event = (kind: 'organization_created' | 'user_added', detail: NewAccessEvent['detail']) =>
    eventOf(by, client, createdAt, kind, { organizationId, detail });
  return [
    event('organization_created', { name, ...limits }),
    ...(owner === null ? [] : [event('user_added', { person: owner.id, email: owner.email, role: 'owner' })]),
  ];
}
