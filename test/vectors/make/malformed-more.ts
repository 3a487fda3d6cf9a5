import type { Vector } from '../load.js';
import { proofText } from './chain.js';
import { edited } from './edit.js';
import { refused } from './expect.js';
import { LOG, QUORUM_TRUST, TRUST, vkey, WITNESS_LINES, WITNESSES } from './keys.js';

export function detailsCases(): Record<string, Vector> {
  const JSON_ERROR = 'malformed_json';
  const details = (about: string, value: unknown, error = JSON_ERROR) => refused(about, edited((file) => (file['details'] = value)), error);
  const raw = (about: string, json: string) => refused(about, edited((file) => (file['details'] = 0)).replace('"details": 0', `"details": ${json}`), JSON_ERROR);
  return {
    'details-null': details('null for no details', null, 'malformed_proof'),
    'details-array': details('an array', [], 'malformed_proof'),
    'details-string': details('a string', 'contract.pdf', 'malformed_proof'),
    'details-float': details('a number with a fraction', { a: 1.5 }),
    'details-exponent': raw('a number with an exponent', '{"a": 1e3}'),
    'details-beyond-2-53': raw('an integer that not every language can hold', '{"a": -9007199254740992}'),
    'details-duplicate-key': raw('a key given twice', '{"a": 1, "a": 2}'),
    'details-lone-surrogate': raw('half a surrogate pair', '{"a": "\\ud800"}'),
    'details-swapped-surrogates': raw('two halves in the wrong order', '{"a": "\\udc00\\ud800"}'),
    'details-17-deep': details('one level more than there may be', { a: JSON.parse('['.repeat(16) + ']'.repeat(16)) as unknown }),
    'details-too-long': details('one byte more than there may be', { a: 'x'.repeat(32 * 1024 - 7) }),
    'details-too-long-in-bytes': details('fewer characters than the limit, and more bytes', { a: '\u20ac'.repeat(11_000) }),
  };
}

