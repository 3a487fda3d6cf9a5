export { AddressRules, type PrivateNetworks } from './address.js';
export { Deliveries } from './deliveries.js';
export { WebhookError, type WebhookErrorCode } from './errors.js';
export { WebhookMails } from './mails.js';
export { Messages } from './messages.js';
export { type Resolve, Sender } from './send.js';
export { WebhookSecrets } from './signature.js';
export { MAX_WEBHOOKS, Webhooks } from './webhooks.js';
