import { EXIT, type ExitCode } from './io.js';
import { failureMessages } from './messages/failures.js';

/** Why a command failed. Part of the `--json` output. */
export type FailureReason =
  | 'usage'
  | 'unreadable' // a file that does not exist, cannot be read, or is not a file
  | 'changed' // a file that changed while it was read
  | 'malformed' // readable, but not of the expected format
  | 'conflict' // an existing file that must not be overwritten
  | 'unreachable' // the service or database does not answer
  | 'refused' // the service rejected the request
  | 'interrupted'
  | 'bug';

export interface FailureOptions extends ErrorOptions {
  /** What the user can do about it, as a sentence. */
  readonly hint?: string;
  /** A more specific code than the reason: from proof/, or from the service's problem document. */
  readonly code?: string;
  readonly exitCode?: ExitCode;
}

/** Ends a command with a message for people and a code for programs. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly reason: FailureReason;
  readonly code: string;
  readonly hint: string | null;
  readonly exitCode: ExitCode;

  constructor(reason: FailureReason, message: string, options: FailureOptions = {}) {
    super(message, options);
    this.reason = reason;
    this.code = options.code ?? reason;
    this.hint = options.hint ?? null;
    this.exitCode = options.exitCode ?? (reason === 'interrupted' ? EXIT.interrupted : EXIT.usage);
  }
}

export function usageError(message: string, hint?: string): Failure {
  return new Failure('usage', message, hint === undefined ? {} : { hint });
}

/**
 * The failure of one of several files. An error of any other kind is a bug, and still costs only this file
 * its result.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Failure('bug', failureMessages().unexpectedError(message), {
    cause: error,
    hint: failureMessages().reportIt,
  });
}

/** A failure under `--json`. */
export function failureJson({ code, message, hint }: Failure) {
  return { code, message, ...(hint === null ? {} : { hint }) };
}

/** The line that reports that one of several files failed. */
export function failedLine(file: string, { message }: Failure): string {
  return `${failureMessages().failed} ${message.startsWith(`${file}: `) ? '' : `${file}: `}${message}`;
}

/** The distinct hints of these failures. */
export function hintsOf(results: readonly { readonly failure?: Failure }[]): Set<string> {
  return new Set(results.flatMap(({ failure }) => failure?.hint ?? []));
}

/** The `code` of a system error (ENOENT …), or null. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Whether a failure is about a file that does not exist. */
export function isMissing(error: unknown): error is Failure {
  return error instanceof Failure && ['ENOENT', 'ENOTDIR'].includes(systemCode(error.cause) ?? '');
}

/** A readable message for a file system error. Any other error is returned unchanged. */
export function fileFailure(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (code === null || error instanceof Failure) return error;
  const t = failureMessages();
  const reason = t.files[code] ?? t.otherFileError((error as Error).message);
  return new Failure('unreadable', `${path}: ${reason}`, { cause: error });
}
