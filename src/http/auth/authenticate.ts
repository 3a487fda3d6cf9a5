import { isIP } from 'node:net';
import type { Request, Response } from 'express';
import {
  type Access,
  AccessError,
  type AccessPolicy,
  actorOf,
  ANONYMOUS_PRINCIPAL,
  type Client,
  type Credential,
  decide,
  foldAddress,
  isOfProvider,
  passkeyRequired,
  may,
  organizationOf,
  type Principal,
  type Rule,
  type Tokens,
  type UserPrincipal,
} from '../../auth/index.js';
import type { Submitter } from '../../intake/index.js';
import { contextOf, type HostPolicy, principalOf } from '../context.js';
import { ApiError } from '../responses/errors.js';
import { setLimitHeaders } from '../responses/send.js';
import { assertFromOwnPage, isUnsafe } from './origin.js';

export interface Gate {
  readonly access: Pick<Access, 'policy' | 'authenticate' | 'sessions' | 'limits'>;
  readonly hosts: HostPolicy;
}

/**
 * The one place that authenticates and authorizes a request before its handler runs.
 * @throws {AccessError | ApiError}
 */
export async function admit(gate: Gate, rule: Rule, req: Request, res: Response): Promise<void> {
  if (isUnsafe(req) && !hasBearerToken(req)) assertFromOwnPage(req, gate.hosts);
  if (rule === 'open') return;
  const credential = credentialOf(req, gate.hosts);
  if (credential === null) assertAllowed(rule, ANONYMOUS_PRINCIPAL, gate.access.policy, null);
  else await authenticate(gate, rule, req, res, credential);
}

async function authenticate(
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
    if (credential.token === '') throw unclearCookie();
    principal = await access.authenticate(credential, client);
    context.principal = principal;
    context.credential = credential;
  } catch (error) {
    if (credential.kind === 'bearer' || !isStale(error)) throw error;
    // The browser keeps sending the cookie of an ended session, which must not prevent a new sign-in.
    stale = error;
  }
  // Otherwise the submission would be anonymous, and its sender would not notice.
  if (stale !== null && (rule === 'submit' || rule === 'time_stamp')) throw stale;
  assertAllowed(rule, principal, access.policy, stale);
  if (principal.kind === 'anonymous') return;
  if (credential.kind === 'cookie' && isUnsafe(req)) assertCsrfToken(access, principal, req);
  setLimitHeaders(res, await access.limits.consumeRequest(principal, client));
  if (req.destroyed) throw new ApiError('incomplete_body', 'The connection ended before the body was read.');
}

function unclearCookie(): AccessError {
  return new AccessError(
    'invalid_token',
    'the session cookie is empty, or there are several; delete the cookies of this site and sign in again',
  );
}

function isStale(error: unknown): error is AccessError {
  return error instanceof AccessError && (error.code === 'invalid_token' || error.code === 'token_expired');
}

/** @throws {AccessError} unauthenticated (or `stale`), forbidden */
function assertAllowed(
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
      if (principal.kind === 'user' && principal.lacksPasskey) throw passkeyRequired();
      throw new AccessError('forbidden', forbidden(principal));
  }
}

function assertCsrfToken(access: Gate['access'], principal: Principal, req: Request): void {
  const token = req.headers['x-csrf-token'];
  if (principal.kind === 'user' && typeof token === 'string' && access.sessions.isCsrfToken(principal, token))
    return;
  throw new AccessError(
    'csrf',
    'a request with cookies that changes something must repeat the cookie ingam-csrf in the header X-CSRF-Token',
  );
}

function unauthenticated(rule: Rule): string {
  return rule === 'signed_in'
    ? 'sign in first'
    : 'send an API key or an access token: Authorization: Bearer …';
}

function forbidden(principal: Principal): string {
  if (principal.kind === 'key') return 'the API key lacks the required scope';
  return 'you do not have permission to do this';
}

const MAX_AGENT_LENGTH = 256;

/** The client's address and user agent. Forwarding headers count only from trusted proxies. */
export function clientOf(req: Request): Client {
  return {
    address: addressOf(req),
    agent: (req.headers['user-agent'] ?? '').slice(0, MAX_AGENT_LENGTH),
  };
}

function addressOf(req: Request): string {
  // Even a trusted proxy may forward a text that is not an address.
  const stated = foldAddress(req.ip);
  return isIP(stated) === 0 ? foldAddress(req.socket.remoteAddress) : stated;
}

/**
 * Only `csrf` can be read by the page, which repeats it in the header X-CSRF-Token. `device` outlives the
 * session. `provider` is there while somebody signs in at an identity provider.
 */
export type CookieName = 'access' | 'refresh' | 'csrf' | 'device' | 'provider';

const OF_SESSION: readonly CookieName[] = ['access', 'refresh', 'csrf'];
const DEVICE_LIFETIME_MS = 365 * 86_400_000;

/**
 * With the prefix, a browser accepts the cookie only over TLS, and at the root of a host only from this host (RFC
 * 6265bis §4.1.3). Below a path, where other programs may be beside this one, the path keeps it from them instead.
 */
function cookieName(name: CookieName, { publicUrl }: HostPolicy): string {
  const prefix = cookiePath(publicUrl) === '/' ? '__Host-' : '__Secure-';
  return `${isSecure(publicUrl) ? prefix : ''}ingam-${name}`;
}

function cookiePath(publicUrl: URL | null): string {
  return publicUrl?.pathname ?? '/';
}

/**
 * The values of all cookies of the name. Several are a sign that somebody has planted some: another program on
 * the same host can, because cookies do not know ports, and a page on a subdomain of it can.
 */
export function readCookies(req: Request, name: CookieName, hosts: HostPolicy): string[] {
  const start = `${cookieName(name, hosts)}=`;
  return (req.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(start))
    .map((pair) => pair.slice(start.length));
}

