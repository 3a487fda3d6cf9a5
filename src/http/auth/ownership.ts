import type { Request } from 'express';
import { organizationOf, eventOf, may, type Access, type Principal } from '../../auth/index.js';
import { nodeSha256 } from '../../crypto/primitives.js';
import { accountTagOf, equal, isAnonymous, type Entry } from '../../proof/index.js';
import { contextOf } from '../context.js';
import { clientOf } from './authenticate.js';

/**
 * What a notarization is to whoever asks: of their organization, and theirs to read (`own`); of their organization, but they may only submit
 * (`submitted`); made by nobody who is known (`nobodys`); or somebody else's (`others`).
 */
export type Standing = 'own' | 'submitted' | 'nobodys' | 'others';

/** Decided by the entry itself, whose tag says to those who know the organization whose it is. */
export function standingOf(principal: Principal, entry: Entry): Standing {
  if (isAnonymous(entry)) return 'nobodys';
  const organization = organizationOf(principal);
  if (
    organization === null ||
    !equal(accountTagOf(entry.salt, organization.id, nodeSha256), entry.accountTag)
  ) {
    return 'others';
  }
  return may(principal, 'read') ? 'own' : 'submitted';
}

/**
 * Writes down that an operator, who has a part in an organization as well, reads what is the organization's. Before they get it.
 * @param count of notarizations whose details are shown
 */
export async function noteOperatorRead(
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
