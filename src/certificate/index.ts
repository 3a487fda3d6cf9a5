export {
  CERTIFICATE_MEDIA_TYPE,
  createCertificate,
  CertificateError,
  type CertificateErrorCode,
} from './certificate.js';
export type { CertificateInput } from './facts.js';
export type { Language } from './words.js';
