import { utf8 } from '../proof/index.js';
import type { Webhook } from '../store/index.js';
import type { Answer, Sender } from './send.js';
import type { SecretOf, WebhookSecrets } from './signature.js';

/** What messages are posted with. */
export interface Poster {
  readonly sender: Sender;
  readonly secrets: WebhookSecrets;
}

/** A message as Standard Webhooks has it. */
export interface Message {
  /** `webhook-id`: the same for each attempt. */
  readonly id: string;
  readonly type: string;
  /** When what it tells happened, in milliseconds since the Unix epoch. */
  readonly at: number;
  readonly data: object;
}

/** Posts a message once, signed now. Never rejects. @param now milliseconds since the Unix epoch */
export function postMessage(
  { sender, secrets }: Poster,
  webhook: SecretOf & Pick<Webhook, 'url' | 'secretSince'>,
  { id, type, at, data }: Message,
  now: number,
  stop: AbortSignal,
): Promise<Answer> {
  const body = utf8(JSON.stringify({ type, timestamp: new Date(at).toISOString(), data }));
  const timestamp = Math.floor(now / 1000);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Ingam-Webhook',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': secrets.sign(webhook, { id, timestamp, body }),
  };
  return sender.post(webhook.url, headers, body, stop);
}
