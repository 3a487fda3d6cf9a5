import { p256 } from '@noble/curves/nist.js';
import { toBase64, toHex, utf8 } from '../../../../src/proof/index.js';
import { sha256 } from '../keys.js';
import { Authenticator, derOf, highS, ORDER, type Strange } from './authenticator.js';

export interface PasskeyVector {
  readonly about: string;
  /** The verifier key. */
  readonly key: string;
  /** The text of the note. */
  readonly text: string;
  /** As in the line of the note, without the key id: base64. */
  readonly signature: string;
  readonly expected: 'good' | 'bad';
}

export interface PasskeyVectors {
  readonly signatures: Record<string, PasskeyVector>;
  /** Verifier keys of passkeys. */
  readonly keys: Record<string, { readonly about: string; readonly key: string; readonly expected: 'good' | 'malformed' }>;
}

const TEXT = 'a note that a passkey signs\n';
const RP = 'ingam.example';
const alice = new Authenticator('alice', RP);
const other = new Authenticator('alice', RP, 'another passkey');
const local = new Authenticator('alice', 'localhost');

function vector(about: string, expected: 'good' | 'bad', strange: Strange = {}, by = alice, text = TEXT): PasskeyVector {
  return { about, key: by.vkey, text: TEXT, signature: toBase64(by.sign(text, strange)), expected };
}
const good = (about: string, strange?: Strange, by?: Authenticator) => vector(about, 'good', strange, by);
const bad = (about: string, strange?: Strange, by?: Authenticator) => vector(about, 'bad', strange, by);
const fromOrigin = (origin: unknown): Strange => ({ client: { origin } });
/** The same assertion with other bytes. */
const cut = (about: string, change: (bytes: Buffer) => Uint8Array): PasskeyVector => ({ ...bad(about), signature: toBase64(change(Buffer.from(alice.sign(TEXT)))) });
const der = (about: string, change: (der: Buffer) => Uint8Array) => bad(about, { der: (bytes) => change(Buffer.from(bytes)) });
const numbers = (about: string, change: NonNullable<Strange['numbers']>) => bad(about, { numbers: change });

export function passkeyVectors(): PasskeyVectors {
  return { signatures: { ...accepted(), ...clientData(), ...authenticatorData(), ...encodings() }, keys: keys() };
}

function accepted(): Record<string, PasskeyVector> {
  return {
    plain: good('as an authenticator and a browser make it'),
    'counter-0': good('a counter of 0, as of synchronized passkeys', { counter: 0 }),
    'counter-high': good('the highest counter', { counter: 0xffffffff }),
    'high-s': good('n - s signs as s does, and authenticators make both', { numbers: (r, s) => [r, highS(s)] }),
    'backup-flags': good('flags that say it is backed up', { flags: 0x1d }),
    'extensions': good('extensions behind the counter', { flags: 0x85, extensions: Uint8Array.of(0xa0) }),
    'cross-origin-absent': good('older browsers do not say crossOrigin', { client: { crossOrigin: undefined } }),
    'further-member': good('browsers add members, so that nobody compares texts', { client: { other_keys_can_be_added_here: 'do not compare clientDataJSON against a template' } }),
    'reordered-members': good('members in another order', { clientText: (text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text) as object).reverse())) }),
    'white-space': good('white space between the members', { clientText: (text) => JSON.stringify(JSON.parse(text), null, 2) }),
    subdomain: good('signed on a page of a subdomain', fromOrigin(`https://sign.${RP}`)),
    'subdomain-of-subdomain': good('and of one below it', fromOrigin(`https://a.b.${RP}`)),
    port: good('a port', fromOrigin(`https://${RP}:8443`)),
    'localhost-http': good('localhost without TLS', fromOrigin('http://localhost:3000'), local),
    'localhost-https': good('localhost with TLS', fromOrigin('https://localhost'), local),
  };
}

