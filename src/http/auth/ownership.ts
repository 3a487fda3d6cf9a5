import type { Request } from 'express';
import { type Access, may, organizationOf, type Principal } from '../../auth/index.js';
import { nodeSha256 } from '../../crypto/primitives.js';
import { accountTagOf, type Entry, equal, isAnonymous } from '../../proof/index.js';
import { contextOf } from '../context.js';
import { clientOf } from './authenticate.js';

/**
 * How a principal is related to a notarization. `own`: it belongs to their organization, and they may read
 * it. `submitted`: it belongs to their organization, but they may only submit. `none`: it is anonymous.
 * `foreign`: it belongs to another organization.
 */
export type Ownership = 'own' | 'submitted' | 'none' | 'foreign';

/** By the entry's tag, which can be recomputed only with the organization's id. */
export function ownershipOf(principal: Principal, entry: Entry): Ownership {
  if (isAnonymous(entry)) return 'none';
  const organization = organizationOf(principal);
  if (
    organization === null ||
    !equal(accountTagOf(entry.salt, organization.id, nodeSha256), entry.accountTag)
  ) {
    return 'foreign';
  }
  return may(principal, 'read') ? 'own' : 'submitted';
}

/**
 * Logs that an operator, who is also a user of the organization, reads its details: once a day for each call and count.
 * Who set the service up is both, and would fill the log by using it. Call it before responding.
 * @param count how many notarizations, records, events or requests to sign are shown
 */
export async function logOperatorRead(
  access: Pick<Access, 'downloads'>,
  req: Request,
  count: number,
): Promise<void> {
  const { principal, route } = contextOf(req);
  if (count === 0 || principal.kind !== 'user' || !principal.operator) return;
  const detail = { route, count };
  await access.downloads.record(principal, clientOf(req), 'details_read_by_operator', detail);
}
