import type { Request } from 'express';
import {
  AccessError,
  accountOf,
  actorOf,
  may,
  type Principal,
  type UserPrincipal,
} from '../../access/index.js';
import type { Submitter } from '../../intake/index.js';
import { contextOf } from '../request/request-context.js';

/** Who has signed in. The gate lets nobody else pass to routes of `signed_in`. */
export function userOf(req: Request): UserPrincipal {
  const { principal } = contextOf(req);
  if (principal.kind !== 'user') throw new AccessError('unauthenticated', 'sign in first');
  return principal;
}

/** On whose behalf somebody submits; null: on nobody's. */
export function submitterOf(principal: Principal): Submitter | null {
  if (principal.kind === 'anonymous') return null;
  const { account } = principal;
  if (account === null) throw new AccessError('forbidden', 'you act for no account: choose one');
  const submitter = { accountId: account.id, accountNumber: account.number, actor: actorOf(principal) };
  return principal.kind === 'key' && principal.asOf !== undefined
    ? { ...submitter, asOf: principal.asOf }
    : submitter;
}

/**
 * Which account a call is about: the one that the caller acts for, or the one that an operator names.
 * @throws {AccessError} account_not_found: also for one that is not the caller's
 */
export function accountIdFor(req: Request, named: string | undefined): string {
  const { principal } = contextOf(req);
  const own = accountOf(principal)?.id;
  const id = named ?? own;
  if (id === undefined) throw new AccessError('account_not_found', 'you act for no account: choose one');
  if (id !== own && !may(principal, 'accounts')) {
    throw new AccessError('account_not_found', 'there is no such account');
  }
  return id;
}
