import { type ErasureKeys, isSealed } from '../crypto/erasure-keys.js';

// Rows of documents under data keys (docs/erasure.md, "Erasing in backups").

/** `kind` of the row of a document whose salt follows from a data key: the row has the key's reference instead. */
export const KEYED = 256;

/**
 * The salt of an entry, by its row; null: its data key is missing.
 * @param keys null: the service has no data keys
 */
export function saltOf(kind: number, salt: Uint8Array, keys: ErasureKeys | null): Uint8Array | null {
  return kind === KEYED ? (keys?.saltOf(salt) ?? null) : salt;
}

/** Details by their row: as they were notarized, or encrypted if their data key is missing. */
export function openDetails(json: string, keys: ErasureKeys | null): string {
  return isSealed(json) ? (keys?.open(json) ?? json) : json;
}
