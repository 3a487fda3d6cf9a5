import { once } from 'node:events';
import type { Logger } from 'pino';
import { createLogger } from '../service/logger.js';
import { startMember } from '../service/member-node.js';
import type { Progress } from '../member/index.js';
import { ConfigError } from '../service/config.js';
import { loadMemberConfig, type MemberConfig } from '../service/member-config.js';
import { ProofError } from '../proof/index.js';
import { StoreError } from '../store/index.js';
import { EmbeddedError } from '../postgres/index.js';
import { defineCommand } from './command.js';
import { Failure, systemCode } from './failure.js';
import { EXIT, printLine, type Io, Pace, createProgress, type Progress as Bar } from './io.js';

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
        throw startFailure(error, config);
      },
    );
    printLine(io.stdout, `Member is running at ${member.url}`);
    printLine(io.stdout, `Public key (give this to the operator of the service): ${member.verifierKey}`);
    if (!io.signal.aborted) await once(io.signal, 'abort');
    progress.clear();
    printLine(io.stderr, 'Stopping…');
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

/** A readable message for errors that the user can fix. Any other error is a bug and keeps its stack. */
function startFailure(error: unknown, { host, port }: MemberConfig): unknown {
  const known =
    error instanceof StoreError || error instanceof EmbeddedError || error instanceof ProofError
      ? error.message
      : systemCode(error) === 'EADDRINUSE'
        ? `${host}:${port} is already in use`
        : null;
  if (known === null) return error;
  return new Failure('unreachable', `the member cannot start: ${known}`, {
    cause: error,
    exitCode: EXIT.failed,
  });
}
