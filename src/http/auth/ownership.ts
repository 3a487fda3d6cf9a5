import type { Request } from 'express';
import { type Access, eventOf, may, organizationOf, type Principal } from '../../auth/index.js';
import { nodeSha256 } from '../../crypto/primitives.js';
import { accountTagOf, type Entry, equal, isAnonymous } from '../../proof/index.js';
import { contextOf } from '../context.js';
import { clientOf } from './authenticate.js';

/**
 * Who a notarization belongs to, seen by a principal: their organization, and they may read it (`own`) or
 * only submit (`submitted`); nobody (`none`); or somebody else (`foreign`).
 */
export type Ownership = 'own' | 'submitted' | 'none' | 'foreign';

/** Decided by the entry's tag, which only those who know the organization can recompute. */
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
 * Logs that an operator, who is also a user of the organization, reads its details. Call it before
 * responding.
 * @param count the notarizations whose details are shown
 */
export async function logOperatorRead(
  access: Pick<Access, 'log'>,
  req: Request,
  count: number,
): Promise<void> {
  const { principal, route } = contextOf(req);
  if (count === 0 || principal.kind !== 'user' || !principal.operator) return;
  const detail = { route, notarizations: count };
  await access.log.append(
    eventOf(principal, clientOf(req), Date.now(), 'details_read_by_operator', { detail }),
  );
}
