import { once } from 'node:events';
import type { Logger } from 'pino';
import { createLogger } from '../service/logger.js';
import { startMember } from '../service/member-node.js';
import type { Progress } from '../member/index.js';
import { readMemberSettings, type MemberConfig } from '../service/member-config.js';
import { ProofError } from '../proof/index.js';
import { StoreError } from '../store/index.js';
import { EmbeddedError } from '../postgres/index.js';
import { defineCommand } from './command.js';
import { Failure, systemCode } from './failure.js';
import { EXIT, printLine, type Io, Pace, createProgress, type Progress as Bar } from './io.js';

/** Of the log, while a member catches up. */
const LOG_EVERY_MS = 10_000;

export const memberCommand = defineCommand({
  name: 'member',
  summary: "run a member's node, which checks and cosigns another's chain",
  usage: '--upstream URL --key VKEY',
  text: `Follows the chain of the service at URL, whose log key is VKEY: takes over every block after checking it, and
cosigns. What breaks a rule, or contradicts what was shown before, is refused, kept as evidence, and told (log,
metric, webhook).

It is configured by the environment as well: PORT, HOST, DATABASE_URL, INGAM_DATA_DIR and INGAM_MEMBER_…, all
described in docs/members.md. Without DATABASE_URL it runs a PostgreSQL of its own in the data directory.

Its address and its key are on standard output, its log on standard error. SIGTERM or Ctrl-C ends it in order.`,
  options: {
    upstream: {
      type: 'string',
      value: 'URL',
      help: 'the service to follow (default: $INGAM_MEMBER_UPSTREAM)',
    },
    key: { type: 'string', value: 'VKEY', help: 'its log key (default: $INGAM_MEMBER_UPSTREAM_KEY)' },
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
    printLine(io.stdout, `Ingam's member is running at ${member.url}`);
    printLine(io.stdout, `Its key, for the operator's list of witnesses: ${member.verifierKey}`);
    if (!io.signal.aborted) await once(io.signal, 'abort');
    progress.clear();
    printLine(io.stderr, 'Stopping…');
    await member.stop();
    return EXIT.ok;
  },
});

/** A bar where somebody looks on, else a line of the log now and then. */
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
  const read = readMemberSettings({
    ...io.env,
    ...(values.upstream === undefined ? {} : { INGAM_MEMBER_UPSTREAM: values.upstream }),
    ...(values.key === undefined ? {} : { INGAM_MEMBER_UPSTREAM_KEY: values.key }),
  });
  if ('config' in read) return read.config;
  throw new Failure('usage', ['The configuration is not right:', ...read.mistakes].join('\n  '), {
    hint: 'What to follow is said by --upstream URL --key VKEY.',
  });
}

/** What the user can do something about is told in a sentence; anything else is a bug and keeps its stack. */
function startFailure(error: unknown, { host, port }: MemberConfig): unknown {
  const known =
    error instanceof StoreError || error instanceof EmbeddedError || error instanceof ProofError
      ? error.message
      : systemCode(error) === 'EADDRINUSE'
        ? `something else listens at ${host}:${port}`
        : null;
  if (known === null) return error;
  return new Failure('unreachable', `the node cannot start: ${known}`, {
    cause: error,
    exitCode: EXIT.failed,
  });
}
