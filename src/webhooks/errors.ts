/** Why something about webhooks is not done. The message is for people. */
export type WebhookErrorCode =
  /** The organization has no such webhook. */
  | 'webhook_not_found'
  /** Not an address that webhooks may have. */
  | 'invalid_webhook_url'
  /** The organization has as many as it may have. */
  | 'too_many_webhooks'
  /** The chain has no such place. */
  | 'unknown_place';

export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  readonly code: WebhookErrorCode;

  constructor(code: WebhookErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
