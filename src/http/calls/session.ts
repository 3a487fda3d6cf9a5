import type { Request, Response } from 'express';
import { AccessError, type Tokens, type UserPrincipal } from '../../access/index.js';
import { clientOf } from '../admission/client.js';
import { clearCookies, readCookie, setCookies } from '../admission/cookies.js';
import { userOf } from '../admission/principal-of.js';
import { ApiError, type ApiErrorCode } from '../answer/errors.js';
import { expiryOf, openedSessionJson, sessionJson } from '../answer/session.js';
import type { HttpDeps } from '../deps.js';
import { queryOf } from '../request/query.js';
import { BODY_ERRORS, bodyAs } from '../request/read-json.js';
import { contextOf } from '../request/request-context.js';
import type { Route } from '../route.js';
import { ChooseAccount, Refresh, SignIn } from '../schema/access-requests.js';
import { OpenedSession, Session } from '../schema/access-resources.js';
import { NoQuery } from '../schema/request-schemas.js';

const JSON_TYPE = 'application/json';
const CSRF_HEADER = {
  'X-CSRF-Token': 'With cookies: the value of the cookie `ingam-csrf` (`__Host-ingam-csrf` over TLS).',
};
export const OPENED = { description: 'Signed in.', content: { [JSON_TYPE]: OpenedSession } };
/** Of every way to open a session. */
export const OPENING_ERRORS: readonly ApiErrorCode[] = [
  ...BODY_ERRORS,
  'invalid_parameter',
  'invalid_credentials',
  'sign_in_blocked',
  'busy',
  'forbidden',
  'csrf',
  'unavailable',
];

/** Signing in, and what becomes of it. */
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
          'Scripts get their tokens in the answer and send the access token as `Authorization: Bearer`; pages of this service ask for cookies. People with several accounts act for none until they have chosen one.',
        query: NoQuery,
        body: { [JSON_TYPE]: SignIn },
        responses: { 200: OPENED },
        errors: [...OPENING_ERRORS, 'account_not_found', 'invalid_email'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const { cookies, ...input } = await bodyAs(req, SignIn);
        await sendOpened(deps, res, await access.signIn(input, clientOf(req)), cookies === true);
      },
    },
    {
      method: 'get',
      path: '/v1/session',
      access: 'anyone',
      operation: {
        id: 'whoAmI',
        tag: 'Session',
        summary: 'Who the caller is, what they may do, and what the operator has decided',
        query: NoQuery,
        responses: { 200: { description: 'Also for nobody.', content: { [JSON_TYPE]: Session } } },
        errors: ['invalid_parameter', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const { principal, credential } = contextOf(req);
        const expiry = principal.kind === 'user' && credential !== null ? expiryOf(credential.token) : null;
        res.set('Cache-Control', 'no-store').json(await sessionJson(access, principal, expiry));
      },
    },
    {
      method: 'patch',
      path: '/v1/session',
      access: 'signed_in',
      operation: {
        id: 'chooseAccount',
        tag: 'Session',
        summary: 'Choose on whose behalf to act, from now on in this session',
        query: NoQuery,
        headers: CSRF_HEADER,
        body: { [JSON_TYPE]: ChooseAccount },
        responses: { 200: { description: 'Chosen.', content: { [JSON_TYPE]: Session } } },
        errors: [...BODY_ERRORS, 'invalid_parameter', 'account_not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const { account } = await bodyAs(req, ChooseAccount);
        const chosen = await access.chooseAccount(userOf(req), account, clientOf(req));
        const { credential } = contextOf(req);
        const expiry = credential === null ? null : expiryOf(credential.token);
        res.set('Cache-Control', 'no-store').json(await sessionJson(access, chosen, expiry));
      },
    },
    {
      method: 'post',
      path: '/v1/session/refresh',
      access: 'open',
      operation: {
        id: 'refreshSession',
        tag: 'Session',
        summary: 'Trade the refresh token for new tokens',
        description:
          'Each refresh token is good once. One that comes a second time has been stolen: the session ends for everybody.',
        query: NoQuery,
        headers: CSRF_HEADER,
        body: { [JSON_TYPE]: Refresh },
        responses: { 200: OPENED },
        errors: [...BODY_ERRORS, 'invalid_parameter', 'invalid_token', 'csrf', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const { refreshToken, cookies } = await bodyAs(req, Refresh);
        if (refreshToken !== undefined) {
          await sendOpened(deps, res, await access.refresh(refreshToken, clientOf(req)), cookies === true);
          return;
        }
        await sendOpened(deps, res, await refreshByCookie(deps, req, res), true);
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
        query: NoQuery,
        headers: CSRF_HEADER,
        responses: { 204: { description: 'Nobody is signed in any more.', content: {} } },
        errors: ['invalid_parameter', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const { principal } = contextOf(req);
        if (principal.kind === 'user') await access.signOut(principal, clientOf(req));
        else if (readCookie(req, 'refresh', hosts) !== null) await endByRefreshToken(deps, req, res);
        clearCookies(res, hosts);
        res.status(204).set('Cache-Control', 'no-store').end();
      },
    },
  ];
}

export async function sendOpened(
  { access, hosts }: HttpDeps,
  res: Response,
  opened: { readonly principal: UserPrincipal; readonly tokens: Tokens },
  inCookies: boolean,
): Promise<void> {
  const body = await openedSessionJson(access, opened, !inCookies);
  if (inCookies) setCookies(res, opened.tokens, hosts);
  res.set('Cache-Control', 'no-store').json(body);
}

/**
 * With the refresh token in the cookie. The access token may be over, so the readable cookie, which only a page of this service can
 * read, is all there is to compare with.
 */
async function refreshByCookie({ access, hosts }: HttpDeps, req: Request, res: Response) {
  const token = readCookie(req, 'refresh', hosts);
  if (token === null) throw new AccessError('invalid_token', 'there is no refresh token');
  const csrf = readCookie(req, 'csrf', hosts);
  if (csrf === null || csrf !== req.headers['x-csrf-token']) {
    throw new ApiError('csrf', 'The header X-CSRF-Token has to carry the value of the cookie ingam-csrf.');
  }
  try {
    return await access.refresh(token, clientOf(req));
  } catch (error) {
    if (error instanceof AccessError && error.code === 'invalid_token') clearCookies(res, hosts);
    throw error;
  }
}

/** Who signs out after the access token is over means the session nevertheless. */
async function endByRefreshToken(deps: HttpDeps, req: Request, res: Response): Promise<void> {
  try {
    const { principal } = await refreshByCookie(deps, req, res);
    await deps.access.signOut(principal, clientOf(req));
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
  }
}
