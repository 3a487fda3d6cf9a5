import { once } from 'node:events';
import type { Logger } from 'pino';
import { AccessError } from '../auth/index.js';
import type { Progress } from '../member/index.js';
import { EmbeddedError } from '../postgres/index.js';
import { ProofError } from '../proof/index.js';
import { SealProblem } from '../sealer/index.js';
import type { Config } from '../service/config.js';
import { loadMemberConfig, type MemberConfig } from '../service/member-config.js';
import { ConfigError } from '../service/settings.js';
import { createLogger } from '../service/logger.js';
import { startMember } from '../service/member-node.js';
import { type RunningService, startService } from '../service/service.js';
import { WorkersFailed } from '../service/workers.js';
import { StoreError } from '../store/index.js';
import { defineCommand } from './command.js';
import { readConfig } from './database.js';
import { Failure, systemCode } from './failure.js';
import {
  counted,
  createProgress,
  EXIT,
  formatSeconds,
  type Io,
  printLine,
  printNote,
  type Progress as Bar,
} from './io.js';

export const serveCommand = defineCommand({
  name: 'serve',
  summary: 'run the service',
  usage: '',
  text: `Starts the service. It is configured by environment variables: PORT, HOST, DATABASE_URL, INGAM_DATA_DIR and
others, all described in README.md. Without DATABASE_URL it runs its own PostgreSQL in the data directory.

Prints its address and its public key on standard output, and logs on standard error: text on a terminal, else JSON.
Until there is an administrator, it also prints a link to set one up (docs/access.md); "ingam setup-link" prints a
new one. SIGTERM or Ctrl-C shuts it down gracefully:
requests in progress finish, writes complete, its PostgreSQL stops. A second signal stops it at once.`,
  options: {},
  positionals: { min: 0, max: 0 },
  async run(_, io) {
    const config = readConfig(io);
    const server = await startService(config, createLogger(config)).catch((error: unknown) => {
      throw startFailure('service', error, config);
    });
    const lines = io.isOutputTTY
      ? welcome(server, config, io.env['npm_lifecycle_event'] === 'start' ? 'README.md' : 'FILE')
      : startLines(server);
    for (const line of lines) printLine(io.stdout, line);
    const ended = io.signal.aborted ? null : await Promise.race([once(io.signal, 'abort'), server.failed]);
    printNote(io, 'Stopping…');
    await server.stop();
    if (!(ended instanceof WorkersFailed)) return EXIT.ok;
    throw new Failure('unreachable', `the service cannot continue: ${ended.message}`, {
      cause: ended,
      exitCode: EXIT.failed,
      hint: 'See its log. With INGAM_WORKERS=1 it runs as a single process.',
    });
  },
});

type Started = Pick<RunningService, 'url' | 'verifierKey' | 'setUpUrl'>;

/** For scripts. */
function startLines({ url, verifierKey, setUpUrl }: Started): string[] {
  return [
    `Ingam is running at ${url}`,
    `Public key (give this to people who verify): ${verifierKey}`,
    ...(setUpUrl === null ? [] : ['Set up the first administrator (link valid 24 h, once):', setUpUrl]),
  ];
}

/** For the person at a terminal: what there is, and what to do first. @param file to try it with */
export function welcome({ url, verifierKey, setUpUrl }: Started, config: Config, file: string): string[] {
  // The port to which the commands connect by themselves.
  const server = config.port === 8080 ? '' : ` --server ${url}`;
  return [
    '',
    `Ingam is running at ${url}`,
    '',
    `  Open        ${url}`,
    ...(setUpUrl === null
      ? []
      : [
          `  Set up      ${setUpUrl}`,
          '              (once, within 24 hours; for a new link: npx ingam setup-link)',
        ]),
    `  Public key  ${verifierKey}`,
    '              (give this to people who verify)',
    `  Data        ${config.dataDir}`,
    '',
    'Try it, in another terminal:',
    '',
    `  npx ingam notarize ${file}${server}`,
    `  npx ingam verify ${file} --key ${verifierKey}`,
    '',
    'Ctrl-C stops it.',
  ];
}

/** A readable message for errors that the operator can fix. Any other error is a bug and keeps its stack. */
function startFailure(
  node: 'service' | 'member',
  error: unknown,
  { host, port }: Config | MemberConfig,
): unknown {
  const failure = (message: string, hint?: string) =>
    new Failure('unreachable', `the ${node} cannot start: ${message}`, {
      cause: error,
      exitCode: EXIT.failed,
      ...(hint === undefined ? {} : { hint }),
    });
  if (error instanceof ConfigError) return new Failure('usage', error.message, { cause: error });
  // About the operator that the configuration names.
  if (error instanceof AccessError || (error instanceof WorkersFailed && error.isOperator)) {
    return failure(error.message, 'Check INGAM_OPERATOR_EMAIL and INGAM_OPERATOR_PASSWORD.');
  }
  if (
    error instanceof StoreError ||
    error instanceof EmbeddedError ||
    error instanceof SealProblem ||
    error instanceof ProofError ||
    (error instanceof WorkersFailed && error.code === null)
  ) {
    return failure(error.message);
  }
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return failure(`${host}:${port} is already in use`, 'Choose another PORT.');
    case 'EACCES':
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return failure((error as Error).message, 'Check HOST, PORT and INGAM_DATA_DIR.');
    default:
      return error;
  }
}

