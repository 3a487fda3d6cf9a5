import { isIP } from 'node:net';
import type { Request, Response } from 'express';
import {
  type Access,
  AccessError,
  type AccessPolicy,
  organizationOf,
  actorOf,
  ANONYMOUS_PRINCIPAL,
  type Client,
  type Credential,
  decide,
  foldAddress,
  may,
  type Principal,
  type Rule,
  type Tokens,
  type UserPrincipal,
} from '../../auth/index.js';
import type { Submitter } from '../../intake/index.js';
import { contextOf } from '../context.js';
import { ApiError } from '../responses/errors.js';
import { setLimitHeaders } from '../responses/headers.js';
import { assertFromOwnPage, type HostPolicy, isUnsafe } from './origin.js';

export interface Gate {
  readonly access: Pick<Access, 'policy' | 'authenticate' | 'sessions' | 'limits'>;
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
  if (credential !== null) return admitKnown(gate, rule, req, res, credential);
  assertAllowed(rule, ANONYMOUS_PRINCIPAL, gate.access.policy, null);
  return null;
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
  setLimitHeaders(res, await access.limits.consumeRequest(principal, client));
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
  if (principal.kind === 'user' && typeof token === 'string' && access.sessions.isCsrfToken(principal, token))
    return;
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

const MAX_AGENT_LENGTH = 256;

/** Where a request comes from, as far as it can be believed: proxies that are not configured have no say. */
export function clientOf(req: Request): Client {
  return {
    address: addressOf(req),
    agent: (req.headers['user-agent'] ?? '').slice(0, MAX_AGENT_LENGTH),
  };
}

function addressOf(req: Request): string {
  // A trusted proxy may still pass on any text as an address that it was told.
  const stated = foldAddress(req.ip);
  return isIP(stated) === 0 ? foldAddress(req.socket.remoteAddress) : stated;
}

/** Only `csrf` can be read by the page, which repeats it in the header X-CSRF-Token. `device` outlives the session. */
export type CookieName = 'access' | 'refresh' | 'csrf' | 'device';

const OF_SESSION: readonly CookieName[] = ['access', 'refresh', 'csrf'];
const DEVICE_LIFETIME_MS = 365 * 86_400_000;

/** With the prefix, a browser takes the cookie from this very host over TLS only (RFC 6265bis §4.1.3). */
export function cookieName(name: CookieName, { publicUrl }: HostPolicy): string {
  return `${isSecure(publicUrl) ? '__Host-' : ''}ingam-${name}`;
}

/** null also when there are several of one name: one of them has been planted. */
export function readCookie(req: Request, name: CookieName, hosts: HostPolicy): string | null {
  const header = req.headers.cookie;
  if (header === undefined) return null;
  const start = `${cookieName(name, hosts)}=`;
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(start));
  const [only] = values;
  return only === undefined || values.length > 1 || only.length === start.length
    ? null
    : only.slice(start.length);
}

/**
 * The session's cookies live as long as the refresh token: an expired access token is still sent, so that the request is answered
 * as one of a session to refresh and not as anonymous.
 */
export function setCookies(res: Response, tokens: Tokens, hosts: HostPolicy): void {
  const { accessToken, refreshToken, csrfToken, deviceToken } = tokens;
  const values = { access: accessToken, refresh: refreshToken, csrf: csrfToken };
  const expires = new Date(tokens.refreshExpiresAt);
  for (const [name, value] of Object.entries(values) as [keyof typeof values, string][]) {
    res.cookie(cookieName(name, hosts), value, { ...attributes(name, hosts), expires });
  }
  const device = { ...attributes('device', hosts), maxAge: DEVICE_LIFETIME_MS };
  res.cookie(cookieName('device', hosts), deviceToken, device);
}

export function clearCookies(res: Response, hosts: HostPolicy): void {
  for (const name of OF_SESSION) res.clearCookie(cookieName(name, hosts), attributes(name, hosts));
}

function attributes(name: CookieName, { publicUrl }: HostPolicy) {
  return {
    path: '/',
    httpOnly: name !== 'csrf',
    secure: isSecure(publicUrl),
    sameSite: 'strict',
  } as const;
}

