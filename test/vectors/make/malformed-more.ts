import { toBase64 } from '../../../src/proof/index.js';
import type { Vector } from '../load.js';
import { proofText } from './chain.js';
import { edited } from './edit.js';
import { refused } from './expect.js';
import { LOG, QUORUM_TRUST, sha256, TRUST, vkey, WITNESS_LINES, WITNESSES } from './keys.js';
import { drandVectors } from './time/drand.js';
import { ROOT, TSA } from './tokens/certificates.js';

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
    ...timePolicies((about, lines) => trust(about, `${log}quorum none\n${lines}`)),
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

function timePolicies(trust: (about: string, lines: string) => Vector): Record<string, Vector> {
  const root = toBase64(ROOT.der);
  const other = toBase64(TSA.der);
  const pin = toBase64(sha256('headers'));
  const { hash = '', publicKey = '', genesis = 0, seed = '', id = '' } = drandVectors().chains['quicknet'] ?? {};
  const chain = (change: { hash?: string; period?: number; id?: string } = {}) => `#beacon drand ${change.hash ?? hash} ${publicKey} ${genesis} ${change.period ?? 3} ${seed} ${change.id ?? id}\n`;
  return {
    'trust-tsa-without-certificate': trust('an authority has a certificate', '#tsa seoul\n'),
    'trust-tsa-no-certificate': trust('base64 of something else', `#tsa seoul ${pin}\n`),
    'trust-tsa-not-base64': trust('no base64', '#tsa seoul certificate\n'),
    'trust-tsa-word-too-many': trust('a word too many', `#tsa seoul ${root} korea\n`),
    'trust-tsa-owner-missing': trust('the word owner and no owner', `#tsa seoul ${root} owner\n`),
    'trust-tsa-certificate-twice': trust('one certificate for two sources', `#tsa seoul ${root}\n#tsa busan ${root}\n`),
    'trust-tsa-line-twice': trust('the same line twice', `#tsa seoul ${root}\n#tsa seoul ${root}\n`),
    'trust-tsa-two-owners': trust('two owners of one source', `#tsa seoul ${root} owner a\n#tsa seoul ${other} owner b\n`),
    'trust-tsa-named-bitcoin': trust('a name that is taken', `#tsa bitcoin ${root}\n`),
    'trust-pin-without-root': trust('a pin has a root', '#bitcoin 900000\n'),
    'trust-pin-root-short': trust('a root of 31 bytes', `#bitcoin 900000 ${toBase64(sha256('x').slice(1))}\n`),
    'trust-pin-height-hex': trust('a height is a decimal', `#bitcoin 0xf ${pin}\n`),
    'trust-pin-twice': trust('two pins of one height', `#bitcoin 9 ${pin}\n#bitcoin 9 ${toBase64(sha256('other'))}\n`),
    'trust-beacon-other': trust('another beacon', `#beacon nist ${hash}\n`),
    'trust-beacon-other-hash': trust('the hash is of other parameters', chain({ hash: `00${hash.slice(2)}` })),
    'trust-beacon-other-period': trust('the period is of another chain', chain({ period: 30 })),
    'trust-beacon-id-upper-case': trust('an id in upper case', chain({ id: 'Quicknet' })),
    'trust-beacon-twice': trust('one chain twice', chain() + chain()),
    'trust-times-none': trust('a number of sources is a number', `#tsa seoul ${root}\n#times all\n`),
    'trust-times-0': trust('no source demanded', `#tsa seoul ${root}\n#times 0\n`),
    'trust-times-twice': trust('two such lines', `#tsa seoul ${root}\n#times 1\n#times 1\n`),
    'trust-times-too-many': trust('more sources than owners', `#tsa seoul ${root}\n#tsa busan ${other} owner seoul\n#times 2\n`),
    'trust-times-of-beacons': trust('a beacon is no source', `${chain()}#times 1\n`),
  };
}
