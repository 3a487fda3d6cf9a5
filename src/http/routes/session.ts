import type { Request, Response } from 'express';
import { AccessError, type Principal, type Tokens, type UserPrincipal } from '../../auth/index.js';
import { clearCookies, clientOf, readCookie, readCookies, setCookies, userOf } from '../auth/authenticate.js';
import { passkeyPlaceOf } from '../auth/passkey-place.js';
import { contextOf, type HttpDeps, principalOf } from '../context.js';
import { BODY_ERRORS, bodyAs } from '../requests/body.js';
import { pathParameter } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import {
  formatTime,
  organizationName,
  ownSessionJson,
  principalJson,
  tokensJson,
} from '../responses/representation.js';
import { json, type Route } from '../route.js';
import {
  ChangePassword,
  ChooseOrganization,
  NewPasswordReset,
  OpenedSession,
  OwnSessions,
  RedeemPasswordReset,
  Refresh,
  Session,
  SignIn,
} from '../schemas/auth.js';
import type { ApiErrorCode } from '../schemas/error-codes.js';

export const CSRF_HEADER = {
  'X-CSRF-Token': 'With cookies: the value of the cookie `ingam-csrf` (over TLS with its prefix).',
};
export const OPENED = { description: 'Signed in.', content: json(OpenedSession) };
/** Errors of every route that opens a session. */
export const OPENING_ERRORS: readonly ApiErrorCode[] = [
  ...BODY_ERRORS,
  'invalid_credentials',
  'sign_in_blocked',
  'busy',
  'forbidden',
  'unavailable',
];

