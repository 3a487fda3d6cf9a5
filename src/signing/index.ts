export { SigningError, type SigningErrorCode } from './errors.js';
export { Outbox } from './outbox.js';
export { type Asked, maySeeDocument, type ShownSubject } from './answers.js';
export { type ShownRequest } from './requests.js';
export { Signing } from './signing.js';
