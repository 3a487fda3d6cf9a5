import { equal, fromBase64 } from '../bytes.js';
import { ProofError } from '../errors.js';
import { readX509Time } from './asn1-time.js';
import { constructed, DerError, openDer, primitive, TAG, textOr, type DerReader } from './der.js';
import { readAlgorithm, type AlgorithmIdentifier } from './digests.js';
import { readPublicKey, type PublicKey } from './public-key.js';

/** X.509 certificates (RFC 5280 §4): what the chain of a time-stamp needs of them. */

export interface Certificate {
  /** The whole certificate. */
  readonly der: Uint8Array;
  /** The content of its INTEGER. */
  readonly serial: Uint8Array;
  /** A whole DER Name, as is `subject`. Names are compared byte by byte. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Milliseconds since the Unix epoch; the last second of validity begins at `notAfter`. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly key: PublicKey;
  readonly extensions: Extensions;
  /** The bytes that the issuer signed. */
  readonly signed: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
}

/** Where a list is that would name the certificate (RFC 5280 §4.2.1.13). */
interface DistributionPoint {
  /** DER of the name, as the list itself may state it. */
  readonly name: Uint8Array;
  /** http and https only. */
  readonly urls: readonly string[];
}

/** null: the extension is absent. */
interface Extensions {
  readonly basicConstraints: { readonly isCa: boolean; readonly pathLength: number | null } | null;
  /** Numbers of the bits that are set. */
  readonly keyUsage: ReadonlySet<number> | null;
  readonly extendedKeyUsage: { readonly critical: boolean; readonly purposes: readonly string[] } | null;
  readonly crlPoints: readonly DistributionPoint[];
  /** Critical extensions that this code does not know. */
  readonly unknownCritical: readonly string[];
}

export const KEY_USAGE = { digitalSignature: 0, nonRepudiation: 1, keyCertSign: 5, crlSign: 6 } as const;
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
export const ANY_PURPOSE = '2.5.29.37.0';

export const EXTENSION = {
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  extendedKeyUsage: '2.5.29.37',
} as const;

const MAX_CERTIFICATE = 16_384;
const MAX_URL = 2048;
const WHAT = 'a certificate';

/** @throws {DerError} */
export function parseCertificate(bytes: Uint8Array): Certificate {
  const der = bytes.slice(0, MAX_CERTIFICATE + 1);
  const outer = openDer(der, WHAT, MAX_CERTIFICATE).sequence();
  const signed = outer.raw(TAG.sequence);
  const signatureAlgorithm = readAlgorithm(outer);
  const signature = outer.octetsOfBitString();
  outer.finish();

  const fields = new SignedFields(signed, WHAT);
  const version = fields.reader.optional(constructed(0), (r) => r.enter(constructed(0)).smallInteger(2)) ?? 0;
  const serial = fields.reader.integer();
  fields.requireAlgorithm(signatureAlgorithm);
  const issuer = fields.reader.raw(TAG.sequence);
  const validity = fields.reader.sequence();
  const [notBefore, notAfter] = [readX509Time(validity), readX509Time(validity)];
  validity.finish();
  const subject = fields.reader.raw(TAG.sequence);
  const key = readPublicKey(fields.reader);
  for (const tag of [primitive(1), primitive(2)]) fields.reader.optional(tag, (r) => r.content(tag));
  const list =
    fields.reader.optional(constructed(3), (r) => readExtensions(only(r.enter(constructed(3))))) ?? [];
  fields.reader.finish();
  if (list.length > 0 && version !== 2) throw outer.unexpected('has extensions but not version 3');
  const extensions = interpret(list);
  return {
    der,
    serial,
    issuer,
    subject,
    notBefore,
    notAfter,
    key,
    extensions,
    signed,
    signatureAlgorithm,
    signature,
  };
}

/** The signed part of a certificate or a CRL, which names the signature algorithm once more. */
export class SignedFields {
  readonly reader: DerReader;

  constructor(signed: Uint8Array, what: string) {
    this.reader = openDer(signed, what, signed.length).sequence();
  }

  /** @throws {DerError} when the signed part names another algorithm than the outer part */
  requireAlgorithm({ oid, parameters }: AlgorithmIdentifier): void {
    const inner = readAlgorithm(this.reader);
    const isSame =
      inner.oid === oid && equal(inner.parameters ?? new Uint8Array(), parameters ?? new Uint8Array());
    if (!isSame) throw this.reader.unexpected('names two signature algorithms');
  }
}

/** The content of the one SEQUENCE within an explicit tag. */
export function only(tagged: DerReader): DerReader {
  const content = tagged.sequence();
  tagged.finish();
  return content;
}

