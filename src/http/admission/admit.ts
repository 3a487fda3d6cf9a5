import type { Request, Response } from 'express';
import {
  AccessError,
  ANONYMOUS_PRINCIPAL,
  decide,
  type Access,
  type AccessPolicy,
  type Credential,
  type Principal,
  type Rule,
} from '../../access/index.js';
import { ApiError } from '../answer/errors.js';
import { setLimitHeaders } from '../answer/limit-headers.js';
import { contextOf } from '../request/request-context.js';
import { clientOf } from './client.js';
import { bringsToken, credentialOf } from './credential.js';
import type { HostPolicy } from './host-check.js';
import { assertFromOwnPage, isUnsafe } from './own-pages.js';

export interface Gate {
  readonly access: Pick<Access, 'policy' | 'authenticate' | 'remembered' | 'isCsrfToken' | 'takeRequest'>;
  readonly hosts: HostPolicy;
}

/**
 * The one place that decides whether a request may go on to its handler, and as whom. null: at once, which is what a request without
 * credentials costs.
 * @throws {AccessError | ApiError} also as a rejection
 */
export function admit(gate: Gate, rule: Rule, req: Request, res: Response): Promise<void> | null {
  if (isUnsafe(req) && !bringsToken(req)) assertFromOwnPage(req, gate.hosts);
  if (rule === 'open') return null;
  const credential = credentialOf(req, gate.hosts);
  if (credential !== null) {
    return admitRemembered(gate, rule, req, credential) ? null : admitKnown(gate, rule, req, res, credential);
  }
  assertAllowed(rule, ANONYMOUS_PRINCIPAL, gate.access.policy, null);
  return null;
}

/**
 * By what is remembered of an API key: for digests in JSON alone, where the accepting statement says whether it still holds before anything
 * is answered. A repeated Idempotency-Key would be answered without that statement, and a large upload be read in vain.
 */
function admitRemembered({ access }: Gate, rule: Rule, req: Request, credential: Credential): boolean {
  const isCandidate =
    rule === 'submit' &&
    credential.kind === 'bearer' &&
    req.headers['content-type'] === 'application/json' &&
    req.headers['idempotency-key'] === undefined;
  const principal = isCandidate ? access.remembered(credential, clientOf(req)) : null;
  // What is refused is refused for what holds now: a key that was revoked is no longer one without the scope.
  if (principal === null || decide(rule, principal, access.policy) !== 'allowed') return false;
  const context = contextOf(req);
  context.principal = principal;
  context.credential = credential;
  return true;
}

async function admitKnown(
  { access }: Gate,
  rule: Rule,
  req: Request,
  res: Response,
  credential: Credential,
): Promise<void> {
  const client = clientOf(req);
  const context = contextOf(req);
  let principal: Principal = ANONYMOUS_PRINCIPAL;
  let stale: AccessError | null = null;
  try {
    principal = await access.authenticate(credential, client);
    context.principal = principal;
    context.credential = credential;
  } catch (error) {
    if (credential.kind === 'bearer' || !isStale(error)) throw error;
    // The browser goes on to send the cookie of a session that is over: that must not keep anybody from signing in again.
    stale = error;
  }
  // What is submitted would belong to nobody, and its sender thinks otherwise.
  if (stale !== null && rule === 'submit') throw stale;
  assertAllowed(rule, principal, access.policy, stale);
  if (principal.kind === 'anonymous') return;
  if (credential.kind === 'cookie' && isUnsafe(req)) assertCsrfToken(access, principal, req);
  setLimitHeaders(res, await access.takeRequest(principal, client));
  if (req.destroyed) throw new ApiError('incomplete_body', 'The connection ended before the body was read.');
}

function isStale(error: unknown): error is AccessError {
  return error instanceof AccessError && (error.code === 'invalid_token' || error.code === 'token_expired');
}

/** @throws {AccessError} unauthenticated (or `stale`), forbidden */
export function assertAllowed(
  rule: Rule,
  principal: Principal,
  policy: AccessPolicy,
  stale: AccessError | null,
): void {
  switch (decide(rule, principal, policy)) {
    case 'allowed':
      return;
    case 'unauthenticated':
      throw stale ?? new AccessError('unauthenticated', unauthenticated(rule));
    case 'forbidden':
      throw new AccessError('forbidden', forbidden(principal));
  }
}

function assertCsrfToken(access: Gate['access'], principal: Principal, req: Request): void {
  const token = req.headers['x-csrf-token'];
  if (principal.kind === 'user' && typeof token === 'string' && access.isCsrfToken(principal, token)) return;
  throw new AccessError(
    'csrf',
    'with cookies, a request that changes something carries the value of the cookie ingam-csrf in the header X-CSRF-Token',
  );
}

function unauthenticated(rule: Rule): string {
  return rule === 'signed_in'
    ? 'sign in first'
    : 'this needs an API key or an access token: Authorization: Bearer …';
}

function forbidden(principal: Principal): string {
  if (principal.kind === 'key') return 'the API key does not have the scope that this needs';
  return 'this is not among what you may do here';
}
