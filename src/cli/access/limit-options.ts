import type { Limits } from '../../store/index.js';
import { usageError } from '../failure.js';
import { parseCount } from '../input/moment.js';
import { formatBytes } from '../output/text.js';

export const LIMIT_OPTIONS = {
  'requests-per-minute': { type: 'string', value: 'N', help: 'calls of the API; "none" for no limit' },
  'digests-per-day': { type: 'string', value: 'N', help: 'documents, by upload or by digest' },
  'bytes-per-day': {
    type: 'string',
    value: 'N',
    help: 'of uploads; 500MiB, 10GiB and the like are understood',
  },
} as const;

export type LimitValues = Readonly<Record<keyof typeof LIMIT_OPTIONS, string | undefined>>;

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
/** What the columns hold. */
const MOST_REQUESTS = 2 ** 31 - 1;

/** What was given, and nothing for what was not. @throws {Failure} usage */
export function limitsGiven(values: LimitValues): Partial<Limits> {
  const requests = values['requests-per-minute'];
  const digests = values['digests-per-day'];
  const bytes = values['bytes-per-day'];
  return {
    ...(requests === undefined
      ? {}
      : { requestsPerMinute: limit('--requests-per-minute', requests, MOST_REQUESTS) }),
    ...(digests === undefined ? {} : { digestsPerDay: limit('--digests-per-day', digests) }),
    ...(bytes === undefined ? {} : { bytesPerDay: byteLimit(bytes) }),
  };
}

export function withoutLimits(given: Partial<Limits>): Limits {
  return { requestsPerMinute: null, digestsPerDay: null, bytesPerDay: null, ...given };
}

/** For a table's cell. */
export const LIMIT_COLUMNS = [
  { title: 'REQUESTS/MIN', right: true, cell: ({ limits }: Limited) => shown(limits.requestsPerMinute) },
  { title: 'DIGESTS/DAY', right: true, cell: ({ limits }: Limited) => shown(limits.digestsPerDay) },
  {
    title: 'BYTES/DAY',
    right: true,
    cell: ({ limits: { bytesPerDay } }: Limited) => (bytesPerDay === null ? '-' : formatBytes(bytesPerDay)),
  },
] as const;

interface Limited {
  readonly limits: Limits;
}

function limit(option: string, text: string, maximum?: number): number | null {
  return text === 'none' ? null : parseCount(option, text, 0, maximum);
}

function byteLimit(text: string): number | null {
  if (text === 'none') return null;
  const [, digits = '', unit = ''] = /^([0-9]+)([KMGT]iB)?$/.exec(text) ?? [];
  const bytes = digits === '' ? NaN : parseCount('--bytes-per-day', digits) * (UNITS[unit] ?? NaN);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw usageError(
    '--bytes-per-day takes a number of bytes, with KiB, MiB, GiB or TiB behind it if you like',
  );
}

function shown(value: number | null): string {
  return value === null ? '-' : String(value);
}
