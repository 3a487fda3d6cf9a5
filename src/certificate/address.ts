/** A QR code of this many characters is still read from paper at the size it is printed in. */
export const MAX_ADDRESS_LENGTH = 250;

/**
 * The address of a verify page as it is printed, linked and in the QR code; null when it is no http or https URL, or too long
 * for the paper. What the parser gives is ASCII: all three are one and the same.
 */
export function printedAddress(verifyPage: string): string | null {
  const url = URL.canParse(verifyPage) ? new URL(verifyPage) : null;
  return url !== null && ['http:', 'https:'].includes(url.protocol) && url.href.length <= MAX_ADDRESS_LENGTH
    ? url.href
    : null;
}
