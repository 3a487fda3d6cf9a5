/**
 * Time-stamps of RFC 3161: asking an authority, judging what it answers, and answering as one. Pure, and
 * synchronous; the current time is never read.
 */
export { DerError } from './der.js';
export { unsigned, type Unsigned } from './der-writer.js';
export { DIGESTS, type DigestName } from './digests.js';
export type { TokenFault } from './refusal.js';
export { certificatesOfPem, describeName, parseCertificate, type Certificate } from './x509.js';
export { readClaims, verifyToken, type TokenClaims, type TokenInput, type TokenVerdict } from './token.js';
export * from './tsp.js';
export { prepareToken, type TokenIssuer } from './token-writer.js';
export {
  prepareCertificate,
  prepareCertificateRequest,
  type CertificateName,
  type NewCertificate,
} from './certificate-writer.js';
