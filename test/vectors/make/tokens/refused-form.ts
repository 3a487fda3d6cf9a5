import { createHash } from 'node:crypto';
import { concat, toBase64, toHex, compareBytes, utf8 } from '../../../../src/proof/index.js';
import { boolean, element, integer, octetString, oid, sequence } from '../../../../src/proof/time/der-writer.js';
import { constructed, openDer, TAG } from '../../../../src/proof/time/der.js';
import type { TokenVector } from '../../load-tokens.js';
import { encodeExtension, name, ROOT, TSA } from './certificates.js';
import { accepts, refused } from './expect.js';
import { accuracy, imprint, imprintOf, MESSAGE, NONCE, POLICY, stated, tokenOf } from './token.js';

const BER = accepts('it reads BER');
const TIME = accepts('it does not look at how the time is written');
const DATA = '1.2.840.113549.1.7.1';

/** What stands in the token, before the question who signed it. */
export function refusedForms(): Record<string, TokenVector> {
  const time = (about: string, text: string) =>
    refused('malformed_time_stamp', about, { info: { time: stated(text) } }, TIME);
  const digest = (algorithm: string) => new Uint8Array(createHash(algorithm).update(MESSAGE).digest());
  const info = (about: string, more: Parameters<typeof tokenOf>[0], openssl = {}) =>
    refused('malformed_time_stamp', about, more, openssl);
  return {
    ...encodings(),
    'content-data': refused('not_a_time_stamp', 'signed data, but about other content', { contentType: DATA }),
    'not-signed-data': refused('not_a_time_stamp', 'CMS, but no signed data', { type: DATA }),
    'signed-data-version': refused('malformed_token', 'SignedData of version 1', { version: 1 }, accepts('it does not look at the version')),
    'two-signers': refused('signer_count', 'the same signer twice', { signers: ([one = new Uint8Array()]) => [one, one] }),
    'no-signer': refused('signer_count', 'nobody has signed', { signers: () => [] }),
    'imprint-other-message': refused('imprint_mismatch', 'the token is about other bytes', {}, { message: utf8('other bytes\n') }),
    'imprint-one-bit': refused('imprint_mismatch', 'one bit of the imprint', { info: { imprint: imprint('2.16.840.1.101.3.4.2.1', flipped(digest('sha256'))) } }),
    'imprint-cut': refused('imprint_mismatch', 'an imprint that lacks its last byte', { info: { imprint: imprint('2.16.840.1.101.3.4.2.1', digest('sha256').subarray(0, 31)) } }),
    'imprint-empty': refused('imprint_mismatch', 'an empty imprint', { info: { imprint: imprint('2.16.840.1.101.3.4.2.1', new Uint8Array()) } }),
    'imprint-algorithm-other': refused('imprint_mismatch', 'the digest of another algorithm', { info: { imprint: imprint('2.16.840.1.101.3.4.2.3', digest('sha256')) } }),
    'imprint-md5': refused('weak_algorithm', 'an imprint of MD5', { info: { imprint: imprint('1.2.840.113549.2.5', digest('md5')) } }, accepts('it takes MD5')),
    'imprint-sha1': refused('weak_algorithm', 'an imprint of SHA-1', { info: { imprint: imprint('1.3.14.3.2.26', digest('sha1')) } }, accepts('it takes SHA-1')),
    'imprint-sha3': refused('unsupported_algorithm', 'an imprint of SHA3-256', { info: { imprint: imprint('2.16.840.1.101.3.4.2.8', digest('sha3-256')) } }, accepts('it knows SHA-3')),
    'nonce-other': refused('nonce_mismatch', 'the nonce of another request', {}, { nonce: flipped(NONCE) }),
    'nonce-missing': refused('nonce_mismatch', 'no nonce, though one was asked for', { info: { nonce: null } }, { nonce: NONCE }),
    'nonce-negative': refused('nonce_mismatch', 'the bits of the nonce without the zero before them are a negative number', { info: { nonce: element(TAG.integer, NONCE) } }, { nonce: NONCE }),
    'policy-other': refused('policy_mismatch', 'another policy than the one asked for', {}, { policy: `${POLICY}.2` }),
    'time-trailing-zero': time('a zero at the end of the fraction', '20260601120000.50Z'),
    'time-fraction-dot': time('a point without a fraction', '20260601120000.Z'),
    'time-fraction-zero': time('a fraction of zero', '20260601120000.0Z'),
    'time-fraction-comma': time('a comma before the fraction', '20260601120000,5Z'),
    'time-without-seconds': time('no seconds', '202606011200Z'),
    'time-local': time('no Z: local time', '20260601120000'),
    'time-offset': time('an offset instead of Z', '20260601210000+0900'),
    'time-no-such-day': time('30 February', '20260230120000Z'),
    'time-24-hours': time('hour 24', '20260601240000Z'),
    'time-leap-second': time('second 60', '20260601115960Z'),
    'time-utc': info('UTCTime', { info: { time: element(TAG.utcTime, utf8('260601120000Z')) } }),
    'accuracy-over-an-hour': refused('accuracy_too_low', 'an accuracy of an hour and a millisecond', { info: { accuracy: sequence(integer(3600), Uint8Array.of(0x80, 1, 1)) } }, accepts('it does not look at the accuracy')),
    'accuracy-largest': refused('accuracy_too_low', 'an accuracy of 68 years', { info: { accuracy: sequence(integer(2 ** 31 - 1)) } }, accepts('it does not look at the accuracy')),
    'accuracy-millis-1000': info('1,000 milliseconds instead of a second', { info: { accuracy: accuracy(null, 1000) } }, accepts('it does not look at the accuracy')),
    'accuracy-negative': info('an accuracy below zero', { info: { accuracy: sequence(Uint8Array.of(2, 1, 0xff)) } }, accepts('it does not look at the accuracy')),
    'serial-negative': info('a negative serial number', { info: { serial: Uint8Array.of(2, 1, 0xff) } }, accepts('it does not look at the serial number')),
    'info-version-2': info('TSTInfo of version 2', { info: { version: integer(2) } }),
    'info-ordering-false': info('ordering FALSE written out', { info: { ordering: boolean(false) } }, BER),
    'info-element-too-many': info('one element more', { info: { extensions: element(constructed(2), integer(1)) } }),
    'info-without-serial': info('no serial number', { info: { serial: new Uint8Array() } }),
    'info-empty': info('an empty TSTInfo', { content: () => sequence() }),
    'info-critical-extension': refused('unknown_critical_extension', 'a critical extension', { info: { extensions: element(constructed(1), encodeExtension({ id: '1.2.3.4', critical: true, value: octetString(new Uint8Array()) })) } }, accepts('it does not look at extensions')),
    'info-extension-twice': info('an extension twice', { info: { extensions: element(constructed(1), ...[1, 2].map((n) => encodeExtension({ id: '1.2.3.4', critical: false, value: integer(n) }))) } }, accepts('it does not look at extensions')),
    'authority-name-other': refused('signing_certificate_mismatch', 'the name of another authority', { info: { authority: element(constructed(0), element(constructed(4), name('Another TSA'))) } }),
  };
}

