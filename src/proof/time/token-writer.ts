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
import { encodeTstInfo, type NewTstInfo } from './tst-info.js';
import { parseCertificate } from './x509.js';

/** Making time-stamp tokens. The signature comes from the caller, so that a thread or a device can make it. */

/** PKCS#1 v1.5 or ECDSA, over the digest of the same name. */
export type SignatureName = 'rsa' | 'ecdsa';

export interface TokenIssuer {
  /** DER of the certificate that signs, and of those above it up to the root, which may be left out. */
  readonly certificates: readonly [Uint8Array, ...Uint8Array[]];
  readonly signature: SignatureName;
  /** Of the signature, and of the content that is signed. */
  readonly digest: DigestName;
}

const RSA = '1.2.840.113549.1.1.1';
const ECDSA: Readonly<Record<DigestName, string>> = {
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};

/**
 * A token as RFC 3161 §2.4.2 and RFC 5816 describe it: one signer, signed attributes contentType,
 * messageDigest and signingCertificateV2.
 * What is to be signed: PKCS#1 v1.5, or ECDSA with a DER signature, with `issuer.digest`.
 * @param certReq whether the token contains the certificates, as the request says
 * @throws {RangeError} for values that a token cannot have
 * @throws {DerError} for a malformed certificate
 */
export function prepareToken(info: NewTstInfo, issuer: TokenIssuer, certReq: boolean): Unsigned {
  const digest = DIGESTS[issuer.digest];
  const content = encodeTstInfo(info);
  const [own, ...chain] = issuer.certificates;
  const certificate = parseCertificate(own);
  const names = sequence(element(constructed(4), certificate.issuer));
  const serial = element(TAG.integer, certificate.serial);
  // SHA-256 is the default of ESSCertIDv2, and so is left out; the digest of the signature may be another.
  const signingCertificate = sequence(
    sequence(sequence(octetString(DIGESTS.sha256.hash(own)), sequence(names, serial))),
  );
  const attributes = setOf(
    attribute(CMS.contentType, oid(CMS.timeStamp)),
    attribute(CMS.messageDigest, octetString(digest.hash(content))),
    attribute(CMS.signingCertificateV2, signingCertificate),
  );
  const digestAlgorithm = sequence(oid(digest.oid));
  const algorithm =
    issuer.signature === 'rsa' ? sequence(oid(RSA), nullValue()) : sequence(oid(ECDSA[issuer.digest]));

  const finish = (signature: Uint8Array): Uint8Array => {
    // The attributes stand in the token under [0] IMPLICIT; what is signed has the tag of SET OF.
    const implicit = attributes.slice();
    implicit[0] = constructed(0);
    const signer = sequence(
      integer(1),
      sequence(certificate.issuer, serial),
      digestAlgorithm,
      implicit,
      algorithm,
      octetString(signature),
    );
    const certificates = setOf(own, ...chain);
    certificates[0] = constructed(0);
    const signedData = sequence(
      integer(3),
      setOf(digestAlgorithm),
      sequence(oid(CMS.timeStamp), element(constructed(0), octetString(content))),
      ...(certReq ? [certificates] : []),
      setOf(signer),
    );
    return sequence(oid(CMS.signedData), element(constructed(0), signedData));
  };
  return { toSign: attributes, finish };
}

function attribute(type: string, value: Uint8Array): Uint8Array {
  return sequence(oid(type), setOf(value));
}