function isSecure(publicUrl: URL | null): boolean {
  return publicUrl?.protocol === 'https:';
}

/** Whether it has a credential that no browser adds by itself, as it does with cookies, Basic and the like. */
export function bringsToken(req: Request): boolean {
  return /^bearer /i.test(req.headers.authorization ?? '');
}

/**
 * What a request says who it is from: a token in Authorization, else the session's cookie; null: nothing.
 * @throws {AccessError} invalid_token, for an Authorization that cannot be meant for this service
 */
export function credentialOf(req: Request, hosts: HostPolicy): Credential | null {
  const { authorization, cookie } = req.headers;
  // Basic is for a proxy that guards the way here, and reaches us with what it let through.
  if (authorization !== undefined && !/^basic\s/i.test(authorization)) {
    const token = /^bearer +([^\s]+) *$/i.exec(authorization)?.[1];
    if (token === undefined) {
      throw new AccessError('invalid_token', 'Authorization is read as: Bearer <API key or access token>');
    }
    return { kind: 'bearer', token };
  }
  if (cookie === undefined) return null;
  const access = readCookie(req, 'access', hosts);
  if (access !== null) return { kind: 'cookie', token: access };
  return null;
}

type Reauthorizing = Pick<Access, 'policy' | 'authenticate' | 'sessions'>;

/**
 * Authorizes a long request again, and updates the principal in its context. It fails if meanwhile the key was revoked, the session
 * ended or the role was taken away. An access token that has expired does not matter: it was valid when the request began, and an
 * upload may take any time.
 * @throws {AccessError} as `admit` does
 */
export async function reauthorize(access: Reauthorizing, rule: Rule, req: Request): Promise<void> {
  const context = contextOf(req);
  const { principal, credential } = context;
  if (principal.kind === 'anonymous' || credential === null) return;
  const now =
    principal.kind === 'user' && principal.sessionId !== null
      ? await signedInNow(access, principal)
      : await access.authenticate(credential, clientOf(req)).catch((error: unknown) => {
          const isOver = error instanceof AccessError && error.code === 'token_expired';
          // People of an external issuer have no session here.
          if (isOver && principal.kind === 'user') return principal;
          throw error;
        });
  assertAllowed(rule, now, access.policy, null);
  context.principal = now;
}

async function signedInNow(access: Reauthorizing, principal: UserPrincipal): Promise<UserPrincipal> {
  const sessions = await access.sessions.list(principal);
  if (!sessions.some(({ id }) => id === principal.sessionId)) {
    throw new AccessError('invalid_token', 'the session has ended');
  }
  const memberships = await access.sessions.memberships(principal);
  const place = memberships.find(({ organization }) => organization.id === principal.organization?.id);
  return { ...principal, organization: place?.organization ?? null, role: place?.role ?? null };
}

/** Who has signed in. The gate lets nobody else pass to routes of `signed_in`. */
export function userOf(req: Request): UserPrincipal {
  const { principal } = contextOf(req);
  if (principal.kind !== 'user') throw new AccessError('unauthenticated', 'sign in first');
  return principal;
}

/** On whose behalf somebody submits; null: on nobody's. */
export function submitterOf(principal: Principal): Submitter | null {
  if (principal.kind === 'anonymous') return null;
  const { organization } = principal;
  if (organization === null) throw new AccessError('forbidden', 'you act for no organization: choose one');
  return {
    organizationId: organization.id,
    organizationNumber: organization.number,
    actor: actorOf(principal),
  };
}

/**
 * Which organization a call is about: the one that the caller acts for, or the one that an operator names.
 * @throws {AccessError} organization_not_found: also for one that is not the caller's
 */
export function organizationIdFor(req: Request, named: string | undefined): string {
  const { principal } = contextOf(req);
  const own = organizationOf(principal)?.id;
  const id = named ?? own;
  if (id === undefined)
    throw new AccessError('organization_not_found', 'you act for no organization: choose one');
  if (id !== own && !may(principal, 'organizations')) {
    throw new AccessError('organization_not_found', 'there is no such organization');
  }
  return id;
}
