import { hashes, verify } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';

// The library comes without a hash of its own, to stay small where WebCrypto has one; that one is only asynchronous.
hashes.sha512 = sha512;

/** RFC 8032 Ed25519, strict: keys and points in canonical form only, as node:crypto and Go check them. Never throws. */
export function verifyEd25519(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
