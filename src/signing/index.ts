export { SigningError, type SigningErrorCode } from './errors.js';
export { SigningMails } from './mails.js';
export { type Asked, maySeeDocument, type ShownSubject } from './asked.js';
export { type ShownRequest } from './requests.js';
export { Signing } from './signing.js';
