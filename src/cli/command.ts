import { parseArguments, type Arguments, type OptionTable } from './input/arguments.js';
import { usageError } from './failure.js';
import { printLine, type ExitCode, type Io } from './io.js';

export interface CommandSpec<T extends OptionTable> {
  readonly name: string;
  /** One line, no full stop. */
  readonly summary: string;
  /** What follows `ingam NAME`. */
  readonly usage: string;
  /** Paragraphs of help between usage and options. */
  readonly text: string;
  readonly options: T;
  /** How many words that are not options there may be, and what is missing when there are too few. */
  readonly positionals: { readonly min: number; readonly max: number; readonly missing?: string };
  run(args: Arguments<T>, io: Io): Promise<ExitCode>;
}

export interface Command {
  readonly summary: string;
  readonly help: string;
  /** By name, when the first word names another command. */
  readonly commands?: Readonly<Record<string, Command>>;
  run(argv: readonly string[], io: Io): Promise<ExitCode>;
}

export function defineCommand<T extends OptionTable>(spec: CommandSpec<T>): Command {
  const help = helpText(spec);
  return {
    summary: spec.summary,
    help,
    async run(argv, io) {
      const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
      if (words.includes('--help') || words.includes('-h')) {
        printLine(io.stdout, help);
        return 0;
      }
      const args = parseArguments(argv, spec.options, spec.positionals.max);
      if (args.positionals.length < spec.positionals.min) {
        throw usageError(
          spec.positionals.missing ?? 'an argument is missing',
          `Usage: ingam ${spec.name} ${spec.usage}`,
        );
      }
      return spec.run(args, io);
    },
  };
}

function helpText<T extends OptionTable>({ name, summary, usage, text, options }: CommandSpec<T>): string {
  const rows = Object.entries(options).map(([option, { value, help }]) => ({
    left: `--${option}${value === undefined ? '' : ` ${value}`}`,
    help,
  }));
  rows.push({ left: '--help', help: 'show this text' });
  return [
    `ingam ${name}: ${summary}`,
    '',
    `Usage: ingam ${name} ${usage}`.trimEnd(),
    '',
    text,
    '',
    'Options:',
    ...columns(rows),
  ].join('\n');
}

/** Two columns; a help text of several lines continues under its first. */
export function columns(rows: readonly { readonly left: string; readonly help: string }[]): string[] {
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  return rows.flatMap(({ left, help }) =>
    help.split('\n').map((line, i) => `  ${(i === 0 ? left : '').padEnd(width)}${line}`),
  );
}
