import type { NewDocument } from '../../intake/index.js';
import { HASH_LENGTH } from '../../proof/index.js';

/** What comes before the digest, between digest and size, and at the end. */
const BEFORE = bytesOf('{"sha256":"');
const BETWEEN = bytesOf('","size":');
const BARE_END = bytesOf('"}');
const BRACE = 0x7d;
const CR = 0x0d;
const ZERO = 0x30;
const MAX_SIZE_DIGITS = 15;
const DIGEST_END = BEFORE.length + 2 * HASH_LENGTH;

/** No lower-case hexadecimal digit; more than any of them, also when two are joined. */
const NO_DIGIT = 0x100;
const DIGITS = Uint16Array.from({ length: 256 }, (_, byte) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(byte));
  return digit === -1 ? NO_DIGIT : digit;
});

/**
 * The document of a line that is written as nearly every line of a long stream is, `{"sha256":"…"}` or `{"sha256":"…","size":…}` without
 * white space; null for any other. From the bytes: with cutting it out 0.28 µs a line, where a regular expression over its text took 0.95, and JSON
 * with its schema ten times as long.
 */
export function plainDocument(line: Uint8Array): NewDocument | null {
  const end = line[line.length - 1] === CR ? line.length - 1 : line.length;
  if (!stands(BEFORE, line, 0)) return null;
  const size = sizeBehindDigest(line, end);
  if (size === undefined) return null;
  const sha256 = new Uint8Array(HASH_LENGTH);
  let seen = 0;
  for (let i = 0, at = BEFORE.length; i < HASH_LENGTH; i++, at += 2) {
    const byte = (digitAt(line, at) << 4) | digitAt(line, at + 1);
    seen |= byte;
    sha256[i] = byte;
  }
  return seen >= NO_DIGIT ? null : { sha256, size, details: null };
}

/** undefined: the line does not end like that. */
function sizeBehindDigest(line: Uint8Array, end: number): number | null | undefined {
  if (end === DIGEST_END + BARE_END.length && stands(BARE_END, line, DIGEST_END)) return null;
  const start = DIGEST_END + BETWEEN.length;
  const count = end - 1 - start;
  if (count < 1 || count > MAX_SIZE_DIGITS || line[end - 1] !== BRACE || !stands(BETWEEN, line, DIGEST_END)) {
    return undefined;
  }
  if (count > 1 && line[start] === ZERO) return undefined;
  let size = 0;
  for (let at = start; at < end - 1; at++) {
    const digit = (line[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    size = size * 10 + digit;
  }
  return size;
}

function digitAt(line: Uint8Array, at: number): number {
  return DIGITS[line[at] ?? 0] ?? NO_DIGIT;
}

function stands(text: Uint8Array, line: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (line[at + i] !== text[i]) return false;
  return true;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
