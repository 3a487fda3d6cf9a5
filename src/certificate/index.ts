export { CERTIFICATE_MEDIA_TYPE, createCertificate } from './certificate.js';
export { CertificateError, type CertificateErrorCode } from './errors.js';
export type { CertificateInput } from './facts.js';
export type { Language } from './words.js';