function clientData(): Record<string, PasskeyVector> {
  return {
    'other-challenge': vector('the assertion is for another note', 'bad', {}, alice, 'a note that a passkey has signed\n'),
    'challenge-padded': bad('a challenge with padding', { client: { challenge: `${Buffer.from(sha256(TEXT)).toString('base64url')}=` } }),
    'challenge-standard-base64': bad('a challenge in the other alphabet', { client: { challenge: toBase64(sha256(TEXT)) } }),
    'challenge-of-text-without-line-feed': bad('a challenge without the last line feed', { client: { challenge: Buffer.from(sha256(TEXT.trim())).toString('base64url') } }),
    'challenge-in-hexadecimal': bad('a challenge in hexadecimal', { client: { challenge: toHex(sha256(TEXT)) } }),
    'challenge-missing': bad('no challenge', { client: { challenge: undefined } }),
    'type-create': bad('a registration is no assertion', { client: { type: 'webauthn.create' } }),
    'type-missing': bad('no type', { client: { type: undefined } }),
    'other-origin': bad('another site', fromOrigin('https://ingam.example.net')),
    'origin-that-ends-alike': bad('a domain that only ends like it', fromOrigin('https://notingam.example')),
    'origin-above': bad('a domain above', fromOrigin('https://example')),
    'origin-with-path': bad('an address is no origin', fromOrigin(`https://${RP}/`)),
    'origin-with-user': bad('a user name', fromOrigin(`https://${RP}@evil.example`)),
    'origin-with-user-before': bad('the domain as a user name', fromOrigin(`https://a:b@${RP}`)),
    'origin-in-capitals': bad('browsers write small letters', fromOrigin('https://INGAM.example')),
    'origin-with-dot': bad('a dot at the end', fromOrigin(`https://${RP}.`)),
    'origin-http': bad('without TLS', fromOrigin(`http://${RP}`)),
    'origin-http-localhost': bad('localhost without TLS, for another domain', fromOrigin('http://localhost')),
    'origin-http-below-localhost': bad('a domain below localhost without TLS', fromOrigin('http://a.localhost'), local),
    'origin-of-app': bad('an app of a telephone', fromOrigin('android:apk-key-hash:pNiP5iKyQ8JwgGOaKA1zGPUPJIS-0H1xKCQcfIoGLck')),
    'origin-missing': bad('no origin', fromOrigin(undefined)),
    'origin-null': bad('an origin that is not a string', fromOrigin(null)),
    'cross-origin': bad('signed within a page of another site', { client: { crossOrigin: true } }),
    'cross-origin-text': bad('crossOrigin that is no boolean', { client: { crossOrigin: 'false' } }),
    'duplicate-challenge': bad('a challenge that is given twice', { clientText: (text) => text.replace('{', '{"challenge":"AAAA",') }),
    'duplicate-origin-escaped': bad('an origin that is given twice, once in another spelling', { clientText: (text) => text.replace('{', '{"\\u006frigin":"https://evil.example",') }),
    'duplicate-nested': bad('a member of a member that is given twice', { clientText: (text) => text.replace('{', '{"tokenBinding":{"a":1,"a":2},') }),
    'trailing-comma': bad('no JSON', { clientText: (text) => text.replace('}', ',}') }),
    'trailing-text': bad('something behind the JSON', { clientText: (text) => `${text}{}` }),
    'byte-order-mark': bad('a byte order mark', { clientText: (text) => `\ufeff${text}` }),
    array: bad('an array', { clientText: (text) => `[${text}]` }),
    empty: bad('no client data', { clientText: () => '' }),
  };
}

function authenticatorData(): Record<string, PasskeyVector> {
  return {
    'up-without-uv': bad('the user was there, but was not verified', { flags: 1 }),
    'uv-without-up': bad('the user was verified, but was not there', { flags: 4 }),
    'no-flags': bad('neither', { flags: 0 }),
    'other-rp-id': bad('of another domain', { rpId: 'example' }),
    'rp-id-of-origin': bad('of the subdomain that it was signed on', { rpId: `sign.${RP}`, client: { origin: `https://sign.${RP}` } }),
    'signed-without-client-data': bad('the client data are not signed', { signed: (message) => message.subarray(0, 37) }),
    'signed-client-data-alone': bad('the authenticator data are not signed', { signed: (message) => message.subarray(37) }),
    'signed-challenge': bad('only the challenge is signed', { signed: () => sha256(TEXT) }),
  };
}

