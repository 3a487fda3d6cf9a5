import { CertificateError } from './errors.js';
import type { Moment } from './facts.js';

/** 9999-12-31T23:59:59.999Z: dates in a PDF have years of four digits. */
const MAX_TIME = 253_402_300_799_999;

/**
 * How times, in milliseconds since the Unix epoch, are printed.
 * @throws {CertificateError} unknown_time_zone at once, time_out_of_range when called
 */
export function momentFormat(locale: string, timeZone: string): (milliseconds: number) => Moment {
  const format = localFormat(locale, timeZone);
  return (milliseconds) => {
    if (milliseconds > MAX_TIME)
      throw new CertificateError('time_out_of_range', 'a time in the proof is after the year 9999');
    return {
      utc: new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', ' UTC'),
      local: format.format(milliseconds),
    };
  };
}

/** Whether times can be printed in the time zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    localFormat('en', name);
    return true;
  } catch (error) {
    if (error instanceof CertificateError) return false;
    throw error;
  }
}

function localFormat(locale: string, timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(locale, {
      year: 'numeric',
      month: 'long',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'short',
      timeZone,
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CertificateError('unknown_time_zone', 'the time zone is not known');
  }
}
