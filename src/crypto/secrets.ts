import { hkdfSync, randomBytes } from 'node:crypto';
import { fromHex, ProofError, toHex } from '../proof/index.js';

// Secrets of 32 random bytes, as 64 hexadecimal digits: what `openssl rand -hex 32` prints. Their text is
// never logged.

const LENGTH = 32;

export function generateSecret(): string {
  return toHex(randomBytes(LENGTH));
}

/**
 * Secrets, separated by white space.
 * @throws {ProofError} malformed_key. The message never contains a secret.
 */
export function parseSecrets(text: string): readonly [Uint8Array, ...Uint8Array[]] {
  const [first = '', ...others] = text.trim().split(/\s+/);
  return [parseSecret(first), ...others.map(parseSecret)];
}

function parseSecret(text: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new ProofError(
      'malformed_key',
      'a secret is 64 hexadecimal digits in lower case, as "openssl rand -hex 32" prints them',
    );
  }
  return fromHex(text, LENGTH);
}

/** HKDF with SHA-256 (RFC 5869): 32 bytes for one purpose, independent of the others and of the secret. */
export function deriveKey(secret: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), purpose, LENGTH));
}