function encodings(): Record<string, PasskeyVector> {
  return {
    'other-key': { ...bad('another passkey of the same name'), signature: toBase64(other.sign(TEXT)) },
    'authenticator-data-36': cut('authenticator data of 36 bytes', (b) => Buffer.concat([Buffer.of(0, 36), b.subarray(2, 38), b.subarray(39)])),
    'authenticator-data-empty': cut('no authenticator data', (b) => Buffer.concat([Buffer.of(0, 0), b.subarray(39)])),
    'flipped-in-data': cut('a bit of the counter', (b) => flip(b, 2 + 36)),
    'flipped-in-client-data': cut('a bit of the client data', (b) => flip(b, 60)),
    'flipped-in-signature': cut('the last bit of the signature', (b) => flip(b, b.length - 1)),
    'length-too-long': cut('a length beyond the end', (b) => Buffer.concat([Buffer.of(0xff, 0xff), b.subarray(2)])),
    'second-length-too-long': cut('the second length beyond the end', (b) => Buffer.concat([b.subarray(0, 39), Buffer.of(0xff, 0xff), b.subarray(41)])),
    'lengths-little-endian': cut('lengths with the low byte first', (b) => Buffer.concat([Buffer.of(37, 0), b.subarray(2)])),
    'cut-in-lengths': cut('only one byte', (b) => b.subarray(0, 1)),
    'cut-behind-data': cut('nothing behind the authenticator data', (b) => b.subarray(0, 39)),
    'cut-in-second-length': cut('half of the second length', (b) => b.subarray(0, 40)),
    'no-signature': cut('no signature', (b) => b.subarray(0, 41 + b.readUInt16BE(39))),
    'cut-signature': cut('the last byte is missing', (b) => b.subarray(0, -1)),
    'der-trailing-byte': der('a byte behind the signature', (b) => Buffer.concat([b, Buffer.of(0)])),
    'der-trailing-within': der('a byte behind s', (b) => Buffer.concat([Buffer.of(0x30, (b[1] ?? 0) + 1), b.subarray(2), Buffer.of(0)])),
    'der-padded-r': der('a zero byte before r that is not needed', (b) => Buffer.concat([Buffer.of(0x30, (b[1] ?? 0) + 1, 2, (b[3] ?? 0) + 1, 0), b.subarray(4)])),
    'der-long-length': der('a length in two bytes that needs one', (b) => Buffer.concat([Buffer.of(0x30, 0x81), b.subarray(1)])),
    'der-indefinite-length': der('an indefinite length', (b) => Buffer.concat([Buffer.of(0x30, 0x80), b.subarray(2), Buffer.of(0, 0)])),
    'der-set': der('a set of two numbers', (b) => Buffer.concat([Buffer.of(0x31), b.subarray(1)])),
    'der-bit-string': der('r as a bit string', (b) => Buffer.concat([b.subarray(0, 2), Buffer.of(3), b.subarray(3)])),
    'raw-signature': der('r and s without DER', () => p256.Signature.fromBytes(Buffer.from(`${'11'.repeat(32)}${'22'.repeat(32)}`, 'hex')).toBytes()),
    'r-zero': numbers('r is 0', (_, s) => ['00', s]),
    's-zero': numbers('s is 0', (r) => [r, '00']),
    'r-is-order': numbers('r is n', (_, s) => [ORDER, s]),
    's-is-order': numbers('s is n', (r) => [r, ORDER]),
    's-beyond-order': numbers('s + n', (r, s) => [r, (BigInt(`0x${s}`) + BigInt(`0x${ORDER}`)).toString(16).padStart(66, '0')]),
    'swapped-numbers': numbers('s and r', (r, s) => [s, r]),
    'der-negative': der('a negative r', () => Buffer.concat([Buffer.from(derOf('01', '01')).subarray(0, 4), Buffer.of(0xff, 2, 1, 1)])),
  };
}

function flip(bytes: Buffer, at: number): Buffer {
  bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
  return bytes;
}

