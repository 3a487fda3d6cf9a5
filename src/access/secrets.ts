import { createHash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
/** 100 bits: nobody meets another's id by chance. */
const ID_CHARACTERS = 20;
/** 256 bits in base64url. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;

export type IdKind = 'acct' | 'psn' | 'ses' | 'sig';

/** For example acct_k7zq… */
export function newId(kind: IdKind): string {
  // 256 is a multiple of 32, so no character is likelier than another.
  const characters = [...randomBytes(ID_CHARACTERS)].map((byte) => BASE32.charAt(byte % BASE32.length));
  return `${kind}_${characters.join('')}`;
}

/** Ids come from strangers too: what cannot be one is not looked up. */
export function isId(kind: IdKind, text: string): boolean {
  return text.startsWith(`${kind}_`) && /^[a-z]+_[a-z2-7]{20}$/.test(text);
}

/** 32 random bytes as text: refresh tokens, invitations, the secret part of API keys. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

export function isSecret(text: string): boolean {
  return SECRET.test(text);
}

/** What is kept of a secret. Of 256 random bits nothing can be guessed, so one plain SHA-256 does. */
export function hashSecret(secret: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(secret).digest());
}

/** In a time that does not depend on where they differ. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** RFC 5869 with SHA-256: a key for one purpose, which tells nothing of the others. */
export function deriveKey(secret: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), purpose, 32));
}
