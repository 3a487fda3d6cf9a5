import type { Request } from 'express';
import {
  AccessError,
  type Access,
  type Principal,
  type Rule,
  type UserPrincipal,
} from '../../access/index.js';
import { contextOf } from '../request/request-context.js';
import { assertAllowed } from './admit.js';
import { clientOf } from './client.js';

type Knowledge = Pick<Access, 'policy' | 'authenticate' | 'sessions' | 'memberships'>;

/**
 * For requests that go on for long: whether whoever was let in would still be. A key that has been revoked since, a session that has
 * ended, a role that was taken away stop them. That an access token is over by now does not: it was good when the request
 * began, and an honest upload takes as long as it takes.
 * @returns who they are now, in the account that they began with
 * @throws {AccessError} as the gate does
 */
export async function recheck(access: Knowledge, rule: Rule, req: Request): Promise<Principal> {
  const context = contextOf(req);
  const { principal, credential } = context;
  if (principal.kind === 'anonymous' || credential === null) return principal;
  const now =
    principal.kind === 'user' && principal.sessionId !== null
      ? await signedInNow(access, principal)
      : await access.authenticate(credential, clientOf(req)).catch((error: unknown) => {
          const isOver = error instanceof AccessError && error.code === 'token_expired';
          // Another issuer's people have no session here that could be looked at.
          if (isOver && principal.kind === 'user') return principal;
          throw error;
        });
  assertAllowed(rule, now, access.policy, null);
  context.principal = now;
  return now;
}

async function signedInNow(access: Knowledge, principal: UserPrincipal): Promise<UserPrincipal> {
  const sessions = await access.sessions(principal);
  if (!sessions.some(({ id }) => id === principal.sessionId)) {
    throw new AccessError('invalid_token', 'the session is over');
  }
  const memberships = await access.memberships(principal);
  const place = memberships.find(({ account }) => account.id === principal.account?.id);
  return { ...principal, account: place?.account ?? null, role: place?.role ?? null };
}