/** null: there is none, or nobody can tell which one is right. */
export function readCookie(req: Request, name: CookieName, hosts: HostPolicy): string | null {
  const [only = '', ...others] = readCookies(req, name, hosts);
  return only === '' || others.length > 0 ? null : only;
}

/**
 * The session's cookies live as long as the refresh token: the browser still sends an expired access token,
 * and the response is `token_expired` instead of one for anonymous callers.
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

/** A cookie that is not one of a session. */
export function setCookie(
  res: Response,
  name: 'provider',
  value: string,
  maxAge: number,
  hosts: HostPolicy,
): void {
  res.cookie(cookieName(name, hosts), value, { ...attributes(name, hosts), maxAge });
}

export function clearCookie(res: Response, name: 'provider', hosts: HostPolicy): void {
  res.clearCookie(cookieName(name, hosts), attributes(name, hosts));
}

export function clearCookies(res: Response, hosts: HostPolicy): void {
  for (const name of OF_SESSION) res.clearCookie(cookieName(name, hosts), attributes(name, hosts));
}

function attributes(name: CookieName, { publicUrl }: HostPolicy) {
  return {
    path: cookiePath(publicUrl),
    httpOnly: name !== 'csrf',
    secure: isSecure(publicUrl),
    // The provider's page leads back here.
    sameSite: name === 'provider' ? 'lax' : 'strict',
  } as const;
}

function isSecure(publicUrl: URL | null): boolean {
  return publicUrl?.protocol === 'https:';
}

/** Whether the request has a credential that no browser adds by itself, unlike cookies and Basic. */
function hasBearerToken(req: Request): boolean {
  return /^bearer /i.test(req.headers.authorization ?? '');
}

/**
 * The request's credential: a token in Authorization, else the session's cookie; null: none.
 * @throws {AccessError} invalid_token, for an Authorization of another form
 */
function credentialOf(req: Request, hosts: HostPolicy): Credential | null {
  const { authorization } = req.headers;
  // Basic authenticates at a proxy in front of the service.
  if (authorization !== undefined && !/^basic\s/i.test(authorization)) {
    const token = /^bearer +([^\s]+) *$/i.exec(authorization)?.[1];
    if (token === undefined) {
      throw new AccessError(
        'invalid_token',
        'Authorization must have the form: Bearer <API key or access token>',
      );
    }
    return { kind: 'bearer', token };
  }
  const [access, ...others] = readCookies(req, 'access', hosts);
  if (access === undefined) return null;
  // Of several, none is right. Not null: the sender means to be somebody.
  return { kind: 'cookie', token: others.length > 0 ? '' : access };
}

type Reauthorizing = Pick<Access, 'policy' | 'authenticate' | 'sessions'>;

/**
 * Authorizes a long request again, and updates the principal in its context. Fails if the key has been
 * revoked, the session has ended or the role has been removed since. An expired access token is accepted: it
 * was valid when the request began, and an upload may take any time.
 * @throws {AccessError} as `admit` does
 */
export async function reauthorize(access: Reauthorizing, rule: Rule, req: Request): Promise<void> {
  const context = contextOf(req);
  const { principal, credential } = context;
  if (principal.kind === 'anonymous' || credential === null) return;
  const now =
    principal.kind === 'user' && principal.sessionId !== null
      ? await currentUser(access, principal)
      : await access.authenticate(credential, clientOf(req)).catch((error: unknown) => {
          const hasExpired = error instanceof AccessError && error.code === 'token_expired';
          // People who authenticate with an external issuer have no session here.
          if (hasExpired && principal.kind === 'user') return principal;
          throw error;
        });
  assertAllowed(rule, now, access.policy, null);
  context.principal = now;
}

async function currentUser(access: Reauthorizing, principal: UserPrincipal): Promise<UserPrincipal> {
  const { sessionId, personId } = principal;
  if (isOfProvider(principal) && sessionId !== null)
    return access.sessions.principal({ sessionId, personId });
  const sessions = await access.sessions.list(principal);
  if (!sessions.some(({ id }) => id === principal.sessionId)) {
    throw new AccessError('invalid_token', 'the session has ended');
  }
  const memberships = await access.sessions.memberships(principal);
  const place = memberships.find(({ organization }) => organization.id === principal.organization?.id);
  const lacksPasskey = place?.organization.requiresPasskey === true && !principal.withPasskey;
  const { organization = null, role = null } = (lacksPasskey ? undefined : place) ?? {};
  return { ...principal, organization, role, lacksPasskey };
}

/** The signed-in user. For routes with the rule `signed_in`, which `admit` closes to everyone else. */
export function userOf(req: Request): UserPrincipal {
  const principal = principalOf(req);
  if (principal.kind !== 'user') throw new AccessError('unauthenticated', 'sign in first');
  return principal;
}

/** null: anonymous. */
export function submitterOf(principal: Principal): Submitter | null {
  if (principal.kind === 'anonymous') return null;
  const { organization } = principal;
  if (organization === null) throw new AccessError('forbidden', 'choose an organization first');
  return {
    organizationId: organization.id,
    organizationNumber: organization.number,
    actor: actorOf(principal),
  };
}

/**
 * The organization of a request: the caller's own, or the one that an operator names.
 * @throws {AccessError} organization_not_found, also for an organization that is not the caller's
 */
export function organizationIdFor(req: Request, named: string | undefined): string {
  const principal = principalOf(req);
  const own = organizationOf(principal)?.id;
  const id = named ?? own;
  if (id === undefined) throw new AccessError('organization_not_found', 'choose an organization first');
  if (id !== own && !may(principal, 'organizations')) {
    throw new AccessError('organization_not_found', 'there is no such organization');
  }
  return id;
}
