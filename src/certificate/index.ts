export { createCertificate } from './certificate.js';
export { CertificateError, type CertificateErrorCode, type CertificateInput } from './facts.js';
export type { Language } from './words.js';
