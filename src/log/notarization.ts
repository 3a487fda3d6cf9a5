import { equal, fromHex, toHex, type JsonObject } from '../proof/index.js';
import type { KeptEntry, StoredBlock } from '../store/index.js';
import type { CosignedCount } from './witnesses/cosigned-view.js';

/** One notarization as it is shown: its entry, its details, and how far it has come. */
export interface Notarization {
  readonly id: string;
  readonly position: number;
  readonly entry: KeptEntry;
  readonly details: JsonObject | null;
  /** null: accepted, not yet sealed. */
  readonly block: StoredBlock | null;
  /** How many witnesses vouch for the block, and whether their quorum does; null: not sealed, or nobody is asked. */
  readonly cosigned: (CosignedCount & { readonly quorum: boolean }) | null;
}

/** What a proof shows beside the entry, which holds only hashes of it. */
export interface Disclosure {
  readonly details: boolean;
  /** The id of the account whose it is; null: not shown. */
  readonly account: string | null;
}

const SALT_PREFIX_LENGTH = 8;

/** `<position>-<first 8 bytes of the salt in hex>`: found without an index, and not to be guessed. */
export function notarizationId({
  position,
  salt,
}: {
  readonly position: number;
  readonly salt: Uint8Array;
}): string {
  return `${position}-${toHex(salt.subarray(0, SALT_PREFIX_LENGTH))}`;
}

/** null when `id` is not of the form that `notarizationId` gives. */
export function parseNotarizationId(
  id: string,
): { readonly position: number; readonly saltPrefix: Uint8Array } | null {
  const match = /^(0|[1-9][0-9]{0,15})-([0-9a-f]{16})$/.exec(id);
  const position = Number(match?.[1]);
  if (match?.[2] === undefined || !Number.isSafeInteger(position)) return null;
  return { position, saltPrefix: fromHex(match[2], SALT_PREFIX_LENGTH) };
}

export function hasSaltPrefix({ salt }: KeptEntry, prefix: Uint8Array): boolean {
  return equal(salt.subarray(0, SALT_PREFIX_LENGTH), prefix);
}
