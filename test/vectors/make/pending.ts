import {
  ED25519,
  encodeEntry,
  formatProof,
  formatNote,
  formatReceipt,
  inclusionPath,
  leafHash,
  merkleRoot,
  parseNote,
  PENDING_FORMAT,
  signNote,
  toBase64,
  toHex,
  type NoteSigner,
  type PendingProof,
  type Receipt,
} from '../../../src/proof/index.js';
import type { Vector } from '../load.js';
import { ACCEPTED, ACCOUNT, DETAILS, DOCUMENT, makeEntry, type Wish } from './chain.js';
import { flipSignature, type RawProof } from './edit.js';
import { invalid, pending } from './expect.js';
import { LOG, NAMESAKE, ORIGIN, RECEIPT, sha256, signer, vkey, WITNESSES } from './keys.js';

const KEYS = { receiptKeys: [vkey(RECEIPT)] };

/** `wish.entries` is the size of the group, `wish.index` the place of our entry in it. */
export function makePending(wish: Wish = {}, change: Partial<Receipt> = {}, by: NoteSigner = RECEIPT): PendingProof {
  const entry = makeEntry(wish);
  const { entries: count = 1, index = 0 } = wish;
  const leaves = Array.from({ length: count }, (_, i) => (i === index ? leafHash(encodeEntry(entry)) : sha256(`neighbour ${i}`)));
  const receipt: Receipt = {
    origin: wish.origin ?? ORIGIN,
    count,
    root: merkleRoot(leaves),
    acceptedAt: entry.acceptedAt,
    deadline: entry.acceptedAt + 60_000,
    ...change,
  };
  return {
    format: PENDING_FORMAT,
    document: { sha256: entry.digest, ...(entry.size === null ? {} : { size: entry.size }) },
    entry,
    ...(wish.details === undefined ? {} : { details: wish.details }),
    ...(wish.account === undefined ? {} : { account: wish.account }),
    position: 41,
    receipt,
    note: signNote(formatReceipt(receipt), by),
    index,
    path: inclusionPath(index, leaves),
  };
}

const text = (...make: Parameters<typeof makePending>) => formatProof(makePending(...make));

export interface RawPending extends Pick<RawProof, 'document' | 'entry'> {
  [key: string]: unknown;
  receipt: { note: string; index: number; path: string[] };
}

export function editedPending(edit: (file: RawPending) => void, wish: Wish = {}): string {
  const file = JSON.parse(text(wish)) as RawPending;
  edit(file);
  return `${JSON.stringify(file, null, 2)}\n`;
}

export function pendingCases(): Record<string, Vector> {
  return {
    plain: pending('accepted, not yet sealed', text(), KEYS),
    'one-of-two': pending('the first of two entries that were accepted together', text({ entries: 2 }), KEYS),
    'last-of-seven': pending('an odd leaf goes up unchanged', text({ entries: 7, index: 6 }), KEYS),
    'one-of-a-thousand': pending('in a group of 1,000 entries', text({ entries: 1000, index: 517 }), KEYS),
    'position-largest': pending('the position is not signed', editedPending((file) => (file['position'] = Number.MAX_SAFE_INTEGER)), KEYS),
    'signed-by-two': pending('a second line, of an unknown key, is ignored', editedPending((file) => (file.receipt.note += formatNote(signNote(parseNote(file.receipt.note).text, NAMESAKE)).split('\n\n')[1] ?? '')), KEYS),
    'digest-only': pending('without a size', text({ size: null }), KEYS),
    'with-details-and-account': pending('both are disclosed', text({ details: DETAILS, account: ACCOUNT }), KEYS),
    'no-document-given': pending('checked for the digest that it names', text(), { ...KEYS, document: null }),
    'no-receipt-key': pending('nobody vouches for the receipt, which step 5 says', text()),
    'other-receipt-key': pending('another key is believed for receipts', text(), { receiptKeys: [vkey(NAMESAKE)] }),
    'log-key-vouches-for-no-receipt': pending('trust in a log is not trust in receipts', text(), { trust: `log ${vkey(LOG)}\nquorum none\n` }),
    'receipt-of-cosigner-kind-of-key': pending('only plain Ed25519 keys sign receipts', text(), { receiptKeys: WITNESSES.map(vkey) }),
    'deadline-at-once': pending('the deadline is the time of acceptance', text({}, { deadline: ACCEPTED }), KEYS),
    'time-largest': pending('2^53 - 1 ms', text({ acceptedAt: Number.MAX_SAFE_INTEGER }, { deadline: Number.MAX_SAFE_INTEGER }), KEYS),
  };
}