/** Signing in and out, and a person's own sessions and password. */
export function sessionRoutes(deps: HttpDeps): Route[] {
  const { access, hosts } = deps;
  return [
    {
      method: 'post',
      path: '/v1/session',
      access: 'open',
      operation: {
        id: 'signIn',
        tag: 'Session',
        summary: 'Sign in with e-mail address and password',
        description:
          'Scripts get the tokens in the response and send the access token as `Authorization: Bearer`; pages of this service use cookies. People with several organizations act for none until they choose one.',
        body: json(SignIn),
        responses: { 200: OPENED },
        errors: [...OPENING_ERRORS, 'organization_not_found', 'invalid_email', 'passkey_needed'],
      },
      async handle(req, res) {
        const { cookies, ...input } = await bodyAs(req, SignIn);
        const deviceTokens = readCookies(req, 'device', hosts);
        const opened = await access.sessions.signIn({ ...input, deviceTokens }, clientOf(req));
        await sendOpened(deps, req, res, opened, cookies === true);
      },
    },
    {
      method: 'get',
      path: '/v1/session',
      access: 'anyone',
      operation: {
        id: 'whoAmI',
        tag: 'Session',
        summary: 'Get the caller’s identity and permissions',
        responses: { 200: { description: 'Also for anonymous callers.', content: json(Session) } },
      },
      async handle(req, res) {
        const { principal, credential } = contextOf(req);
        const expiry = principal.kind === 'user' && credential !== null ? expiryOf(credential.token) : null;
        res.json(await sessionJson(deps, req, principal, expiry));
      },
    },
    {
      method: 'patch',
      path: '/v1/session',
      access: 'signed_in',
      operation: {
        id: 'chooseOrganization',
        tag: 'Session',
        summary: 'Choose the organization to act for in this session',
        headers: CSRF_HEADER,
        body: json(ChooseOrganization),
        responses: { 200: { description: 'Chosen.', content: json(Session) } },
        errors: [...BODY_ERRORS, 'organization_not_found'],
      },
      async handle(req, res) {
        const { organization } = await bodyAs(req, ChooseOrganization);
        const chosen = await access.sessions.chooseOrganization(userOf(req), organization, clientOf(req));
        const { credential } = contextOf(req);
        const expiry = credential === null ? null : expiryOf(credential.token);
        res.json(await sessionJson(deps, req, chosen, expiry));
      },
    },
    {
      method: 'delete',
      path: '/v1/session/organizations/{id}',
      access: 'signed_in',
      operation: {
        id: 'leaveOrganization',
        tag: 'Session',
        summary: 'Leave an organization',
        description:
          'Also for an organization that somebody else has joined with the caller’s address. Only the organization’s owners can invite the caller again.',
        headers: CSRF_HEADER,
        path: { id: 'Id of the organization.' },
        responses: { 204: { description: 'Left.', content: {} } },
        errors: ['organization_not_found', 'last_owner'],
      },
      async handle(req, res) {
        await access.users.leave(userOf(req), pathParameter(req, 'id'), clientOf(req));
        res.status(204).end();
      },
    },
    {
      method: 'post',
      path: '/v1/session/refresh',
      access: 'open',
      operation: {
        id: 'refreshSession',
        tag: 'Session',
        summary: 'Exchange the refresh token',
        description:
          'Returns new tokens. Repeating the call within 30 seconds returns the same refresh token. If a refresh token is used again later, it is treated as stolen and the session ends.',
        headers: CSRF_HEADER,
        body: json(Refresh),
        responses: { 200: OPENED },
        errors: [...BODY_ERRORS, 'invalid_token', 'unavailable'],
      },
      async handle(req, res) {
        const { refreshToken, cookies } = await bodyAs(req, Refresh);
        if (refreshToken !== undefined) {
          await sendOpened(
            deps,
            req,
            res,
            await access.sessions.refresh(refreshToken, clientOf(req)),
            cookies === true,
          );
          return;
        }
        await sendOpened(deps, req, res, await refreshByCookie(deps, req, res), true);
      },
    },
    {
      method: 'delete',
      path: '/v1/session',
      access: 'anyone',
      operation: {
        id: 'signOut',
        tag: 'Session',
        summary: 'Sign out',
        headers: CSRF_HEADER,
        responses: { 204: { description: 'Signed out.', content: {} } },
      },
      async handle(req, res) {
        const principal = principalOf(req);
        if (principal.kind === 'user') await access.sessions.signOut(principal, clientOf(req));
        else await endByRefreshTokens(deps, req);
        clearCookies(res, hosts);
        res.status(204).end();
      },
    },
    {
      method: 'get',
      path: '/v1/session/others',
      access: 'signed_in',
      operation: {
        id: 'listOwnSessions',
        tag: 'Session',
        summary: 'List the caller’s sessions',
        responses: {
          200: { description: 'All sessions, including this one.', content: json(OwnSessions) },
        },
      },
      async handle(req, res) {
        const user = userOf(req);
        const sessions = await access.sessions.list(user);
        res.json({ sessions: sessions.map((session) => ownSessionJson(session, user.sessionId)) });
      },
    },
    {
      method: 'delete',
      path: '/v1/session/others',
      access: 'signed_in',
      operation: {
        id: 'endOtherSessions',
        tag: 'Session',
        summary: 'End all other sessions',
        responses: { 204: { description: 'Only this session remains.', content: {} } },
      },
      async handle(req, res) {
        const user = userOf(req);
        for (const { id } of await access.sessions.list(user)) {
          if (id !== user.sessionId) await access.sessions.end(user, id, clientOf(req));
        }
        res.status(204).end();
      },
    },
    {
      method: 'delete',
      path: '/v1/session/others/{id}',
      access: 'signed_in',
      operation: {
        id: 'endOwnSession',
        tag: 'Session',
        summary: 'End a session',
        path: { id: 'Id of the session.' },
        responses: { 204: { description: 'Ended.', content: {} } },
        errors: ['not_found'],
      },
      async handle(req, res) {
        if (!(await access.sessions.end(userOf(req), pathParameter(req, 'id'), clientOf(req)))) {
          throw new ApiError('not_found', 'You have no such session.');
        }
        res.status(204).end();
      },
    },
    {
      method: 'post',
      path: '/v1/session/password',
      access: 'signed_in',
      operation: {
        id: 'changePassword',
        tag: 'Session',
        summary: 'Change the password',
        description: 'All sessions end, and a new one begins.',
        body: json(ChangePassword),
        responses: { 200: OPENED },
        errors: [...OPENING_ERRORS, ...BODY_ERRORS, 'invalid_password'],
      },
      async handle(req, res) {
        const { cookies, ...passwords } = await bodyAs(req, ChangePassword);
        const opened = await access.sessions.changePassword(userOf(req), passwords, clientOf(req));
        const byCookie = contextOf(req).credential?.kind === 'cookie';
        await sendOpened(deps, req, res, opened, cookies ?? byCookie);
      },
    },
    {
      method: 'post',
      path: '/v1/password-resets',
      access: 'open',
      operation: {
        id: 'askForPasswordReset',
        tag: 'Session',
        summary: 'Ask for a link for a new password',
        description:
          'The link goes to the address by e-mail, if it is that of a person with a password here; the response does not tell. It works once, within an hour. An address gets ten links a day.',
        body: json(NewPasswordReset),
        responses: {
          202: { description: 'If somebody has this address, the link is on its way.', content: {} },
        },
        errors: [...BODY_ERRORS, 'invalid_email', 'limit_exceeded', 'no_mail_server', 'unavailable'],
      },
      async handle(req, res) {
        const { email, language = null } = await bodyAs(req, NewPasswordReset);
        await access.passwordResets.ask(email, language, clientOf(req));
        res.status(202).end();
      },
    },
    {
      method: 'post',
      path: '/v1/password-resets/redeem',
      access: 'open',
      operation: {
        id: 'redeemPasswordReset',
        tag: 'Session',
        summary: 'Set a new password with a link',
        description:
          'All sessions of the person end. Their passkeys stay. They sign in with the new password.',
        body: json(RedeemPasswordReset),
        responses: { 204: { description: 'Set.', content: {} } },
        errors: [...BODY_ERRORS, 'invalid_reset_link', 'invalid_password', 'busy', 'unavailable'],
      },
      async handle(req, res) {
        const { token, password } = await bodyAs(req, RedeemPasswordReset);
        await access.passwordResets.redeem(token, password, clientOf(req));
        res.status(204).end();
      },
    },
  ];
}

