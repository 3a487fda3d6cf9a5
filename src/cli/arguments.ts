import { parseArgs } from 'node:util';
import { usageError } from './failure.js';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** The option may be given several times. */
  readonly multiple?: true;
  /** How help names the value. */
  readonly value?: string;
  readonly help: string;
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;

export type Values<T extends OptionTable> = {
  readonly [K in keyof T]: T[K]['type'] extends 'boolean'
    ? boolean
    : T[K] extends { readonly multiple: true }
      ? readonly string[]
      : string | undefined;
};

export interface Arguments<T extends OptionTable> {
  readonly values: Values<T>;
  readonly positionals: readonly string[];
}

/**
 * node:util parseArgs cuts the words; what they may be is decided here, because its own messages speak to programmers.
 * @throws {Failure} usage
 */
export function parseArguments<T extends OptionTable>(
  argv: readonly string[],
  options: T,
  /** Most words that are not options. */
  maximum: number,
): Arguments<T> {
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(options).map(([name, { type, multiple }]) => [
        name,
        { type, multiple: multiple ?? false },
      ]),
    ),
  });
  const given = new Map<string, (string | true)[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (spec === undefined || !token.rawName.startsWith('--')) throw unknownOption(token.rawName, options);
    const values = given.get(token.name) ?? [];
    if (values.length > 0 && spec.multiple !== true) throw usageError(`${token.rawName} is given twice`);
    given.set(token.name, [...values, valueOf(token, spec)]);
  }
  if (positionals.length > maximum) {
    throw usageError(`one argument too many: ${JSON.stringify(positionals[maximum])}`);
  }
  const values = Object.entries(options).map(([name, { type, multiple }]) => {
    const all = given.get(name) ?? [];
    return [name, type === 'boolean' ? all.length > 0 : multiple === true ? all : all[0]];
  });
  return { values: Object.fromEntries(values) as Values<T>, positionals };
}

function valueOf(
  token: {
    readonly rawName: string;
    readonly value?: string | undefined;
    readonly inlineValue?: boolean | undefined;
  },
  spec: OptionSpec,
): string | true {
  const { rawName, value } = token;
  if (spec.type === 'boolean') {
    if (value !== undefined) throw usageError(`${rawName} takes no value`);
    return true;
  }
  const what = spec.value ?? 'a value';
  if (value === undefined || value === '') throw usageError(`${rawName} needs ${what} after it`);
  // "--key --json": a forgotten value is far more likely than a value that looks like an option.
  if (value.startsWith('-') && value !== '-' && token.inlineValue !== true) {
    throw usageError(`${rawName} needs ${what} after it`, `Write ${rawName}=${value} if that is the value.`);
  }
  return value;
}

function unknownOption(rawName: string, options: OptionTable): Error {
  const near = closest(rawName.replace(/^-+/, ''), Object.keys(options));
  return usageError(`there is no option ${rawName}`, near === null ? undefined : `Did you mean --${near}?`);
}

/** The candidate that `word` was most likely meant to be, or null when none is near. */
export function closest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  // A third of the letters may be wrong: beyond that a suggestion misleads.
  let limit = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = candidate.startsWith(word) && word.length > 1 ? 1 : editDistance(word, candidate);
    if (distance < limit) [best, limit] = [candidate, distance];
  }
  return best;
}

/** Levenshtein distance, with a swap of two neighbours counted as one. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(substitution, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

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
