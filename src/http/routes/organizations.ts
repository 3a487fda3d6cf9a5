import { clientOf } from '../auth/authenticate.js';
import { contextOf } from '../context.js';
import type { HttpDeps } from '../deps.js';
import { BODY_ERRORS, bodyAs } from '../requests/body.js';
import { queryOf } from '../requests/query.js';
import { organizationJson } from '../responses/representation.js';
import { json, pathParameter, type Route } from '../route.js';
import {
  NewOrganization,
  Organization,
  OrganizationChange,
  Organizations,
  OrganizationsQuery,
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
        errors: ['unavailable'],
      },
      async handle(req, res) {
        const { cursor, limit } = queryOf(req, OrganizationsQuery);
        const page = { limit, ...(cursor === undefined ? {} : { after: cursor }) };
        const organizations = await access.organizations.list(contextOf(req).principal, page);
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
        errors: [...BODY_ERRORS, 'invalid_value', 'unavailable'],
      },
      async handle(req, res) {
        const input = await bodyAs(req, NewOrganization);
        const organization = await access.organizations.create(
          contextOf(req).principal,
          input,
          clientOf(req),
        );
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
        errors: ['organization_not_found', 'unavailable'],
      },
      async handle(req, res) {
        const organization = await access.organizations.get(
          contextOf(req).principal,
          pathParameter(req, 'id'),
        );
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
        errors: [...BODY_ERRORS, 'invalid_value', 'organization_not_found', 'unavailable'],
      },
      async handle(req, res) {
        const change = await bodyAs(req, OrganizationChange);
        const id = pathParameter(req, 'id');
        const organization = await access.organizations.update(
          contextOf(req).principal,
          id,
          change,
          clientOf(req),
        );
        res.json(organizationJson(organization));
      },
    },
  ];
}
