import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deriveKey, parseSecrets } from '../crypto/secrets.js';
import { toHex, utf8 } from '../proof/index.js';
import { VaultError } from './storage.js';

/** A document's key, encrypted under a key of the vault. */
export interface WrappedKey {
  /** Names the key of the vault, 8 hexadecimal digits. It tells nothing of it. */
  readonly by: string;
  /** Base64. */
  readonly text: string;
}

/** What a wrapped key is for. It opens for nothing else. */
export interface KeyUse {
  /** The object's id, 16 bytes. */
  readonly object: Uint8Array;
  /** The organization's number. */
  readonly organization: number;
  /** Of the document, in bytes. */
  readonly size: number;
  /** Of the document. */
  readonly sha256: Uint8Array;
}

interface VaultKey {
  readonly id: string;
  readonly key: Uint8Array;
}

const KEY_LENGTH = 32;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const ID_DIGITS = 8;
const CIPHER = 'aes-256-gcm';

/** The keys of `INGAM_VAULT_KEY`: the first wraps; the others, which were used before, only unwrap. */
export class VaultKeys {
  readonly #keys: readonly VaultKey[];
  readonly #current: VaultKey;

  private constructor(keys: readonly [VaultKey, ...VaultKey[]]) {
    this.#keys = keys;
    [this.#current] = keys;
  }

  /** @throws {ProofError} malformed_key. The message contains no key. */
  static parse(text: string): VaultKeys {
    const [first, ...others] = parseSecrets(text);
    return new VaultKeys([keyOf(first), ...others.map(keyOf)]);
  }

  /** Of the key that wraps. */
  get current(): string {
    return this.#current.id;
  }

  has(id: string): boolean {
    return this.#keys.some((key) => key.id === id);
  }

  wrap(key: Uint8Array, use: KeyUse): WrappedKey {
    const nonce = randomBytes(NONCE_LENGTH);
    const cipher = createCipheriv(CIPHER, this.#current.key, nonce).setAAD(additionalData(use));
    const parts = [nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()];
    return { by: this.#current.id, text: Buffer.concat(parts).toString('base64') };
  }

  /** @throws {VaultError} key_missing, damaged */
  unwrap({ by, text }: WrappedKey, use: KeyUse): Uint8Array {
    const found = this.#keys.find(({ id }) => id === by);
    if (found === undefined) {
      throw new VaultError(
        'key_missing',
        `the document is under the vault key ${by}, which INGAM_VAULT_KEY does not have`,
      );
    }
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length !== NONCE_LENGTH + KEY_LENGTH + TAG_LENGTH) throw notItsKey();
    const decipher = createDecipheriv(CIPHER, found.key, bytes.subarray(0, NONCE_LENGTH))
      .setAAD(additionalData(use))
      .setAuthTag(bytes.subarray(-TAG_LENGTH));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_LENGTH, -TAG_LENGTH)), decipher.final()]);
    } catch {
      throw notItsKey();
    }
  }
}

function notItsKey(): VaultError {
  return new VaultError('damaged', 'the key in the database is not the one of this document');
}

function keyOf(secret: Uint8Array): VaultKey {
  return {
    id: toHex(deriveKey(secret, 'ingam/vault/v1 id')).slice(0, ID_DIGITS),
    key: deriveKey(secret, 'ingam/vault/v1 wrap'),
  };
}

function additionalData({ object, organization, size, sha256 }: KeyUse): Uint8Array {
  return utf8(`ingam/vault/v1 key\n${toHex(object)}\n${organization}\n${size}\n${toHex(sha256)}\n`);
}
