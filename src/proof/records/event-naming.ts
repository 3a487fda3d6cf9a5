import { toHex } from '../bytes.js';
import type { HistoryVerification } from './history.js';

/**
 * The sequence of the first event whose body states this digest; null: none does.
 * @param sha256 32 bytes
 */
export function eventNaming(
  { timeline }: Pick<HistoryVerification, 'timeline'>,
  sha256: Uint8Array,
): number | null {
  const digest = `"${toHex(sha256)}"`;
  const found = timeline.find(({ body }) => body !== null && JSON.stringify(body).includes(digest));
  return found?.sequence ?? null;
}
