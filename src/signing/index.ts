export { SigningError, type SigningErrorCode } from './errors.js';
export { MailLimits } from './mail-limits.js';
export { Outbox, type OutboxOptions } from './outbox.js';
export { type Asked, maySeeDocument, type ShownSubject } from './answers.js';
export { type ShownRequest } from './requests.js';
export { Signing } from './signing.js';
