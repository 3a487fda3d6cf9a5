import { DerError, openDer } from './der.js';

/** From Ecdsa-Sig-Value (RFC 3279 §2.2.3) to r ‖ s; null when it is not DER or a number is too large. */
export function compactSignature(signature: Uint8Array, size: number): Uint8Array | null {
  try {
    const reader = openDer(signature, 'a signature', 2 * size + 16);
    const fields = reader.sequence();
    const numbers = [fields.integer(), fields.integer()];
    fields.finish();
    const compact = new Uint8Array(2 * size);
    for (const [i, number] of numbers.entries()) {
      const magnitude = number[0] === 0 ? number.subarray(1) : number;
      if ((number[0] ?? 0) >= 0x80 || magnitude.length > size) return null;
      compact.set(magnitude, (i + 1) * size - magnitude.length);
    }
    return compact;
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}
