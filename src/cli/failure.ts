import { EXIT, type ExitCode } from './io.js';

/** Why a command could not do its work. Shown to programs under `--json`. */
export type FailureReason =
  | 'usage'
  | 'unreadable' // a file that is not there, not readable, or not a file
  | 'malformed' // readable, but not what it should be
  | 'conflict' // something is in the way that must not be overwritten
  | 'unreachable' // the service or database does not answer
  | 'refused' // the service answers, and says no
  | 'interrupted';

export interface FailureOptions extends ErrorOptions {
  /** What the user can do about it: a sentence. */
  readonly hint?: string;
  /** A finer code than the reason: of proof/, or of the service's problem document. */
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

/** A failure under `--json`. */
export function failureJson({ code, message, hint }: Failure) {
  return { code, message, ...(hint === null ? {} : { hint }) };
}

/** What the users can do about these failures, each advice once. */
export function hintsOf(results: readonly { readonly failure?: Failure }[]): Set<string> {
  return new Set(results.flatMap(({ failure }) => failure?.hint ?? []));
}

/** The `code` of a system error (ENOENT …), or null. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** A file error in words; anything that is no system error is passed on unchanged. */
export function fileFailure(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (code === null || error instanceof Failure) return error;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EPERM: 'not permitted',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of its path is not a folder',
    ENOSPC: 'the disk is full',
    EROFS: 'the disk is read-only',
    ENAMETOOLONG: 'the name is too long',
  };
  return new Failure('unreadable', `${path}: ${reasons[code] ?? (error as Error).message}`, { cause: error });
}
