import { createHash } from 'node:crypto';
import { written, type WrittenBytes } from './pieces.js';

// OpenTimestamps files, put together byte by byte. What is expected of them is worked out with node:crypto.

export interface OtsVector {
  readonly about: string;
  readonly ots: WrittenBytes;
  readonly digest: string;
  /** In the order of the file. `message`: null when the way there uses an algorithm that does not count. */
  readonly attestations: readonly {
    readonly type: string;
    readonly height?: number;
    readonly url?: string;
    readonly tag?: string;
    /** Length of the payload of an unknown attestation. */
    readonly payload?: number;
    readonly message: string | null;
  }[];
  /** Addresses of calendars that have yet to answer, each with its commitment. */
  readonly pending: readonly (readonly [url: string, commitment: string])[];
  /** How the writer writes it; absent: the same bytes. */
  readonly canonical?: WrittenBytes;
}

export interface MalformedOts {
  readonly about: string;
  readonly ots: WrittenBytes;
}

const MAGIC = '004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294';
const sha256 = (hex: string) => createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex');
const DIGEST = sha256(Buffer.from('a document\n').toString('hex'));
const START = `${MAGIC}0108${DIGEST}`;

function varuint(value: number): string {
  let rest = BigInt(value);
  let hex = '';
  for (; rest > 0x7fn; rest >>= 7n) hex += Number((rest & 0x7fn) | 0x80n).toString(16);
  return hex + Number(rest).toString(16).padStart(2, '0');
}
const varbytes = (hex: string) => varuint(hex.length / 2) + hex;
const ascii = (text: string) => Buffer.from(text, 'latin1').toString('hex');

const append = (hex: string) => `f0${varbytes(hex)}`;
const prepend = (hex: string) => `f1${varbytes(hex)}`;
const SHA256 = '08';
const attestation = (tag: string, payload: string) => `00${tag}${varbytes(payload)}`;
const bitcoin = (height: number) => attestation('0588960d73d71901', varuint(height));
const pending = (url: string) => attestation('83dfe30d2ef90c8e', varbytes(ascii(url)));
const more = (...items: string[]) => items.map((item, i) => (i < items.length - 1 ? `ff${item}` : item)).join('');

const A = 'https://a.calendar.example';
const B = 'https://b.calendar.example';
const NONCE = '000102030405060708090a0b0c0d0e0f';
const COMMITMENT = sha256(DIGEST + NONCE);
/** From a message through a transaction to a block: two double hashes. */
const inBlock = prepend('aabb') + append('ccdd') + SHA256 + SHA256 + prepend('ee'.repeat(32)) + SHA256 + SHA256;
const rootOf = (message: string) => sha256(sha256('ee'.repeat(32) + sha256(sha256(`aabb${message}ccdd`))));

export function otsVectors(): { valid: Record<string, OtsVector>; malformed: Record<string, MalformedOts> } {
  return { valid: valid(), malformed: malformed() };
}

