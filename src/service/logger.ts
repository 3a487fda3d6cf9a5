import { pino, type Logger } from 'pino';
import type { Config } from './config.js';

/** One JSON line per event on standard error, where it does not mix with what the service prints for people. */
export function createLogger({ logLevel }: Pick<Config, 'logLevel'>, worker: number | null = null): Logger {
  return pino(
    {
      level: logLevel,
      base: { pid: process.pid, ...(worker === null ? {} : { worker }) },
      serializers: { err: describeError },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** Errors of libraries carry what they were about, down to a connection and its password: these fields alone are logged. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
