import { open, readFile, stat } from 'node:fs/promises';
import { ErasureKeys } from '../crypto/erasure-keys.js';
import { writeDurably } from './files.js';

/**
 * The file of the data keys (`INGAM_ERASURE_KEYS`), which all processes of a service share. It is written only inside
 * `Store.changeErasureKeys`, by one process at a time.
 */
export class ErasureKeyFile {
  readonly path: string;
  #keys: ErasureKeys;
  /** Changes whenever the file is replaced. */
  #version: string;

  private constructor(path: string, keys: ErasureKeys, version: string) {
    this.path = path;
    this.#keys = keys;
    this.#version = version;
  }

  /** @throws {ProofError} malformed_key, and the file system's errors */
  static async open(path: string): Promise<ErasureKeyFile> {
    const version = await versionOf(path);
    return new ErasureKeyFile(path, ErasureKeys.parse(await readFile(path, 'utf8')), version);
  }

  get keys(): ErasureKeys {
    return this.#keys;
  }

  /** Forgets what another process has destroyed. @throws {ProofError}, and the file system's errors */
  async reload(): Promise<void> {
    const version = await versionOf(this.path);
    if (version === this.#version) return;
    this.#keys = ErasureKeys.parse(await readFile(this.path, 'utf8'));
    this.#version = version;
  }

  /** Durable when this resolves. The bytes of the old file are overwritten, as far as the file system does that. */
  async change(make: (keys: ErasureKeys) => ErasureKeys): Promise<void> {
    const before = await open(this.path, 'r+');
    try {
      const text = await before.readFile('utf8');
      const keys = make(ErasureKeys.parse(text));
      if (keys.format() !== text) {
        await writeDurably(this.path, keys.format(), 0o600);
        await before.write(Buffer.alloc(Buffer.byteLength(text)), 0, undefined, 0);
        await before.sync();
      }
      this.#keys = keys;
      this.#version = await versionOf(this.path);
    } finally {
      await before.close();
    }
  }
}

async function versionOf(path: string): Promise<string> {
  const { ino, mtimeMs, size } = await stat(path);
  return `${ino} ${mtimeMs} ${size}`;
}
