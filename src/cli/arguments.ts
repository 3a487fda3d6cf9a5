import { parseArgs } from 'node:util';
import { usageError } from './failure.js';
import type { Texts } from './language.js';
import { usageMessages } from './messages/usage.js';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** The option may be repeated. */
  readonly multiple?: true;
  readonly required?: true;
  /** The value's name in the help text. */
  readonly value?: string;
  /** The option's letter: "v" for -v. */
  readonly short?: string;
  /** All values that there are; shells complete them. */
  readonly choices?: readonly string[];
  readonly help: Texts;
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;

export type Values<T extends OptionTable> = {
  readonly [K in keyof T]: T[K]['type'] extends 'boolean'
    ? boolean
    : T[K] extends { readonly multiple: true }
      ? readonly string[]
      : T[K] extends { readonly required: true }
        ? string
        : string | undefined;
};

export interface Arguments<T extends OptionTable> {
  readonly values: Values<T>;
  readonly positionals: readonly string[];
}

/**
 * Splits with node:util parseArgs, but validates here: the messages of parseArgs are written for programmers.
 * @throws {Failure} usage
 */
export function parseArguments<T extends OptionTable>(
  argv: readonly string[],
  options: T,
  /** The largest number of positional arguments. */
  maximum: number,
): Arguments<T> {
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(options).map(([name, { type, multiple, short }]) => [
        name,
        { type, multiple: multiple ?? false, ...(short === undefined ? {} : { short }) },
      ]),
    ),
  });
  const given = new Map<string, (string | true)[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    const isKnown = token.rawName.startsWith('--') || token.rawName === `-${spec?.short ?? ''}`;
    if (spec === undefined || !isKnown) throw unknownOption(token.rawName, options);
    const values = given.get(token.name) ?? [];
    if (values.length > 0 && spec.multiple !== true)
      throw usageError(usageMessages().repeated(token.rawName));
    given.set(token.name, [...values, valueOf(token, spec)]);
  }
  if (positionals.length > maximum) {
    throw usageError(usageMessages().unexpectedArgument(JSON.stringify(positionals[maximum])));
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
    if (value !== undefined) throw usageError(usageMessages().noValue(rawName));
    return true;
  }
  const what = spec.value ?? usageMessages().aValue;
  if (value === undefined || value === '') throw usageError(usageMessages().needsValue(rawName, what));
  // "--key --json" is far more likely a missing value than a value that looks like an option.
  if (value.startsWith('-') && value !== '-' && token.inlineValue !== true) {
    throw usageError(usageMessages().needsValue(rawName, what), usageMessages().ifValue(rawName, value));
  }
  if (spec.choices?.includes(value) === false) {
    throw usageError(usageMessages().oneOf(rawName, spec.choices.join(', ')));
  }
  return value;
}

function unknownOption(rawName: string, options: OptionTable): Error {
  const near = closest(rawName.replace(/^-+/, ''), Object.keys(options));
  return usageError(
    usageMessages().unknownOption(rawName),
    near === null ? undefined : usageMessages().meantOption(near),
  );
}

/** The candidate closest to `word`, or null when none is similar. */
export function closest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  // Beyond a third of wrong letters a suggestion misleads.
  let limit = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = candidate.startsWith(word) && word.length > 1 ? 1 : editDistance(word, candidate);
    if (distance < limit) [best, limit] = [candidate, distance];
  }
  return best;
}

/** Damerau–Levenshtein distance (optimal string alignment). */
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
 * Parses a time: `2027-01-31` (00:00 UTC), `2027-01-31T09:00:00+09:00`, or a duration such as `30d`, `12h`,
 * `15m` before or after now.
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
    throw usageError(usageMessages().notATime(option, text), usageMessages().timeExamples(direction));
  }
  return time;
}

/** Date.parse reads 31 February as 3 March. */
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
      usageMessages().wholeNumber(option, maximum < Number.MAX_SAFE_INTEGER ? { minimum, maximum } : null),
    );
  }
  return value;
}
