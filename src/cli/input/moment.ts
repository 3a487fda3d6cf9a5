import { usageError } from '../failure.js';

const UNITS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const DATE_TIME =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,3})?)?(Z|[+-][0-9]{2}:[0-9]{2})$/;

/**
 * A moment as people write it: `2027-01-31` (its first moment, UTC), `2027-01-31T09:00:00+09:00`, or a span such as `30d`,
 * `12h`, `15m` before or after now.
 * @returns milliseconds since the Unix epoch
 * @throws {Failure} usage
 */
export function parseMoment(
  option: string,
  text: string,
  direction: 'ago' | 'from now',
  now = Date.now(),
): number {
  const [, count, unit = ''] = /^([1-9][0-9]{0,5})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) {
    return now + Number(count) * (UNITS[unit] ?? 0) * (direction === 'ago' ? -1 : 1);
  }
  const time = (DATE.test(text) || DATE_TIME.test(text)) && isDay(text.slice(0, 10)) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) {
    throw usageError(
      `${option} ${text} is no moment`,
      `It reads like 2027-01-31, 2027-01-31T09:00:00Z or 30d (or 12h, 15m: ${direction}).`,
    );
  }
  return time;
}

/** Date.parse takes the 31st of February for the 3rd of March. */
function isDay(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** A whole number of at least `minimum`. @throws {Failure} usage */
export function parseCount(
  option: string,
  text: string,
  minimum = 0,
  maximum = Number.MAX_SAFE_INTEGER,
): number {
  const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : NaN;
  if (!(value >= minimum && value <= maximum)) {
    throw usageError(
      `${option} takes a whole number${maximum < Number.MAX_SAFE_INTEGER ? ` from ${minimum} to ${maximum}` : ''}`,
    );
  }
  return value;
}
