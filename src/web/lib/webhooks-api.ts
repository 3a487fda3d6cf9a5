import { change, get, remove } from './api.js';

/** Requests about webhooks. Each rejects with ProblemError or UnreachableError. */

export const WEBHOOK_TYPES = [
  'notarization.sealed',
  'notarization.cosigned',
  'notarization.anchored',
  'record.event',
  'contract.executed',
  'contract.expired',
  'contract.deadline_near',
  'key.created',
  'key.revoked',
  'anchor.late',
  'member.alarm',
] as const;
export type WebhookType = (typeof WEBHOOK_TYPES)[number];

export interface NewWebhook {
  readonly name: string;
  readonly url: string;
  readonly types: readonly WebhookType[];
}

export interface Webhook extends NewWebhook {
  readonly id: string;
  readonly status: 'enabled' | 'retrying' | 'disabled';
  readonly disabledBecause: 'person' | 'failed' | 'gone' | null;
  readonly nextAttemptAt: string | null;
  readonly formerSecretUntil: string | null;
  readonly createdAt: string;
}

export interface WebhookWithSecret {
  readonly webhook: Webhook;
  readonly secret: string;
}

export interface WebhookAttempt {
  readonly message: string;
  readonly type: string;
  readonly attempt: number;
  readonly at: string;
  readonly ms: number;
  /** null: there was no answer. */
  readonly status: number | null;
  readonly outcome:
    | 'delivered'
    | 'status'
    | 'timeout'
    | 'address_refused'
    | 'unknown_host'
    | 'tls'
    | 'connection';
}

export interface WebhookAttemptsPage {
  readonly attempts: readonly WebhookAttempt[];
  /** null: this is the last page. */
  readonly next: string | null;
}

export async function webhooks(): Promise<readonly Webhook[]> {
  return (await get<{ readonly webhooks: readonly Webhook[] }>('v1/webhooks')).webhooks;
}

export const createWebhook = (webhook: NewWebhook) =>
  change<WebhookWithSecret>('POST', 'v1/webhooks', webhook);
export const changeWebhook = (id: string, input: Partial<NewWebhook> & { readonly enabled?: boolean }) =>
  change<Webhook>('PATCH', `v1/webhooks/${id}`, input);
export const deleteWebhook = (id: string) => remove(`v1/webhooks/${id}`);
export const rotateWebhookSecret = (id: string) =>
  change<WebhookWithSecret>('POST', `v1/webhooks/${id}/secret`, {});
export const testWebhook = (id: string) => change<WebhookAttempt>('POST', `v1/webhooks/${id}/test`, {});

/** The latest first. @param cursor `next` of the page before */
export const webhookAttempts = (id: string, cursor: string | null = null) =>
  get<WebhookAttemptsPage>(`v1/webhooks/${id}/attempts${cursor === null ? '' : `?cursor=${cursor}`}`);

/** Tells it everything again that has happened since. */
export const replayWebhook = (id: string, time: string) =>
  change<Webhook>('POST', `v1/webhooks/${id}/replay`, { from: { time } });
