import { type Command, defineCommand } from './command.js';
import { type CommandTree, leavesOf } from './completion.js';
import { EXIT, printText } from './io.js';
import { inLanguage } from './language.js';
import { usageMessages } from './messages/usage.js';
import { SUMMARIES } from './summaries.js';

/** The manual page, made of what the commands declare, as their help is. */

/** @param loadAll all commands by name; given, because they are found where this one is */
export function manCommand(loadAll: () => Promise<CommandTree>, version: () => Promise<string>): Command {
  return defineCommand({
    name: 'man',
    summary: SUMMARIES.man,
    usage: '',
    text: {
      en: `Prints ingam.1, to read with "ingam man | man -l -", or to install:

  ingam man > ~/.local/share/man/man1/ingam.1`,
      ko: `ingam.1을 출력합니다. "ingam man | man -l -"로 읽거나 다음과 같이 설치하세요:

  ingam man > ~/.local/share/man/man1/ingam.1`,
    },
    options: {},
    positionals: { min: 0, max: 0 },
    async run(_, io) {
      printText(io.stdout, manPage(await loadAll(), await version()));
      return EXIT.ok;
    },
  });
}

function manPage(tree: CommandTree, version: string): string {
  const leaves = leavesOf(tree);
  const t = usageMessages();
  return [
    `.TH INGAM 1 "" ${argument(`Ingam ${version}`)} "User Commands"`,
    `.SH ${roff(t.sections.name)}`,
    `ingam \\- ${roff(t.purpose)}`,
    `.SH ${roff(t.sections.synopsis)}`,
    '.B ingam',
    '.I COMMAND',
    '[ARGUMENTS]',
    `.SH ${roff(t.sections.commands)}`,
    ...leaves.flatMap(({ path, command }) => section(path, command)),
    `.SH ${roff(t.sections.exitStatus)}`,
    ...tagged(Object.entries(t.exitCodes)),
    `.SH ${roff(t.sections.environment)}`,
    ...tagged(Object.entries(t.environment)),
    `.SH ${roff(t.sections.files)}`,
    ...tagged(Object.entries(t.files)),
  ].join('\n');
}

function section(path: string, { summary, usage, text, options }: Command): string[] {
  const rows = Object.entries(options).map(([name, { value, short, help }]) => {
    const letter = short === undefined ? '' : `-${short}, `;
    return [`${letter}--${name}${value === undefined ? '' : ` ${value}`}`, inLanguage(help)] as const;
  });
  const line = inLanguage(summary);
  return [
    `.SS ${argument(`ingam ${path} ${usage}`.trimEnd())}`,
    `${roff(line.charAt(0).toUpperCase() + line.slice(1))}.`,
    ...paragraphs(inLanguage(text)),
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
