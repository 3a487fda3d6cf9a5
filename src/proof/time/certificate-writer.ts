import { utf8 } from '../bytes.js';
import { generalizedTime } from './asn1-time.js';
import {
  bitString,
  boolean,
  element,
  integer,
  namedBits,
  nullValue,
  octetString,
  oid,
  sequence,
  setOf,
  utf8String,
  type Unsigned,
} from './der-writer.js';
import { constructed, TAG } from './der.js';
import { DIGESTS } from './digests.js';
import { EXTENSION, KEY_USAGE, TIME_STAMPING } from './x509.js';

/**
 * Making the certificates of a time-stamping authority of one's own: a root, a certificate below it that is
 * for time-stamping alone, or a request for one by another authority. The signatures come from the caller.
 */

export interface CertificateName {
  readonly commonName: string;
  readonly organization?: string;
  /** Two letters. */
  readonly country?: string;
}

export interface NewCertificate {
  readonly kind: 'root' | 'time-stamping';
  readonly subject: CertificateName;
  /** Of the root itself: its own name. May be the DER Name of a certificate. */
  readonly issuer: CertificateName | Uint8Array;
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** DER SubjectPublicKeyInfo of the key that signs; that of the root itself: `publicKey`. */
  readonly issuerKey: Uint8Array;
  /** How the issuer signs, with SHA-256. */
  readonly signature: 'rsa' | 'ecdsa';
  /** Random, read as a number without sign: at most 20 bytes, the first below 0x80. */
  readonly serial: Uint8Array;
  /** Milliseconds since the Unix epoch, in whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

const SIGNATURES = {
  rsa: sequence(oid('1.2.840.113549.1.1.11'), nullValue()),
  ecdsa: sequence(oid('1.2.840.10045.4.3.2')),
};
const KEY_IDENTIFIER = '2.5.29.14';
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35';
const YEAR_2050 = Date.UTC(2050, 0);

/** @throws {RangeError} for a name, time or serial number that a certificate cannot have */
export function prepareCertificate(wish: NewCertificate): Unsigned {
  const { serial } = wish;
  if (serial.length === 0 || serial.length > 20 || (serial[0] ?? 0) >= 0x80 || serial[0] === 0)
    throw new RangeError('a serial number has 1 to 20 bytes, the first from 0x01 to 0x7f');
  if (!(wish.notBefore < wish.notAfter)) throw new RangeError('a certificate must begin before it ends');
  const issuerId = sequence(element(0x80, keyIdentifier(wish.issuerKey)));
  const extensions = [
    ...(wish.kind === 'root'
      ? [
          extension(EXTENSION.basicConstraints, true, sequence(boolean(true), integer(0))),
          extension(EXTENSION.keyUsage, true, namedBits([KEY_USAGE.keyCertSign, KEY_USAGE.crlSign])),
        ]
      : timeStampingExtensions()),
    extension(KEY_IDENTIFIER, false, octetString(keyIdentifier(wish.publicKey))),
    ...(wish.kind === 'root' ? [] : [extension(AUTHORITY_KEY_IDENTIFIER, false, issuerId)]),
  ];
  const signed = sequence(
    element(constructed(0), integer(2)),
    element(TAG.integer, serial),
    SIGNATURES[wish.signature],
    wish.issuer instanceof Uint8Array ? wish.issuer : encodeName(wish.issuer),
    sequence(encodeTime(wish.notBefore), encodeTime(wish.notAfter)),
    encodeName(wish.subject),
    wish.publicKey,
    element(constructed(3), sequence(...extensions)),
  );
  return unsigned(signed, wish.signature);
}

/**
 * A request for a certificate for time-stamping (PKCS#10, RFC 2986).
 * @throws {RangeError} for a name that a certificate cannot have
 */
export function prepareCertificateRequest(
  subject: CertificateName,
  publicKey: Uint8Array,
  signature: 'rsa' | 'ecdsa',
): Unsigned {
  const wanted = sequence(oid('1.2.840.113549.1.9.14'), setOf(sequence(...timeStampingExtensions())));
  const signed = sequence(integer(0), encodeName(subject), publicKey, element(constructed(0), wanted));
  return unsigned(signed, signature);
}

function unsigned(signed: Uint8Array, algorithm: keyof typeof SIGNATURES): Unsigned {
  return {
    toSign: signed,
    finish: (signature) => sequence(signed, SIGNATURES[algorithm], bitString(signature)),
  };
}

/** RFC 3161 §2.3: one purpose, critical. */
function timeStampingExtensions(): Uint8Array[] {
  return [
    extension(EXTENSION.keyUsage, true, namedBits([KEY_USAGE.digitalSignature])),
    extension(EXTENSION.extendedKeyUsage, true, sequence(oid(TIME_STAMPING))),
  ];
}

function extension(id: string, critical: boolean, value: Uint8Array): Uint8Array {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** Any short hash of the key will do (RFC 7093). */
function keyIdentifier(publicKey: Uint8Array): Uint8Array {
  return DIGESTS.sha256.hash(publicKey).subarray(0, 20);
}

function encodeName({ commonName, organization, country }: CertificateName): Uint8Array {
  const tooLong = [commonName, organization ?? ''].some((text) => text.length > 64);
  if (commonName === '' || organization === '' || tooLong)
    throw new RangeError('a name of a certificate has 1 to 64 characters');
  if (country !== undefined && !/^[A-Z]{2}$/.test(country))
    throw new RangeError('a country is given by two capital letters');
  const attribute = (id: string, value: Uint8Array) => setOf(sequence(oid(id), value));
  return sequence(
    ...(country === undefined ? [] : [attribute('2.5.4.6', element(0x13, utf8(country)))]),
    ...(organization === undefined ? [] : [attribute('2.5.4.10', utf8String(organization))]),
    attribute('2.5.4.3', utf8String(commonName)),
  );
}

/** UTCTime before 2050, GeneralizedTime after (RFC 5280 §4.1.2.5). */
function encodeTime(milliseconds: number): Uint8Array {
  const generalized = generalizedTime(Math.floor(milliseconds / 1000) * 1000);
  return milliseconds >= YEAR_2050 ? generalized : element(TAG.utcTime, generalized.subarray(4));
}
