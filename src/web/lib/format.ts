import { locale } from './language.js';

/** A number, for grammar, and its formatted text. */
export interface Count {
  readonly n: number;
  readonly text: string;
}

/** Formats numbers and times for the reader's locale. */

const SIZE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** The largest decimal unit in which the value is at least 1. */
export function scaleBytes(bytes: number): { value: number; unit: (typeof SIZE_UNITS)[number] } {
  let value = bytes;
  let index = 0;
  // 999.95 would be shown as 1,000.0 of the smaller unit.
  while (value >= 999.95 && index < SIZE_UNITS.length - 1) {
    value /= 1000;
    index += 1;
  }
  return { value, unit: SIZE_UNITS[index] ?? 'byte' };
}

export function formatBytes(bytes: number): string {
  const { value, unit } = scaleBytes(bytes);
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit,
    unitDisplay: unit === 'byte' ? 'long' : 'short',
    maximumFractionDigits: unit === 'byte' ? 0 : 1,
  }).format(value);
}

export function formatSpeed(bytesPerSecond: number): string {
  const { value, unit } = scaleBytes(bytesPerSecond);
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: `${unit}-per-second`,
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

/** @param fraction 0 to 1; rounded down, so that 100% means done */
export function formatPercent(fraction: number): string {
  return new Intl.NumberFormat(locale(), { style: 'percent' }).format(Math.floor(fraction * 100) / 100);
}

/** A rounded duration in one unit, for estimates. */
export function formatDuration(seconds: number): string {
  const [value, unit] =
    seconds < 90 ? [seconds, 'second'] : seconds < 5400 ? [seconds / 60, 'minute'] : [seconds / 3600, 'hour'];
  return new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.max(1, Math.round(value)),
  );
}

/** Date, time with seconds, and time zone. @param zone undefined: the reader's own */
export function formatTime(milliseconds: number, zone?: 'UTC'): string {
  // Past the range of Date (year 275760) only the number can be shown.
  if (Math.abs(milliseconds) > 8.64e15) return formatNumber(milliseconds);
  const where = zone === undefined ? {} : { timeZone: zone };
  const style = { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' } as const;
  // Korean would write hours before ten with one digit.
  const time = new Intl.DateTimeFormat(locale(), { ...style, ...where })
    .formatToParts(milliseconds)
    .map(({ type, value }) => (type === 'hour' ? value.padStart(2, '0') : value))
    .join('');
  // Styles cannot name the zone. With single fields they could, but Korean would write the units of hours and minutes out.
  const parts = new Intl.DateTimeFormat(locale(), { timeZoneName: 'short', ...where }).formatToParts(
    milliseconds,
  );
  return `${time} ${parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''}`;
}

/** The date alone, in the reader's time zone. */
export function formatDate(milliseconds: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' }).format(milliseconds);
}

/** Digits in groups of eight, for comparison by eye. */
export function groupHex(hex: string): string {
  return hex.replace(/(.{8})(?=.)/g, '$1 ');
}

/** Digits byte by byte. */
export function spacedHex(hex: string): string {
  return hex.replace(/(..)(?=.)/g, '$1 ');
}

/**
 * Start of a day in the reader's time zone, as RFC 3339.
 * @param day YYYY-MM-DD
 * @param daysLater 1: the end of the day
 */
export function midnight(day: string, daysLater: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}

export function counted(n: number): Count {
  return { n, text: formatNumber(n) };
}

const NAMED = 3;

/** The first of many names, in one line. */
export function firstNames(names: readonly string[]): string {
  const first = names.slice(0, NAMED).join(', ');
  return names.length > NAMED ? `${first} …` : first;
}

/** A count with its English noun. */
export function plural({ n, text }: Count, one: string, many = `${one}s`): string {
  return `${text} ${n === 1 ? one : many}`;
}

/** Formats the range [start, end) of indices from 0 as numbers from 1. */
export function formatSpan(start: number, end: number): string {
  return end - start === 1 ? formatNumber(end) : new Intl.NumberFormat(locale()).formatRange(start + 1, end);
}
