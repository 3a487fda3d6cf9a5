import { closest } from './arguments.js';
import { columns, type Command } from './command.js';
import { Failure, failureJson, usageError } from './failure.js';
import { inLanguage, languageGiven, languageOf, withLanguage } from './language.js';
import { EXIT, type ExitCode, type Io, printJson, printLine, printNote, printText } from './io.js';
import { usageMessages } from './messages/usage.js';
import { SUMMARIES } from './summaries.js';

/**
 * Each command is loaded on demand, so that `ingam verify` neither loads nor touches what other commands
 * need.
 */
export const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map(
  Object.entries({
    verify: async () => (await import('./verify.js')).verifyCommand,
    notarize: async () => (await import('./notarize/notarize.js')).notarizeCommand,
    watch: async () => (await import('./watch/watch.js')).watchCommand,
    mcp: async () => (await import('./mcp/mcp.js')).mcpCommand(run, version),
    upgrade: async () => (await import('./notarize/upgrade.js')).upgradeCommand,
    list: async () => (await import('./register/list.js')).listCommand,
    show: async () => (await import('./register/show.js')).showCommand,
    proof: async () => (await import('./register/proof.js')).proofCommand,
    document: async () => (await import('./register/document.js')).documentCommand,
    erase: async () => (await import('./erasure/erase.js')).eraseCommand,
    hold: async () => (await import('./erasure/hold.js')).holdCommand,
    renew: async () => (await import('./renew.js')).renewCommand,
    inspect: async () => (await import('./inspect.js')).inspectCommand,
    certificate: async () => (await import('./certificate.js')).certificateCommand,
    'evidence-pack': async () => (await import('./evidence-pack.js')).evidencePackCommand,
    record: async () => (await import('./record/record.js')).recordCommand,
    signing: async () => (await import('./signing/signing.js')).signingCommand,
    export: async () => (await import('./export.js')).exportCommand,
    login: async () => (await import('./login.js')).loginCommand,
    logout: async () => (await import('./login.js')).logoutCommand,
    config: async () => (await import('./login.js')).configCommand,
    trust: async () => (await import('./trust.js')).trustCommand,
    audit: async () => (await import('./audit/audit.js')).auditCommand,
    publish: async () => (await import('./publish/publish.js')).publishCommand,
    compare: async () => (await import('./evidence.js')).compareCommand,
    evidence: async () => (await import('./evidence.js')).evidenceCommand,
    backup: async () => (await import('./backup/backup.js')).backupCommand,
    restore: async () => (await import('./backup/restore.js')).restoreCommand,
    'restore-check': async () => (await import('./backup/restore-check.js')).restoreCheckCommand,
    recover: async () => (await import('./backup/recover.js')).recoverCommand,
    doctor: async () => (await import('./doctor/doctor.js')).doctorCommand,
    keygen: async () => (await import('./keygen.js')).keygenCommand,
    'log-key': async () => (await import('./log-key.js')).logKeyCommand,
    'erasure-keys': async () => (await import('./erasure/keys.js')).erasureKeysCommand,
    tsa: async () => (await import('./tsa.js')).tsaCommand,
    'setup-link': async () => (await import('./setup-link.js')).setupLinkCommand,
    organization: async () => (await import('./organization.js')).organizationCommand,
    user: async () => (await import('./user/user.js')).userCommand,
    key: async () => (await import('./key.js')).keyCommand,
    webhook: async () => (await import('./webhook.js')).webhookCommand,
    'access-log': async () => (await import('./access-log.js')).accessLogCommand,
    completion: async () => (await import('./completion.js')).completionCommand(loadAll),
    man: async () => (await import('./man.js')).manCommand(loadAll, version),
    serve: async () => (await import('./serve.js')).serveCommand,
    member: async () => (await import('./serve.js')).memberCommand,
  } satisfies Record<keyof typeof SUMMARIES, () => Promise<Command>>),
);

async function loadAll(): Promise<Readonly<Record<string, Command>>> {
  const loaded = [...COMMANDS].map(async ([name, load]) => [name, await load()] as const);
  return Object.fromEntries(await Promise.all(loaded));
}

/**
 * Runs one command line.
 * @param argv what follows `ingam`
 * @returns the exit code. Rejects only for a bug.
 */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  // What programs read is never translated.
  const language = argv.includes('--json') ? 'en' : (languageGiven(argv) ?? languageOf(io.env));
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
        return (await commandNamed(rest[0])()).run([...rest.slice(1), '--help'], io);
      }
      printText(io.stdout, overview());
      return EXIT.ok;
    default:
      return (await commandNamed(first)()).run(rest, io);
  }
}

function commandNamed(name: string) {
  const command = COMMANDS.get(name);
  if (command !== undefined) return command;
  const t = usageMessages();
  const near = closest(name, [...COMMANDS.keys()]);
  throw usageError(
    name.startsWith('-') ? t.unknownOption(name) : t.unknownCommand(name),
    near === null ? t.listAllCommands : t.meantCommand(near),
  );
}

function overview(): string {
  const t = usageMessages();
  const rows = Object.entries(SUMMARIES).map(([left, summary]) => ({ left, help: inLanguage(summary) }));
  return [
    `ingam: ${t.purpose}`,
    '',
    `${t.usage} ingam COMMAND [ARGUMENTS]`,
    '',
    ...columns(rows),
    '',
    t.exitStatus,
    ...columns(Object.entries(t.exitCodes).map(([left, help]) => ({ left, help }))),
    '',
    t.overviewEnd,
  ].join('\n');
}

const version = async (): Promise<string> => (await import('../http/version.js')).VERSION;

function report(failure: Failure, argv: readonly string[], io: Io): void {
  if (argv.includes('--json')) printJson(io.stdout, { error: failureJson(failure) });
  const message = `ingam: ${failure.message}`;
  // A configuration error has one line per mistake. Elsewhere a line feed comes from the name of a file.
  if (failure.reason === 'usage') printText(io.stderr, message);
  else printNote(io, message);
  if (failure.hint !== null) printNote(io, failure.hint);
}
