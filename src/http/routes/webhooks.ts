import { clientOf, organizationIdFor } from '../auth/authenticate.js';
import { type HttpDeps, principalOf } from '../context.js';
import { BODY_ERRORS, bodyAs } from '../requests/body.js';
import { pathParameter, queryOf } from '../requests/parameters.js';
import { attemptJson, webhookJson } from '../responses/webhooks.js';
import { json, type Route } from '../route.js';
import type { ApiErrorCode } from '../schemas/error-codes.js';
import {
  NewWebhook,
  Webhook,
  WebhookAttempts,
  WebhookAttemptsQuery,
  WebhookChange,
  WebhookReplay,
  Webhooks,
  WebhookTest,
  WebhookWithSecret,
} from '../schemas/webhooks.js';

const ID = { id: 'Id of the webhook.' };
const DEFAULT_LIMIT = 50;
const OWN: readonly ApiErrorCode[] = ['organization_not_found', 'webhook_not_found'];
const CHANGE: readonly ApiErrorCode[] = [...OWN, 'outcome_unknown', 'unavailable'];
const ONE = { 200: { description: 'The webhook.', content: json(Webhook) } };

/** Where organizations want to be told what happens. */
export function webhookRoutes({ webhooks }: HttpDeps): Route[] {
  return [
    {
      method: 'post',
      path: '/v1/webhooks',
      access: 'webhooks',
      operation: {
        id: 'createWebhook',
        tag: 'Webhooks',
        summary: 'Make a webhook',
        description:
          'The service posts what happens from now on to the address, as Standard Webhooks 1.0.0 has it. Send a test before you rely on it.',
        body: json(NewWebhook),
        responses: { 201: { description: 'Made.', content: json(WebhookWithSecret) } },
        errors: [
          ...BODY_ERRORS,
          ...([
            'organization_not_found',
            'invalid_webhook_url',
            'too_many_webhooks',
            'invalid_value',
          ] as const),
          ...(['outcome_unknown', 'unavailable'] as const),
        ],
      },
      async handle(req, res) {
        const input = await bodyAs(req, NewWebhook);
        const by = principalOf(req);
        const { webhook, secret } = await webhooks.create(
          by,
          organizationIdFor(req, undefined),
          input,
          clientOf(req),
        );
        res.location(`/v1/webhooks/${webhook.id}`);
        res.status(201).json({ webhook: webhookJson(webhook, webhooks), secret });
      },
    },
    {
      method: 'get',
      path: '/v1/webhooks',
      access: 'webhooks',
      operation: {
        id: 'listWebhooks',
        tag: 'Webhooks',
        summary: 'List the organization’s webhooks',
        responses: { 200: { description: 'All of them.', content: json(Webhooks) } },
        errors: ['organization_not_found'],
      },
      async handle(req, res) {
        const all = await webhooks.list(principalOf(req), organizationIdFor(req, undefined));
        res.json({ webhooks: all.map((webhook) => webhookJson(webhook, webhooks)) });
      },
    },
    {
      method: 'get',
      path: '/v1/webhooks/{id}',
      access: 'webhooks',
      operation: {
        id: 'getWebhook',
        tag: 'Webhooks',
        summary: 'Get a webhook',
        path: ID,
        responses: ONE,
        errors: OWN,
      },
      async handle(req, res) {
        const id = pathParameter(req, 'id');
        const found = await webhooks.find(principalOf(req), organizationIdFor(req, undefined), id);
        res.json(webhookJson(found, webhooks));
      },
    },
    {
      method: 'patch',
      path: '/v1/webhooks/{id}',
      access: 'webhooks',
      operation: {
        id: 'changeWebhook',
        tag: 'Webhooks',
        summary: 'Change a webhook, disable it, or enable it',
        description: 'What it was not told before, it is told from now on.',
        path: ID,
        body: json(WebhookChange),
        responses: ONE,
        errors: [...BODY_ERRORS, ...CHANGE, 'invalid_webhook_url', 'invalid_value'],
      },
      async handle(req, res) {
        const input = await bodyAs(req, WebhookChange);
        const organization = organizationIdFor(req, undefined);
        const id = pathParameter(req, 'id');
        const changed = await webhooks.change(principalOf(req), organization, id, input, clientOf(req));
        res.json(webhookJson(changed, webhooks));
      },
    },
    {
      method: 'delete',
      path: '/v1/webhooks/{id}',
      access: 'webhooks',
      operation: {
        id: 'deleteWebhook',
        tag: 'Webhooks',
        summary: 'Delete a webhook, and the list of its attempts',
        path: ID,
        responses: { 204: { description: 'Deleted.', content: {} } },
        errors: CHANGE,
      },
      async handle(req, res) {
        const id = pathParameter(req, 'id');
        await webhooks.remove(principalOf(req), organizationIdFor(req, undefined), id, clientOf(req));
        res.status(204).end();
      },
    },
    {
      method: 'post',
      path: '/v1/webhooks/{id}/secret',
      access: 'webhooks',
      operation: {
        id: 'rotateWebhookSecret',
        tag: 'Webhooks',
        summary: 'Replace the secret',
        description:
          'For 24 hours, messages are signed with the new secret and with the one before. If the secret is replaced twice in that time, the first one is not used any more.',
        path: ID,
        responses: { 200: { description: 'Replaced.', content: json(WebhookWithSecret) } },
        errors: CHANGE,
      },
      async handle(req, res) {
        const id = pathParameter(req, 'id');
        const { webhook, secret } = await webhooks.rotate(
          principalOf(req),
          organizationIdFor(req, undefined),
          id,
          clientOf(req),
        );
        res.json({ webhook: webhookJson(webhook, webhooks), secret });
      },
    },
    {
      method: 'post',
      path: '/v1/webhooks/{id}/test',
      access: 'webhooks',
      operation: {
        id: 'testWebhook',
        tag: 'Webhooks',
        summary: 'Send a message of the type `webhook.test` now',
        description: 'Once, also to a webhook that is disabled; 30 an hour.',
        path: ID,
        responses: { 200: { description: 'How it ended.', content: json(WebhookTest) } },
        errors: [...CHANGE, 'limit_exceeded'],
      },
      async handle(req, res) {
        const id = pathParameter(req, 'id');
        res.json(attemptJson(await webhooks.test(principalOf(req), organizationIdFor(req, undefined), id)));
      },
    },
    {
      method: 'post',
      path: '/v1/webhooks/{id}/replay',
      access: 'webhooks',
      operation: {
        id: 'replayWebhook',
        tag: 'Webhooks',
        summary: 'Tell again what happened since a position or a time',
        description:
          'A later position leaves out what comes before it, such as a message that the receiver cannot take. Events that are not in the chain are kept for 30 days.',
        path: ID,
        body: json(WebhookReplay),
        responses: ONE,
        errors: [...BODY_ERRORS, ...CHANGE, 'unknown_place'],
      },
      async handle(req, res) {
        const { from } = await bodyAs(req, WebhookReplay);
        const organization = organizationIdFor(req, undefined);
        const id = pathParameter(req, 'id');
        const replayed = await webhooks.replay(principalOf(req), organization, id, from, clientOf(req));
        res.json(webhookJson(replayed, webhooks));
      },
    },
    {
      method: 'get',
      path: '/v1/webhooks/{id}/attempts',
      access: 'webhooks',
      operation: {
        id: 'listWebhookAttempts',
        tag: 'Webhooks',
        summary: 'List what was sent to a webhook, and how it ended',
        path: ID,
        query: WebhookAttemptsQuery,
        responses: { 200: { description: 'One page.', content: json(WebhookAttempts) } },
        errors: OWN,
      },
      async handle(req, res) {
        const { failed, limit = DEFAULT_LIMIT, cursor } = queryOf(req, WebhookAttemptsQuery);
        const id = pathParameter(req, 'id');
        const page = await webhooks.attempts(principalOf(req), organizationIdFor(req, undefined), id, {
          ...{ limit, failed: failed !== undefined },
          ...(cursor === undefined ? {} : { before: cursor }),
        });
        const last = page.length < limit ? undefined : page.at(-1);
        res.json({ attempts: page.map(attemptJson), next: last === undefined ? null : String(last.id) });
      },
    },
  ];
}
