import type { OptionSpec } from './arguments.js';
import { type Command, defineCommand, HELP_OPTION } from './command.js';
import { EXIT, printText } from './io.js';
import { inLanguage, type Texts } from './language.js';
import { SUMMARIES } from './summaries.js';

/** Completion scripts for shells, made of what the commands declare. */

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

export type CommandTree = Readonly<Record<string, Command>>;

/** @param loadAll all commands by name; given, because they are found where this one is */
export function completionCommand(loadAll: () => Promise<CommandTree>): Command {
  return defineCommand({
    name: 'completion',
    summary: SUMMARIES.completion,
    usage: 'bash|zsh|fish',
    text: {
      en: `Prints a script that completes commands, options and their values. To use it in every shell:

  bash  ingam completion bash > ~/.local/share/bash-completion/completions/ingam
  zsh   ingam completion zsh > DIR/_ingam, where DIR is in $fpath
  fish  ingam completion fish > ~/.config/fish/completions/ingam.fish`,
      ko: `명령, 옵션과 그 값을 자동 완성하는 스크립트를 출력합니다. 모든 셸에서 쓰려면:

  bash  ingam completion bash > ~/.local/share/bash-completion/completions/ingam
  zsh   ingam completion zsh > DIR/_ingam (DIR은 $fpath에 있는 폴더)
  fish  ingam completion fish > ~/.config/fish/completions/ingam.fish`,
    },
    options: {},
    positionals: {
      min: 1,
      max: 1,
      missing: { en: 'missing SHELL', ko: 'SHELL을 지정하세요' },
      choices: SHELLS,
    },
    async run({ positionals: [shell] }, io) {
      const tree = await loadAll();
      const script = { bash, zsh, fish }[shell as Shell](tree);
      printText(io.stdout, script);
      return EXIT.ok;
    },
  });
}

interface Leaf {
  /** `verify`, or `key create`. */
  readonly path: string;
  readonly command: Command;
}

/** Every command that is no group. */
export function leavesOf(tree: CommandTree): Leaf[] {
  return Object.entries(tree).flatMap(([name, command]) =>
    command.commands === undefined
      ? [{ path: name, command }]
      : Object.entries(command.commands).map(([word, inner]) => ({
          path: `${name} ${word}`,
          command: inner,
        })),
  );
}

function groupsOf(tree: CommandTree) {
  return Object.entries(tree).flatMap(([name, { commands }]) =>
    commands === undefined ? [] : [{ name, commands }],
  );
}

