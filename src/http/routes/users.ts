import { AccessError, type Principal } from '../../auth/index.js';
import { clientOf, organizationIdFor, readCookies } from '../auth/authenticate.js';
import { type HttpDeps, principalOf } from '../context.js';
import { BODY_ERRORS, bodyAs } from '../requests/body.js';
import { pathParameter, queryOf } from '../requests/parameters.js';
import { invitationJson, userJson } from '../responses/representation.js';
import { json, type Route } from '../route.js';
import {
  InspectInvitation,
  InvitationInfo,
  InviteAgainQuery,
  NewInvitation,
  NewUser,
  NewUserInput,
  OfOrganizationQuery,
  RedeemInvitation,
  User,
  UserChange,
  Users,
} from '../schemas/auth.js';
import type { ApiErrorCode } from '../schemas/error-codes.js';
import { passkeyAnswer } from './passkeys.js';
import { CSRF_HEADER, OPENED, OPENING_ERRORS, sendOpened } from './session.js';

const ID = { id: 'Id of the person.' };
const ERRORS: readonly ApiErrorCode[] = ['organization_not_found', 'owner_exists'];

/** The users of an organization. Its owners manage them; an operator only until there is an owner. */
export function userRoutes({ access }: HttpDeps): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/users',
      access: ['users', 'organizations'],
      operation: {
        id: 'listUsers',
        tag: 'Organizations',
        summary: 'List the organization’s users',
        query: OfOrganizationQuery,
        responses: { 200: { description: 'All users.', content: json(Users) } },
        errors: ERRORS,
      },
      async handle(req, res) {
        const organizationId = organizationIdFor(req, queryOf(req, OfOrganizationQuery).organization);
        const users = await access.users.list(principalOf(req), organizationId);
        res.json({ users: users.map(userJson) });
      },
    },
    {
      method: 'post',
      path: '/v1/users',
      access: ['users', 'organizations'],
      operation: {
        id: 'addUser',
        tag: 'Organizations',
        summary: 'Invite a person to the organization',
        description:
          'They become active once they accept the invitation. If it is not `mailed`, deliver the link privately.',
        query: OfOrganizationQuery,
        body: json(NewUserInput),
        responses: { 201: { description: 'Invited.', content: json(NewUser) } },
        errors: [...BODY_ERRORS, ...ERRORS, 'invalid_email', 'invalid_value', 'user_exists'],
      },
      async handle(req, res) {
        const organizationId = organizationIdFor(req, queryOf(req, OfOrganizationQuery).organization);
        const input = await bodyAs(req, NewUserInput);
        const { user, invitation } = await access.users.add(
          principalOf(req),
          organizationId,
          input,
          clientOf(req),
        );
        res.status(201).json({ user: userJson(user), invitation: invitation && invitationJson(invitation) });
      },
    },
    {
      method: 'patch',
      path: '/v1/users/{id}',
      access: 'users',
      operation: {
        id: 'changeUser',
        tag: 'Organizations',
        summary: 'Change a user’s role',
        path: ID,
        query: OfOrganizationQuery,
        body: json(UserChange),
        responses: { 200: { description: 'Changed.', content: json(User) } },
        errors: [...BODY_ERRORS, ...ERRORS, 'user_not_found', 'last_owner'],
      },
      async handle(req, res) {
        const principal = principalOf(req);
        const organizationId = organizationIdFor(req, queryOf(req, OfOrganizationQuery).organization);
        const id = pathParameter(req, 'id');
        const { role } = await bodyAs(req, UserChange);
        await access.users.setRole(principal, organizationId, id, role, clientOf(req));
        const user = await userIn(access, principal, organizationId, id);
        res.json(userJson(user));
      },
    },
    {
      method: 'delete',
      path: '/v1/users/{id}',
      access: ['users', 'organizations'],
      operation: {
        id: 'removeUser',
        tag: 'Organizations',
        summary: 'Remove a user from the organization',
        path: ID,
        query: OfOrganizationQuery,
        responses: { 204: { description: 'Removed.', content: {} } },
        errors: [...ERRORS, 'user_not_found', 'last_owner'],
      },
      async handle(req, res) {
        const organizationId = organizationIdFor(req, queryOf(req, OfOrganizationQuery).organization);
        const id = pathParameter(req, 'id');
        await access.users.remove(principalOf(req), organizationId, id, clientOf(req));
        res.status(204).end();
      },
    },
    {
      method: 'post',
      path: '/v1/users/{id}/invitation',
      access: ['users', 'organizations'],
      operation: {
        id: 'inviteAgain',
        tag: 'Organizations',
        summary: 'Create a new invitation',
        description:
          'For users who have not accepted yet, or have forgotten their password. Earlier invitations become invalid.',
        path: ID,
        query: InviteAgainQuery,
        responses: { 201: { description: 'Created.', content: json(NewInvitation) } },
        errors: [...ERRORS, 'user_not_found'],
      },
      async handle(req, res) {
        const { organization, language } = queryOf(req, InviteAgainQuery);
        const organizationId = organizationIdFor(req, organization);
        const invitation = await access.users.inviteAgain(
          principalOf(req),
          organizationId,
          pathParameter(req, 'id'),
          clientOf(req),
          language,
        );
        res.status(201).json({ invitation: invitationJson(invitation) });
      },
    },
  ];
}