function valid(): Record<string, OtsVector> {
  const one = (about: string, rest: string, attestations: OtsVector['attestations'], pendingAt: OtsVector['pending'] = []): OtsVector => ({ about, ots: START + rest, digest: DIGEST, attestations, pending: pendingAt });
  const unknownTag = '1122334455667788';
  const swapped = more(append('02') + pending(B), pending(A), append('0102') + pending(A), bitcoin(7));
  return {
    pending: one('a calendar has yet to answer', pending(A), [{ type: 'pending', url: A, message: DIGEST }], [[A, DIGEST]]),
    bitcoin: one('nonce, commitment, transaction, block', append(NONCE) + SHA256 + inBlock + bitcoin(358391), [{ type: 'bitcoin', height: 358391, message: rootOf(COMMITMENT) }]),
    upgraded: one('a calendar has answered, and its pending attestation is still there', append(NONCE) + SHA256 + more(pending(A), inBlock + bitcoin(900000)), [
      { type: 'pending', url: A, message: COMMITMENT },
      { type: 'bitcoin', height: 900000, message: rootOf(COMMITMENT) },
    ]),
    'two-calendars': one('one of two calendars has answered', append(NONCE) + SHA256 + more(append('01') + more(pending(A), inBlock + bitcoin(900000)), append('02') + pending(B)), [
      { type: 'pending', url: A, message: `${COMMITMENT}01` },
      { type: 'bitcoin', height: 900000, message: rootOf(`${COMMITMENT}01`) },
      { type: 'pending', url: B, message: `${COMMITMENT}02` },
    ], [[B, `${COMMITMENT}02`]]),
    'two-urls': one('two calendars at one message', more(pending(A), pending(B)), [
      { type: 'pending', url: A, message: DIGEST },
      { type: 'pending', url: B, message: DIGEST },
    ], [[A, DIGEST], [B, DIGEST]]),
    unknown: one('an attestation that nobody knows is kept', attestation(unknownTag, 'cafe'), [{ type: 'unknown', tag: unknownTag, payload: 2, message: DIGEST }]),
    'unknown-empty': one('its payload may be empty', attestation(unknownTag, ''), [{ type: 'unknown', tag: unknownTag, payload: 0, message: DIGEST }]),
    'unknown-longest': { about: 'its payload may have 8192 bytes', ots: written([`${START}00${unknownTag}${varuint(8192)}`, 1], ['5a', 8192]), digest: DIGEST, attestations: [{ type: 'unknown', tag: unknownTag, payload: 8192, message: DIGEST }], pending: [] },
    litecoin: one('another block chain is unknown here', attestation('06869a0d73d71b45', varuint(1)), [{ type: 'unknown', tag: '06869a0d73d71b45', payload: 1, message: DIGEST }]),
    'through-sha1': one('what is behind SHA-1 does not count', `02${bitcoin(1)}`, [{ type: 'bitcoin', height: 1, message: null }]),
    'through-ripemd160': one('nor behind RIPEMD-160', `08${SHA256}03${pending(A)}`, [{ type: 'pending', url: A, message: null }]),
    'through-keccak256': one('Keccak-256 is not replayed', `67${append('00')}08${bitcoin(1)}`, [{ type: 'bitcoin', height: 1, message: null }]),
    'weak-and-strong': one('a branch through SHA-1 beside one through SHA-256', more(`02${bitcoin(5)}`, `08${bitcoin(6)}`), [
      { type: 'bitcoin', height: 5, message: null },
      { type: 'bitcoin', height: 6, message: sha256(DIGEST) },
    ]),
    reverse: one('the bytes backwards', `f2${bitcoin(0)}`, [{ type: 'bitcoin', height: 0, message: Buffer.from(DIGEST, 'hex').reverse().toString('hex') }]),
    hexlify: one('the digest inside a text', `f3${append(ascii(' a document'))}08${bitcoin(2)}`, [{ type: 'bitcoin', height: 2, message: sha256(ascii(`${DIGEST} a document`)) }]),
    'height-largest': one('a height of 2^53 − 1', bitcoin(Number.MAX_SAFE_INTEGER), [{ type: 'bitcoin', height: Number.MAX_SAFE_INTEGER, message: DIGEST }]),
    'url-longest': { about: 'an address of 1000 bytes', ots: written([`${START}0083dfe30d2ef90c8e${varuint(1002)}${varuint(1000)}`, 1], [ascii('a'), 1000]), digest: DIGEST, attestations: [{ type: 'pending', url: 'a'.repeat(1000), message: DIGEST }], pending: [['a'.repeat(1000), DIGEST]] },
    'url-no-url': one('addresses have allowed characters, and no other rule: who asks decides', pending('../:9/-_.'), [{ type: 'pending', url: '../:9/-_.', message: DIGEST }], [['../:9/-_.', DIGEST]]),
    'message-longest': { about: 'a message of 4096 bytes', ots: written([`${START}f0${varuint(4064)}`, 1], ['77', 4064], [SHA256 + bitcoin(3), 1]), digest: DIGEST, attestations: [{ type: 'bitcoin', height: 3, message: sha256(DIGEST + '77'.repeat(4064)) }], pending: [] },
    'hexlify-longest': { about: '2048 bytes in hexadecimal', ots: written([`${START}f0${varuint(2016)}`, 1], ['77', 2016], [`f308${bitcoin(3)}`, 1]), digest: DIGEST, attestations: [{ type: 'bitcoin', height: 3, message: sha256(ascii(DIGEST + '77'.repeat(2016))) }], pending: [] },
    deepest: { about: '256 messages on one path', ots: written([START, 1], [SHA256, 255], [bitcoin(4), 1]), digest: DIGEST, attestations: [{ type: 'bitcoin', height: 4, message: Array.from({ length: 255 }).reduce<string>((message) => sha256(message), DIGEST) }], pending: [] },
    unsorted: { ...one('the order is free', swapped, [
      { type: 'pending', url: A, message: DIGEST },
      { type: 'bitcoin', height: 7, message: DIGEST },
      { type: 'pending', url: B, message: `${DIGEST}02` },
      { type: 'pending', url: A, message: `${DIGEST}0102` },
    ], [[B, `${DIGEST}02`], [A, `${DIGEST}0102`]]), canonical: START + more(bitcoin(7), pending(A), append('0102') + pending(A), append('02') + pending(B)) },
    'sorted-heights': { ...one('heights are sorted as numbers', more(bitcoin(256), bitcoin(3), bitcoin(127)), [
      { type: 'bitcoin', height: 256, message: DIGEST },
      { type: 'bitcoin', height: 3, message: DIGEST },
      { type: 'bitcoin', height: 127, message: DIGEST },
    ]), canonical: START + more(bitcoin(3), bitcoin(127), bitcoin(256)) },
    'bitcoin-of-another-length': one('a message of 33 bytes is no Merkle root', append('00') + bitcoin(1), [{ type: 'bitcoin', height: 1, message: `${DIGEST}00` }]),
  };
}

