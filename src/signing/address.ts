import { isMailAddress, MAIL_ADDRESS_RULE } from '../messages/mail-address.js';
import { SigningError } from './errors.js';

/** The address as it is kept: as it was given. @throws {SigningError} invalid_mail_address */
export function parseMailAddress(text: string): string {
  if (isMailAddress(text)) return text;
  throw new SigningError('invalid_mail_address', MAIL_ADDRESS_RULE);
}
