import { AccessError } from './errors.js';
import { may, type Permission } from './permissions.js';
import { accountOf, type Actor } from './principal.js';

/**
 * Whether whoever acts may do something that concerns the whole service.
 * @throws {AccessError} unauthenticated, forbidden
 */
export function assertMay(by: Actor, permission: Permission): void {
  if (by.kind === 'local' || may(by, permission)) return;
  throw by.kind === 'anonymous'
    ? new AccessError('unauthenticated', 'sign in first')
    : new AccessError('forbidden', 'this is not for you to do');
}

/**
 * Whether whoever acts may do something in that account. Accounts that are not theirs are for them like none.
 * @throws {AccessError} unauthenticated, forbidden, account_not_found
 */
export function assertMayIn(by: Actor, accountId: string, permission: Permission): void {
  assertMay(by, permission);
  if (by.kind !== 'local' && accountOf(by)?.id !== accountId) throw noAccount();
}

export function noAccount(): AccessError {
  return new AccessError('account_not_found', 'there is no such account');
}
