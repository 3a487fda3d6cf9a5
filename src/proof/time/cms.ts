import { compareBytes } from '../bytes.js';
import { element } from './der-writer.js';
import { constructed, DerError, openDer, TAG, type DerReader } from './der.js';
import { readAlgorithm, readDigestAlgorithm, type AlgorithmIdentifier } from './digests.js';
import { TokenRefusal } from './refusal.js';

/** CMS SignedData (RFC 5652 §5), in the one form that a time-stamp token has (RFC 3161 §2.4.2). */

export const CMS = {
  signedData: '1.2.840.113549.1.7.2',
  timeStamp: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const;

/** In bytes: a token with a long chain has some 10,000. */
export const MAX_TOKEN = 65_536;
const WHAT = 'the token';

export interface SignedToken {
  /** DER of the TSTInfo. */
  readonly content: Uint8Array;
  /** DER of each certificate, from anybody. */
  readonly certificates: readonly Uint8Array[];
  /** DER of each revocation list, from anybody. */
  readonly crls: readonly Uint8Array[];
  readonly signer: Signer;
}

interface Signer {
  /** DER Name and content of the serial number of the signer's certificate. */
  readonly issuer: Uint8Array;
  readonly serial: Uint8Array;
  /** Object identifier of the digest. */
  readonly digest: string;
  /** The bytes that are signed: the attributes as SET OF. */
  readonly signed: Uint8Array;
  /** The one value of each attribute, by object identifier. */
  readonly attributes: ReadonlyMap<string, Uint8Array>;
  readonly algorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
}

/**
 * @throws {DerError}
 * @throws {TokenRefusal} not_a_time_stamp, signer_count or attribute_missing
 */
export function parseSignedToken(token: Uint8Array): SignedToken {
  const fields = readSignedData(openDer(token, WHAT, MAX_TOKEN));
  requireVersion(fields, 3);
  const digests = fields.enter(TAG.set).all(readDigestAlgorithm);
  const content = readContent(fields.sequence());
  const certificates =
    fields.optional(constructed(0), () => fields.enter(constructed(0)).all((r) => r.raw(TAG.sequence))) ?? [];
  const crls = fields.optional(constructed(1), () => fields.enter(constructed(1)).all((r) => r.raw())) ?? [];
  const signers = fields.enter(TAG.set).all((r) => r.raw(TAG.sequence));
  fields.finish();
  const [first, ...more] = signers;
  if (first === undefined || more.length > 0)
    throw new TokenRefusal('signer_count', `the token has ${signers.length} signers; it must have one`);
  const signer = readSigner(openDer(first, WHAT, first.length).sequence());
  if (!digests.includes(signer.digest)) throw fields.unexpected('does not list the digest of its signer');
  return { content, certificates, crls, signer };
}

function readSignedData(reader: DerReader): DerReader {
  const outer = reader.sequence();
  if (outer.oid() !== CMS.signedData)
    throw new TokenRefusal('not_a_time_stamp', 'the file is not CMS signed data');
  const tagged = outer.enter(constructed(0));
  outer.finish();
  const fields = tagged.sequence();
  tagged.finish();
  return fields;
}

function readContent(fields: DerReader): Uint8Array {
  if (fields.oid() !== CMS.timeStamp)
    throw new TokenRefusal('not_a_time_stamp', 'the signed data is not about a time-stamp');
  const tagged = fields.enter(constructed(0));
  fields.finish();
  const content = tagged.content(TAG.octetString);
  tagged.finish();
  return content;
}

function readSigner(fields: DerReader): Signer {
  requireVersion(fields, 1);
  const identifier = fields.sequence();
  const [issuer, serial] = [identifier.raw(TAG.sequence), identifier.integer()];
  identifier.finish();
  const digest = readDigestAlgorithm(fields);
  if (fields.nextTag !== constructed(0))
    throw new TokenRefusal('attribute_missing', 'the signer has no signed attributes');
  const list = fields.content(constructed(0));
  const algorithm = readAlgorithm(fields);
  const signature = fields.content(TAG.octetString);
  fields.optional(constructed(1), () => fields.content(constructed(1)));
  fields.finish();
  // RFC 5652 §5.4: what is signed has the tag of SET OF, and is DER.
  const signed = element(TAG.set, list);
  return { issuer, serial, digest, signed, attributes: readAttributes(signed), algorithm, signature };
}

function readAttributes(signed: Uint8Array): Map<string, Uint8Array> {
  const reader = openDer(signed, 'the set of signed attributes', signed.length);
  const attributes = new Map<string, Uint8Array>();
  let previous: Uint8Array | null = null;
  for (const raw of reader.enter(TAG.set).all((items) => items.raw(TAG.sequence))) {
    if (previous !== null && compareBytes(previous, raw) >= 0)
      throw new DerError('not_der', 'the signed attributes are not DER: they are not in order');
    previous = raw;
    const fields = openDer(raw, 'a signed attribute', raw.length).sequence();
    const type = fields.oid();
    const values = fields.enter(TAG.set);
    fields.finish();
    if (attributes.has(type)) throw fields.unexpected(`of type ${type} is there twice`);
    attributes.set(type, values.raw());
    values.finish();
  }
  return attributes;
}

function requireVersion(fields: DerReader, version: number): void {
  if (fields.smallInteger(0xff) !== version)
    throw fields.unexpected('has another version than RFC 3161 demands');
}