/** Sends a new session's tokens in cookies, where scripts cannot read them, or in the body. */
export async function sendOpened(
  deps: HttpDeps,
  req: Request,
  res: Response,
  { principal, tokens }: { readonly principal: UserPrincipal; readonly tokens: Tokens },
  inCookies: boolean,
): Promise<void> {
  const body: OpenedSession = {
    ...(await sessionJson(deps, req, principal, tokens.accessExpiresAt)),
    ...(inCookies ? {} : { tokens: tokensJson(tokens) }),
  };
  if (inCookies) setCookies(res, tokens, deps.hosts);
  res.json(body);
}

/**
 * With the refresh token in the cookie. The access token may have expired, so the CSRF token is compared with
 * its cookie, which only a page of this service can read.
 */
async function refreshByCookie({ access, hosts }: HttpDeps, req: Request, res: Response) {
  const token = readCookie(req, 'refresh', hosts);
  if (token === null)
    throw new AccessError('invalid_token', 'there is no refresh token, or there are several');
  assertCsrfCookie(hosts, req);
  try {
    return await access.sessions.refresh(token, clientOf(req));
  } catch (error) {
    if (error instanceof AccessError && error.code === 'invalid_token') clearCookies(res, hosts);
    throw error;
  }
}

/** @throws {ApiError} csrf */
function assertCsrfCookie(hosts: HttpDeps['hosts'], req: Request): void {
  const token = req.headers['x-csrf-token'];
  if (typeof token === 'string' && token !== '' && readCookies(req, 'csrf', hosts).includes(token)) return;
  throw new ApiError('csrf', 'The header X-CSRF-Token must have the value of the cookie ingam-csrf.');
}

/** Signing out with an expired access token ends the session too, also if somebody has planted cookies. */
async function endByRefreshTokens({ access, hosts }: HttpDeps, req: Request): Promise<void> {
  const tokens = readCookies(req, 'refresh', hosts);
  if (tokens.length > 0) assertCsrfCookie(hosts, req);
  for (const token of tokens) {
    try {
      const { principal } = await access.sessions.refresh(token, clientOf(req));
      await access.sessions.signOut(principal, clientOf(req));
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
    }
  }
}

/** The caller's identity, and the organizations to choose from. */
async function sessionJson(
  { access, hosts, vault }: Pick<HttpDeps, 'access' | 'hosts' | 'vault'>,
  req: Request,
  principal: Principal,
  accessExpiresAt: number | null,
): Promise<Session> {
  const memberships = principal.kind === 'user' ? await access.sessions.memberships(principal) : [];
  const { anonymousSubmission, privateVerification } = access.policy;
  return {
    principal: principalJson(principal),
    memberships: memberships.map(({ organization, role }) => ({
      organization: organizationName(organization),
      role,
    })),
    policy: { anonymousSubmission, privateVerification },
    vault: vault !== null,
    signIn: {
      passkeys: passkeyPlaceOf(req, hosts) !== null,
      reset: access.passwordResets.isAvailable,
      provider: access.provider?.name ?? null,
    },
    accessExpiresAt: accessExpiresAt === null ? null : formatTime(accessExpiresAt),
  };
}

/** When a verified access token expires; null for API keys. */
function expiryOf(token: string): number | null {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return null;
  const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { readonly exp?: unknown };
  return typeof exp === 'number' ? exp * 1000 : null;
}
