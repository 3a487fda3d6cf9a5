import { createPrivateKey, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto';
import {
  describe,
  ED25519,
  fromBase64,
  ProofError,
  toBase64,
  toHex,
  verifierKey,
  type NoteSigner,
} from '../proof/index.js';

// Private keys in the format of Go's note package: `PRIVATE+KEY+<name>+<hash>+<base64 of type ‖ 32-byte
// seed>`. Their text is never logged.

const PREFIX = 'PRIVATE+KEY+';
const SEED_LENGTH = 32;
/** PKCS #8 prefix of an Ed25519 seed (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const RAW_KEY_LENGTH = 32;

export interface PrivateKey extends NoteSigner {
  /** The key itself. Secret. */
  readonly text: string;
}

/** A key of `type` from a seed of 32 secret bytes; random by default. */
export function generateKey(
  name: string,
  type: number = ED25519,
  seed: Uint8Array = randomBytes(SEED_LENGTH),
): PrivateKey {
  const secret = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const key = verifierKey(name, type, rawPublicKey(secret));
  const material = toBase64(Uint8Array.of(type, ...seed));
  return {
    key,
    text: `${PREFIX}${name}+${toHex(key.keyId)}+${material}`,
    sign: (message) => sign(null, message, secret),
  };
}

/**
 * @throws {ProofError} malformed_key. The message may contain the name, never the key.
 */
export function parsePrivateKey(text: string): PrivateKey {
  const [name, id, ...encoded] = text.trim().replace(PREFIX, '').split('+');
  if (!text.startsWith(PREFIX) || name === undefined || id === undefined || encoded.length === 0) {
    throw new ProofError('malformed_key', `a private key must read ${PREFIX}NAME+HASH+KEY`);
  }
  let material: Uint8Array;
  try {
    material = fromBase64(encoded.join('+'), 'a private key', 1 + SEED_LENGTH);
  } catch {
    // The parser's message would quote the secret.
    throw new ProofError(
      'malformed_key',
      `the private key of ${describe(name)} is not ${1 + SEED_LENGTH} bytes in base64`,
    );
  }
  const key = generateKey(name, material[0], material.slice(1));
  if (toHex(key.key.keyId) !== id) {
    throw new ProofError(
      'malformed_key',
      `the hash of the private key of ${describe(name)} does not match its key`,
    );
  }
  return key;
}

/**
 * Private keys, separated by white space.
 * @throws {ProofError} malformed_key
 */
export function parsePrivateKeys(text: string): readonly [PrivateKey, ...PrivateKey[]] {
  const [first = '', ...others] = text.trim().split(/\s+/);
  return [parsePrivateKey(first), ...others.map(parsePrivateKey)];
}

/**
 * The private keys of one log, separated by white space.
 * @throws {ProofError} malformed_key
 */
export function parseLogKeys(text: string): readonly [PrivateKey, ...PrivateKey[]] {
  const keys = parsePrivateKeys(text);
  if (keys.some(({ key }) => key.name !== keys[0].key.name || key.type !== keys[0].key.type))
    throw new ProofError('malformed_key', 'the log keys must have one name: a log never changes its name');
  return keys;
}

function rawPublicKey(secret: KeyObject): Uint8Array {
  const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(-RAW_KEY_LENGTH));
}
