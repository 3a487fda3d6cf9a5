import { concat, describe, equal, fromBase64, fromHex, toBase64, toHex, utf8 } from './bytes.js';
import { ProofError } from './errors.js';
import { sha256 } from './hash.js';
import { isKeyName } from './note.js';
import {
  ED25519_KEY_LENGTH,
  ED25519_SIGNATURE_LENGTH,
  ML_DSA_44_KEY_LENGTH,
  ML_DSA_44_SIGNATURE_LENGTH,
  type Verifiers,
} from './verifiers.js';

// Verifier keys ("vkeys", c2sp.org/signed-note) and what the type of a key fixes.

/** c2sp.org/signed-note: Ed25519 over the note's text. */
export const ED25519 = 0x01;
/** c2sp.org/tlog-cosignature: Ed25519 over a checkpoint's text and a time. */
export const COSIGNATURE = 0x04;
/** c2sp.org/tlog-cosignature: ML-DSA-44 over a checkpoint and a time. It can sign no other text. */
export const ML_DSA_44 = 0x06;
/** ML-DSA-44 over the note's text: a type without a number of its own, which its identifier names. */
export const ML_DSA_44_TEXT = 0xff;

/** How a key of a type signs. */
export interface KeyForm {
  /** What people call it. */
  readonly algorithm: Algorithm;
  /** What follows the type byte, before the public key. */
  readonly identifier: Uint8Array;
  /** In bytes. */
  readonly keyLength: number;
  /** Without the time. */
  readonly signatureLength: number;
  /** Whether a time precedes the signature, as in every cosignature. */
  readonly timed: boolean;
  readonly verifier: keyof Verifiers;
}

export type Algorithm = 'ed25519' | 'ml-dsa-44';

const NO_IDENTIFIER = new Uint8Array(0);
const BY_ED25519 = {
  algorithm: 'ed25519',
  identifier: NO_IDENTIFIER,
  keyLength: ED25519_KEY_LENGTH,
  signatureLength: ED25519_SIGNATURE_LENGTH,
  verifier: 'verifyEd25519',
} as const;
const BY_ML_DSA_44 = {
  algorithm: 'ml-dsa-44',
  identifier: NO_IDENTIFIER,
  keyLength: ML_DSA_44_KEY_LENGTH,
  signatureLength: ML_DSA_44_SIGNATURE_LENGTH,
  verifier: 'verifyMlDsa44',
} as const;

const FORMS: ReadonlyMap<number, KeyForm> = new Map<number, KeyForm>([
  [ED25519, { ...BY_ED25519, timed: false }],
  [COSIGNATURE, { ...BY_ED25519, timed: true }],
  [ML_DSA_44, { ...BY_ML_DSA_44, timed: true }],
  [ML_DSA_44_TEXT, { ...BY_ML_DSA_44, identifier: utf8('ingam/ml-dsa-44/v1\n'), timed: false }],
]);

/** The form of a type. @throws {ProofError} malformed_key when it is not known */
export function formOf(type: number): KeyForm {
  const form = FORMS.get(type);
  if (form !== undefined) return form;
  throw new ProofError(
    'malformed_key',
    `key type ${type} is not known; 1 (Ed25519), 4 (Ed25519 cosignature), 6 (ML-DSA-44) and 255 (ML-DSA-44 over a text) are`,
  );
}

/** A verifier key ("vkey"): a public key and the name of its holder. */
export interface VerifierKey {
  readonly name: string;
  /** First four bytes of SHA-256(name ‖ LF ‖ type ‖ identifier ‖ public key). */
  readonly keyId: Uint8Array;
  /** One of the types above. */
  readonly type: number;
  /** 32 bytes, or 1312 for ML-DSA-44. */
  readonly publicKey: Uint8Array;
}

export const KEY_ID_LENGTH = 4;
/** A signed cosignature of type 6 has one byte for the length of a name. */
const MAX_TIMED_NAME = 255;

