/**
 * Time-stamps of RFC 3161: asking an authority, judging what it answers, and answering as one. Pure, and
 * synchronous; the current time is never read.
 */
export { DerError, type DerErrorCode } from './der.js';
export { unsigned } from './der-writer.js';
export { DIGESTS, type DigestName } from './digests.js';
export type { TokenFault } from './refusal.js';
export { certificatesOfPem, describeName, parseCertificate, type Certificate } from './x509.js';
export { verifyToken, type Stamped, type TimeStamp, type TokenInput, type TokenVerdict } from './token.js';
export * from './tsp.js';
export { prepareToken, type TokenIssuer, type UnsignedToken } from './token-writer.js';
