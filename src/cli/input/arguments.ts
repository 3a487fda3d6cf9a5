import { parseArgs } from 'node:util';
import { closest } from './closest.js';
import { usageError } from '../failure.js';

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
