import { createHash, createHmac } from 'node:crypto';
import { generateKey, type PrivateKey } from '../crypto/keys.js';
import { ED25519, toBase64, utf8 } from '../proof/index.js';
import type { Webhook } from '../store/index.js';

/*
 * Standard Webhooks 1.0.0. Secrets follow from the secret of the service: none of them is in the database.
 */

const SECRET_PURPOSE = 'ingam/webhook/v1';
const KEY_PURPOSE = 'ingam/webhook-key/v1';
/** How long the secret before is used besides, in milliseconds. */
export const SECRETS_OVERLAP_MS = 24 * 3_600_000;

const MAX_KEYS = 10_000;

/** What of a webhook its secrets follow from. */
export type SecretOf = Pick<Webhook, 'id' | 'secret'>;

/** Signs messages in the name of the service. */
export class WebhookSecrets {
  readonly #secret: Uint8Array;
  /** By webhook and number of its secret: making one from its seed takes many times as long as signing with it. */
  readonly #keys = new Map<string, PrivateKey>();

  /** @param secret 32 bytes, the same for all instances */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** `whsec_…`: what receivers check HMACs with. */
  secretOf(webhook: SecretOf): string {
    return `whsec_${toBase64(this.#bytes(SECRET_PURPOSE, webhook))}`;
  }

  /** `whpk_…`: what receivers check Ed25519 signatures with. Not a secret. */
  publicKeyOf(webhook: SecretOf): string {
    return `whpk_${toBase64(this.#key(webhook).key.publicKey)}`;
  }

  /**
   * The value of `webhook-signature`: with the present secret, and for a day with the one before.
   * @param timestamp seconds since the Unix epoch
   * @param body      the very bytes that are sent
   */
  sign(
    webhook: SecretOf & Pick<Webhook, 'secretSince'>,
    { id, timestamp, body }: { readonly id: string; readonly timestamp: number; readonly body: Uint8Array },
  ): string {
    const content = Buffer.concat([utf8(`${id}.${timestamp}.`), body]);
    const { secret, secretSince } = webhook;
    const hasFormer = secret > 1 && timestamp * 1000 < secretSince + SECRETS_OVERLAP_MS;
    const secrets = hasFormer ? [secret, secret - 1] : [secret];
    return secrets
      .flatMap((number) => {
        const of = { id: webhook.id, secret: number };
        const hmac = createHmac('sha256', this.#bytes(SECRET_PURPOSE, of)).update(content).digest();
        return [`v1,${toBase64(hmac)}`, `v1a,${toBase64(this.#key(of).sign(content))}`];
      })
      .join(' ');
  }

  #key(webhook: SecretOf): PrivateKey {
    const name = `${webhook.id} ${webhook.secret}`;
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const key = generateKey('webhook', ED25519, this.#bytes(KEY_PURPOSE, webhook));
    if (this.#keys.size >= MAX_KEYS) this.#keys.clear();
    this.#keys.set(name, key);
    return key;
  }

  #bytes(purpose: string, { id, secret }: SecretOf): Uint8Array {
    return new Uint8Array(
      createHmac('sha256', this.#secret).update(`${purpose}\n${id}\n${secret}\n`).digest(),
    );
  }
}

/** Of 128 bits. */
const MESSAGE_ID_LENGTH = 16;

/** `msg_…`: always the same for the same part of what a webhook is told. It has no dots, which separate it in what is signed. */
export function messageId(webhook: string, ...part: readonly (string | number)[]): string {
  const digest = createHash('sha256')
    .update([webhook, ...part].join('\n'))
    .digest();
  return `msg_${digest.subarray(0, MESSAGE_ID_LENGTH).toString('base64url')}`;
}
