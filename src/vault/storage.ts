/** Why the vault cannot do what it was asked for. Callers decide by the code; the message is for people. */
export type VaultErrorCode =
  /** The folder or the S3 server cannot be used now. */
  | 'unavailable'
  /** The storage does not have the object. */
  | 'missing'
  /** What the storage has is not what was written. */
  | 'damaged'
  /** No key of `INGAM_VAULT_KEY` opens it, or its data key is not in `INGAM_ERASURE_KEYS`. */
  | 'key_missing'
  /** The organization's quota is used up. */
  | 'full'
  /** It took too long, and what was written has been removed meanwhile. */
  | 'expired';

export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly code: VaultErrorCode;

  constructor(code: VaultErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Bytes of an object, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Where the encrypted documents are: a folder, or a bucket of an S3 server. Names have 32 hexadecimal digits. */
export interface ObjectStorage {
  /**
   * Writes an object. It is whole and durable when this resolves; until then, and after a failure or a crash, nothing
   * has its name. What `content` throws is thrown on.
   * @param expectedBytes how long it will be at most; null: unknown
   * @throws {VaultError} unavailable
   */
  write(name: string, content: AsyncIterable<Uint8Array>, expectedBytes: number | null): Promise<void>;

  /** Ends early when the object is shorter. @throws {VaultError} missing, unavailable */
  read(name: string, range: ByteRange): AsyncIterable<Uint8Array>;

  /** Removes an object, and what an interrupted `write` has left of it. Idempotent. @throws {VaultError} unavailable */
  remove(name: string): Promise<void>;

  /** Ends what is running: it rejects. Only for a service that stops. */
  close(): void;

  /** Resolves when objects could be read now. @throws {VaultError} unavailable: the message says what to do */
  check(): Promise<void>;
}
