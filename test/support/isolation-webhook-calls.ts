import { expect } from 'vitest';
import { Webhook, Webhooks, WebhookWithSecret } from '../../src/http/schemas/webhooks.js';
import { MAX_WEBHOOKS } from '../../src/webhooks/index.js';
import { organizationOf, refusal } from './access-model.js';
import { isRefused, pick, type Call } from './isolation-call.js';
import type { World } from './isolation-world.js';

/** Calls about webhooks. */

interface ModelWebhook {
  readonly id: string;
  readonly organization: number;
}

const made = new WeakMap<World, ModelWebhook[]>();
const webhooksOf = (world: World) => {
  const known = made.get(world) ?? [];
  made.set(world, known);
  return known;
};

export const makeHook: Call = async ({ world, actor, ask }) => {
  const own = webhooksOf(world);
  const body = { name: 'Archive', url: 'https://hooks.invalid/', types: ['notarization.sealed'] };
  const { status, text } = await ask('POST', '/v1/webhooks', { body });
  if (isRefused(status, refusal(actor, 'webhooks'))) return;
  const organization = organizationOf(actor) ?? expect.fail();
  const count = own.filter((each) => each.organization === organization).length;
  expect(status).toBe(count < MAX_WEBHOOKS ? 201 : 409);
  if (status === 201) own.push({ id: WebhookWithSecret.parse(JSON.parse(text)).webhook.id, organization });
};

export const listHooks: Call = async ({ world, actor, ask }) => {
  const { status, text } = await ask('GET', '/v1/webhooks');
  if (isRefused(status, refusal(actor, 'webhooks'))) return;
  const ids = Webhooks.parse(JSON.parse(text)).webhooks.map(({ id }) => id);
  const own = webhooksOf(world).filter(({ organization }) => organization === organizationOf(actor));
  expect(ids.toSorted()).toEqual(own.map(({ id }) => id).toSorted());
};

/** Reads and changes one of anybody. A message is not sent: nobody is told anything in these worlds. */
export const useHook: Call = async ({ world, actor, draw, ask }) => {
  const target = pick(webhooksOf(world), draw.target);
  if (target === undefined) return;
  const path = `/v1/webhooks/${target.id}`;
  const [method, rest, body] =
    pick(
      [
        ['GET', '', undefined],
        ['PATCH', '', { name: 'Other' }],
        ['POST', '/secret', undefined],
        ['POST', '/replay', { from: { time: '2026-01-01T00:00:00Z' } }],
        ['GET', '/attempts', undefined],
      ] as const,
      draw.other,
    ) ?? expect.fail();
  const { status, text } = await ask(method, `${path}${rest}`, { body });
  if (isRefused(status, refusal(actor, 'webhooks'))) return;
  const isOwn = target.organization === organizationOf(actor);
  expect(status).toBe(isOwn ? 200 : 404);
  if (isOwn && rest === '') expect(Webhook.parse(JSON.parse(text)).id).toBe(target.id);
};

export const deleteHook: Call = async ({ world, actor, draw, ask }) => {
  const own = webhooksOf(world);
  const target = pick(own, draw.target);
  if (target === undefined) return;
  const { status } = await ask('DELETE', `/v1/webhooks/${target.id}`);
  if (isRefused(status, refusal(actor, 'webhooks'))) return;
  const isOwn = target.organization === organizationOf(actor);
  expect(status).toBe(isOwn ? 204 : 404);
  if (isOwn) own.splice(own.indexOf(target), 1);
};
