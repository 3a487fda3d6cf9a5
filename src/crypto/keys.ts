import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import {
  type Algorithm,
  decodeKey,
  describe,
  ED25519,
  encodeKey,
  formOf,
  fromBase64,
  isLogKeyType,
  isReceiptKeyType,
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

interface KeyPair {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** The key pair that a seed of 32 bytes stands for. */
const KEY_PAIRS: Readonly<Record<Algorithm, (seed: Uint8Array) => KeyPair>> = {
  ed25519(seed) {
    const secret = createPrivateKey({
      key: Buffer.concat([PKCS8_PREFIX, seed]),
      format: 'der',
      type: 'pkcs8',
    });
    const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' });
    return {
      publicKey: new Uint8Array(spki.subarray(-RAW_KEY_LENGTH)),
      sign: (message) => sign(null, message, secret),
    };
  },
  // Node has ML-DSA only from version 24 on.
  'ml-dsa-44'(seed) {
    const { publicKey, secretKey } = ml_dsa44.keygen(Uint8Array.from(seed));
    return { publicKey, sign: (message) => ml_dsa44.sign(message, secretKey) };
  },
};

/** A key of `type` from a seed of 32 secret bytes; random by default. */
export function generateKey(
  name: string,
  type: number = ED25519,
  seed: Uint8Array = randomBytes(SEED_LENGTH),
): PrivateKey {
  const pair = KEY_PAIRS[formOf(type).algorithm](seed);
  const key = verifierKey(name, type, pair.publicKey);
  return {
    key,
    text: `${PREFIX}${name}+${toHex(key.keyId)}+${toBase64(encodeKey(type, seed))}`,
    sign: (message) => pair.sign(message),
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
    material = fromBase64(encoded.join('+'), 'a private key');
  } catch {
    // The parser's message would quote the secret.
    throw new ProofError('malformed_key', `the private key of ${describe(name)} is not in base64`);
  }
  const { type, key: seed } = decodeKey(material);
  if (seed.length !== SEED_LENGTH) {
    throw new ProofError(
      'malformed_key',
      `the seed of the private key of ${describe(name)} does not have ${SEED_LENGTH} bytes`,
    );
  }
  const key = generateKey(name, type, seed);
  if (toHex(key.key.keyId) !== id) {
    throw new ProofError(
      'malformed_key',
      `the hash of the private key of ${describe(name)} does not match its key`,
    );
  }
  return key;
}

const kept = new Map<string, PrivateKey>();

/** As `parsePrivateKey`, for a thread that gets the key with each task: it is read once. */
export function keptPrivateKey(text: string): PrivateKey {
  const key = kept.get(text) ?? parsePrivateKey(text);
  kept.set(text, key);
  return key;
}

/** Whether a signature takes so long that it is to be made in a thread. */
export function isSlow({ key }: PrivateKey): boolean {
  return formOf(key.type).algorithm === 'ml-dsa-44';
}

type PrivateKeys = readonly [PrivateKey, ...PrivateKey[]];

/** Private keys, separated by white space. @throws {ProofError} malformed_key */
function parsePrivateKeys(text: string): PrivateKeys {
  const [first = '', ...others] = text.trim().split(/\s+/);
  return [parsePrivateKey(first), ...others.map(parsePrivateKey)];
}

/**
 * The private keys of one log, separated by white space.
 * @throws {ProofError} malformed_key
 */
export function parseLogKeys(text: string): PrivateKeys {
  const keys = parsePrivateKeys(text);
  if (keys.some(({ key }) => key.name !== keys[0].key.name))
    throw new ProofError('malformed_key', 'the log keys must have one name: a log never changes its name');
  if (!keys.every(({ key }) => isLogKeyType(key.type)))
    throw new ProofError('malformed_key', 'a log key must be made with: ingam keygen --kind log');
  return keys;
}

/**
 * The private keys of a service's receipts, separated by white space.
 * @throws {ProofError} malformed_key
 */
export function parseReceiptKeys(text: string): PrivateKeys {
  const keys = parsePrivateKeys(text);
  if (!keys.every(({ key }) => isReceiptKeyType(key.type)))
    throw new ProofError('malformed_key', 'a receipt key must be made with: ingam keygen --kind receipt');
  return keys;
}

/** Those of several keys that sign: the first of each algorithm. The others are former keys. */
export function signingKeys(keys: readonly PrivateKey[]): readonly PrivateKey[] {
  return keys.filter(({ key }, i) => keys.findIndex((each) => each.key.type === key.type) === i);
}
