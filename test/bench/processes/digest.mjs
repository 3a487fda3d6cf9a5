import { createHash } from 'node:crypto';

/** The digest of the loaded document number `index`: every process can compute it. */
export function digestBytes(index) {
  return new Uint8Array(createHash('sha256').update(`document ${index}`).digest());
}

/** The same in hexadecimal. */
export function digestOf(index) {
  return createHash('sha256').update(`document ${index}`).digest('hex');
}
