import { clientOf, organizationIdFor } from '../auth/authenticate.js';
import { contextOf } from '../context.js';
import type { HttpDeps } from '../deps.js';
import { BODY_ERRORS, bodyAs } from '../requests/body.js';
import { apiKeyJson } from '../responses/representation.js';
import { json, pathParameter, type Route } from '../route.js';
import { ApiKeys, NewApiKey, NewKeyInput } from '../schemas/auth.js';

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
        errors: ['organization_not_found', 'unavailable'],
      },
      async handle(req, res) {
        const keys = await access.keys.list(contextOf(req).principal, organizationIdFor(req, undefined));
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
        errors: [...BODY_ERRORS, 'invalid_value', 'invalid_network', 'organization_not_found', 'unavailable'],
      },
      async handle(req, res) {
        const input = await bodyAs(req, NewKeyInput);
        const organizationId = organizationIdFor(req, undefined);
        const { key, secret } = await access.keys.create(
          contextOf(req).principal,
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
        errors: ['organization_not_found', 'key_not_found', 'unavailable'],
      },
      async handle(req, res) {
        const organizationId = organizationIdFor(req, undefined);
        const id = pathParameter(req, 'id');
        await access.keys.revoke(contextOf(req).principal, organizationId, id, clientOf(req));
        res.status(204).end();
      },
    },
  ];
}
