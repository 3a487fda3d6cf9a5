import { toBase64 } from '../proof/index.js';

/**
 * Commands for a POSIX shell with what every Debian has (coreutils, diffutils, grep, sed) and OpenSSL. They
 * need no temporary files: hashes are computed in nested pipes.
 */

/** One word of a command. */
export function quote(text: string): string {
  return /^[A-Za-z0-9_./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

export const all = (...commands: readonly string[]): string => commands.join(' && ');

/** Prints these bytes. */
export const print = (bytes: Uint8Array): string =>
  `printf '${Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}'`;

export const cat = (path: string): string => `cat ${quote(path)}`;

/** Prints a part of a file. */
export const part = (path: string, offset: number, length: number): string =>
  `tail -c +${offset + 1} ${quote(path)} | head -c ${length}`;

/** Prints what the commands print, one after the other. */
export const joined = (...commands: readonly string[]) => `{ ${commands.join('; ')}; }`;

/** Prints the SHA-256 of what the commands print. */
export const sha256Of = (...commands: readonly string[]): string =>
  `${joined(...commands)} | openssl dgst -sha256 -binary`;

export const sha256OfFile = (path: string): string => `openssl dgst -sha256 -binary ${quote(path)}`;

/** Whether `command` prints what a file has at an offset. */
export const isPartOf = (command: string, path: string, offset: number, length: number): string =>
  `${command} | cmp -n ${length} -i 0:${offset} - ${quote(path)}`;

/** Whether `command` prints a whole file. */
export const isFile = (command: string, path: string): string => `${command} | cmp - ${quote(path)}`;

/** Whether the big-endian number at an offset of a file is this one. */
export function isNumber(path: string, offset: number, length: 4 | 8, value: number): string {
  return `test "$(${numberAt(path, offset, length)})" = ${value}`;
}

const numberAt = (path: string, offset: number, length: 4 | 8) =>
  `od -A n -t u${length} --endian=big -j ${offset} -N ${length} ${quote(path)} | tr -d ' '`;

/** Whether `text` is a whole line of a file. `text` is a word, or several put together. */
export const hasLine = (text: string, path: string): string => `grep -q -x -F -e ${text} ${quote(path)}`;

/** The base64 of what `command` prints, as a word. */
export const base64Word = (command: string): string => `"$(${command} | base64 -w 0)"`;

/** Whether a line of a file is this word. */
export const isLine = (path: string, line: number, word: string): string =>
  `test "$(sed -n ${line}p ${quote(path)})" = ${word}`;

/** The end of a hash in hexadecimal digits that begins with so many zero bits. */
export function zeroBitsPattern(bits: number): string {
  const next = ['', '[0-7]', '[0-3]', '[01]'][bits % 4] ?? '';
  return `'^0\\{${Math.floor(bits / 4)}\\}${next}'`;
}

/** Prints the root to which an RFC 6962 path leads (docs/proof-format.md, "Trees"). */
export function rootOf(
  leaf: readonly string[],
  index: number,
  size: number,
  path: readonly string[],
): string {
  const LEAF = print(Uint8Array.of(0));
  const NODE = print(Uint8Array.of(1));
  return siblingSides(index, size).reduce(
    (below, side, i) => {
      const sibling = cat(path[i] ?? '');
      return side === 'left' ? sha256Of(NODE, sibling, below) : sha256Of(NODE, below, sibling);
    },
    sha256Of(LEAF, ...leaf),
  );
}

function siblingSides(index: number, size: number): ('left' | 'right')[] {
  const sides: ('left' | 'right')[] = [];
  const half = (value: number) => Math.floor(value / 2);
  for (let i = index, last = size - 1; last > 0; i = half(i), last = half(last)) {
    if (i % 2 === 1) sides.push('left');
    else if (i !== last) sides.push('right');
  }
  return sides;
}

export function pem(der: Uint8Array): string {
  const lines = toBase64(der).replaceAll(/.{1,64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
}
