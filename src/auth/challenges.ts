import { createHash, createHmac, randomBytes } from 'node:crypto';
import { deriveKey } from '../crypto/secrets.js';
import type { SpentChallenge } from '../store/index.js';
import { sameBytes } from './values.js';

const LIFETIME_MS = 5 * 60_000;
const RANDOM_LENGTH = 16;
const TIME_LENGTH = 6;
const MAC_LENGTH = 16;

/**
 * Random values that come back with an answer. Whoever asks gets one, so none is stored: each carries its end and a
 * code by which the service knows its own. Those that were answered are stored until then, because each works once.
 */
export class Challenges {
  readonly #key: Uint8Array;
  readonly #clock: () => number;

  constructor(secret: Uint8Array, clock: () => number) {
    this.#key = deriveKey(secret, 'ingam access v1: challenges');
    this.#clock = clock;
  }

  /** In base64url. @param purpose what it may be answered for, and by whom */
  issue(purpose: string, lifetimeMs = LIFETIME_MS): string {
    const time = Buffer.alloc(TIME_LENGTH);
    time.writeUIntBE(this.#clock() + lifetimeMs, 0, TIME_LENGTH);
    const text = Buffer.concat([randomBytes(RANDOM_LENGTH), time]);
    return Buffer.concat([text, this.#macOf(purpose, text)]).toString('base64url');
  }

  /** null: this service has issued no such challenge for that purpose, or it has expired. */
  read(purpose: string, challenge: string): SpentChallenge | null {
    const bytes = Buffer.from(challenge, 'base64url');
    const text = bytes.subarray(0, RANDOM_LENGTH + TIME_LENGTH);
    const isOurs =
      bytes.length === RANDOM_LENGTH + TIME_LENGTH + MAC_LENGTH &&
      bytes.toString('base64url') === challenge &&
      sameBytes(this.#macOf(purpose, text), bytes.subarray(text.length));
    if (!isOurs) return null;
    const expiresAt = text.readUIntBE(RANDOM_LENGTH, TIME_LENGTH);
    if (expiresAt <= this.#clock()) return null;
    return { hash: new Uint8Array(createHash('sha256').update(bytes).digest()), expiresAt };
  }

  #macOf(purpose: string, text: Uint8Array): Buffer {
    const mac = createHmac('sha256', this.#key).update(text).update(purpose).digest();
    return mac.subarray(0, MAC_LENGTH);
  }
}