function malformed(): Record<string, MalformedOts> {
  const good = pending(A);
  const rest = (about: string, hex: string): MalformedOts => ({ about, ots: START + hex });
  const url = (about: string, text: string): MalformedOts => rest(about, pending(text));
  const payload = (about: string, hex: string) => rest(about, attestation('83dfe30d2ef90c8e', hex));
  const height = (about: string, hex: string) => rest(about, attestation('0588960d73d71901', hex));
  return {
    empty: { about: 'nothing', ots: '' },
    'magic-only': { about: 'the magic alone', ots: MAGIC },
    'magic-cut': { about: 'a magic without its last byte', ots: MAGIC.slice(0, -2) },
    'magic-changed': { about: 'one bit of the magic', ots: `01${START.slice(2)}${good}` },
    'version-0': { about: 'version 0', ots: `${MAGIC}0008${DIGEST}${good}` },
    'version-2': { about: 'version 2', ots: `${MAGIC}0208${DIGEST}${good}` },
    'version-long': { about: 'version 1 in two bytes', ots: `${MAGIC}810008${DIGEST}${good}` },
    'file-sha1': { about: 'a file that is known by its SHA-1', ots: `${MAGIC}0102${DIGEST.slice(0, 40)}${good}` },
    'file-ripemd160': { about: 'a file that is known by its RIPEMD-160', ots: `${MAGIC}0103${DIGEST.slice(0, 40)}${good}` },
    'file-keccak256': { about: 'a file that is known by its Keccak-256', ots: `${MAGIC}0167${DIGEST}${good}` },
    'file-no-hash': { about: 'a file that is known by no hash', ots: `${MAGIC}01f0${DIGEST}${good}` },
    'digest-cut': { about: 'a digest of 31 bytes', ots: START.slice(0, -2) },
    'no-timestamp': { about: 'no timestamp behind the digest', ots: START },
    'more-and-end': rest('an item must follow', `ff${good}`),
    'more-more': rest('0xff is no item', `ffff${good}`),
    'trailing-byte': rest('a byte behind the end', `${good}00`),
    'trailing-timestamp': rest('two timestamps without 0xff', good + good),
    'operation-unknown': rest('there is no operation 0x04', `04${good}`),
    'operation-alone': rest('an operation that leads nowhere', SHA256),
    'append-nothing': rest('an empty argument', `f000${good}`),
    'prepend-nothing': rest('an empty argument', `f100${good}`),
    'append-beyond-the-end': rest('an argument that is longer than the file', 'f0ff1f00'),
    'append-too-long': { about: 'an argument of 4097 bytes', ots: written([`${START}f0${varuint(4097)}`, 1], ['00', 4097], [good, 1]) },
    'length-long': rest('a length of 1 in two bytes', `f0810000${good}`),
    'length-2-53': rest('a length of 2^53', 'f08080808080808010'),
    'length-endless': { about: 'a length that does not end', ots: written([`${START}f0`, 1], ['80', 500]) },
    'message-too-long': { about: 'a message of 4097 bytes', ots: written([`${START}f0${varuint(4065)}`, 1], ['77', 4065], [SHA256 + good, 1]) },
    'message-doubled': { about: '2049 bytes in hexadecimal', ots: written([`${START}f0${varuint(2017)}`, 1], ['77', 2017], [`f308${good}`, 1]) },
    'message-doubled-again': rest('seven times hexadecimal, and once more', `${'f3'.repeat(8)}${good}`),
    'too-deep': { about: '257 messages on one path', ots: written([START, 1], [SHA256, 256], [good, 1]) },
    'far-too-deep': { about: '60,000 messages on one path', ots: written([START, 1], [SHA256, 60_000], [good, 1]) },
    'too-many': { about: '2049 operations', ots: written([START, 1], [`ff${append('00')}${good}`, 1], [`ff${SHA256}${good}`, 1], [SHA256, 100]) },
    'too-large': { about: '65,537 bytes', ots: written([START, 1], ['00', 65_537 - START.length / 2]) },
    'address-empty': url('an empty address', ''),
    'address-1001': { about: 'an address of 1001 bytes', ots: written([`${START}0083dfe30d2ef90c8e${varuint(1003)}${varuint(1001)}`, 1], [ascii('a'), 1001]) },
    'address-percent': url('a percent sign', 'https://a%2eexample'),
    'address-query': url('a query', 'https://a.example/?x'),
    'address-fragment': url('a fragment', 'https://a.example/#x'),
    'address-login': url('a login', 'https://u:p@a.example'),
    'address-ipv6': url('an IPv6 address', 'http://[::1]/'),
    'address-space': url('a space', 'https://a .example'),
    'address-line-feed': url('a line feed', 'https://a.example\n'),
    'address-quote': url('a quotation mark', 'https://a.example/"'),
    'address-zero': url('a zero byte', 'https://a.example\0'),
    'address-latin1': url('a letter that is not ASCII', 'https://\u00e4.example'),
    'address-utf8': payload('a letter in UTF-8', varbytes(Buffer.from('https://ä.example').toString('hex'))),
    'address-backslash': url('a backslash', 'https:\\\\a.example'),
    'pending-empty': payload('no address', ''),
    'pending-trailing': payload('a byte behind the address', `${varbytes(ascii(A))}00`),
    'pending-cut': payload('an address that ends too early', varbytes(ascii(A)).slice(0, -2)),
    'bitcoin-empty': height('no height', ''),
    'bitcoin-trailing': height('a byte behind the height', '0100'),
    'bitcoin-long': height('height 1 in two bytes', '8100'),
    'bitcoin-2-53': height('height 2^53', '8080808080808010'),
    'bitcoin-cut': height('a height that does not end', '80'),
    'payload-8193': { about: 'a payload of 8193 bytes', ots: written([`${START}001122334455667788${varuint(8193)}`, 1], ['5a', 8193]) },
    'payload-cut': rest('a payload that is longer than the file', '00112233445566778805aa'),
    'tag-cut': rest('a tag of 7 bytes', '0011223344556677'),
    'attestation-twice': rest('the same attestation twice', more(pending(A), pending(A))),
    'operation-twice': rest('the same operation twice', more(SHA256 + bitcoin(1), SHA256 + bitcoin(2))),
  };
}
