import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { fromBase64, isObject, parseStrictJson, ProofError, toBase64, utf8 } from '../proof/index.js';

/*
 * Bytes under a passphrase: a key by scrypt (RFC 7914), AES-256-GCM. As JSON, so that other tools can open it.
 */

const FORMAT = 'ingam/encrypted/v1';
/** 128 MiB and some tenths of a second for each guess. */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Thrown when the passphrase is another one, or the text was changed: these look the same. */
export class WrongPassphrase extends Error {
  override readonly name = 'WrongPassphrase';
}

export async function encryptUnder(passphrase: string, bytes: Uint8Array): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', await derive(passphrase, salt), nonce);
  cipher.setAAD(utf8(FORMAT));
  const encrypted = Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  const { N, r, p } = COST;
  const value = {
    ...{ format: FORMAT, kdf: 'scrypt', N, r, p, cipher: 'aes-256-gcm' },
    ...{ salt: toBase64(salt), nonce: toBase64(nonce), encrypted: toBase64(encrypted) },
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * @throws {ProofError} malformed_key when it is no such text
 * @throws {WrongPassphrase}
 */
export async function decryptUnder(passphrase: string, text: string): Promise<Uint8Array> {
  const { salt, nonce, encrypted } = parse(text);
  const decipher = createDecipheriv('aes-256-gcm', await derive(passphrase, salt), nonce);
  decipher.setAAD(utf8(FORMAT)).setAuthTag(encrypted.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(encrypted.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new WrongPassphrase('the passphrase is wrong, or the file was changed', { cause: error });
  }
}

function parse(text: string) {
  const value = parseStrictJson(text);
  const fields = isObject(value) ? value : {};
  // Nobody may have this program work for hours: only what it writes is read.
  const isOurs =
    fields['format'] === FORMAT &&
    fields['kdf'] === 'scrypt' &&
    fields['N'] === COST.N &&
    fields['r'] === COST.r &&
    fields['p'] === COST.p &&
    fields['cipher'] === 'aes-256-gcm';
  const bytes = (name: string): Uint8Array => {
    const field = fields[name];
    return typeof field === 'string' ? fromBase64(field, name) : new Uint8Array();
  };
  const [salt, nonce, encrypted] = [bytes('salt'), bytes('nonce'), bytes('encrypted')];
  if (!isOurs || salt.length !== SALT_BYTES || nonce.length !== NONCE_BYTES || encrypted.length < TAG_BYTES) {
    throw new ProofError('malformed_key', `it is not of the format ${FORMAT}`);
  }
  return { salt, nonce, encrypted };
}

/** The passphrase as typed, in one form: keyboards write one character in different ways. */
function derive(passphrase: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(utf8(passphrase.normalize('NFC')), salt, KEY_BYTES, COST, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
