import { equal, fromBase64 } from '../bytes.js';
import { readGeneralizedTime, readX509Time } from './asn1-time.js';
import { constructed, DerError, openDer, primitive, TAG, type DerReader } from './der.js';
import { readAlgorithm } from './digests.js';
import { TokenRefusal } from './refusal.js';
import { verifySignature } from './signature.js';
import { KEY_USAGE, only, readExtensions, SignedFields, type Certificate } from './x509.js';

/** Certificate revocation lists (RFC 5280 §5), kept from the time of the time-stamp or fetched later. */

/** In bytes. The lists of authorities that issue to time-stamping authorities are short. */
export const MAX_CRL = 1_048_576;

const PEM = /-----BEGIN X509 CRL-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END X509 CRL-----/g;

/**
 * The revocation lists in a file: one in DER, or any number in PEM (RFC 7468), where text between them is
 * ignored. Their signatures are checked where they are used.
 * @returns DER of each
 * @throws {DerError} also when there is none
 * @throws {ProofError} malformed_base64
 */
export function listsOfFile(bytes: Uint8Array): Uint8Array[] {
  const lists =
    bytes[0] === TAG.sequence
      ? [bytes]
      : listsOfPem(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  if (lists.length === 0)
    throw new DerError('not_der', 'it is not DER, and has no "-----BEGIN X509 CRL-----" block');
  for (const list of lists) {
    const fields = openDer(list, 'a revocation list', MAX_CRL).sequence();
    fields.sequence();
    readAlgorithm(fields);
    fields.octetsOfBitString();
    fields.finish();
  }
  return lists;
}

function listsOfPem(text: string): Uint8Array[] {
  return [...text.matchAll(PEM)].map(([, body = '']) =>
    fromBase64(body.replaceAll(/\s+/g, ''), 'a revocation list'),
  );
}

/** What a list says of one certificate. */
export interface Revocation {
  /** From when on the certificate is revoked, milliseconds since the Unix epoch. */
  readonly since: number;
  /**
   * Whether tokens may be forged that bear an earlier time: the key was stolen, or the list does not say
   * that it was not (RFC 3161 §4).
   */
  readonly keyMayBeStolen: boolean;
}

export interface CrlAnswer {
  /** When the list was made, milliseconds since the Unix epoch. */
  readonly asOf: number;
  /** null: not on the list. */
  readonly revocation: Revocation | null;
  /** Whether the list would name the certificate if it was revoked, so that absence means something. */
  readonly isComplete: boolean;
}

const CRL_NUMBER = '2.5.29.20';
const REASON_CODE = '2.5.29.21';
const INVALIDITY_DATE = '2.5.29.24';
const ISSUING_DISTRIBUTION_POINT = '2.5.29.28';
const EXPIRED_CERTS_ON_CRL = '2.5.29.60';
/** Its fields. */
const ONLY_USERS = primitive(1);
const ONLY_CAS = primitive(2);
/** Entries may be about other authorities' certificates. */
const INDIRECT = primitive(4);
/**
 * The reasons after which tokens from before the revocation still count: unspecified, affiliationChanged,
 * superseded, cessationOfOperation (RFC 3161 §4.1), certificateHold and privilegeWithdrawn.
 */
const HARMLESS_REASONS = [0, 3, 4, 5, 6, 9];

/**
 * What a list says of a certificate. An unusable list says nothing: it may come from anybody.
 * @param issuer the certificate that issued `certificate`
 * @returns null when the list is malformed, has a bad signature or is of another issuer
 */
export function askCrl(crl: Uint8Array, certificate: Certificate, issuer: Certificate): CrlAnswer | null {
  try {
    return readCrl(crl, certificate, issuer);
  } catch (error) {
    if (error instanceof DerError || error instanceof TokenRefusal) return null;
    throw error;
  }
}

function readCrl(crl: Uint8Array, certificate: Certificate, issuer: Certificate): CrlAnswer | null {
  const outer = openDer(crl, 'a revocation list', MAX_CRL).sequence();
  const signed = outer.raw(TAG.sequence);
  const algorithm = readAlgorithm(outer);
  const signature = outer.octetsOfBitString();
  outer.finish();

  const fields = new SignedFields(signed, 'a revocation list');
  const { reader } = fields;
  reader.optional(TAG.integer, () => reader.smallInteger(1));
  fields.requireAlgorithm(algorithm);
  if (!equal(reader.raw(TAG.sequence), certificate.issuer)) return null;
  const { keyUsage } = issuer.extensions;
  if (keyUsage !== null && !keyUsage.has(KEY_USAGE.crlSign)) return null;
  // Before the list itself is read: it is long, and from anybody.
  if (!verifySignature(issuer.key, algorithm, null, signed, signature)) return null;

  const asOf = readX509Time(reader);
  if (reader.nextTag === TAG.utcTime || reader.nextTag === TAG.generalizedTime) readX509Time(reader);
  const entries = reader.optional(TAG.sequence, () => reader.sequence());
  const revocation = entries === undefined ? null : findEntry(entries, certificate.serial);
  const extensions =
    reader.optional(constructed(0), () => readExtensions(only(reader.enter(constructed(0))))) ?? [];
  reader.finish();
  let isComplete = true;
  // A list need not name a certificate any more that had ended when the list was made (RFC 5280 §3.3).
  let namesEndedSince = asOf;
  for (const { id, critical, value } of extensions) {
    const fieldsOf = () => openDer(value, 'a revocation list', 4096);
    if (id === ISSUING_DISTRIBUTION_POINT) isComplete = covers(fieldsOf(), certificate);
    else if (id === EXPIRED_CERTS_ON_CRL) namesEndedSince = readGeneralizedTime(fieldsOf());
    else if (critical && id !== CRL_NUMBER) return null;
  }
  isComplete &&= certificate.notAfter >= namesEndedSince;
  return { asOf, revocation, isComplete };
}

function findEntry(entries: DerReader, serial: Uint8Array): Revocation | null {
  let found: Revocation | null = null;
  while (!entries.isAtEnd) {
    const entry = entries.sequence();
    if (!equal(entry.integer(), serial)) continue;
    found = readEntry(entry);
  }
  return found;
}

function readEntry(entry: DerReader): Revocation {
  let since = readX509Time(entry);
  let reason: number | null = null;
  const extensions = entry.isAtEnd ? [] : readExtensions(only(entry));
  for (const { id, critical, value } of extensions) {
    const reader = openDer(value, 'a revocation list', 4096);
    if (id === REASON_CODE) reason = reader.smallInteger(10, TAG.enumerated);
    else if (id === INVALIDITY_DATE) since = Math.min(since, readGeneralizedTime(reader));
    // Such as certificateIssuer: then the entry may be about another authority's certificate.
    else if (critical) throw reader.unexpected('has a critical extension that is not known');
  }
  return { since, keyMayBeStolen: reason === null || !HARMLESS_REASONS.includes(reason) };
}

/**
 * IssuingDistributionPoint (RFC 5280 §5.2.5): whether the list is about all certificates, or about all of a
 * kind or of a distribution point that is this one's.
 */
function covers(reader: DerReader, { extensions }: Certificate): boolean {
  const isCa = extensions.basicConstraints?.isCa === true;
  const covered = reader.sequence().all((fields) => {
    const field = fields.raw();
    switch (field[0]) {
      case constructed(0):
        return extensions.crlPoints.some(({ name }) => equal(name, field));
      case ONLY_USERS:
        return !isCa;
      case ONLY_CAS:
        return isCa;
      case INDIRECT:
        throw fields.unexpected('covers several authorities');
      default:
        return false;
    }
  });
  return covered.every((each) => each);
}
