import { clientOf } from '../auth/authenticate.js';
import { organizationJson } from '../responses/representation.js';
import type { HttpDeps } from '../deps.js';
import { queryOf } from '../requests/query.js';
import { BODY_ERRORS, bodyAs } from '../requests/body.js';
import { contextOf } from '../context.js';
import { pathParameter, type Route } from '../route.js';
import {
  OrganizationChange,
  OrganizationsQuery,
  NewOrganization,
  Organization,
  Organizations,
} from '../schemas/auth.js';
import { NoQuery } from '../schemas/documents.js';

const JSON_TYPE = 'application/json';
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
        responses: { 200: { description: 'One page.', content: { [JSON_TYPE]: Organizations } } },
        errors: ['invalid_parameter', 'unavailable'],
      },
      async handle(req, res) {
        const { cursor, limit } = queryOf(req, OrganizationsQuery);
        const page = { limit, ...(cursor === undefined ? {} : { after: cursor }) };
        const organizations = await access.organizations.list(contextOf(req).principal, page);
        const next = organizations.length < limit ? null : (organizations.at(-1)?.id ?? null);
        res
          .set('Cache-Control', 'no-store')
          .json({ organizations: organizations.map(organizationJson), next });
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
        query: NoQuery,
        body: { [JSON_TYPE]: NewOrganization },
        responses: { 201: { description: 'Created.', content: { [JSON_TYPE]: Organization } } },
        errors: [...BODY_ERRORS, 'invalid_parameter', 'invalid_value', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const input = await bodyAs(req, NewOrganization);
        const organization = await access.organizations.create(
          contextOf(req).principal,
          input,
          clientOf(req),
        );
        res.location(`/v1/organizations/${organization.id}`);
        res.status(201).set('Cache-Control', 'no-store').json(organizationJson(organization));
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
        query: NoQuery,
        responses: { 200: { description: 'The organization.', content: { [JSON_TYPE]: Organization } } },
        errors: ['invalid_parameter', 'organization_not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const organization = await access.organizations.get(
          contextOf(req).principal,
          pathParameter(req, 'id'),
        );
        res.set('Cache-Control', 'no-store').json(organizationJson(organization));
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
        query: NoQuery,
        body: { [JSON_TYPE]: OrganizationChange },
        responses: { 200: { description: 'Changed.', content: { [JSON_TYPE]: Organization } } },
        errors: [
          ...BODY_ERRORS,
          'invalid_parameter',
          'invalid_value',
          'organization_not_found',
          'unavailable',
        ],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const change = await bodyAs(req, OrganizationChange);
        const id = pathParameter(req, 'id');
        const organization = await access.organizations.update(
          contextOf(req).principal,
          id,
          change,
          clientOf(req),
        );
        res.set('Cache-Control', 'no-store').json(organizationJson(organization));
      },
    },
  ];
}
