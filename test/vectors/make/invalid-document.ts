import { toHex } from '../../../src/proof/index.js';
import type { Vector } from '../load.js';
import { ACCOUNT, DETAILS, DOCUMENT, proofText, type Wish } from './chain.js';
import { edited, flip, type RawProof } from './edit.js';
import { invalid } from './expect.js';
import { sha256 } from './keys.js';

const FULL: Wish = { details: DETAILS, account: ACCOUNT };
const OTHER = Buffer.from('Agreed: the lighthouse is sold for one golden coin.\n');
const BLOCK = '4 merkle_root_mismatch';

export function documentCases(): Record<string, Vector> {
  const claimOther = (file: RawProof) => (file.document['sha256'] = toHex(sha256(OTHER)));
  return {
    'document-other': invalid('another document', proofText(), ['1 document_digest_mismatch'], {
      document: OTHER.toString('hex'),
    }),
    'document-one-bit': invalid('one bit of the document differs', proofText(), ['1 document_digest_mismatch'], {
      document: `0${DOCUMENT.toString('hex').slice(1)}`,
    }),
    'document-cut-short': invalid('the last byte is missing', proofText(), ['1 document_digest_mismatch'], {
      document: DOCUMENT.subarray(0, -1).toString('hex'),
    }),
    'document-empty': invalid('nothing is not the document', proofText(), ['1 document_digest_mismatch'], { document: '' }),
    'claim-for-other-document': invalid('the claim was changed to fit', edited(claimOther), ['2 entry_digest_mismatch'], {
      document: OTHER.toString('hex'),
    }),
    'claim-without-document': invalid('the same, with no document given', edited(claimOther), ['2 entry_digest_mismatch'], { document: null }),
    'claim-size-changed': invalid('the claimed size is one more', edited((file) => (file.document['size'] = DOCUMENT.length + 1)), [
      '1 document_size_mismatch',
      '2 entry_size_mismatch',
    ]),
    'claim-size-dropped': invalid('the entry has a size and the claim has none', edited((file) => delete file.document['size']), ['2 entry_size_mismatch']),
    'claim-size-added': invalid('the claim has a size and the entry has none', edited((file) => (file.document['size'] = DOCUMENT.length), { size: null }), ['2 entry_size_mismatch']),
    'size-never-true': invalid('digest and size were notarized as claimed, but no such document exists', proofText({ size: 7 }), ['1 document_size_mismatch']),
    'details-changed': invalid('one value differs', edited((file) => (file['details'] = { ...DETAILS, pages: 13 }), FULL), ['3 details_mismatch']),
    'details-key-added': invalid('one key more', edited((file) => (file['details'] = { ...DETAILS, extra: null }), FULL), ['3 details_mismatch']),
    'details-never-notarized': invalid('the entry says that there are none', edited((file) => (file['details'] = {})), ['3 details_mismatch']),
    'account-changed': invalid('another account', edited((file) => (file['account'] = 'account-0000'), FULL), ['3 account_mismatch']),
    'account-of-anonymous': invalid('the entry is anonymous', edited((file) => (file['account'] = ACCOUNT)), ['3 account_mismatch']),
    'account-empty': invalid('an empty name is not nobody', edited((file) => (file['account'] = '')), ['3 account_mismatch']),
  };
}

export function entryCases(): Record<string, Vector> {
  const flipped = (what: string, byte: number, failed: string[]) => [
    `entry-flip-${what}`,
    invalid(`one bit of the entry's ${what} flipped`, edited((file) => (file.entry = flip(file.entry, byte)), FULL), [...failed, BLOCK]),
  ];
  return Object.fromEntries([
    flipped('digest', 2, ['2 entry_digest_mismatch']),
    flipped('size', 41, ['2 entry_size_mismatch']),
    flipped('time', 49, []),
    flipped('salt', 50, ['3 details_mismatch']),
    flipped('account-tag', 66, ['3 account_mismatch']),
    flipped('details-digest', 82, ['3 details_mismatch']),
    flipped('last-byte', 113, ['3 details_mismatch']),
  ]) as Record<string, Vector>;
}
