import {
  bitString,
  boolean,
  element,
  integer,
  namedBits,
  octetString,
  oid,
  sequence,
  setOf,
} from '../../../../src/proof/time/der-writer.js';
import { constructed, TAG } from '../../../../src/proof/time/der.js';
import type { DigestName } from '../../../../src/proof/time/digests.js';
import { utf8 } from '../../../../src/proof/index.js';
import { EXTENSION, KEY_USAGE, TIME_STAMPING } from '../../../../src/proof/time/x509.js';
import { ecKey, type Key } from './keys.js';

/** Certificates and revocation lists for vectors, good or broken as a case wishes. */

export function name(commonName: string, tag: number = TAG.utf8String): Uint8Array {
  return sequence(
    setOf(sequence(oid('2.5.4.6'), element(0x13, utf8('KR')))),
    setOf(sequence(oid('2.5.4.3'), element(tag, utf8(commonName)))),
  );
}

/** UTCTime before 2050, else GeneralizedTime (RFC 5280 §4.1.2.5). */
function time(iso: string): Uint8Array {
  const digits = iso.replaceAll(/[-:T]/g, '');
  return Number(iso.slice(0, 4)) < 2050
    ? element(TAG.utcTime, utf8(digits.slice(2)))
    : element(TAG.generalizedTime, utf8(digits));
}

export interface Extension {
  readonly id: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

export const ca = (pathLength?: number): Extension => ({
  id: EXTENSION.basicConstraints,
  critical: true,
  value: sequence(boolean(true), ...(pathLength === undefined ? [] : [integer(pathLength)])),
});
export const keyUsage = (...bits: number[]): Extension => ({
  id: EXTENSION.keyUsage,
  critical: true,
  value: namedBits(bits),
});
export const purposes = (critical: boolean, ...list: string[]): Extension => ({
  id: EXTENSION.extendedKeyUsage,
  critical,
  value: sequence(...list.map((each) => oid(each))),
});
export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
export const STAMPING = purposes(true, TIME_STAMPING);
export const SIGNING = keyUsage(KEY_USAGE.digitalSignature);
export const CA_USAGE = keyUsage(KEY_USAGE.keyCertSign, KEY_USAGE.crlSign);

export interface Wish {
  readonly subject: Uint8Array;
  readonly key: Key;
  readonly issuer: Holder | null;
  readonly serial?: number;
  readonly from?: string;
  readonly until?: string;
  readonly extensions?: readonly Extension[];
  readonly digest?: DigestName;
  /** 2 is version 3. */
  readonly version?: number;
  /** Changes the signature. */
  readonly signature?: (signature: Uint8Array) => Uint8Array;
}

/** A certificate and its private key. */
export interface Holder {
  readonly der: Uint8Array;
  readonly subject: Uint8Array;
  readonly issuerName: Uint8Array;
  readonly serial: Uint8Array;
  readonly key: Key;
}

export function certificate(wish: Wish): Holder {
  const { subject, key, extensions = [], digest = 'sha256' } = wish;
  const issuerName = wish.issuer?.subject ?? subject;
  const issuerKey = wish.issuer?.key ?? key;
  const algorithm = issuerKey.algorithm(digest);
  const version = wish.version ?? (extensions.length === 0 ? 0 : 2);
  const serial = integer(wish.serial ?? 1);
  const signed = sequence(
    ...(version === 0 ? [] : [element(constructed(0), integer(version))]),
    serial,
    algorithm,
    issuerName,
    sequence(time(wish.from ?? '2020-01-01T00:00:00Z'), time(wish.until ?? '2040-01-01T00:00:00Z')),
    subject,
    key.spki,
    ...(extensions.length === 0 ? [] : [element(constructed(3), sequence(...extensions.map(encodeExtension)))]),
  );
  const signature = issuerKey.sign(signed, digest);
  const der = sequence(signed, algorithm, bitString(wish.signature?.(signature) ?? signature));
  return { der, subject, issuerName, serial, key };
}

export function encodeExtension({ id, critical, value }: Extension): Uint8Array {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

export interface Revoked {
  readonly serial: number;
  readonly at: string;
  readonly reason?: number;
  readonly invalidFrom?: string;
}

export const REASON = { unspecified: 0, keyCompromise: 1, superseded: 4, cessationOfOperation: 5 } as const;

/** A revocation list (RFC 5280 §5). */
export function crl(
  issuer: Holder,
  asOf: string,
  revoked: readonly Revoked[],
  more: readonly Extension[] = [],
  signedBy: Key = issuer.key,
): Uint8Array {
  const algorithm = signedBy.algorithm('sha256');
  const entries = revoked.map(({ serial, at, reason, invalidFrom }) => {
    const extensions = [
      ...(reason === undefined ? [] : [{ id: '2.5.29.21', critical: false, value: element(TAG.enumerated, Uint8Array.of(reason)) }]),
      ...(invalidFrom === undefined
        ? []
        : [{ id: '2.5.29.24', critical: false, value: element(TAG.generalizedTime, utf8(invalidFrom.replaceAll(/[-:T]/g, ''))) }]),
    ];
    return sequence(integer(serial), time(at), ...(extensions.length === 0 ? [] : [sequence(...extensions.map(encodeExtension))]));
  });
  const number = { id: '2.5.29.20', critical: false, value: integer(7) };
  const signed = sequence(
    integer(1),
    algorithm,
    issuer.subject,
    time(asOf),
    time('2049-01-01T00:00:00Z'),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    element(constructed(0), sequence(...[number, ...more].map(encodeExtension))),
  );
  return sequence(signed, algorithm, bitString(signedBy.sign(signed, 'sha256')));
}

export const ROOT = certificate({
  subject: name('Vector Root'),
  key: ecKey('root'),
  issuer: null,
  extensions: [ca(), CA_USAGE],
});

/** A certificate for time-stamping, from 2025 to the end of 2027; serial number 77. */
export function tsa(wish: Partial<Wish> = {}): Holder {
  return certificate({
    subject: name('Vector TSA'),
    key: ecKey('tsa'),
    issuer: ROOT,
    serial: 77,
    from: '2025-01-01T00:00:00Z',
    until: '2027-12-31T23:59:59Z',
    extensions: [SIGNING, STAMPING],
    ...wish,
  });
}

export const TSA = tsa();

