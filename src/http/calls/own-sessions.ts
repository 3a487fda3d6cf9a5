import { clientOf } from '../admission/client.js';
import { userOf } from '../admission/principal-of.js';
import { ownSessionJson } from '../answer/access-representation.js';
import { ApiError } from '../answer/errors.js';
import type { HttpDeps } from '../deps.js';
import { queryOf } from '../request/query.js';
import { BODY_ERRORS, bodyAs } from '../request/read-json.js';
import { contextOf } from '../request/request-context.js';
import { pathParameter, type Route } from '../route.js';
import { ChangePassword } from '../schema/access-requests.js';
import { OwnSessions } from '../schema/access-resources.js';
import { NoQuery } from '../schema/request-schemas.js';
import { OPENED, OPENING_ERRORS, sendOpened } from './session.js';

const JSON_TYPE = 'application/json';

/** Where else somebody is signed in, and the password that all of it rests on. */
export function ownSessionRoutes(deps: HttpDeps): Route[] {
  const { access } = deps;
  return [
    {
      method: 'get',
      path: '/v1/session/others',
      access: 'signed_in',
      operation: {
        id: 'listOwnSessions',
        tag: 'Session',
        summary: 'Where the caller is signed in, here included',
        query: NoQuery,
        responses: { 200: { description: 'All of them.', content: { [JSON_TYPE]: OwnSessions } } },
        errors: ['invalid_parameter', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const user = userOf(req);
        const sessions = await access.sessions(user);
        res
          .set('Cache-Control', 'no-store')
          .json({ sessions: sessions.map((session) => ownSessionJson(session, user.sessionId)) });
      },
    },
    {
      method: 'delete',
      path: '/v1/session/others',
      access: 'signed_in',
      operation: {
        id: 'endOtherSessions',
        tag: 'Session',
        summary: 'Sign out everywhere but here',
        query: NoQuery,
        responses: { 204: { description: 'Only this session goes on.', content: {} } },
        errors: ['invalid_parameter', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const user = userOf(req);
        for (const { id } of await access.sessions(user)) {
          if (id !== user.sessionId) await access.endSession(user, id, clientOf(req));
        }
        res.status(204).set('Cache-Control', 'no-store').end();
      },
    },
    {
      method: 'delete',
      path: '/v1/session/others/{id}',
      access: 'signed_in',
      operation: {
        id: 'endOwnSession',
        tag: 'Session',
        summary: 'Sign out somewhere else',
        path: { id: 'Of the session.' },
        query: NoQuery,
        responses: { 204: { description: 'It has ended.', content: {} } },
        errors: ['invalid_parameter', 'not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        if (!(await access.endSession(userOf(req), pathParameter(req, 'id'), clientOf(req)))) {
          throw new ApiError('not_found', 'There is no such session of yours.');
        }
        res.status(204).set('Cache-Control', 'no-store').end();
      },
    },
    {
      method: 'post',
      path: '/v1/session/password',
      access: 'signed_in',
      operation: {
        id: 'changePassword',
        tag: 'Session',
        summary: 'Choose a new password; all sessions end, and a new one begins',
        query: NoQuery,
        body: { [JSON_TYPE]: ChangePassword },
        responses: { 200: OPENED },
        errors: [...OPENING_ERRORS, ...BODY_ERRORS, 'invalid_password'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const { cookies, ...passwords } = await bodyAs(req, ChangePassword);
        const opened = await access.changePassword(userOf(req), passwords, clientOf(req));
        const byCookie = contextOf(req).credential?.kind === 'cookie';
        await sendOpened(deps, res, opened, cookies ?? byCookie);
      },
    },
  ];
}