/** Interval of log lines while catching up. */
const LOG_EVERY_MS = 10_000;

export const memberCommand = defineCommand({
  name: 'member',
  summary: "run a member's node, which checks and cosigns another chain",
  usage: '--upstream URL --key VKEY',
  text: `Follows the chain of the service at URL, whose log key is VKEY: checks and stores every block, and cosigns. It
refuses blocks that break a rule or contradict earlier ones, keeps the evidence, and raises an alarm (log, metric,
webhook).

It can also be configured by environment: PORT, HOST, DATABASE_URL, INGAM_DATA_DIR and INGAM_MEMBER_…, described in
docs/members.md. Without DATABASE_URL it runs an embedded PostgreSQL in the data directory.

Address and public key are written to standard output, the log to standard error. SIGTERM or Ctrl-C stops it
gracefully.`,
  options: {
    upstream: {
      type: 'string',
      value: 'URL',
      help: 'service to follow (default: $INGAM_MEMBER_UPSTREAM)',
    },
    key: {
      type: 'string',
      value: 'VKEY',
      help: 'log key of the service (default: $INGAM_MEMBER_UPSTREAM_KEY)',
    },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const config = configOf(values, io);
    const logger = createLogger(config);
    const progress = createProgress(io, 'Checking blocks', 1);
    const member = await startMember(config, logger, progressOf(progress, io, logger)).catch(
      (error: unknown) => {
        throw startFailure('member', error, config);
      },
    );
    printLine(io.stdout, `Member is running at ${member.url}`);
    printLine(io.stdout, `Public key (give this to the operator of the service): ${member.verifierKey}`);
    if (!io.signal.aborted) await once(io.signal, 'abort');
    progress.clear();
    printNote(io, 'Stopping…');
    await member.stop();
    return EXIT.ok;
  },
});

/** A progress bar on a terminal, otherwise periodic log lines. */
function progressOf(bar: Bar, io: Io, logger: Logger): (progress: Progress) => void {
  const pace = new Pace();
  let loggedAt = performance.now();
  return (progress) => {
    const now = performance.now();
    if (progress.blocks >= progress.of) {
      pace.end();
      bar.clear();
      return;
    }
    const text = pace.describe(progress, now);
    bar.update(progress.entries / progress.ofEntries, text);
    if (io.isTTY || now - loggedAt < LOG_EVERY_MS) return;
    loggedAt = now;
    logger.info(`catching up: ${text}`);
  };
}

function configOf(
  values: { readonly upstream: string | undefined; readonly key: string | undefined },
  io: Io,
): MemberConfig {
  try {
    return loadMemberConfig({
      ...io.env,
      ...(values.upstream === undefined ? {} : { INGAM_MEMBER_UPSTREAM: values.upstream }),
      ...(values.key === undefined ? {} : { INGAM_MEMBER_UPSTREAM_KEY: values.key }),
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new Failure('usage', error.message, {
      cause: error,
      hint: 'Give the service to follow with --upstream URL --key VKEY.',
    });
  }
}

/** Rate and remaining time of a member that catches up, measured since the first update. */
export class Pace {
  #first: (Progress & { readonly at: number }) | null = null;

  /** @param now milliseconds of a monotonic clock */
  describe(progress: Progress, now: number): string {
    // Fewer blocks than before: a new run has started.
    if (this.#first === null || progress.blocks < this.#first.blocks) this.#first = { ...progress, at: now };
    const { at, blocks, entries } = this.#first;
    const seconds = (now - at) / 1000;
    const text = `${progress.blocks} of ${counted(progress.of, 'block')}`;
    if (seconds === 0 || progress.entries === entries) return text;
    const perSecond = (progress.entries - entries) / seconds;
    const rates = [
      `${counted(Math.round((progress.blocks - blocks) / seconds), 'block')}/s`,
      `${counted(Math.round(perSecond), 'entry', 'entries')}/s`,
    ];
    return [
      text,
      ...rates,
      `${formatSeconds((progress.ofEntries - progress.entries) / perSecond)} left`,
    ].join(', ');
  }

  /** Ends the measurement; the next update starts a new one. */
  end(): void {
    this.#first = null;
  }
}
