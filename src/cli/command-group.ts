import { columns, type Command } from './command.js';
import { usageError } from './failure.js';
import { closest } from './input/closest.js';
import { EXIT, printLine } from './io.js';

export interface GroupSpec {
  readonly name: string;
  /** One line, no full stop. */
  readonly summary: string;
  /** Paragraphs of help between usage and commands. */
  readonly text: string;
  /** By name, in the order in which help shows them. */
  readonly commands: Readonly<Record<string, Command>>;
}

/** What people call a thing who do not know what it is called here. */
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

/** A command whose first word names another one: `ingam account create`. */
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
    `ingam ${name} COMMAND --help says more.`,
  ].join('\n');
  return {
    summary,
    help,
    commands,
    run: async ([word, ...rest], io) => {
      if (word === undefined) {
        printLine(io.stderr, help);
        return EXIT.usage;
      }
      if (word === 'help' && rest[0] !== undefined) return commandNamed(rest[0]).run(['--help'], io);
      if (['help', '--help', '-h'].includes(word)) {
        printLine(io.stdout, help);
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
        `there is no option ${word}`,
        `Options come after the command: ingam ${name} COMMAND ${word}`,
      );
    }
    const names = Object.keys(commands);
    const meant = (SYNONYMS[word] ?? []).find((each) => names.includes(each)) ?? closest(word, names);
    throw usageError(
      `there is no command ${name} ${word}`,
      meant === null
        ? `The commands are listed by: ingam ${name} --help`
        : `Did you mean: ingam ${name} ${meant}`,
    );
  }
}
