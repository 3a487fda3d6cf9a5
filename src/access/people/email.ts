import { AccessError } from '../errors.js';

/** RFC 5321 4.5.3.1: what fits into a path. */
const MAX_LENGTH = 254;

/**
 * The one spelling under which an address is kept and looked up. Whether mail arrives there is not known: what counts is that
 * two spellings of one address are one person.
 * @throws {AccessError} invalid_email
 */
export function normaliseEmail(text: string): string {
  const email = text.trim().normalize('NFC').toLowerCase().normalize('NFC');
  if (email.length > MAX_LENGTH || !/^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(email)) {
    throw new AccessError(
      'invalid_email',
      `an e-mail address reads NAME@HOST, ${MAX_LENGTH} characters at most`,
    );
  }
  return email;
}