/** The proof is good; the trust policy or a receipt key is not. */
export function trustCases(): Record<string, Vector> {
  const trust = (about: string, text: string, error = 'malformed_policy') => refused(about, proofText(), error, { trust: text });
  const key = (about: string, text: string, error = 'malformed_key') => trust(about, `log ${text}\nquorum none\n`, error);
  const [name = '', id = '', material = ''] = /^([^+]+)\+([^+]+)\+(.+)$/.exec(vkey(LOG))?.slice(1) ?? [];
  const [w1 = LOG] = WITNESSES;
  const log = `log ${vkey(LOG)}\n`;
  return {
    'trust-empty': trust('a policy has a quorum line', ''),
    'trust-no-quorum': trust('a policy has a quorum line', log),
    'trust-two-quorums': trust('and only one', `${log}quorum none\nquorum none\n`),
    'trust-unknown-keyword': trust('a line of another kind', `${TRUST}logs x\n`),
    'trust-upper-case': trust('keywords are in lower case', TRUST.replace('log', 'LOG')),
    'trust-carriage-return-alone': trust('a carriage return without line feed is no end of a line', TRUST.replaceAll('\n', '\r')),
    'trust-two-byte-order-marks': trust('an editor adds one', `\ufeff\ufeff${TRUST}`, 'reencoded_text'),
    'trust-byte-order-mark-inside': trust('a byte order mark on another line', TRUST.replace('\n', '\n\ufeff')),
    'trust-control-character': trust('a form feed', `\f${TRUST}`),
    'trust-quorum-undefined': trust('a quorum that nothing defines', `${log}quorum members\n`),
    'trust-quorum-defined-later': trust('a name is used only below the line that defines it', `${log}quorum w1\n${WITNESS_LINES}`),
    'trust-quorum-of-two-names': trust('a quorum is one name', `${log}${WITNESS_LINES}quorum w1 w2\n`),
    'trust-log-without-key': trust('a log is a key', 'log\nquorum none\n'),
    'trust-log-with-three-words': trust('a key and an address at most', `log ${vkey(LOG)} https://a https://b\nquorum none\n`),
    'trust-log-twice': trust('one key, two lines', `${log}${TRUST}`),
    'trust-retired-without-size': trust('how long the key was one is missing', `#retired-log ${vkey(LOG)}\nquorum none\n`),
    'trust-retired-with-four-words': trust('a key and a size', `#retired-log ${vkey(LOG)} 1 2\nquorum none\n`),
    'trust-retired-leading-zero': trust('01', `#retired-log ${vkey(LOG)} 01\nquorum none\n`, 'malformed_number'),
    'trust-retired-and-not': trust('one key is both', `${log}#retired-log ${vkey(LOG)} 1\nquorum none\n`),
    'trust-retired-key-of-cosigner': trust('a log signs with a key of type 1', `#retired-log ${vkey(w1)} 1\nquorum none\n`),
    'trust-log-key-of-cosigner': trust('a log signs with a key of type 1', `log ${vkey(w1)}\nquorum none\n`),
    'trust-witness-twice': trust('one name, two witnesses', `${log}${WITNESS_LINES}${WITNESS_LINES}quorum none\n`),
    'trust-witness-key-twice': trust('one key under two names would count twice', `${log}witness a ${vkey(w1)}\nwitness b ${vkey(w1)}\ngroup g 2 a b\nquorum g\n`),
    'trust-witness-without-key': trust('a witness is a name and a key', `${log}witness w1\nquorum none\n`),
    'trust-witness-named-none': trust('a keyword is no name', `${log}witness none ${vkey(w1)}\nquorum none\n`),
    'trust-group-named-all': trust('a keyword is no name', `${log}${WITNESS_LINES}group all 1 w1\nquorum all\n`),
    'trust-group-without-members': trust('a group has one member or more', `${log}${WITNESS_LINES}group g 1\nquorum g\n`),
    'trust-group-of-itself': trust('groups have no circles', `${log}group g 1 g\nquorum g\n`),
    'trust-group-member-twice': trust('a member counts once', QUORUM_TRUST.replace('w1 w2 w3', 'w1 w1 w3')),
    'trust-group-member-of-two-groups': trust('a member counts in one group', `${log}${WITNESS_LINES}group a 1 w1\ngroup b 1 w1\nquorum b\n`),
    'trust-threshold-0': trust('nobody at all', QUORUM_TRUST.replace('members 2', 'members 0')),
    'trust-threshold-4-of-3': trust('more than there are', QUORUM_TRUST.replace('members 2', 'members 4')),
    'trust-threshold-leading-zero': trust('02', QUORUM_TRUST.replace('members 2', 'members 02')),
    'trust-threshold-negative': trust('-1', QUORUM_TRUST.replace('members 2', 'members -1')),
    'trust-threshold-word': trust('a word that is no threshold', QUORUM_TRUST.replace('members 2', 'members most')),
    'key-without-parts': key('a name only', 'log.example'),
    'key-two-parts': key('no key material', `${name}+${id}`),
    'key-empty-name': key('no name', `+${id}+${material}`),
    'key-name-changed': key('the hash is of another name', `other.example+${id}+${material}`),
    'key-hash-changed': key('another hash', `${name}+00000000+${material}`),
    'key-hash-upper-case': key('upper-case digits', `${name}+${id.replace(/[0-9]/g, 'a').toUpperCase()}+${material}`, 'malformed_hex'),
    'key-hash-too-short': key('six digits', `${name}+${id.slice(2)}+${material}`, 'malformed_hex'),
    'key-unpadded': key('base64 with a stray =', `${name}+${id}+${material}=`, 'malformed_base64'),
    'key-type-2': key('an ECDSA key', `${name}+${id}+${Buffer.concat([Buffer.of(2), Buffer.alloc(32)]).toString('base64')}`),
    'key-type-6': key('an ML-DSA-44 key, which is not supported', `${name}+${id}+${Buffer.concat([Buffer.of(6), Buffer.alloc(1312)]).toString('base64')}`),
    'key-31-bytes': key('a byte is missing', `${name}+${id}+${Buffer.concat([Buffer.of(1), Buffer.alloc(31)]).toString('base64')}`),
    'key-33-bytes': key('a byte too many', `${name}+${id}+${Buffer.concat([Buffer.of(1), Buffer.alloc(33)]).toString('base64')}`),
    'key-of-receipts': refused('a receipt key that is none', proofText(), 'malformed_key', { receiptKeys: ['receipts'] }),
  };
}
