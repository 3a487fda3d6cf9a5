import { utf8 } from '../bytes.js';
import { element } from './der-writer.js';
import { TAG, type DerReader } from './der.js';

/** A moment as ASN.1 writes it, in whole milliseconds since the Unix epoch. */
export interface Moment {
  /** Rounded down. */
  readonly milliseconds: number;
  /** Whether the moment has digits beyond milliseconds, so that it lies after `milliseconds`. */
  readonly hasMore: boolean;
}

const GENERALIZED = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.(\d{0,8}[1-9]))?Z$/;
const UTC = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;

/**
 * GeneralizedTime of a time-stamp (RFC 3161 §2.4.2): UTC with seconds, and a fraction of at most nine digits
 * without trailing zeros.
 * @throws {DerError}
 */
export function readMoment(reader: DerReader): Moment {
  const [, ...digits] = GENERALIZED.exec(textOf(reader.content(TAG.generalizedTime))) ?? [];
  const fraction = (digits[6] ?? '').padEnd(9, '0');
  const whole = fromFields(digits.slice(0, 6).map(Number));
  if (whole === null) throw reader.unexpected('has a time that is not written as RFC 3161 demands');
  return { milliseconds: whole + Number(fraction.slice(0, 3)), hasMore: Number(fraction.slice(3)) > 0 };
}

/**
 * Time of a certificate or a CRL (RFC 5280 §4.1.2.5): UTC with seconds and without a fraction; years of two
 * digits are 1950 to 2049.
 * @returns milliseconds since the Unix epoch
 * @throws {DerError}
 */
export function readX509Time(reader: DerReader): number {
  return reader.nextTag === TAG.utcTime ? readUtcTime(reader) : readGeneralizedTime(reader);
}

/** @throws {DerError} */
export function readGeneralizedTime(reader: DerReader): number {
  const [, ...digits] = GENERALIZED.exec(textOf(reader.content(TAG.generalizedTime))) ?? [];
  const time = digits[6] === undefined ? fromFields(digits.slice(0, 6).map(Number)) : null;
  if (time === null) throw reader.unexpected('has a time that is not written as RFC 5280 demands');
  return time;
}

function readUtcTime(reader: DerReader): number {
  const [, ...digits] = UTC.exec(textOf(reader.content(TAG.utcTime))) ?? [];
  const [year = Number.NaN, ...rest] = digits.map(Number);
  const time = fromFields([year + (year < 50 ? 2000 : 1900), ...rest]);
  if (time === null) throw reader.unexpected('has a time that is not written as RFC 5280 demands');
  return time;
}

function textOf(content: Uint8Array): string {
  return content.length > 32 ? '' : String.fromCharCode(...content);
}

/** null when there is no such moment, such as 30 February. */
function fromFields(fields: readonly number[]): number | null {
  const [year = Number.NaN, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields;
  // Date.UTC reads the years 0 to 99 as 1900 to 1999.
  if (!(year >= 100)) return null;
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(time);
  const isSame =
    back.getUTCMonth() === month - 1 &&
    back.getUTCDate() === day &&
    back.getUTCHours() === hour &&
    back.getUTCMinutes() === minute &&
    back.getUTCSeconds() === second;
  return isSame ? time : null;
}

/**
 * GeneralizedTime, to the millisecond, without trailing zeros.
 * @param milliseconds since the Unix epoch
 */
export function generalizedTime(milliseconds: number): Uint8Array {
  const date = new Date(milliseconds);
  const year = date.getUTCFullYear();
  if (!(year >= 1000 && year <= 9999)) throw new RangeError(`cannot write the time ${milliseconds}`);
  const digits = date.toISOString().replaceAll(/[-:TZ]/g, '');
  return element(TAG.generalizedTime, utf8(`${digits.replace(/\.?0*$/, '')}Z`));
}