interface Extension {
  readonly id: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/**
 * Extensions (RFC 5280 §4.1.2.9), the content of the SEQUENCE: each type at most once. `critical FALSE` may be
 * written out, which is not DER: old authorities do it.
 * @throws {DerError}
 */
export function readExtensions(reader: DerReader): Extension[] {
  const list = reader.all((items): Extension => {
    const fields = items.sequence();
    const id = fields.oid();
    const critical = fields.optional(TAG.boolean, () => fields.boolean()) ?? false;
    const value = fields.content(TAG.octetString);
    fields.finish();
    return { id, critical, value };
  });
  if (list.length === 0) throw reader.unexpected('has an empty list of extensions');
  if (new Set(list.map(({ id }) => id)).size < list.length) throw reader.unexpected('has an extension twice');
  return list;
}

function interpret(list: readonly Extension[]): Extensions {
  const open = (id: string) => {
    const found = list.find((extension) => extension.id === id);
    return found && { critical: found.critical, reader: openDer(found.value, WHAT, MAX_CERTIFICATE) };
  };
  const known: readonly string[] = Object.values(EXTENSION);
  const basic = open(EXTENSION.basicConstraints);
  const usage = open(EXTENSION.keyUsage);
  const extended = open(EXTENSION.extendedKeyUsage);
  const points = open(EXTENSION.crlDistributionPoints);
  return {
    basicConstraints: basic === undefined ? null : readBasicConstraints(basic.reader),
    keyUsage: usage === undefined ? null : usage.reader.namedBits(),
    extendedKeyUsage:
      extended === undefined
        ? null
        : { critical: extended.critical, purposes: extended.reader.sequence().all((r) => r.oid()) },
    crlPoints: points === undefined ? [] : readPoints(points.reader),
    // Policies are no condition here: any is accepted.
    unknownCritical: list.filter(({ id, critical }) => critical && !known.includes(id)).map(({ id }) => id),
  };
}

function readBasicConstraints(reader: DerReader): Extensions['basicConstraints'] {
  const fields = reader.sequence();
  const isCa = fields.optional(TAG.boolean, () => fields.boolean()) ?? false;
  const pathLength = fields.optional(TAG.integer, () => fields.smallInteger(1000)) ?? null;
  fields.finish();
  return { isCa, pathLength };
}

/** Those that cover all reasons, and whose list the issuer of the certificate signs. */
function readPoints(reader: DerReader): DistributionPoint[] {
  return reader
    .sequence()
    .all((points) => {
      const point = points.sequence();
      const name = point.nextTag === constructed(0) ? point.raw() : null;
      return name === null || !point.isAtEnd ? [] : [{ name, urls: urlsOf(name) }];
    })
    .flat();
}

function urlsOf(name: Uint8Array): string[] {
  const fields = openDer(name, WHAT, name.length).enter(constructed(0));
  if (fields.nextTag !== constructed(0)) return [];
  return fields
    .enter(constructed(0))
    .all((names) => (names.nextTag === primitive(6) ? names.content(primitive(6)) : (names.raw(), null)))
    .flatMap((uri) => (uri === null || uri.length > MAX_URL ? [] : [String.fromCharCode(...uri)]))
    .filter((url) => /^https?:\/\/[!-~]+$/.test(url));
}

const PEM = /-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END CERTIFICATE-----/g;

/**
 * The certificates of a PEM file (RFC 7468), in its order; text between them is ignored.
 * @throws {ProofError} malformed_key when there is none, or malformed_base64
 * @throws {DerError}
 */
export function certificatesOfPem(text: string): Certificate[] {
  const found = [...text.matchAll(PEM)].map(([, body = '']) =>
    parseCertificate(fromBase64(body.replaceAll(/\s+/g, ''), 'a certificate')),
  );
  if (found.length === 0)
    throw new ProofError('malformed_key', 'the file has no "-----BEGIN CERTIFICATE-----" block');
  return found;
}

const ATTRIBUTES = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.97', 'organizationIdentifier'],
]);

/**
 * A name for people, such as "CN=Time Stamping Signer, O=Example, C=KR"; not safe to print. "?" when the name
 * is malformed.
 */
export function describeName(name: Uint8Array): string {
  try {
    const parts = openDer(name, 'a name', MAX_CERTIFICATE).sequence().all(describePart);
    return parts.reverse().join(', ');
  } catch (error) {
    if (error instanceof DerError) return '?';
    throw error;
  }
}

function describePart(names: DerReader): string {
  const attribute = names.enter(TAG.set).sequence();
  const id = attribute.oid();
  const value = attribute.nextTag === null ? new Uint8Array() : attribute.content(attribute.nextTag);
  return `${ATTRIBUTES.get(id) ?? id}=${textOr(value, '?')}`;
}
