/** What an organization asks of a person without an account (docs/signing.md). */
export const SIGNING_KINDS = [
  /** To sign a contract that will name the person's key. */
  'contract',
  /** To accept an item, or the rights to a work. */
  'transfer',
  /** To give the key for which a licence of a work is then granted. */
  'licence',
  /** To sign the claim of a work. */
  'claim',
] as const;
export type SigningKind = (typeof SIGNING_KINDS)[number];

/** Where a request has come to. Once a record names the key, the record says it. */
export const SIGNING_STATUSES = [
  /** Nobody has opened the link. */
  'invited',
  'opened',
  /** The organization can name the key in a contract, an offer or a licence now. */
  'key_given',
  /** What is to be signed is there, and has no answer from the key. */
  'to_sign',
  'signed',
  /** The licence names the key. */
  'granted',
  'declined',
  /** Somebody else was asked instead. */
  'delegated',
  /** The record takes no answer any more, or does not name the key any more. */
  'closed',
  'withdrawn',
  'expired',
  'erased',
] as const;
export type SigningStatus = (typeof SIGNING_STATUSES)[number];

const OPEN: readonly SigningStatus[] = ['invited', 'opened', 'key_given', 'to_sign'];

/** Whether the person can still answer, or be answered. */
export function isOpen(status: SigningStatus): boolean {
  return OPEN.includes(status);
}

/** Why an item or a work cannot be had under a link any more. */
export type ClosedBy =
  /** Another key holds it than when the request was made. */
  | 'holder_changed'
  /** Somebody else has accepted it. */
  | 'taken'
  /** The item is destroyed, or the work is withdrawn. */
  | 'over';
