import { compareBytes, concat, utf8 } from '../bytes.js';
import { TAG } from './der.js';

/** Writing DER: what requests, responses, tokens and certificates need. Throws RangeError for wrong values. */

/** One element with these contents. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concat(...contents);
  return concat(Uint8Array.of(tag, ...lengthOctets(content.length)), content);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 0x100)) octets.unshift(rest % 0x100);
  return [0x80 + octets.length, ...octets];
}

export function sequence(...elements: readonly Uint8Array[]): Uint8Array {
  return element(TAG.sequence, ...elements);
}

/** SET OF: the elements in ascending order of their bytes (X.690 §11.6). */
export function setOf(...elements: readonly Uint8Array[]): Uint8Array {
  return element(TAG.set, ...[...elements].sort(compareBytes));
}

/** A number from 0 to 2^53 − 1. */
export function integer(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`cannot write the integer ${value}`);
  const octets: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 0x100)) octets.unshift(rest % 0x100);
  return element(TAG.integer, unsigned(Uint8Array.from(octets)));
}

/**
 * The content of an INTEGER for a number that is given big-endian and without sign: no leading zeros, but one
 * where the first bit is set.
 */
export function unsigned(magnitude: Uint8Array): Uint8Array {
  const first = magnitude.findIndex((octet) => octet !== 0);
  if (first === -1) return Uint8Array.of(0);
  const digits = magnitude.slice(first);
  return (digits[0] ?? 0) >= 0x80 ? concat(Uint8Array.of(0), digits) : digits;
}

export function boolean(value: boolean): Uint8Array {
  return element(TAG.boolean, Uint8Array.of(value ? 0xff : 0x00));
}

export function nullValue(): Uint8Array {
  return element(TAG.null);
}

export function octetString(content: Uint8Array): Uint8Array {
  return element(TAG.octetString, content);
}

/** A BIT STRING of whole octets. */
export function bitString(octets: Uint8Array): Uint8Array {
  return element(TAG.bitString, Uint8Array.of(0), octets);
}

/** A BIT STRING of named bits, without trailing zeros (X.690 §11.2.2). */
export function namedBits(bits: readonly number[]): Uint8Array {
  const length = Math.max(-1, ...bits) + 1;
  const octets = new Uint8Array(Math.ceil(length / 8));
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return element(TAG.bitString, Uint8Array.of((8 - (length % 8)) % 8), octets);
}

export function utf8String(text: string): Uint8Array {
  return element(TAG.utf8String, utf8(text));
}

/** @param dotted such as 1.2.840.113549 */
export function oid(dotted: string): Uint8Array {
  if (!/^[0-2](\.(0|[1-9][0-9]{0,38}))+$/.test(dotted))
    throw new RangeError(`${dotted} is not an object identifier`);
  const [root = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  if (root < 2n && second > 39n) throw new RangeError(`${dotted} is not an object identifier`);
  return element(TAG.oid, Uint8Array.from([40n * root + second, ...rest].flatMap(base128)));
}

function base128(arc: bigint): number[] {
  const octets = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80);
  return octets;
}

/** A structure that lacks only its signature, which a thread or a device may make. */
export interface Unsigned {
  /** The bytes to sign, not hashed. */
  readonly toSign: Uint8Array;
  /** DER of the whole, with this signature. */
  readonly finish: (signature: Uint8Array) => Uint8Array;
}
