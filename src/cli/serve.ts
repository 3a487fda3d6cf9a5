import { once } from 'node:events';
import { AccessError } from '../auth/index.js';
import { type Config, ConfigError } from '../service/config.js';
import { createLogger } from '../service/logger.js';
import { ProofError } from '../proof/index.js';
import { SealProblem } from '../sealer/index.js';
import { startService } from '../service/service.js';
import { WorkersFailed } from '../service/workers.js';
import { StoreError } from '../store/index.js';
import { EmbeddedError } from '../postgres/index.js';
import { defineCommand } from './command.js';
import { Failure, systemCode } from './failure.js';
import { EXIT, printLine } from './io.js';
import { readConfig } from './database.js';

export const serveCommand = defineCommand({
  name: 'serve',
  summary: 'run the service',
  usage: '',
  text: `Starts the service. It is configured by environment variables: PORT, HOST, DATABASE_URL, INGAM_DATA_DIR and
others, all described in README.md. Without DATABASE_URL it runs its own PostgreSQL in the data directory.

Prints its address and its public key on standard output, and logs on standard error. Until there is an
administrator, it also prints a link to set one up (docs/access.md). SIGTERM or Ctrl-C shuts it down gracefully:
requests in progress finish, writes complete, its PostgreSQL stops. A second signal stops it at once.`,
  options: {},
  positionals: { min: 0, max: 0 },
  async run(_, io) {
    const config = readConfig(io);
    const server = await startService(config, createLogger(config)).catch((error: unknown) => {
      throw startFailure(error, config);
    });
    printLine(io.stdout, `Ingam is running at ${server.url}`);
    printLine(io.stdout, `Public key (give this to people who verify): ${server.verifierKey}`);
    if (server.setUpUrl !== null) {
      printLine(io.stdout, 'Set up the first administrator (link valid 24 h, once):');
      printLine(io.stdout, server.setUpUrl);
    }
    const ended = io.signal.aborted ? null : await Promise.race([once(io.signal, 'abort'), server.failed]);
    printLine(io.stderr, 'Stopping…');
    await server.stop();
    if (!(ended instanceof WorkersFailed)) return EXIT.ok;
    throw new Failure('unreachable', `the service cannot continue: ${ended.message}`, {
      cause: ended,
      exitCode: EXIT.failed,
      hint: 'See its log. With INGAM_WORKERS=1 it runs as a single process.',
    });
  },
});

/** One sentence for what the operator can fix; anything else is a bug and keeps its stack. */
function startFailure(error: unknown, { host, port }: Config): unknown {
  const start = (message: string, hint?: string) =>
    new Failure('unreachable', `the service cannot start: ${message}`, {
      cause: error,
      exitCode: EXIT.failed,
      ...(hint === undefined ? {} : { hint }),
    });
  if (error instanceof ConfigError) return new Failure('usage', error.message, { cause: error });
  // About the operator that the configuration names.
  if (error instanceof AccessError || (error instanceof WorkersFailed && error.isOperator)) {
    return start(error.message, 'Check INGAM_OPERATOR_EMAIL and INGAM_OPERATOR_PASSWORD.');
  }
  if (
    error instanceof StoreError ||
    error instanceof EmbeddedError ||
    error instanceof SealProblem ||
    error instanceof ProofError ||
    (error instanceof WorkersFailed && error.code === null)
  ) {
    return start(error.message);
  }
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return start(`${host}:${port} is already in use`, 'Choose another PORT.');
    case 'EACCES':
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return start(
        error instanceof Error ? error.message : String(error),
        'Check HOST, PORT and INGAM_DATA_DIR.',
      );
    default:
      return error;
  }
}