const TYPE = Buffer.concat([Buffer.of(0xff), Buffer.from('ingam/passkey/v1\n')]);

/** A verifier key of these bytes, with the id that belongs to them. */
function keyOf(material: Uint8Array, name = 'alice'): string {
  const id = sha256(Buffer.concat([utf8(`${name}\n`), material])).subarray(0, 4);
  return `${name}+${toHex(id)}+${toBase64(material)}`;
}

function keys(): PasskeyVectors['keys'] {
  const of = (point: Uint8Array, rpId: string) => keyOf(Buffer.concat([TYPE, point, Buffer.from(rpId, 'latin1')]));
  const key = (about: string, text: string) => ({ about, key: text, expected: 'malformed' as const });
  const fine = (about: string, text: string) => ({ about, key: text, expected: 'good' as const });
  const { point } = alice;
  const moved = Buffer.from(point);
  // The first x above that is not on the curve.
  for (let on = true; on;) {
    moved.writeUInt8((moved.readUInt8(32) + 1) & 0xff, 32);
    on = isOnCurve(moved);
  }
  const wide = p256.Point.fromBytes(point).toBytes(false);
  return {
    plain: fine('a passkey', of(point, RP)),
    localhost: fine('for localhost', of(point, 'localhost')),
    'longest-domain': fine('a domain of 253 characters', of(point, `${'a.'.repeat(126)}a`)),
    'domain-too-long': key('a domain of 254 characters', of(point, `${'a.'.repeat(126)}aa`)),
    'no-domain': key('no domain', of(point, '')),
    'domain-in-capitals': key('a domain in capitals', of(point, 'Ingam.example')),
    'domain-with-dot': key('a dot at the end', of(point, `${RP}.`)),
    'domain-with-empty-label': key('two dots', of(point, 'ingam..example')),
    'domain-with-hyphen': key('a hyphen in front', of(point, '-ingam.example')),
    'domain-not-ascii': key('a letter beyond ASCII', of(point, 'ing\u00e4m.example')),
    'domain-with-port': key('a port', of(point, `${RP}:443`)),
    'domain-as-origin': key('an origin', of(point, `https://${RP}`)),
    'point-not-on-curve': key('a point beside the curve', of(moved, RP)),
    'point-of-zeros': key('x = 0 with a wrong first byte', of(new Uint8Array(33), RP)),
    'point-beyond-field': key('x beyond the field', of(Buffer.concat([Buffer.of(2), Buffer.alloc(32, 0xff)]), RP)),
    'point-hybrid': key('a first byte of 6', of(Buffer.concat([Buffer.of(6), point.subarray(1)]), RP)),
    'point-uncompressed': key('a point that is not compressed', of(wide, RP)),
    'point-cut': key('32 bytes', keyOf(Buffer.concat([TYPE, point.subarray(0, 32)]))),
    'cose-rs256': key('a COSE key of RSA', keyOf(Buffer.concat([TYPE, Buffer.from('a401030339010020590100', 'hex'), Buffer.alloc(256, 0xc5), Buffer.from('2143010001', 'hex')]))),
    'type-only': key('nothing behind the type', keyOf(TYPE)),
    'other-version': key('another version of the type', keyOf(Buffer.concat([Buffer.of(0xff), Buffer.from('ingam/passkey/v2\n'), point, Buffer.from(RP)]))),
    'other-id': key('an id of another key', of(point, RP).replace(/\+[0-9a-f]{8}\+/, '+00000000+')),
    'id-in-capitals': key('an id in capitals', of(point, RP).replace(/\+[0-9a-f]{8}\+/, (id) => id.toUpperCase())),
    'name-with-space': key('a space in the name', keyOf(Buffer.concat([TYPE, point, Buffer.from(RP)]), 'al ice')),
    'no-name': key('no name', keyOf(Buffer.concat([TYPE, point, Buffer.from(RP)]), '')),
  };
}

function isOnCurve(point: Uint8Array): boolean {
  try {
    p256.Point.fromBytes(point);
    return true;
  } catch {
    return false;
  }
}
