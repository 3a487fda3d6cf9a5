import { clientOf, organizationIdFor } from '../auth/authenticate.js';
import { type HttpDeps, principalOf } from '../context.js';
import { BODY_ERRORS, bodyAs } from '../requests/body.js';
import { pathParameter, queryOf } from '../requests/parameters.js';
import { apiKeyJson, organizationJson } from '../responses/representation.js';
import { json, type Route } from '../route.js';
import {
  ApiKeys,
  NewApiKey,
  NewKeyInput,
  NewOrganization,
  Organization,
  OrganizationChange,
  Organizations,
  OrganizationsQuery,
  PasskeyRequirement,
} from '../schemas/auth.js';

const ID = { id: 'Id of the organization.' };

/** Organizations: managed by operators, and visible to their own users. */
export function organizationRoutes({ access }: HttpDeps): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/organizations',
      access: 'organizations',
      operation: {
        id: 'listOrganizations',
        tag: 'Organizations',
        summary: 'List organizations',
        query: OrganizationsQuery,
        responses: { 200: { description: 'One page.', content: json(Organizations) } },
      },
      async handle(req, res) {
        const { cursor, limit } = queryOf(req, OrganizationsQuery);
        const page = { limit, ...(cursor === undefined ? {} : { after: cursor }) };
        const organizations = await access.organizations.list(principalOf(req), page);
        const next = organizations.length < limit ? null : (organizations.at(-1)?.id ?? null);
        res.json({ organizations: organizations.map(organizationJson), next });
      },
    },
    {
      method: 'post',
      path: '/v1/organizations',
      access: 'organizations',
      operation: {
        id: 'createOrganization',
        tag: 'Organizations',
        summary: 'Create an organization',
        body: json(NewOrganization),
        responses: { 201: { description: 'Created.', content: json(Organization) } },
        errors: [...BODY_ERRORS, 'invalid_value'],
      },
      async handle(req, res) {
        const input = await bodyAs(req, NewOrganization);
        const organization = await access.organizations.create(principalOf(req), input, clientOf(req));
        res.location(`/v1/organizations/${organization.id}`);
        res.status(201).json(organizationJson(organization));
      },
    },
    {
      method: 'get',
      path: '/v1/organizations/{id}',
      access: ['organizations', 'read', 'notarize'],
      operation: {
        id: 'getOrganization',
        tag: 'Organizations',
        summary: 'Get an organization',
        path: ID,
        responses: { 200: { description: 'The organization.', content: json(Organization) } },
        errors: ['organization_not_found'],
      },
      async handle(req, res) {
        const organization = await access.organizations.get(principalOf(req), pathParameter(req, 'id'));
        res.json(organizationJson(organization));
      },
    },
    {
      method: 'patch',
      path: '/v1/organizations/{id}',
      access: 'organizations',
      operation: {
        id: 'changeOrganization',
        tag: 'Organizations',
        summary: 'Rename, limit, disable or enable an organization',
        path: ID,
        body: json(OrganizationChange),
        responses: { 200: { description: 'Changed.', content: json(Organization) } },
        errors: [...BODY_ERRORS, 'invalid_value', 'organization_not_found'],
      },
      async handle(req, res) {
        const change = await bodyAs(req, OrganizationChange);
        const id = pathParameter(req, 'id');
        const organization = await access.organizations.update(principalOf(req), id, change, clientOf(req));
        res.json(organizationJson(organization));
      },
    },
    {
      method: 'put',
      path: '/v1/organizations/{id}/passkeys',
      access: 'users',
      operation: {
        id: 'requirePasskeys',
        tag: 'Organizations',
        summary: 'Require passkeys of the organization’s users, or no longer',
        description:
          'For owners who are signed in with a passkey. From then on, sessions without one act for no organization that requires it (403 `passkey_required`), also those that exist already, and the password alone signs nobody in who has a passkey. Whoever has none signs in with the password and adds one. API keys and people of an identity provider are not concerned.',
        path: ID,
        body: json(PasskeyRequirement),
        responses: { 200: { description: 'Changed.', content: json(Organization) } },
        errors: [...BODY_ERRORS, 'organization_not_found', 'passkey_required'],
      },
      async handle(req, res) {
        const { required } = await bodyAs(req, PasskeyRequirement);
        const [by, id] = [principalOf(req), pathParameter(req, 'id')];
        const organization = await access.organizations.requirePasskeys(by, id, required, clientOf(req));
        res.json(organizationJson(organization));
      },
    },
  ];
}

/** API keys of the organization that the caller acts for. */
export function keyRoutes({ access }: HttpDeps): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/keys',
      access: 'keys',
      operation: {
        id: 'listKeys',
        tag: 'Organizations',
        summary: 'List the organization’s API keys',
        responses: {
          200: { description: 'All keys, without their secrets.', content: json(ApiKeys) },
        },
        errors: ['organization_not_found'],
      },
      async handle(req, res) {
        const keys = await access.keys.list(principalOf(req), organizationIdFor(req, undefined));
        res.json({ keys: keys.map(apiKeyJson) });
      },
    },
    {
      method: 'post',
      path: '/v1/keys',
      access: 'keys',
      operation: {
        id: 'createKey',
        tag: 'Organizations',
        summary: 'Create an API key',
        body: json(NewKeyInput),
        responses: {
          201: { description: 'Created. The secret is shown only now.', content: json(NewApiKey) },
        },
        errors: [...BODY_ERRORS, 'invalid_value', 'invalid_network', 'organization_not_found'],
      },
      async handle(req, res) {
        const input = await bodyAs(req, NewKeyInput);
        const organizationId = organizationIdFor(req, undefined);
        const { key, secret } = await access.keys.create(
          principalOf(req),
          organizationId,
          input,
          clientOf(req),
        );
        res.status(201).json({ key: apiKeyJson(key), secret });
      },
    },
    {
      method: 'delete',
      path: '/v1/keys/{id}',
      access: 'keys',
      operation: {
        id: 'revokeKey',
        tag: 'Organizations',
        summary: 'Revoke an API key, with immediate effect',
        path: { id: 'Id of the key: the 16 digits after `ingam_`.' },
        responses: { 204: { description: 'Revoked.', content: {} } },
        errors: ['organization_not_found', 'key_not_found'],
      },
      async handle(req, res) {
        const organizationId = organizationIdFor(req, undefined);
        const id = pathParameter(req, 'id');
        await access.keys.revoke(principalOf(req), organizationId, id, clientOf(req));
        res.status(204).end();
      },
    },
  ];
}