function encodings(): Record<string, TokenVector> {
  const ber = (about: string, edit: (token: Uint8Array) => Uint8Array, openssl: typeof BER | null = BER) =>
    refused('not_der', about, {}, { edit, ...openssl });
  const inner = (about: string, content: (content: Uint8Array) => Uint8Array, openssl = BER) =>
    refused('not_der', about, { content }, openssl);
  const certificates = { certificates: [TSA.der] };
  let nested = integer(1);
  for (let i = 0; i < 40; i++) nested = sequence(nested);
  const pad = 'MA0GCSqGSIb3DQEBCwUA';
  const large: TokenVector = {
    about: 'a megabyte',
    token: { pieces: [[pad, 70_000]] },
    message: toHex(MESSAGE),
    roots: [toBase64(ROOT.der)],
    expected: { fault: 'too_large' },
  };
  const limit = tokenOf({ unsigned: sequence(oid('1.2.3.4'), element(TAG.set, octetString(new Uint8Array(65_536)))) });
  return {
    'a-megabyte': large,
    'one-byte-too-large': { ...large, about: 'an attribute nobody signed makes it too large', token: toBase64(limit), ...accepts('it sets no limit') },
    empty: refused('not_der', 'no bytes at all', {}, { edit: () => new Uint8Array() }),
    text: refused('not_der', 'a text', {}, { edit: () => utf8('-----BEGIN PKCS7-----\n') }),
    'response-around': refused('malformed_token', 'the whole response instead of its token', {}, { edit: (token) => sequence(sequence(integer(0)), token) }),
    'cut-short': refused('not_der', 'the last byte is missing', {}, { edit: (token) => token.subarray(0, -1) }),
    'trailing-byte': ber('one byte more', (token) => concat(token, Uint8Array.of(0))),
    'trailing-element': ber('an empty sequence behind the token', (token) => concat(token, sequence())),
    'length-indefinite': ber('an indefinite length', (token) => concat(Uint8Array.of(0x30, 0x80), contentOf(token), Uint8Array.of(0, 0))),
    'length-long-form': ber('a length in more octets than needed', (token) => {
      const content = contentOf(token);
      return concat(Uint8Array.of(0x30, 0x83, 0, content.length >> 8, content.length & 0xff), content);
    }),
    'length-four-octets': ber('a length of four octets', (token) => concat(Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff), contentOf(token)), null),
    'string-in-pieces': ber('the content is an octet string in pieces', (token) => inPieces(token)),
    'info-length-long-form': inner('a length within the TSTInfo in more octets than needed', (content) => concat(Uint8Array.of(0x30, 0x81, content.length - 2), content.subarray(2))),
    'info-trailing-byte': inner('a byte behind the TSTInfo', (content) => concat(content, Uint8Array.of(0))),
    'info-boolean-one': refused('not_der', 'TRUE written as 01', { info: { ordering: Uint8Array.of(1, 1, 1) } }, BER),
    'info-nonce-padded': refused('not_der', 'a nonce in more octets than needed', { info: { nonce: element(TAG.integer, concat(Uint8Array.of(0, 0), NONCE)) } }, { nonce: NONCE }),
    'info-oid-padded': refused('not_der', 'an object identifier in more octets than needed', { info: { policy: element(TAG.oid, Uint8Array.of(0x2a, 0x80, 0x01)) } }),
    'nested-too-deep': refused('not_der', 'an attribute nobody signed, nested 40 deep', { unsigned: sequence(oid('1.2.3.4'), element(TAG.set, nested)) }, accepts('it sets no limit')),
    'attributes-not-sorted': refused('not_der', 'signed attributes that are not in the order of DER', { order: (list) => [...list].sort(compareBytes).reverse() }, accepts('it takes them as they are')),
    'tag-number-31': refused('not_der', 'a tag number above 30', { unsigned: element(constructed(31), integer(1)), ...certificates }, {}),
    'imprint-written-twice': refused('malformed_time_stamp', 'two imprints', { info: { policy: concat(oid(POLICY), imprintOf('sha256')) } }),
  };
}

/** The content of a token that is between 256 and 65,535 bytes long. */
const contentOf = (token: Uint8Array) => token.subarray(4);

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
}

/** The same token, with the content as an octet string in one piece, which BER allows. */
function inPieces(token: Uint8Array): Uint8Array {
  const reader = openDer(token, 'the token', token.length).sequence();
  const type = reader.raw();
  const fields = reader.enter(constructed(0)).sequence();
  const [version, digests] = [fields.raw(), fields.raw()];
  const content = fields.sequence();
  const contentType = content.raw();
  const string = content.enter(constructed(0)).raw();
  const rest = fields.all((each) => each.raw());
  const encapsulated = sequence(contentType, element(constructed(0), element(0x24, string)));
  return sequence(type, element(constructed(0), sequence(version, digests, encapsulated, ...rest)));
}
