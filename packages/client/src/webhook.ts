/** Verifies webhooks by Standard Webhooks 1.0.0 (github.com/standard-webhooks/standard-webhooks). */

/** A webhook whose signature was verified. */
export interface WebhookMessage {
  /** The same for every attempt to deliver this message: keep it, to notice repetitions. */
  readonly id: string;
  /** When this attempt was sent. */
  readonly sentAt: Date;
  /** Such as `notarization.sealed`. */
  readonly type: string;
  /** When it happened: RFC 3339. */
  readonly timestamp: string;
  readonly data: unknown;
}

export type WebhookFault =
  | 'missing_header'
  | 'malformed_header'
  | 'malformed_secret'
  /** The platform has not what checking this kind of secret needs. */
  | 'unsupported_secret'
  | 'too_old'
  | 'too_new'
  | 'bad_signature'
  | 'malformed_body';

/** The request cannot be shown to be one that the service has sent just now: answer it with status 400. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  readonly code: WebhookFault;

  constructor(code: WebhookFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface WebhookInput {
  /** The body's very bytes: a parsed and written body has other ones. */
  readonly body: Uint8Array | string;
  /** Of the request: Headers, or an object such as Node's `req.headers`. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** `whsec_…` (HMAC-SHA256), or the public key `whpk_…` (Ed25519). While it is rotated, all that are valid. */
  readonly secret: string | readonly string[];
  /** Default: the clock. In milliseconds since the Unix epoch. */
  readonly now?: number;
}

const TOLERANCE_S = 5 * 60;
const SECRETS = { whsec_: 'v1', whpk_: 'v1a' } as const;

/**
 * The message of a webhook, if one of the secrets signed it within five minutes of now.
 * @throws {WebhookError}
 */
export async function verifyWebhook({
  body,
  headers,
  secret,
  now = Date.now(),
}: WebhookInput): Promise<WebhookMessage> {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    headerOf(headers, name),
  ) as [string, string, string];
  if (!/^(0|[1-9][0-9]{0,11})$/.test(timestamp))
    throw new WebhookError('malformed_header', 'webhook-timestamp is not a number of seconds');
  const age = Math.floor(now / 1000) - Number(timestamp);
  if (age > TOLERANCE_S) throw new WebhookError('too_old', 'the webhook was sent more than five minutes ago');
  if (age < -TOLERANCE_S)
    throw new WebhookError('too_new', 'the webhook was sent more than five minutes from now');
  const content = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const signed = concat(new TextEncoder().encode(`${id}.${timestamp}.`), content);
  const keys = await Promise.all((typeof secret === 'string' ? [secret] : secret).map(readSecret));
  // Another secret may do.
  let unsupported: WebhookError | null = null;
  for (const word of signatures.split(' ')) {
    const [version, text = ''] = word.split(',', 2);
    const signature = decodeBase64(text);
    if (signature === null) continue;
    for (const key of keys) {
      if (key.version !== version) continue;
      if (key.verify instanceof WebhookError) unsupported = key.verify;
      else if (await key.verify(signature, signed)) return read(id, timestamp, content);
    }
  }
  throw unsupported ?? new WebhookError('bad_signature', 'none of the signatures is by one of the secrets');
}

function headerOf(headers: WebhookInput['headers'], name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  if (value === undefined || value === null || value === '')
    throw new WebhookError('missing_header', `the header ${name} is missing`);
  if (typeof value !== 'string')
    throw new WebhookError('malformed_header', `the header ${name} is there twice`);
  return value;
}

interface Key {
  readonly version: string;
  /** Or why it cannot be done here. */
  readonly verify: ((signature: Bytes, signed: Bytes) => Promise<boolean>) | WebhookError;
}
type Bytes = Uint8Array<ArrayBuffer>;

async function readSecret(secret: string): Promise<Key> {
  const prefix = (Object.keys(SECRETS) as (keyof typeof SECRETS)[]).find((each) => secret.startsWith(each));
  const bytes = prefix === undefined ? null : decodeBase64(secret.slice(prefix.length));
  if (prefix === undefined || bytes === null || bytes.length < 24 || bytes.length > 64)
    throw new WebhookError('malformed_secret', 'a secret begins with whsec_ or whpk_, and goes on in base64');
  const isPublic = prefix === 'whpk_';
  if (isPublic && bytes.length !== 32) throw new WebhookError('malformed_secret', 'a whpk_ key has 32 bytes');
  const version = SECRETS[prefix];
  const algorithm = isPublic ? { name: 'Ed25519' } : { name: 'HMAC', hash: 'SHA-256' };
  try {
    const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['verify']);
    return {
      version,
      verify: (signature, signed) => crypto.subtle.verify(algorithm.name, key, signature, signed),
    };
  } catch (error) {
    // Older browsers have no Ed25519, and a page that did not come over HTTPS has no WebCrypto at all.
    const remedy = isPublic
      ? 'this platform cannot check Ed25519 signatures: give the secret whsec_… in place of the key whpk_…'
      : 'this platform has no WebCrypto: pages have it over HTTPS only';
    return { version, verify: new WebhookError('unsupported_secret', remedy, { cause: error }) };
  }
}

function read(id: string, timestamp: string, content: Uint8Array): WebhookMessage {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch {
    throw new WebhookError('malformed_body', 'the body is not JSON');
  }
  const { type, timestamp: at, data } = (json ?? {}) as Partial<Record<string, unknown>>;
  if (typeof type !== 'string' || typeof at !== 'string')
    throw new WebhookError('malformed_body', 'the body has no type or timestamp');
  return { id, sentAt: new Date(Number(timestamp) * 1000), type, timestamp: at, data };
}

function concat(a: Uint8Array, b: Uint8Array): Bytes {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

function decodeBase64(text: string): Bytes | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
