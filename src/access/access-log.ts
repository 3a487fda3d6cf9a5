import { EVENT_KINDS, type AccessEvent, type EventFilter } from '../store/index.js';
import { assertMay, assertMayIn } from './authority.js';
import type { AccessParts } from './parts.js';
import { may } from './permissions.js';
import { accountOf, type Actor } from './principal.js';
import { isId } from './secrets.js';

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
