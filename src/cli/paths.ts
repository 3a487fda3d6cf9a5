import { isUtf8 } from 'node:buffer';
import { basename, dirname, join } from 'node:path';
import { createHash } from 'node:crypto';

/**
 * Paths are strings in this program, also those that are not UTF-8, which POSIX allows: a byte that is not
 * part of valid UTF-8 stands as the lone surrogate U+DC80 to U+DCFF, as in Python (PEP 383). Every call of
 * the file system takes `fsPath(path)`.
 */

/** Bytes that are valid UTF-8 (RFC 3629), and single bytes that are not, in a text of one character a byte. */
const SEQUENCE =
  /((?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+)|[\x80-\xff]/g;

export function decodePath(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  return bytes
    .toString('latin1')
    .replace(SEQUENCE, (match, valid: string | undefined) =>
      valid === undefined
        ? String.fromCharCode(0xdc00 + match.charCodeAt(0))
        : Buffer.from(valid, 'latin1').toString('utf8'),
    );
}

/** What the file system takes for a path. */
export function fsPath(path: string): string | Buffer {
  // Names in Windows are UTF-16, in which Node keeps lone surrogates.
  if (process.platform === 'win32' || isText(path)) return path;
  const parts = path.split(/([\udc80-\udcff])/u);
  return Buffer.concat(
    parts.map((part, i) => (i % 2 === 0 ? Buffer.from(part) : Buffer.of(part.charCodeAt(0) - 0xdc00))),
  );
}

/** Whether a name is Unicode text, which details and JSON can hold. */
export function isText(name: string): boolean {
  return !/\p{Surrogate}/u.test(name);
}

/** What Linux, macOS and most disks allow for a name, in bytes. */
const LONGEST_NAME = 255;
const MARK_DIGITS = 16;

/**
 * The path of a file that belongs to the file at `path`. Where its name would be longer than file systems
 * allow, it is cut, and marked with the beginning of the SHA-256 of the whole name: always the same way, so
 * that the file is found again.
 */
export function withSuffix(path: string, suffix: string): string {
  const name = basename(path);
  const length = (text: string) => Buffer.byteLength(fsPath(text));
  if (length(name) + length(suffix) <= LONGEST_NAME) return `${path}${suffix}`;
  const end = `~${createHash('sha256').update(fsPath(name)).digest('hex').slice(0, MARK_DIGITS)}${suffix}`;
  const left = LONGEST_NAME - length(end);
  let kept = '';
  let used = 0;
  for (const character of name) {
    used += length(character);
    if (used > left) break;
    kept += character;
  }
  return join(dirname(path), `${kept}${end}`);
}

/** A name that others have chosen: only what is a plain name of a file in one folder. */
export function safeName(name: string | null): string | null {
  if (name === null || name.startsWith('.') || name === '') return null;
  return /[/\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/u.test(name) ? null : name;
}
