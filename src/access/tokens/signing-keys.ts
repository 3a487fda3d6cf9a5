import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { AccessStore, NewAccessEvent, SigningKey } from '../../store/index.js';
import type { AccessLogger } from '../client.js';
import { KeySet } from './key-set.js';
import { deriveKey, isId, newId } from '../secrets.js';

/** How long an access token lives. */
export const ACCESS_LIFETIME_MS = 15 * 60_000;
/** How far the clocks of two instances may be apart. */
export const CLOCK_TOLERANCE_MS = 10_000;

const ROTATION_MS = 30 * 86_400_000;
/** A retired key is kept while a token that it signed can live. */
const RETIREMENT_MS = ACCESS_LIFETIME_MS + 2 * CLOCK_TOLERANCE_MS;
const MAX_AGE_MS = 30_000;
const MIN_INTERVAL_MS = 1000;

const CIPHER = 'aes-256-gcm';
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

const NOBODYS_EVENT = {
  kind: 'signing_key_rotated',
  accountId: null,
  personId: null,
  keyId: null,
  address: null,
} as const;

export interface CheckingKey {
  readonly publicKey: KeyObject;
  /** Milliseconds; what claims to be signed later is not believed. */
  readonly retiredAt: number | null;
}

export interface CurrentKey {
  readonly id: string;
  readonly privateKey: KeyObject;
}

/**
 * The keys that access tokens are signed with (ES256), shared by all instances through the database, where their private halves are
 * encrypted. Whoever signs reads them first, so that no instance signs with a key that another has retired.
 */
export class SigningKeys {
  readonly #store: AccessStore;
  readonly #clock: () => number;
  readonly #logger: AccessLogger;
  readonly #wrappingKey: Uint8Array;
  readonly #checking: KeySet<CheckingKey>;

  constructor(store: AccessStore, secret: Uint8Array, clock: () => number, logger: AccessLogger) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#wrappingKey = deriveKey(secret, 'ingam access v1: signing keys');
    this.#checking = new KeySet({
      load: async () => checkingKeys(await store.signingKeys()),
      maxAgeMs: MAX_AGE_MS,
      minIntervalMs: MIN_INTERVAL_MS,
      maxStaleMs: MAX_AGE_MS,
    });
  }

  /** The key to sign with now; a new one when there is none, it has served its time, or another secret hides it. */
  async current(): Promise<CurrentKey> {
    const asked = performance.now();
    const keys = await this.#store.signingKeys();
    this.#checking.put(checkingKeys(keys), asked);
    const newest = newestOf(keys);
    const privateKey = newest === null ? null : this.#unwrap(newest);
    if (newest !== null && privateKey === null) {
      this.#logger.warn(
        { key: newest.id },
        'the signing key was encrypted with another secret and is replaced',
      );
    }
    if (newest !== null && privateKey !== null && this.#clock() - newest.createdAt < ROTATION_MS) {
      return { id: newest.id, privateKey };
    }
    const reason = newest === null ? 'first' : privateKey === null ? 'other_secret' : 'age';
    const made = await this.#replace(newest, (at) => ({ ...NOBODYS_EVENT, at, detail: { reason } }));
    // Somebody else was faster: theirs it is.
    return made ?? this.current();
  }

  /** Has another key sign from now on. Tokens of the present one hold until they end. */
  async rotate(event: (at: number) => NewAccessEvent): Promise<void> {
    await this.#replace(newestOf(await this.#store.signingKeys()), event);
  }

  /** null: not one of ours. */
  async find(id: string): Promise<CheckingKey | null> {
    const key = isId('sig', id) ? await this.#checking.find(id) : null;
    return key === null || (key.retiredAt !== null && this.#clock() >= key.retiredAt + RETIREMENT_MS)
      ? null
      : key;
  }

  /** null: another instance has replaced it already. */
  async #replace(
    newest: SigningKey | null,
    event: (at: number) => NewAccessEvent,
  ): Promise<CurrentKey | null> {
    const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
    const id = newId('sig');
    const at = this.#clock();
    const key: SigningKey = {
      id,
      publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
      privateKey: this.#wrap(id, privateKey),
      createdAt: at,
      retiredAt: null,
    };
    const replaced = await this.#store.rotateSigningKey(key, {
      replaces: newest?.id ?? null,
      removeRetiredBefore: at - RETIREMENT_MS,
      event: event(at),
    });
    return replaced ? { id, privateKey } : null;
  }

  /** nonce ‖ ciphertext ‖ tag. The id is authenticated with it: no row's key can be put into another's place. */
  #wrap(id: string, key: KeyObject): Uint8Array {
    const nonce = randomBytes(NONCE_LENGTH);
    const cipher = createCipheriv(CIPHER, this.#wrappingKey, nonce).setAAD(Buffer.from(id));
    const text = [cipher.update(key.export({ type: 'pkcs8', format: 'der' })), cipher.final()];
    return new Uint8Array(Buffer.concat([nonce, ...text, cipher.getAuthTag()]));
  }

  #unwrap({ id, privateKey }: SigningKey): KeyObject | null {
    const nonce = privateKey.subarray(0, NONCE_LENGTH);
    const tag = privateKey.subarray(-TAG_LENGTH);
    try {
      const decipher = createDecipheriv(CIPHER, this.#wrappingKey, nonce, { authTagLength: TAG_LENGTH })
        .setAAD(Buffer.from(id))
        .setAuthTag(tag);
      const text = [decipher.update(privateKey.subarray(NONCE_LENGTH, -TAG_LENGTH)), decipher.final()];
      return createPrivateKey({ key: Buffer.concat(text), type: 'pkcs8', format: 'der' });
    } catch {
      return null;
    }
  }
}

/** Of those that sign. */
function newestOf(keys: readonly SigningKey[]): SigningKey | null {
  return keys.find(({ retiredAt }) => retiredAt === null) ?? null;
}

function checkingKeys(keys: readonly SigningKey[]): ReadonlyMap<string, CheckingKey> {
  return new Map(
    keys.map(({ id, publicKey, retiredAt }) => [
      id,
      { publicKey: createPublicKey({ key: Buffer.from(publicKey), type: 'spki', format: 'der' }), retiredAt },
    ]),
  );
}
