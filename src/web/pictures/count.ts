import { formatNumber } from '../format.js';
import { locale } from '../language.js';
import type { Count } from '../messages/count.js';
import { durationUnit } from './scale.js';

export function counted(n: number): Count {
  return { n, text: formatNumber(n) };
}

/** Of the numbers [start, end) counted from 0, the range as it is counted from 1. */
export function formatSpan(start: number, end: number): string {
  return end - start === 1 ? formatNumber(end) : new Intl.NumberFormat(locale()).formatRange(start + 1, end);
}

/** A length of time in one unit, as exact as is of use. */
export function formatSpell(milliseconds: number, unitDisplay: 'long' | 'narrow' = 'long'): string {
  const { value, unit } = durationUnit(milliseconds);
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit,
    unitDisplay,
    maximumFractionDigits: value < 10 && unit !== 'millisecond' ? 1 : 0,
  }).format(value);
}
