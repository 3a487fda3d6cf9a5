/*
 * Addresses of people who sign in, who are asked to sign, and that e-mails are from. The grammar is a part of RFC 5321's: a
 * local part of dots and atoms, and a host name of ASCII letters, digits and hyphens. Nothing in it can end a line, begin
 * another address or carry parameters.
 */

/** RFC 5321 §4.5.3.1: what fits into a path, and before the @. */
const MAX_LENGTH = 254;
const MAX_LOCAL = 64;
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const ADDRESS = new RegExp(`^(${ATOM}(?:\\.${ATOM})*)@(${LABEL}(?:\\.${LABEL})*)$`);

export const MAIL_ADDRESS_RULE = `an e-mail address has the form NAME@HOST in ASCII characters, without spaces, at most ${MAX_LENGTH} of them`;

export function isMailAddress(text: string): boolean {
  const [, local = ''] = ADDRESS.exec(text) ?? [];
  // `$` would also stand before a line feed at the end.
  return local !== '' && local.length <= MAX_LOCAL && text.length <= MAX_LENGTH && !/\s/.test(text);
}
