import { refuse } from './formats.js';

/** DER, as strict as docs/proof-format-time.md asks. Throws Malformed. */

export interface Element {
  readonly tag: number;
  /** The whole element. */
  readonly der: Buffer;
  readonly content: Buffer;
}

export function readOne(bytes: Buffer): Element {
  const [only, ...more] = readAll(bytes);
  return only === undefined || more.length > 0 ? refuse('one DER element') : only;
}

export function readAll(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1] ?? refuse('no length');
    let [start, length] = [at + 2, first];
    if (first >= 0x80) {
      const count = first - 0x80;
      if (count < 1 || count > 3 || start + count > bytes.length) return refuse('length');
      length = bytes.readUIntBE(start, count);
      start += count;
      if (length < 0x80 || length < 2 ** (8 * (count - 1))) refuse('a longer length than needed');
    }
    if ((tag & 0x1f) === 0x1f || start + length > bytes.length) return refuse('tag or length');
    const content = bytes.subarray(start, start + length);
    if ((tag & 0x20) !== 0) readAll(content);
    found.push({ tag, der: bytes.subarray(at, start + length), content });
    at = start + length;
  }
  return found;
}

/** The elements of a constructed one. */
export function within(element: Element | undefined, tag: number): Element[] {
  return element?.tag === tag ? readAll(element.content) : refuse(`tag ${tag}`);
}

export function oid(element: Element | undefined): string {
  if (element?.tag !== 6 || element.content.length === 0) return refuse('object identifier');
  const numbers: number[] = [];
  let value = 0;
  for (const byte of element.content) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
    }
  }
  const [first = 0, ...rest] = numbers;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - 40 * top, ...rest].join('.');
}

/** UTCTime or GeneralizedTime, milliseconds; fractions of a second are rounded down. */
export function time(element: Element | undefined): { at: number; isExact: boolean } {
  const text = element?.content.toString('latin1') ?? '';
  const full = element?.tag === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? 20 : 19}${text}` : text;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d*[1-9]))?Z$/.exec(full) ?? refuse('time');
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = ''] = match;
  const seconds = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(seconds)) refuse('time');
  return { at: seconds + Number(fraction.padEnd(3, '0').slice(0, 3)), isExact: fraction.length <= 3 };
}

export const integer = (element: Element | undefined): bigint =>
  element?.tag === 2 || (element?.tag ?? 0) >= 0x80
    ? BigInt(`0x${element?.content.toString('hex') ?? ''}`)
    : refuse('integer');
