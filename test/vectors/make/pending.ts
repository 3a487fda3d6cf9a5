import {
  ED25519,
  encodeEntry,
  formatProof,
  formatReceipt,
  leafHash,
  PENDING_FORMAT,
  signNote,
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

export function makePending(wish: Wish = {}, change: Partial<Receipt> = {}, by: NoteSigner = RECEIPT): PendingProof {
  const entry = makeEntry(wish);
  const receipt: Receipt = {
    origin: wish.origin ?? ORIGIN,
    firstPosition: 41,
    count: 1,
    root: leafHash(encodeEntry(entry)),
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
    receipt,
    note: signNote(formatReceipt(receipt), by),
  };
}

const text = (...make: Parameters<typeof makePending>) => formatProof(makePending(...make));

export interface RawPending extends Pick<RawProof, 'document' | 'entry'> {
  [key: string]: unknown;
  receipt: string;
}

export function editedPending(edit: (file: RawPending) => void, wish: Wish = {}): string {
  const file = JSON.parse(text(wish)) as RawPending;
  edit(file);
  return `${JSON.stringify(file, null, 2)}\n`;
}

export function pendingCases(): Record<string, Vector> {
  return {
    plain: pending('accepted, not yet sealed', text(), KEYS),
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
    'pending-receipt-of-another-time': bad('the receipt states another time', text({}, { acceptedAt: ACCEPTED + 1 }), ['4 receipt_mismatch']),
    'pending-signature-flip': bad('one bit of the signature flipped', editedPending((file) => (file.receipt = flipSignature(file.receipt, 0, 30))), ['5 bad_receipt_signature']),
    'pending-signature-by-other-key-same-id': bad('signed by another key under name and key id of the trusted one', text({}, {}, twin), ['5 bad_receipt_signature']),
    'pending-position-changed': bad('another position above the same signature', editedPending((file) => (file.receipt = file.receipt.replace('\n41\n', '\n42\n'))), ['5 bad_receipt_signature']),
    'pending-one-bad-key-of-two': bad('a second key is believed, but has not signed', text({}, {}, twin), ['5 bad_receipt_signature'], {
      receiptKeys: [vkey(signer('second.example', ED25519)), vkey(RECEIPT)],
    }),
  };
}