const optionsOf = ({ options }: Command): (readonly [string, OptionSpec])[] => [
  ...Object.entries(options),
  ['help', HELP_OPTION],
];
const firstLine = (text: Texts) => inLanguage(text).split('\n')[0] ?? '';
const takesFile = ({ value = '' }: OptionSpec) => /FILE|DIR|PENDING|PROOF/.test(value);
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function bash(tree: CommandTree): string {
  const leafCase = ({ path, command }: Leaf) => {
    const options = optionsOf(command);
    const spelled = (found: typeof options) =>
      found.flatMap(([name, { short }]) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]);
    const valued = options.filter(([, { type }]) => type === 'string');
    const values = valued.map(([name, option]) => {
      const reply =
        option.choices !== undefined
          ? `COMPREPLY=($(compgen -W ${quoted(option.choices.join(' '))} -- "$current"))`
          : takesFile(option)
            ? ':'
            : 'compopt +o default';
      return `        --${name}) ${reply}; return ;;`;
    });
    const words = command.choices === undefined ? [] : [`      words=${quoted(command.choices.join(' '))}`];
    return [
      `    ${quoted(path)})`,
      `      options=${quoted(spelled(options).join(' '))}`,
      ...words,
      ...(values.length === 0 ? [] : ['      case "$before" in', ...values, '      esac']),
      '      ;;',
    ];
  };
  const groups = groupsOf(tree);
  return [
    '# bash completion for ingam',
    '_ingam() {',
    '  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}',
    "  local path=${COMP_WORDS[1]-} options='' words=''",
    '  COMPREPLY=()',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W ${quoted([...Object.keys(tree), 'help', '--help', '--version'].join(' '))} -- "$current"))`,
    '    return',
    '  fi',
    '  case "$path" in',
    `    help) [ "$COMP_CWORD" -eq 2 ] && words=${quoted(Object.keys(tree).join(' '))} ;;`,
    ...groups.map(
      ({ name, commands }) =>
        `    ${name}) if [ "$COMP_CWORD" -eq 2 ]; then words=${quoted(Object.keys(commands).join(' '))}; else path="$path \${COMP_WORDS[2]}"; fi ;;`,
    ),
    '  esac',
    '  case "$path" in',
    ...leavesOf(tree).flatMap(leafCase),
    '  esac',
    '  case "$current" in',
    '    -*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;',
    '    *) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;',
    '  esac',
    '}',
    'complete -o default -F _ingam ingam',
  ].join('\n');
}

function zsh(tree: CommandTree): string {
  const describe = (text: string) => text.replaceAll(/[[\]:\\]/g, '\\$&');
  const option = ([name, spec]: readonly [string, OptionSpec]) => {
    const { type, value = '', short, multiple, choices } = spec;
    const action = choices === undefined ? (takesFile(spec) ? '_files' : ' ') : `(${choices.join(' ')})`;
    const rest = `[${describe(firstLine(spec.help))}]${type === 'string' ? `:${value}:${action}` : ''}`;
    const spelled = [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
    const mark = multiple === true ? '*' : spelled.length > 1 ? `(${spelled.join(' ')})` : '';
    return spelled.map((each) => quoted(`${mark}${each}${rest}`)).join(' ');
  };
  const call = (command: Command) => [
    '_arguments -s -S',
    ...optionsOf(command).map(option),
    command.choices === undefined ? "'*:file:_files'" : quoted(`1:value:(${command.choices.join(' ')})`),
  ];
  const list = (commands: CommandTree) =>
    `(${Object.entries(commands)
      .map(([name, { summary }]) => quoted(`${name}:${inLanguage(summary)}`))
      .join(' ')})`;
  return [
    '#compdef ingam',
    '_ingam() {',
    '  local -a commands',
    '  if (( CURRENT == 2 )); then',
    `    commands=${list(tree)}`,
    '    _describe command commands',
    '    return',
    '  fi',
    '  shift words; (( CURRENT-- ))',
    '  case $words[1] in',
    ...groupsOf(tree).flatMap(({ name, commands }) => [
      `    ${name})`,
      '      if (( CURRENT == 2 )); then',
      `        commands=${list(commands)}`,
      '        _describe command commands',
      '        return',
      '      fi',
      '      shift words; (( CURRENT-- ))',
      '      case $words[1] in',
      ...Object.entries(commands).map(([word, command]) => `        ${word}) ${call(command).join(' ')} ;;`),
      '      esac ;;',
    ]),
    ...Object.entries(tree)
      .filter(([, { commands }]) => commands === undefined)
      .map(([name, command]) => `    ${name}) ${call(command).join(' ')} ;;`),
    '  esac',
    '}',
    // As a file in $fpath it is called, read by `source` it is registered.
    'if [ "$funcstack[1]" = _ingam ]; then _ingam "$@"; else compdef _ingam ingam; fi',
  ].join('\n');
}

function fish(tree: CommandTree): string {
  const line = (condition: string, rest: string) => `complete -c ingam -n ${quoted(condition)} ${rest}`;
  const option = (condition: string, [name, spec]: readonly [string, OptionSpec]) => {
    const { type, short, choices } = spec;
    const value =
      type === 'boolean'
        ? ''
        : choices !== undefined
          ? ` -x -a ${quoted(choices.join(' '))}`
          : takesFile(spec)
            ? ' -r -F'
            : ' -x';
    const letter = short === undefined ? '' : ` -s ${short}`;
    return line(condition, `-l ${name}${letter}${value} -d ${quoted(firstLine(spec.help))}`);
  };
  const all = (condition: string, command: Command) => [
    ...optionsOf(command).map((each) => option(condition, each)),
    ...(command.choices === undefined ? [] : [line(condition, `-f -a ${quoted(command.choices.join(' '))}`)]),
  ];
  const seen = (...names: readonly string[]) => `__fish_seen_subcommand_from ${names.join(' ')}`;
  return [
    '# fish completion for ingam',
    ...Object.entries(tree).flatMap(([name, command]) => [
      line('__fish_use_subcommand', `-f -a ${name} -d ${quoted(inLanguage(command.summary))}`),
      ...(command.commands === undefined
        ? all(seen(name), command)
        : Object.entries(command.commands).flatMap(([word, inner]) => [
            line(
              `${seen(name)}; and not ${seen(...Object.keys(command.commands ?? {}))}`,
              `-f -a ${word} -d ${quoted(inLanguage(inner.summary))}`,
            ),
            ...all(`${seen(name)}; and ${seen(word)}`, inner),
          ])),
    ]),
  ].join('\n');
}
