import { readFile } from 'node:fs/promises';
import { closest } from './arguments.js';
import { columns, type Command } from './command.js';
import { Failure, failureJson, usageError } from './failure.js';
import { languageOf, withLanguage } from './language.js';
import { EXIT, type ExitCode, type Io, printJson, printLine, printNote, printText } from './io.js';

export interface CommandEntry {
  readonly summary: string;
  load(): Promise<Command>;
}

/**
 * Each command is loaded on demand, so that `ingam verify` neither loads nor touches what other commands
 * need.
 */
export const COMMANDS: ReadonlyMap<string, CommandEntry> = new Map(
  Object.entries({
    verify: {
      summary: 'verify documents against their proofs, or the histories of records, offline',
      load: async () => (await import('./verify.js')).verifyCommand,
    },
    notarize: {
      summary: 'notarize files and folders, and save their proofs',
      load: async () => (await import('./notarize/notarize.js')).notarizeCommand,
    },
    upgrade: {
      summary: 'replace pending proofs with final ones, and add newer evidence',
      load: async () => (await import('./notarize/upgrade.js')).upgradeCommand,
    },
    list: {
      summary: "search your organization's register",
      load: async () => (await import('./register/list.js')).listCommand,
    },
    show: {
      summary: 'show a notarization, or those of a document',
      load: async () => (await import('./register/show.js')).showCommand,
    },
    proof: {
      summary: 'download proofs of notarizations or documents',
      load: async () => (await import('./register/proof.js')).proofCommand,
    },
    erase: {
      summary: 'erase the content of notarizations for good',
      load: async () => (await import('./erasure/erase.js')).eraseCommand,
    },
    hold: {
      summary: 'keep notarizations from being erased: legal holds',
      load: async () => (await import('./erasure/hold.js')).holdCommand,
    },
    renew: {
      summary: 'renew the time-stamps in proofs before their certificates end',
      load: async () => (await import('./renew.js')).renewCommand,
    },
    inspect: {
      summary: 'show every field of a proof, without verifying it',
      load: async () => (await import('./inspect.js')).inspectCommand,
    },
    certificate: {
      summary: 'create a printable PDF certificate from a proof',
      load: async () => (await import('./certificate.js')).certificateCommand,
    },
    'evidence-pack': {
      summary: 'put a document, its proofs and all evidence into a zip for a court',
      load: async () => (await import('./evidence-pack.js')).evidencePackCommand,
    },
    record: {
      summary: 'documents, works, items and contracts with a provable history',
      load: async () => (await import('./record/record.js')).recordCommand,
    },
    export: {
      summary: 'convert a proof to the format of another tool',
      load: async () => (await import('./export.js')).exportCommand,
    },
    login: {
      summary: 'save the address of a service, and an API key for it',
      load: async () => (await import('./login.js')).loginCommand,
    },
    logout: {
      summary: 'remove the saved address and API key',
      load: async () => (await import('./login.js')).logoutCommand,
    },
    config: {
      summary: 'show which service, API key and trust policy the commands use',
      load: async () => (await import('./login.js')).configCommand,
    },
    trust: {
      summary: "fetch a service's trust policy and save it",
      load: async () => (await import('./trust.js')).trustCommand,
    },
    audit: {
      summary: 'check a whole chain, in a database or on a server',
      load: async () => (await import('./audit.js')).auditCommand,
    },
    compare: {
      summary: 'check that two checkpoints belong to the same log history',
      load: async () => (await import('./evidence.js')).compareCommand,
    },
    evidence: {
      summary: 'check evidence that a log misbehaved',
      load: async () => (await import('./evidence.js')).evidenceCommand,
    },
    keygen: {
      summary: 'generate a key pair',
      load: async () => (await import('./keygen.js')).keygenCommand,
    },
    'log-key': {
      summary: "rotate the log's signing key",
      load: async () => (await import('./log-key.js')).logKeyCommand,
    },
    tsa: {
      summary: 'the key and certificates of your time-stamping authority',
      load: async () => (await import('./tsa.js')).tsaCommand,
    },
    'setup-link': {
      summary: 'print a new link to set up the first administrator',
      load: async () => (await import('./setup-link.js')).setupLinkCommand,
    },
    organization: {
      summary: 'create, list, limit and disable organizations',
      load: async () => (await import('./organization.js')).organizationCommand,
    },
    user: {
      summary: 'manage the users of organizations, and operators',
      load: async () => (await import('./user.js')).userCommand,
    },
    key: {
      summary: 'create, list and revoke API keys',
      load: async () => (await import('./key.js')).keyCommand,
    },
    'access-log': {
      summary: 'show sign-ins, failed sign-ins, key and role changes',
      load: async () => (await import('./access-log.js')).accessLogCommand,
    },
    completion: {
      summary: 'print a completion script for bash, zsh or fish',
      load: async () => (await import('./completion.js')).completionCommand(loadAll),
    },
    man: {
      summary: 'print the manual page of all commands',
      load: async () => (await import('./man.js')).manCommand(loadAll, version),
    },
    serve: {
      summary: 'run the service',
      load: async () => (await import('./serve.js')).serveCommand,
    },
    member: {
      summary: "run a member's node, which checks and cosigns another chain",
      load: async () => (await import('./serve.js')).memberCommand,
    },
  }),
);

async function loadAll(): Promise<Readonly<Record<string, Command>>> {
  const loaded = [...COMMANDS].map(async ([name, entry]) => [name, await entry.load()] as const);
  return Object.fromEntries(await Promise.all(loaded));
}

/**
 * Runs one command line.
 * @param argv what follows `ingam`
 * @returns the exit code. Rejects only for a bug.
 */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const language = argv.includes('--json') ? 'en' : languageOf(io.env);
  try {
    return await withLanguage(language, () => dispatch(argv, io));
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
      printText(io.stderr, overview());
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
      printText(io.stdout, overview());
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
    'Exit codes: 0 success; 1 failed: not verified, findings, some files failed, rejected by a rule, or cannot start;',
    '2 wrong usage, unreadable input, or no connection; 3 accepted but not sealed yet; 70 a bug; 130 interrupted.',
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
  const message = `ingam: ${failure.message}`;
  // A configuration error has one line per mistake. Elsewhere a line feed comes from the name of a file.
  if (failure.reason === 'usage') printText(io.stderr, message);
  else printNote(io, message);
  if (failure.hint !== null) printNote(io, failure.hint);
}
