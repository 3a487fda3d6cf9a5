import { z } from 'zod';
import { WEBHOOK_OUTCOMES, WEBHOOK_TYPES } from '../../store/index.js';
import { decimal } from './documents.js';
import { Name } from './inputs.js';
import { Count, Time } from './resources.js';

/** Webhooks: docs/webhooks.md. */

const Types = z.array(z.enum(WEBHOOK_TYPES)).min(1).max(100);
const Url = z
  .string()
  .min(1)
  .max(2000)
  .describe('https, without user name and password; not an address of a private network.');

export const NewWebhook = z.strictObject({
  name: Name,
  url: Url,
  types: Types.describe('What it is told.'),
});

export const WebhookChange = z.strictObject({
  name: Name.exactOptional(),
  url: Url.exactOptional(),
  types: Types.exactOptional(),
  enabled: z
    .boolean()
    .exactOptional()
    .describe('true: it goes on where it was, with the message that failed.'),
});

export const Webhook = z.strictObject({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  types: z.array(z.enum(WEBHOOK_TYPES)),
  status: z
    .enum(['enabled', 'retrying', 'disabled'])
    .describe('`retrying`: the receiver did not take the last message, which is sent again.'),
  disabledBecause: z
    .enum(['person', 'failed', 'gone'])
    .nullable()
    .describe('`failed`: ten attempts of one message. `gone`: the receiver answered 410.'),
  disabledAt: Time.nullable(),
  nextAttemptAt: Time.nullable().describe('Of the message that was not taken.'),
  failedAttempts: Count.describe('Of the message that is being sent.'),
  publicKey: z.string().describe('`whpk_…`, for the signatures `v1a`.'),
  formerSecretUntil: Time.nullable().describe(
    'Until then messages are signed with the secret before as well.',
  ),
  createdAt: Time,
});
export type Webhook = z.infer<typeof Webhook>;

export const Webhooks = z.strictObject({ webhooks: z.array(Webhook).describe('Earliest first.') });

export const WebhookWithSecret = z.strictObject({
  webhook: Webhook,
  secret: z.string().describe('`whsec_…`, for the signatures `v1`. It is shown only now.'),
});

export const WebhookReplay = z.strictObject({
  from: z.union([
    z.strictObject({ position: Count.describe('Of a notarization in the chain.') }),
    z.strictObject({
      time: z.iso
        .datetime({ offset: true, error: 'must be a time as RFC 3339 writes it: 2026-01-31T12:00:00Z' })
        .transform((text) => Date.parse(text)),
    }),
  ]),
});

const Attempt = z.strictObject({
  message: z.string().describe('The header `webhook-id`.'),
  type: z.string(),
  attempt: z.int().min(1),
  at: Time,
  ms: Count.describe('How long it took.'),
  status: z.int().nullable().describe('Of the answer; null: there was none.'),
  outcome: z
    .enum(WEBHOOK_OUTCOMES)
    .describe(
      '`status`: an answer other than 2xx. `timeout`: none within 20 s. `address_refused`: it is not one that webhooks may reach. `unknown_host`: the name has no address. `tls`: no secure connection. `connection`: none at all, or it broke.',
    ),
});
export type WebhookAttempt = z.infer<typeof Attempt>;

export const WebhookTest = Attempt;

export const WebhookAttempts = z.strictObject({
  attempts: z.array(Attempt).describe('Latest first; kept for 30 days.'),
  next: z.string().nullable().describe('`cursor` for the next page; null: this is the last page.'),
});

export const WebhookAttemptsQuery = z.strictObject({
  failed: z.literal('true').exactOptional().describe('Only those that were not delivered.'),
  limit: decimal(1, 200).exactOptional().describe('Page size; default 50.'),
  cursor: decimal(1, Number.MAX_SAFE_INTEGER).exactOptional().describe('`next` of the previous page.'),
});
