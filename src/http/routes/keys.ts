import { clientOf, organizationIdFor } from '../auth/authenticate.js';
import { apiKeyJson } from '../responses/representation.js';
import type { HttpDeps } from '../deps.js';
import { queryOf } from '../requests/query.js';
import { BODY_ERRORS, bodyAs } from '../requests/body.js';
import { contextOf } from '../context.js';
import { pathParameter, type Route } from '../route.js';
import { NewKeyInput, ApiKeys, NewApiKey } from '../schemas/auth.js';
import { NoQuery } from '../schemas/documents.js';

const JSON_TYPE = 'application/json';

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
        query: NoQuery,
        responses: {
          200: { description: 'All keys, without their secrets.', content: { [JSON_TYPE]: ApiKeys } },
        },
        errors: ['invalid_parameter', 'organization_not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const keys = await access.keys.list(contextOf(req).principal, organizationIdFor(req, undefined));
        res.set('Cache-Control', 'no-store').json({ keys: keys.map(apiKeyJson) });
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
        query: NoQuery,
        body: { [JSON_TYPE]: NewKeyInput },
        responses: {
          201: { description: 'Created. The secret is shown only now.', content: { [JSON_TYPE]: NewApiKey } },
        },
        errors: [
          ...BODY_ERRORS,
          'invalid_parameter',
          'invalid_value',
          'invalid_network',
          'organization_not_found',
          'unavailable',
        ],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const input = await bodyAs(req, NewKeyInput);
        const organizationId = organizationIdFor(req, undefined);
        const { key, secret } = await access.keys.create(
          contextOf(req).principal,
          organizationId,
          input,
          clientOf(req),
        );
        res
          .status(201)
          .set('Cache-Control', 'no-store')
          .json({ key: apiKeyJson(key), secret });
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
        query: NoQuery,
        responses: { 204: { description: 'Revoked.', content: {} } },
        errors: ['invalid_parameter', 'organization_not_found', 'key_not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const organizationId = organizationIdFor(req, undefined);
        const id = pathParameter(req, 'id');
        await access.keys.revoke(contextOf(req).principal, organizationId, id, clientOf(req));
        res.status(204).set('Cache-Control', 'no-store').end();
      },
    },
  ];
}
