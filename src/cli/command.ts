import { type Arguments, closest, type OptionTable, parseArguments } from './arguments.js';
import { usageError } from './failure.js';
import { type Language, withLanguage } from './language.js';
import { EXIT, type ExitCode, type Io, printText } from './io.js';

export interface CommandSpec<T extends OptionTable> {
  readonly name: string;
  /** One line, no full stop. */
  readonly summary: string;
  /** What follows `ingam NAME`. */
  readonly usage: string;
  /** Paragraphs of help between usage and options. */
  readonly text: string;
  readonly options: T;
  /** How many positional arguments are allowed, and the error message when there are too few. */
  readonly positionals: {
    readonly min: number;
    readonly max: number;
    readonly missing?: string;
    /** All values of the first one. */
    readonly choices?: readonly string[];
  };
  run(args: Arguments<T>, io: Io): Promise<ExitCode>;
}

export interface Command {
  readonly summary: string;
  readonly help: string;
  readonly usage: string;
  readonly text: string;
  readonly options: OptionTable;
  /** All values of the first argument; undefined: it is a file or anything else. */
  readonly choices?: readonly string[] | undefined;
  /** The subcommands of a group, by name. */
  readonly commands?: Readonly<Record<string, Command>>;
  run(argv: readonly string[], io: Io): Promise<ExitCode>;
}

export function defineCommand<T extends OptionTable>(spec: CommandSpec<T>): Command {
  const help = helpText(spec);
  const { summary, usage: synopsis, text, options } = spec;
  const { choices } = spec.positionals;
  return {
    ...{ summary, help, usage: synopsis, text, options, choices },
    async run(argv, io) {
      const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
      if (words.includes('--help') || words.includes('-h')) {
        printText(io.stdout, help);
        return 0;
      }
      const args = parseArguments(argv, spec.options, spec.positionals.max);
      const usage = `Usage: ingam ${spec.name} ${spec.usage}`;
      if (args.positionals.length < spec.positionals.min) {
        throw usageError(spec.positionals.missing ?? 'missing argument', usage);
      }
      const [first = ''] = args.positionals;
      if (choices?.includes(first) === false) {
        throw usageError(`unknown value ${JSON.stringify(first)}: one of ${choices.join(', ')}`, usage);
      }
      for (const [option, { required, value = '' }] of Object.entries(spec.options)) {
        const isGiven = args.values[option] !== undefined;
        if (required === true && !isGiven) throw usageError(`missing --${option} ${value}`, usage);
      }
      const { lang, json } = args.values as { readonly lang?: Language; readonly json?: boolean };
      // What programs read is never translated.
      if (lang === undefined || json === true) return spec.run(args, io);
      return withLanguage(lang, () => spec.run(args, io));
    },
  };
}

function helpText<T extends OptionTable>({ name, summary, usage, text, options }: CommandSpec<T>): string {
  const rows = Object.entries(options).map(([option, { value, short, help }]) => ({
    left: `${short === undefined ? '' : `-${short}, `}--${option}${value === undefined ? '' : ` ${value}`}`,
    help,
  }));
  rows.push({ left: '-h, --help', help: 'show this help' });
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

/** Two aligned columns; the lines of a multi-line help text are aligned with its first line. */
export function columns(rows: readonly { readonly left: string; readonly help: string }[]): string[] {
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  return rows.flatMap(({ left, help }) =>
    help.split('\n').map((line, i) => `  ${(i === 0 ? left : '').padEnd(width)}${line}`),
  );
}

export interface GroupSpec {
  readonly name: string;
  /** One line, no full stop. */
  readonly summary: string;
  /** Paragraphs of help between usage and commands. */
  readonly text: string;
  /** By name, in the order in which help shows them. */
  readonly commands: Readonly<Record<string, Command>>;
}

/** Words that users try, and the subcommands that they may mean. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  new: ['create', 'add'],
  make: ['create', 'add'],
  create: ['add'],
  add: ['create'],
  ls: ['list'],
  get: ['show', 'list'],
  show: ['list'],
  info: ['show'],
  limit: ['limits'],
  quota: ['limits'],
  rm: ['remove', 'revoke', 'disable'],
  delete: ['remove', 'revoke', 'disable'],
  remove: ['revoke', 'disable'],
  revoke: ['remove', 'disable'],
  block: ['disable'],
  lock: ['disable'],
  unblock: ['enable'],
  unlock: ['enable'],
  set: ['limits', 'role'],
  password: ['invite'],
  admin: ['operator'],
};

/** A command with subcommands: `ingam organization create`. */
export function defineGroup({ name, summary, text, commands }: GroupSpec): Command {
  const rows = Object.entries(commands).map(([left, command]) => ({ left, help: command.summary }));
  const help = [
    `ingam ${name}: ${summary}`,
    '',
    `Usage: ingam ${name} COMMAND [ARGUMENTS]`,
    '',
    text,
    '',
    ...columns(rows),
    '',
    `Run "ingam ${name} COMMAND --help" for details.`,
  ].join('\n');
  return {
    ...{ summary, help, usage: 'COMMAND [ARGUMENTS]', text, options: {}, commands },
    run: async ([word, ...rest], io) => {
      if (word === undefined) {
        printText(io.stderr, help);
        return EXIT.usage;
      }
      if (word === 'help' && rest[0] !== undefined) return commandNamed(rest[0]).run(['--help'], io);
      if (['help', '--help', '-h'].includes(word)) {
        printText(io.stdout, help);
        return EXIT.ok;
      }
      return commandNamed(word).run(rest, io);
    },
  };

  function commandNamed(word: string): Command {
    const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
    if (command !== undefined) return command;
    if (word.startsWith('-')) {
      throw usageError(
        `unknown option ${word}`,
        `Options go after the command: ingam ${name} COMMAND ${word}`,
      );
    }
    const names = Object.keys(commands);
    const meant = (SYNONYMS[word] ?? []).find((each) => names.includes(each)) ?? closest(word, names);
    throw usageError(
      `unknown command: ${name} ${word}`,
      meant === null
        ? `List the commands with: ingam ${name} --help`
        : `Did you mean: ingam ${name} ${meant}`,
    );
  }
}