/** @throws {ProofError} malformed_key when the name, the type or the key is not allowed */
export function verifierKey(name: string, type: number, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) {
    throw new ProofError(
      'malformed_key',
      `a key name has no white space and no plus sign: ${describe(name)}`,
    );
  }
  const form = formOf(type);
  if (publicKey.length !== form.keyLength) {
    throw new ProofError(
      'malformed_key',
      `${ALGORITHM_NAMES[form.algorithm]} public key has ${form.keyLength} bytes, got ${publicKey.length}`,
    );
  }
  if (type === ML_DSA_44 && utf8(name).length > MAX_TIMED_NAME) {
    throw new ProofError(
      'malformed_key',
      `the name of an ML-DSA-44 key has at most ${MAX_TIMED_NAME} bytes: ${describe(name)}`,
    );
  }
  const keyId = sha256(concat(utf8(`${name}\n`), encodeKey(type, publicKey))).slice(0, KEY_ID_LENGTH);
  return { name, keyId, type, publicKey };
}

const ALGORITHM_NAMES: Readonly<Record<Algorithm, string>> = {
  ed25519: 'an Ed25519',
  'ml-dsa-44': 'an ML-DSA-44',
};

/** The type byte, the identifier of the type, and `key`: a public key or a seed. */
export function encodeKey(type: number, key: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(type), formOf(type).identifier, key);
}

/** Reads what `encodeKey` writes. The length of the key is not checked. @throws {ProofError} malformed_key */
export function decodeKey(material: Uint8Array): { readonly type: number; readonly key: Uint8Array } {
  const type = material[0] ?? 0;
  const { identifier } = formOf(type);
  const rest = material.slice(1);
  if (!equal(rest.slice(0, identifier.length), identifier))
    throw new ProofError('malformed_key', `the identifier of the key of type ${type} is not known`);
  return { type, key: rest.slice(identifier.length) };
}

/** Few keys sign many proofs, and each verification shows the text of the key. */
const keyTexts = new WeakMap<VerifierKey, string>();

export function formatVerifierKey(key: VerifierKey): string {
  const known = keyTexts.get(key);
  if (known !== undefined) return known;
  const text = `${key.name}+${toHex(key.keyId)}+${toBase64(encodeKey(key.type, key.publicKey))}`;
  keyTexts.set(key, text);
  return text;
}

/** For people to compare: the key, or of a long one its id and the SHA-256 of the public key. */
export function shownKey(key: VerifierKey): string {
  return formOf(key.type).algorithm === 'ed25519'
    ? formatVerifierKey(key)
    : `${key.name}+${toHex(key.keyId)} ML-DSA-44 SHA-256:${toHex(sha256(key.publicKey))}`;
}

/** @throws {ProofError} malformed_key, malformed_hex or malformed_base64 */
export function parseVerifierKey(text: string): VerifierKey {
  const [name = '', id, encoded, ...rest] = splitVerifierKey(text);
  if (id === undefined || encoded === undefined || rest.length > 0) {
    throw new ProofError('malformed_key', `a verifier key reads NAME+HASH+KEY: ${describe(text)}`);
  }
  const { type, key: publicKey } = decodeKey(fromBase64(encoded, 'the key of a verifier key'));
  const key = verifierKey(name, type, publicKey);
  if (!equal(fromHex(id, KEY_ID_LENGTH, 'the hash of a verifier key'), key.keyId)) {
    throw new ProofError(
      'malformed_key',
      `the hash of verifier key ${describe(text)} does not match its key`,
    );
  }
  return key;
}

/** The base64 part may hold plus signs; the name and the hash may not. */
export function splitVerifierKey(text: string): string[] {
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  return first === -1 || second === -1
    ? []
    : [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

export function sameKey(a: VerifierKey, b: VerifierKey): boolean {
  return a.name === b.name && a.type === b.type && equal(a.publicKey, b.publicKey);
}

/** Whether a key of this type signs a log's checkpoints. */
export function isLogKeyType(type: number): boolean {
  return type === ED25519 || type === ML_DSA_44;
}

/** Whether a key of this type signs receipts. */
export function isReceiptKeyType(type: number): boolean {
  return type === ED25519 || type === ML_DSA_44_TEXT;
}

/** Whether a key of this type cosigns checkpoints. */
export function isCosignerKeyType(type: number): boolean {
  return type === COSIGNATURE || type === ML_DSA_44;
}

/**
 * The key with which the holder of a log key signs texts that are no checkpoints: the same one, but of an
 * ML-DSA-44 key the form for texts.
 */
export function textKey(key: VerifierKey): VerifierKey {
  return key.type === ML_DSA_44 ? verifierKey(key.name, ML_DSA_44_TEXT, key.publicKey) : key;
}
