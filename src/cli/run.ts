import { readFile } from 'node:fs/promises';
import { closest } from './arguments.js';
import { columns } from './command.js';
import { COMMANDS } from './commands.js';
import { Failure, failureJson, usageError } from './failure.js';
import { EXIT, printJson, printLine, type ExitCode, type Io, printable } from './io.js';

/**
 * Runs one command line.
 * @param argv what follows `ingam`
 * @returns the exit code. Rejects only for a bug.
 */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    report(error, argv, io);
    return error.exitCode;
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<ExitCode> {
  const [first, ...rest] = argv;
  switch (first) {
    case undefined:
      printLine(io.stderr, overview());
      return EXIT.usage;
    case '--version':
      printLine(io.stdout, await version());
      return EXIT.ok;
    case 'help':
    case '--help':
    case '-h':
      if (rest[0] !== undefined) {
        return (await commandNamed(rest[0]).load()).run([...rest.slice(1), '--help'], io);
      }
      printLine(io.stdout, overview());
      return EXIT.ok;
    default:
      return (await commandNamed(first).load()).run(rest, io);
  }
}

function commandNamed(name: string) {
  const command = COMMANDS.get(name);
  if (command !== undefined) return command;
  const near = closest(name, [...COMMANDS.keys()]);
  throw usageError(
    name.startsWith('-') ? `unknown option ${name}` : `unknown command: ${name}`,
    near === null ? 'List the commands with: ingam --help' : `Did you mean: ingam ${near}`,
  );
}

function overview(): string {
  const rows = [...COMMANDS].map(([left, { summary }]) => ({ left, help: summary }));
  return [
    'ingam: prove, offline and for decades, that a document existed at a given time',
    '',
    'Usage: ingam COMMAND [ARGUMENTS]',
    '',
    ...columns(rows),
    '',
    'Run "ingam COMMAND --help" for details. "ingam --version" shows the version.',
  ].join('\n');
}

/** package.json is two folders above this file, in the sources and in the build. */
async function version(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function report(failure: Failure, argv: readonly string[], io: Io): void {
  if (argv.includes('--json')) printJson(io.stdout, { error: failureJson(failure) });
  // A configuration error has one line per mistake.
  for (const line of `ingam: ${failure.message}`.split('\n')) printLine(io.stderr, printable(line));
  if (failure.hint !== null) printLine(io.stderr, printable(failure.hint));
}
