export { createCertificate } from './certificate.js';
export { CertificateError, type CertificateInput } from './facts.js';
export type { Language } from './words.js';
