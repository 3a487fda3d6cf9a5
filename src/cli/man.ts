import { type Command, defineCommand } from './command.js';
import { type CommandTree, leavesOf } from './completion.js';
import { EXIT, printText } from './io.js';

/** The manual page, made of what the commands declare, as their help is. */

/** @param loadAll all commands by name; given, because they are found where this one is */
export function manCommand(loadAll: () => Promise<CommandTree>, version: () => Promise<string>): Command {
  return defineCommand({
    name: 'man',
    summary: 'print the manual page of all commands',
    usage: '',
    text: `Prints ingam.1, to read with "ingam man | man -l -", or to install:

  ingam man > ~/.local/share/man/man1/ingam.1`,
    options: {},
    positionals: { min: 0, max: 0 },
    async run(_, io) {
      printText(io.stdout, manPage(await loadAll(), await version()));
      return EXIT.ok;
    },
  });
}

const EXIT_CODES = [
  ['0', 'success'],
  ['1', 'failed: not verified, findings, some files failed, rejected by a rule, or cannot start'],
  ['2', 'wrong usage, unreadable input, or no connection'],
  ['3', 'accepted but not sealed yet'],
  ['70', 'a bug'],
  ['130', 'interrupted'],
] as const;

const FILES = [
  ['$XDG_CONFIG_HOME/ingam/config.json, ~/.config/ingam/config.json', 'what "ingam login" has saved'],
  ['$XDG_CONFIG_HOME/ingam/trust, ~/.config/ingam/trust', 'the trust policy that "ingam trust" has saved'],
] as const;

const ENVIRONMENT = [
  ['INGAM_SERVER', 'address of the service'],
  ['INGAM_KEY', 'API key'],
  ['INGAM_TRUST', 'file with the trust policy'],
  ['LC_ALL, LC_MESSAGES, LANG', 'language of the output: Korean if it begins with "ko", else English'],
  ['NO_COLOR', 'if it is not empty, no colours'],
] as const;

function manPage(tree: CommandTree, version: string): string {
  const leaves = leavesOf(tree);
  return [
    `.TH INGAM 1 "" ${argument(`Ingam ${version}`)} "User Commands"`,
    '.SH NAME',
    'ingam \\- prove, offline and for decades, that a document existed at a given time',
    '.SH SYNOPSIS',
    '.B ingam',
    '.I COMMAND',
    '[ARGUMENTS]',
    '.SH COMMANDS',
    ...leaves.flatMap(({ path, command }) => section(path, command)),
    '.SH EXIT STATUS',
    ...tagged(EXIT_CODES),
    '.SH ENVIRONMENT',
    ...tagged(ENVIRONMENT),
    '.SH FILES',
    ...tagged(FILES),
  ].join('\n');
}

function section(path: string, { summary, usage, text, options }: Command): string[] {
  const rows = Object.entries(options).map(([name, { value, short, help }]) => {
    const letter = short === undefined ? '' : `-${short}, `;
    return [`${letter}--${name}${value === undefined ? '' : ` ${value}`}`, help] as const;
  });
  return [
    `.SS ${argument(`ingam ${path} ${usage}`.trimEnd())}`,
    `${roff(summary.charAt(0).toUpperCase() + summary.slice(1))}.`,
    ...paragraphs(text),
    ...tagged(rows),
  ];
}

function tagged(rows: readonly (readonly [tag: string, text: string])[]): string[] {
  return rows.flatMap(([tag, text]) => ['.TP', `.B ${roff(tag)}`, ...text.split('\n').map(roff)]);
}

/** Paragraphs are filled; lines that begin with a blank are examples, and stay lines. */
function paragraphs(text: string): string[] {
  return text.split('\n\n').flatMap((paragraph) => {
    const lines = paragraph.split('\n');
    return lines.some((line) => line.startsWith(' '))
      ? ['.PP', '.nf', ...lines.map(roff), '.fi']
      : ['.PP', ...lines.map(roff)];
  });
}

/** A line of text that contains no requests: groff_man(7). */
function roff(line: string): string {
  const escaped = line
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    // roff itself reads ASCII only.
    .replaceAll(/[^\x00-\x7f]/gu, (each) => `\\[u${hexOf(each)}]`);
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

function hexOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

function argument(text: string): string {
  return `"${roff(text).replaceAll('"', '\\(dq')}"`;
}