export function invalidPendingCases(): Record<string, Vector> {
  const twin: NoteSigner = { key: RECEIPT.key, sign: NAMESAKE.sign.bind(NAMESAKE) };
  const bad = (about: string, proof: string, failed: string[], more: Partial<Vector> = {}) =>
    invalid(about, proof, failed, { trust: null, ...KEYS, ...more });
  const other = Buffer.from('Agreed: the lighthouse is sold for one golden coin.\n');
  return {
    'pending-other-document': bad('another document', text(), ['1 document_digest_mismatch'], { document: other.toString('hex') }),
    'pending-claim-changed': bad('the claim was changed to fit', editedPending((file) => (file.document['sha256'] = toHex(sha256(other)))), ['2 entry_digest_mismatch'], {
      document: other.toString('hex'),
    }),
    'pending-size-changed': bad('the claimed size is one more', editedPending((file) => (file.document['size'] = DOCUMENT.length + 1)), [
      '1 document_size_mismatch',
      '2 entry_size_mismatch',
    ]),
    'pending-details-changed': bad('other details', editedPending((file) => (file['details'] = {}), { details: DETAILS }), ['3 details_mismatch']),
    'pending-account-changed': bad('another account', editedPending((file) => (file['account'] = 'x'), { account: ACCOUNT }), ['3 account_mismatch']),
    'pending-receipt-of-another-entry': bad('the receipt is for another entry', text({}, { root: sha256('other') }), ['4 receipt_mismatch']),
    'pending-receipt-of-two': bad('the receipt is for two entries', text({}, { count: 2 }), ['4 receipt_mismatch']),
    'pending-receipt-of-one': bad('the receipt is for one entry, the path is for two', text({ entries: 2 }, { count: 1 }), ['4 receipt_mismatch']),
    'pending-receipt-index-beyond': bad('there is no second entry', editedPending((file) => (file.receipt.index = 1)), ['4 receipt_mismatch']),
    'pending-receipt-index-of-another': bad('the place of its neighbour', editedPending((file) => (file.receipt.index = 2), { entries: 7, index: 3 }), ['4 receipt_mismatch']),
    'pending-receipt-path-too-long': bad('a hash too many', editedPending((file) => file.receipt.path.push(toBase64(sha256('more'))), { entries: 7, index: 3 }), ['4 receipt_mismatch']),
    'pending-receipt-path-too-short': bad('the last hash is missing', editedPending((file) => file.receipt.path.pop(), { entries: 7, index: 3 }), ['4 receipt_mismatch']),
    'pending-receipt-path-swapped': bad('two hashes swapped', editedPending((file) => file.receipt.path.reverse(), { entries: 7, index: 3 }), ['4 receipt_mismatch']),
    'pending-receipt-of-another-time': bad('the receipt states another time', text({}, { acceptedAt: ACCEPTED + 1 }), ['4 receipt_mismatch']),
    'pending-signature-flip': bad('one bit of the signature flipped', editedPending((file) => (file.receipt.note = flipSignature(file.receipt.note, 0, 30))), ['5 bad_receipt_signature']),
    'pending-signature-by-other-key-same-id': bad('signed by another key under name and key id of the trusted one', text({}, {}, twin), ['5 bad_receipt_signature']),
    'pending-deadline-changed': bad('another deadline above the same signature', editedPending((file) => (file.receipt.note = file.receipt.note.replace(`\n${ACCEPTED + 60_000}\n`, `\n${ACCEPTED + 90_000}\n`))), [
      '5 bad_receipt_signature',
    ]),
    'pending-one-bad-key-of-two': bad('a second key is believed, but has not signed', text({}, {}, twin), ['5 bad_receipt_signature'], {
      receiptKeys: [vkey(signer('second.example', ED25519)), vkey(RECEIPT)],
    }),
  };
}
