import { createHash } from 'node:crypto';
import { textFile } from './text-file.js';

/** In the folder of the built pages. */
export const OFFLINE_PAGE = 'verify-offline.html';
/**
 * Where it can be had as it was built, without the keys of this service: the same file for all who have this
 * version, so that certificates can print its digest.
 */
export const VERIFIER_PATH = 'verifier.html';

/** The verifier in one file, as it was built. */
export class VerifierFile {
  readonly read: () => Promise<string | null>;
  #sha256: string | null = null;

  constructor(publicDir: string) {
    this.read = textFile(publicDir, OFFLINE_PAGE);
  }

  /** In hexadecimal; null: it was not built. */
  async sha256(): Promise<string | null> {
    const text = await this.read();
    if (text !== null) this.#sha256 ??= createHash('sha256').update(text).digest('hex');
    return this.#sha256;
  }
}