async function userIn(access: HttpDeps['access'], by: Principal, organizationId: string, personId: string) {
  const user = (await access.users.list(by, organizationId)).find(({ person }) => person.id === personId);
  if (user === undefined)
    throw new AccessError('user_not_found', 'there is no such user in the organization');
  return user;
}

/** Invitations, which are one-time links. The token is in the body, because URLs are logged. */
export function invitationRoutes(deps: HttpDeps): Route[] {
  const { access, hosts } = deps;
  return [
    {
      method: 'post',
      path: '/v1/invitations/inspect',
      access: 'open',
      operation: {
        id: 'inspectInvitation',
        reads: true,
        tag: 'Session',
        summary: 'Look at an invitation',
        body: json(InspectInvitation),
        responses: {
          200: { description: 'The invitation is valid.', content: json(InvitationInfo) },
        },
        errors: [...BODY_ERRORS, 'invalid_invitation', 'unavailable'],
      },
      async handle(req, res) {
        const { token } = await bodyAs(req, InspectInvitation);
        res.json(await access.invitations.inspect(token));
      },
    },
    {
      method: 'post',
      path: '/v1/invitations/redeem',
      access: 'anyone',
      operation: {
        id: 'redeemInvitation',
        tag: 'Session',
        summary: 'Accept an invitation and sign in',
        description:
          'A new person chooses a password. A person who already has one here enters it, answers with a passkey, or is signed in: an e-mail address does not prove who it belongs to. With a link that was made on the service’s machine, the person can also replace the password, which ends all other sessions and removes all passkeys. See `password` of `inspectInvitation`.',
        headers: CSRF_HEADER,
        body: json(RedeemInvitation),
        responses: { 200: OPENED },
        errors: [
          ...OPENING_ERRORS,
          'invalid_invitation',
          'invalid_passkey',
          'passkey_needed',
          'passkeys_unavailable',
          'invalid_email',
          'invalid_password',
          'invalid_value',
        ],
      },
      async handle(req, res) {
        const { token, cookies, passkey, ...input } = await bodyAs(req, RedeemInvitation);
        const redemption = {
          ...input,
          ...(passkey === undefined ? {} : { passkey: passkeyAnswer(deps, req, passkey) }),
          deviceTokens: readCookies(req, 'device', hosts),
        };
        const opened = await access.invitations.redeem(token, redemption, clientOf(req), principalOf(req));
        await sendOpened(deps, req, res, opened, cookies === true);
      },
    },
  ];
}
