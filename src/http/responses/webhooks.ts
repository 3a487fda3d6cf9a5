import type { NewWebhookAttempt, Webhook } from '../../store/index.js';
import type { Webhooks } from '../../webhooks/index.js';
import type { Webhook as Shown, WebhookAttempt } from '../schemas/webhooks.js';
import { formatTime } from './representation.js';

/** Webhooks as JSON. */

const time = (at: number | null) => (at === null ? null : formatTime(at));

export function webhookJson(webhook: Webhook, webhooks: Webhooks): Shown {
  const { id, name, url, cursors, disabledAt, disabledBecause, attempts, dueAt, createdAt } = webhook;
  const isRetrying = disabledAt === null && attempts > 0;
  return {
    ...{ id, name, url },
    types: [...cursors.keys()],
    status: disabledAt !== null ? 'disabled' : isRetrying ? 'retrying' : 'enabled',
    disabledBecause,
    disabledAt: time(disabledAt),
    nextAttemptAt: isRetrying ? formatTime(dueAt) : null,
    failedAttempts: attempts,
    publicKey: webhooks.publicKeyOf(webhook),
    formerSecretUntil: time(webhooks.formerSecretUntil(webhook)),
    createdAt: formatTime(createdAt),
  };
}

export function attemptJson({
  message,
  type,
  attempt,
  at,
  ms,
  status,
  outcome,
}: NewWebhookAttempt): WebhookAttempt {
  return { message, type, attempt, at: formatTime(at), ms, status, outcome };
}
