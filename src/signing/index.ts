export { SigningError, type SigningErrorCode } from './errors.js';
export { isMailAddress } from './mail-address.js';
export { Outbox } from './outbox.js';
export { type Asked, type Link, type ShownRequest, Signing } from './signing.js';
export { type MailServer, mailServer, type SmtpConfig } from './smtp.js';
export { SIGNING_STATUSES } from './status.js';
