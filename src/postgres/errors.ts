/** Why the embedded server cannot be had. Each message says what to do. */
export type EmbeddedErrorCode =
  /** No server binaries for this platform are installed. */
  | 'no_binaries'
  /** Another live process owns the directory. */
  | 'in_use'
  /** Running as root, and there is no ordinary user that could run PostgreSQL on this directory. */
  | 'no_os_user'
  /** The directory holds something that is not ours, or not whole. */
  | 'bad_directory'
  /** The data were written by another major version of PostgreSQL. */
  | 'wrong_version'
  | 'init_failed'
  | 'start_failed';

export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
  readonly code: EmbeddedErrorCode;

  constructor(code: EmbeddedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
