import { CMS } from './cms.js';
import { constructed, TAG } from './der.js';
import {
  element,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  setOf,
  type Unsigned,
} from './der-writer.js';
import { DIGESTS, type DigestName } from './digests.js';
import { parseCertificate } from './x509.js';

/** Making CMS SignedData (RFC 5652 §5) of one signer: time-stamp tokens, and signatures of certificates. */

/** PKCS#1 v1.5 or ECDSA, over the digest of the same name. */
export type SignatureName = 'rsa' | 'ecdsa';

export interface CmsSigner {
  /** DER of the certificate that signs, and of those above it up to the root, which may be left out. */
  readonly certificates: readonly [Uint8Array, ...Uint8Array[]];
  readonly signature: SignatureName;
  /** Of the signature, and of the content that is signed. */
  readonly digest: DigestName;
}

export interface CmsContent {
  /** Object identifier. */
  readonly type: string;
  readonly bytes: Uint8Array;
  /** Whether the bytes are elsewhere: only their digest is in the structure. */
  readonly detached: boolean;
}

/** A structure that lacks its signature, and what is said about the signature and not signed. */
export interface UnsignedCms extends Unsigned {
  /** @param timeStamp a token over the signature: the attribute signatureTimeStampToken (RFC 3161, Annex A) */
  readonly finish: (signature: Uint8Array, timeStamp?: Uint8Array) => Uint8Array;
}

const DATA = '1.2.840.113549.1.7.1';
const TIME_STAMP_TOKEN = '1.2.840.113549.1.9.16.2.14';
const RSA = '1.2.840.113549.1.1.1';
const ECDSA: Readonly<Record<DigestName, string>> = {
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};

/** Content of no special kind, which is not in the structure (RFC 5652 §4). */
export function detachedData(bytes: Uint8Array): CmsContent {
  return { type: DATA, bytes, detached: true };
}

/**
 * Signed attributes contentType, messageDigest and signingCertificateV2 (RFC 5035, RFC 5816). What is to be
 * signed: PKCS#1 v1.5, or ECDSA with a DER signature, with `signer.digest`.
 * @param withCertificates whether those of the signer are in the structure
 * @throws {DerError} for a malformed certificate
 */
export function prepareSignedData(
  content: CmsContent,
  signer: CmsSigner,
  withCertificates: boolean,
): UnsignedCms {
  const digest = DIGESTS[signer.digest];
  const [own, ...chain] = signer.certificates;
  const certificate = parseCertificate(own);
  const names = sequence(element(constructed(4), certificate.issuer));
  const serial = element(TAG.integer, certificate.serial);
  // SHA-256 is the default of ESSCertIDv2, and so is left out; the digest of the signature may be another.
  const signingCertificate = sequence(
    sequence(sequence(octetString(DIGESTS.sha256.hash(own)), sequence(names, serial))),
  );
  const attributes = setOf(
    attribute(CMS.contentType, oid(content.type)),
    attribute(CMS.messageDigest, octetString(digest.hash(content.bytes))),
    attribute(CMS.signingCertificateV2, signingCertificate),
  );
  const digestAlgorithm = sequence(oid(digest.oid));
  const algorithm =
    signer.signature === 'rsa' ? sequence(oid(RSA), nullValue()) : sequence(oid(ECDSA[signer.digest]));

  const finish = (signature: Uint8Array, timeStamp?: Uint8Array): Uint8Array => {
    const info = sequence(
      integer(1),
      sequence(certificate.issuer, serial),
      digestAlgorithm,
      // The attributes stand under [0] IMPLICIT; what is signed has the tag of SET OF.
      retagged(attributes, 0),
      algorithm,
      octetString(signature),
      ...(timeStamp === undefined ? [] : [retagged(setOf(attribute(TIME_STAMP_TOKEN, timeStamp)), 1)]),
    );
    const signedData = sequence(
      // RFC 5652 §5.1: 3 for content of a special kind.
      integer(content.type === DATA ? 1 : 3),
      setOf(digestAlgorithm),
      sequence(
        oid(content.type),
        ...(content.detached ? [] : [element(constructed(0), octetString(content.bytes))]),
      ),
      ...(withCertificates ? [retagged(setOf(own, ...chain), 0)] : []),
      setOf(info),
    );
    return sequence(oid(CMS.signedData), element(constructed(0), signedData));
  };
  return { toSign: attributes, finish };
}

function attribute(type: string, value: Uint8Array): Uint8Array {
  return sequence(oid(type), setOf(value));
}

function retagged(set: Uint8Array, tag: number): Uint8Array {
  const implicit = set.slice();
  implicit[0] = constructed(tag);
  return implicit;
}
