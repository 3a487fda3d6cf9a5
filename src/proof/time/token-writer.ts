import { CMS } from './cms.js';
import { prepareSignedData, type CmsSigner } from './cms-writer.js';
import type { Unsigned } from './der-writer.js';
import { encodeTstInfo, type NewTstInfo } from './tst-info.js';

/** Making time-stamp tokens. The signature comes from the caller, so that a thread or a device can make it. */

export type TokenIssuer = CmsSigner;

/**
 * A token as RFC 3161 §2.4.2 and RFC 5816 describe it: one signer, signed attributes contentType,
 * messageDigest and signingCertificateV2.
 * What is to be signed: PKCS#1 v1.5, or ECDSA with a DER signature, with `issuer.digest`.
 * @param certReq whether the token contains the certificates, as the request says
 * @throws {RangeError} for values that a token cannot have
 * @throws {DerError} for a malformed certificate
 */
export function prepareToken(info: NewTstInfo, issuer: TokenIssuer, certReq: boolean): Unsigned {
  const content = { type: CMS.timeStamp, bytes: encodeTstInfo(info), detached: false };
  return prepareSignedData(content, issuer, certReq);
}
