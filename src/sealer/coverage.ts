import { NODE_VERIFIERS } from '../crypto/primitives.js';
import { FlatTree } from '../merkle/flat.js';
import {
  checkSignature,
  equal,
  HASH_LENGTH,
  type Note,
  parseNote,
  parseReceipt,
  ProofError,
  type SignatureCheck,
  type VerifierKey,
} from '../proof/index.js';
import type { StoredReceipt } from '../store/index.js';

/** Whose receipts cover entries. */
export interface ReceiptTrust {
  /** Of the log; null: unknown, not compared. */
  readonly origin: string | null;
  /** The service's receipt keys, former ones too; null: signatures are not verified. */
  readonly keys: readonly VerifierKey[] | null;
}

/** A group of entries as the database has it. */
export interface ReceiptedGroup extends StoredReceipt {
  /** The time of acceptance of its entries; null: they differ. */
  readonly acceptedAt: number | null;
}

/** Why a receipt does not cover the entries at its positions. */
export type ReceiptFault =
  | 'malformed'
  | 'other_log'
  | 'unknown_key'
  | 'bad_signature'
  | 'other_count'
  | 'other_time'
  | 'other_entries';

/** What people read, after "because". */
export const RECEIPT_FAULTS: Readonly<Record<ReceiptFault, string>> = {
  malformed: 'the receipt is malformed',
  other_log: 'the receipt is for another log',
  unknown_key: 'the receipt is not signed with a receipt key that the service has',
  bad_signature: 'the signature of the receipt is invalid',
  other_count: 'the receipt is for another number of entries',
  other_time: 'the receipt states another time of acceptance',
  other_entries: 'the receipt is for other entries',
};

/**
 * Whether the group is as the service accepted it: its receipt is signed with a receipt key of the service,
 * and number, time of acceptance and leaf hashes of the entries are those of the receipt.
 * @param leaves leaf hashes of the group's entries, one after the other
 * @returns null: it is
 */
export function receiptFault(
  { note: text, entryCount, acceptedAt }: ReceiptedGroup,
  leaves: Buffer,
  { origin, keys }: ReceiptTrust,
): ReceiptFault | null {
  let note, receipt;
  try {
    note = parseNote(text);
    receipt = parseReceipt(note.text);
  } catch (error) {
    if (error instanceof ProofError) return 'malformed';
    throw error;
  }
  if (origin !== null && receipt.origin !== origin) return 'other_log';
  const state = keys === null ? 'good' : signatureBy(note, keys);
  if (state !== 'good') return state === 'bad' ? 'bad_signature' : 'unknown_key';
  if (receipt.count !== entryCount) return 'other_count';
  if (receipt.acceptedAt !== acceptedAt) return 'other_time';
  return equal(new FlatTree(leaves).root, receipt.root) ? null : 'other_entries';
}

/** One good signature is enough. The fast ones are verified first. */
function signatureBy(note: Note, keys: readonly VerifierKey[]): SignatureCheck['state'] {
  let state: SignatureCheck['state'] = 'absent';
  for (const key of [...keys].sort((a, b) => a.type - b.type)) {
    const check = checkSignature(note, key, NODE_VERIFIERS);
    if (check.state === 'good') return 'good';
    if (check.state === 'bad') state = 'bad';
  }
  return state;
}

/** A group that is not as the service accepted it. */
export interface Uncovered {
  readonly index: number;
  readonly fault: ReceiptFault;
}

/**
 * The first of the groups, which follow each other, that is not as the service accepted it.
 * @param leaves leaf hashes of all entries of the groups, one after the other
 */
export function firstUncovered(
  groups: readonly ReceiptedGroup[],
  leaves: Buffer,
  trust: ReceiptTrust,
): Uncovered | null {
  let start = 0;
  for (const [index, group] of groups.entries()) {
    const end = start + group.entryCount * HASH_LENGTH;
    const fault = receiptFault(group, leaves.subarray(start, end), trust);
    if (fault !== null) return { index, fault };
    start = end;
  }
  return null;
}

/** The groups that a block takes. */
export interface TakenGroups {
  readonly groups: readonly StoredReceipt[];
  /** The positions after `groups` that have no receipt, [from, to); null: none. */
  readonly gap: { readonly from: number; readonly to: number } | null;
}

/**
 * Takes whole groups, from the first waiting position on: at most `maxEntries` entries, unless the first group
 * alone has more.
 * @param receipts in the order of positions; `complete`: there are no others
 * @param end the position after the last accepted entry, when the receipts had not been read yet
 */
export function takeGroups(
  { receipts, complete }: { readonly receipts: readonly StoredReceipt[]; readonly complete: boolean },
  first: number,
  end: number,
  maxEntries: number,
): TakenGroups {
  const groups: StoredReceipt[] = [];
  let next = first;
  for (const receipt of receipts) {
    const after = receipt.firstPosition + receipt.entryCount;
    if (next >= end) break;
    if (receipt.firstPosition !== next || after > end) {
      return { groups, gap: { from: next, to: Math.min(end, Math.max(receipt.firstPosition, next + 1)) } };
    }
    if (groups.length > 0 && after - first > maxEntries) return { groups, gap: null };
    groups.push(receipt);
    next = after;
  }
  return { groups, gap: complete && next < end ? { from: next, to: end } : null };
}
