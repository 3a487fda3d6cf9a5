import { clientOf } from '../admission/client.js';
import type { HttpDeps } from '../deps.js';
import { queryOf } from '../request/query.js';
import { BODY_ERRORS, bodyAs } from '../request/read-json.js';
import type { Route } from '../route.js';
import { InspectInvitation, RedeemInvitation } from '../schema/access-requests.js';
import { InvitationInfo } from '../schema/access-resources.js';
import { NoQuery } from '../schema/request-schemas.js';
import { OPENED, OPENING_ERRORS, sendOpened } from './session.js';

const JSON_TYPE = 'application/json';

/** One-time links. Their token comes in the body: addresses are written into logs. */
export function invitationRoutes(deps: HttpDeps): Route[] {
  const { access } = deps;
  return [
    {
      method: 'post',
      path: '/v1/invitations/inspect',
      access: 'open',
      operation: {
        id: 'inspectInvitation',
        tag: 'Session',
        summary: 'Whom an invitation is for',
        query: NoQuery,
        body: { [JSON_TYPE]: InspectInvitation },
        responses: { 200: { description: 'It is good.', content: { [JSON_TYPE]: InvitationInfo } } },
        errors: [...BODY_ERRORS, 'invalid_parameter', 'invalid_invitation', 'csrf', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const { token } = await bodyAs(req, InspectInvitation);
        const { password, ...facts } = await access.invitation(token);
        res.set('Cache-Control', 'no-store').json({ ...facts, hasPassword: password === 'own' });
      },
    },
    {
      method: 'post',
      path: '/v1/invitations/redeem',
      access: 'open',
      operation: {
        id: 'redeemInvitation',
        tag: 'Session',
        summary: 'Take up an invitation, and sign in',
        description:
          'Whoever is new chooses a password; whoever has one (see `hasPassword`) shows by it that they are the one invited.',
        query: NoQuery,
        body: { [JSON_TYPE]: RedeemInvitation },
        responses: { 200: OPENED },
        errors: [
          ...OPENING_ERRORS,
          'invalid_invitation',
          'invalid_email',
          'invalid_password',
          'invalid_value',
        ],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const { token, cookies, ...input } = await bodyAs(req, RedeemInvitation);
        await sendOpened(deps, res, await access.redeem(token, input, clientOf(req)), cookies === true);
      },
    },
  ];
}
