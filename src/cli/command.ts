import { type Arguments, closest, type OptionTable, parseArguments } from './arguments.js';
import { usageError } from './failure.js';
import { inLanguage, type Texts } from './language.js';
import { EXIT, type ExitCode, type Io, printText } from './io.js';
import { usageMessages } from './messages/usage.js';

export interface CommandSpec<T extends OptionTable> {
  readonly name: string;
  /** One line, no full stop. */
  readonly summary: Texts;
  /** What follows `ingam NAME`. */
  readonly usage: string;
  /** Paragraphs of help between usage and options. */
  readonly text: Texts;
  readonly options: T;
  /** How many positional arguments are allowed, and the error message when there are too few. */
  readonly positionals: {
    readonly min: number;
    readonly max: number;
    readonly missing?: Texts;
    /** All values of the first one. */
    readonly choices?: readonly string[];
  };
  run(args: Arguments<T>, io: Io): Promise<ExitCode>;
}

export interface Command {
  readonly summary: Texts;
  readonly usage: string;
  readonly text: Texts;
  readonly options: OptionTable;
  /** All values of the first argument; undefined: it is a file or anything else. */
  readonly choices?: readonly string[] | undefined;
  /** The subcommands of a group, by name. */
  readonly commands?: Readonly<Record<string, Command>>;
  run(argv: readonly string[], io: Io): Promise<ExitCode>;
}

export function defineCommand<T extends OptionTable>(spec: CommandSpec<T>): Command {
  const { summary, usage: synopsis, text, options } = spec;
  const { choices } = spec.positionals;
  return {
    ...{ summary, usage: synopsis, text, options, choices },
    async run(argv, io) {
      const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
      if (words.includes('--help') || words.includes('-h')) {
        printText(io.stdout, helpText(spec));
        return EXIT.ok;
      }
      const args = parseArguments(argv, spec.options, spec.positionals.max);
      const usage = `${usageMessages().usage} ingam ${spec.name} ${spec.usage}`;
      if (args.positionals.length < spec.positionals.min) {
        const { missing } = spec.positionals;
        throw usageError(
          missing === undefined ? usageMessages().missingArgument : inLanguage(missing),
          usage,
        );
      }
      const [first = ''] = args.positionals;
      if (choices?.includes(first) === false) {
        throw usageError(usageMessages().unknownValue(JSON.stringify(first), choices.join(', ')), usage);
      }
      for (const [option, { required, value = '' }] of Object.entries(spec.options)) {
        const isGiven = args.values[option] !== undefined;
        if (required === true && !isGiven)
          throw usageError(usageMessages().missingOption(option, value), usage);
      }
      return spec.run(args, io);
    },
  };
}

/** The option that every command has. */
export const HELP_OPTION = {
  type: 'boolean',
  short: 'h',
  help: { en: 'show this help', ko: '이 도움말을 표시' },
} as const;

function helpText<T extends OptionTable>({ name, summary, usage, text, options }: CommandSpec<T>): string {
  const rows = Object.entries(options).map(([option, { value, short, help }]) => ({
    left: `${short === undefined ? '' : `-${short}, `}--${option}${value === undefined ? '' : ` ${value}`}`,
    help: inLanguage(help),
  }));
  rows.push({ left: '-h, --help', help: inLanguage(HELP_OPTION.help) });
  return [
    `ingam ${name}: ${inLanguage(summary)}`,
    '',
    `${usageMessages().usage} ingam ${name} ${usage}`.trimEnd(),
    '',
    inLanguage(text),
    '',
    usageMessages().options,
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
  readonly summary: Texts;
  /** Paragraphs of help between usage and commands. */
  readonly text: Texts;
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
  const help = () =>
    [
      `ingam ${name}: ${inLanguage(summary)}`,
      '',
      `${usageMessages().usage} ingam ${name} COMMAND [ARGUMENTS]`,
      '',
      inLanguage(text),
      '',
      ...columns(
        Object.entries(commands).map(([left, command]) => ({ left, help: inLanguage(command.summary) })),
      ),
      '',
      usageMessages().runHelp(name),
    ].join('\n');
  return {
    ...{ summary, usage: 'COMMAND [ARGUMENTS]', text, options: {}, commands },
    run: async ([word, ...rest], io) => {
      if (word === undefined) {
        printText(io.stderr, help());
        return EXIT.usage;
      }
      if (word === 'help' && rest[0] !== undefined) return commandNamed(rest[0]).run(['--help'], io);
      if (['help', '--help', '-h'].includes(word)) {
        printText(io.stdout, help());
        return EXIT.ok;
      }
      return commandNamed(word).run(rest, io);
    },
  };

  function commandNamed(word: string): Command {
    const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
    if (command !== undefined) return command;
    if (word.startsWith('-')) {
      throw usageError(usageMessages().unknownOption(word), usageMessages().afterCommand(name, word));
    }
    const names = Object.keys(commands);
    const meant = (SYNONYMS[word] ?? []).find((each) => names.includes(each)) ?? closest(word, names);
    throw usageError(
      usageMessages().unknownCommand(`${name} ${word}`),
      meant === null ? usageMessages().listCommands(name) : usageMessages().meantCommand(`${name} ${meant}`),
    );
  }
}
