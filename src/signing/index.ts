export { SigningError, type SigningErrorCode } from './errors.js';
export { Outbox } from './outbox.js';
export { type Asked, type Link, type ShownRequest, Signing } from './signing.js';
export { SIGNING_STATUSES } from './status.js';
