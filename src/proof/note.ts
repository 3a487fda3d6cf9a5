import { hashes, verify } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import {
  assertNotReencoded,
  concat,
  describe,
  equal,
  fromBase64,
  fromHex,
  toBase64,
  toHex,
  utf8,
  utf8Decode,
} from './bytes.js';
import { ProofError } from './errors.js';
import { sha256 } from './hash.js';

/**
 * Signed notes: c2sp.org/signed-note. Notes are untrusted input: only their canonical spelling is accepted.
 */

/** c2sp.org/signed-note, "Signature types": a plain Ed25519 signature over the note's text. */
export const ED25519 = 0x01;
/** c2sp.org/tlog-cosignature: Ed25519 over the text and a time. */
export const COSIGNATURE = 0x04;

const EM_DASH = '\u2014';
const KEY_ID_LENGTH = 4;
const MAX_SIGNATURES = 100; // as Go's sumdb/note; the specification asks for at least 16

/** A verifier key ("vkey"): a public key and the name of its holder. */
export interface VerifierKey {
  readonly name: string;
  /** First four bytes of SHA-256(name ‖ LF ‖ type ‖ public key). */
  readonly keyId: Uint8Array;
  /** ED25519 or COSIGNATURE. */
  readonly type: number;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** Signs notes with the private key of `key`. `sign` returns the 64 bytes of an Ed25519 signature. */
export interface NoteSigner {
  readonly key: VerifierKey;
  sign(message: Uint8Array): Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  /** What follows the key id: its form depends on the key's type. */
  readonly signature: Uint8Array;
}

export interface Note {
  /** The signed text, including its final LF. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** @throws {ProofError} malformed_key when the name, the type or the key is not allowed */
export function verifierKey(name: string, type: number, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) {
    throw new ProofError(
      'malformed_key',
      `a key name has no white space and no plus sign: ${describe(name)}`,
    );
  }
  if (type !== ED25519 && type !== COSIGNATURE) {
    throw new ProofError(
      'malformed_key',
      `key type ${type} is not known; 1 (Ed25519) and 4 (cosignature) are`,
    );
  }
  if (publicKey.length !== PUBLIC_KEY_LENGTH) {
    throw new ProofError(
      'malformed_key',
      `an Ed25519 public key has ${PUBLIC_KEY_LENGTH} bytes, got ${publicKey.length}`,
    );
  }
  const keyId = sha256(concat(utf8(`${name}\n`), Uint8Array.of(type), publicKey)).slice(0, KEY_ID_LENGTH);
  return { name, keyId, type, publicKey };
}

/** Few keys sign many proofs, and each verification shows the text of the key. */
const keyTexts = new WeakMap<VerifierKey, string>();

export function formatVerifierKey(key: VerifierKey): string {
  const known = keyTexts.get(key);
  if (known !== undefined) return known;
  const text = `${key.name}+${toHex(key.keyId)}+${toBase64(concat(Uint8Array.of(key.type), key.publicKey))}`;
  keyTexts.set(key, text);
  return text;
}

/** @throws {ProofError} malformed_key, malformed_hex or malformed_base64 */
export function parseVerifierKey(text: string): VerifierKey {
  const [name = '', id, encoded, ...rest] = splitVerifierKey(text);
  if (id === undefined || encoded === undefined || rest.length > 0) {
    throw new ProofError('malformed_key', `a verifier key reads NAME+HASH+KEY: ${describe(text)}`);
  }
  const material = fromBase64(encoded, 'the key of a verifier key');
  const key = verifierKey(name, material[0] ?? 0, material.slice(1));
  if (!equal(fromHex(id, KEY_ID_LENGTH, 'the hash of a verifier key'), key.keyId)) {
    throw new ProofError(
      'malformed_key',
      `the hash of verifier key ${describe(text)} does not match its key`,
    );
  }
  return key;
}

/** The base64 part may hold plus signs; the name and the hash may not. */
function splitVerifierKey(text: string): string[] {
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  return first === -1 || second === -1
    ? []
    : [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

/** @throws {ProofError} malformed_note, malformed_text, reencoded_text or malformed_base64 */
export function parseNote(source: string | Uint8Array): Note {
  const note = typeof source === 'string' ? source : utf8Decode(source);
  assertNotReencoded(note);
  // Of the characters below U+0020 only LF is allowed. A lone surrogate has no UTF-8 form that could be
  // signed.
  if (/[\u0000-\u0009\u000b-\u001f]|\p{Surrogate}/u.test(note)) {
    const what = note.includes('\r\n')
      ? 'the note has carriage returns, which its signature does not cover; it was saved anew'
      : 'the note holds control characters';
    throw new ProofError('malformed_note', what);
  }
  const split = note.lastIndexOf('\n\n');
  if (split === -1)
    throw new ProofError('malformed_note', 'the note has no blank line between text and signatures');
  const block = note.slice(split + 2);
  if (!block.endsWith('\n'))
    throw new ProofError('malformed_note', 'the note does not end with a signature line');
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) {
    throw new ProofError('malformed_note', `a note has at most ${MAX_SIGNATURES} signatures`);
  }
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

function parseSignatureLine(line: string): NoteSignature {
  const [dash, name = '', encoded, ...rest] = line.split(' ');
  if (dash !== EM_DASH || !isKeyName(name) || encoded === undefined || rest.length > 0) {
    throw new ProofError(
      'malformed_note',
      `a signature line reads "${EM_DASH} NAME BASE64": ${describe(line)}`,
    );
  }
  const bytes = fromBase64(encoded, 'a signature');
  if (bytes.length <= KEY_ID_LENGTH)
    throw new ProofError('malformed_note', 'a signature line holds no signature');
  return { name, keyId: bytes.slice(0, KEY_ID_LENGTH), signature: bytes.slice(KEY_ID_LENGTH) };
}

export function formatNote(note: Note): string {
  const lines = note.signatures.map(
    ({ name, keyId, signature }) => `${EM_DASH} ${name} ${toBase64(concat(keyId, signature))}\n`,
  );
  return `${note.text}\n${lines.join('')}`;
}

/** `text` must end with LF. */
export function signNote(text: string, signer: NoteSigner): Note {
  if (signer.key.type !== ED25519) throw new RangeError('only Ed25519 note keys sign notes');
  const signature = signer.sign(utf8(text));
  return { text, signatures: [{ name: signer.key.name, keyId: signer.key.keyId, signature }] };
}

/**
 * Signs a log's checkpoint as a witness, with Ed25519 (c2sp.org/tlog-cosignature).
 * @param text the checkpoint's text, with its final LF
 * @param signer with a key of type COSIGNATURE
 * @param time of signing, in seconds since the Unix epoch; not 0
 */
export function cosign(text: string, signer: NoteSigner, time: number): NoteSignature {
  if (signer.key.type !== COSIGNATURE) throw new RangeError('only cosignature keys cosign');
  if (!Number.isSafeInteger(time) || time < 1) throw new RangeError('time must be seconds after 1970');
  const signature = signer.sign(utf8(`cosignature/v1\ntime ${time}\n${text}`));
  return cosignatureLine({ name: signer.key.name, keyId: signer.key.keyId, time, signature });
}

/** Puts the parts of a cosignature into a line of a note. */
export function cosignatureLine(parts: {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly time: number;
  readonly signature: Uint8Array;
}): NoteSignature {
  const seconds = new Uint8Array(8);
  new DataView(seconds.buffer).setBigUint64(0, BigInt(parts.time));
  return { name: parts.name, keyId: parts.keyId, signature: concat(seconds, parts.signature) };
}

export type SignatureCheck =
  | { readonly state: 'absent' }
  | { readonly state: 'bad' }
  /**
   * `time`: the time of signing that a cosigner states, in seconds since the Unix epoch; null for a plain
   * signature.
   */
  | { readonly state: 'good'; readonly time: number | null };

let lastText = '';
let lastBytes = utf8('');

/** Keeps the last result: many proofs are under one checkpoint. */
function bytesOf(text: string): Uint8Array {
  if (text !== lastText) [lastText, lastBytes] = [text, utf8(text)];
  return lastBytes;
}

/**
 * Whether `note` has a good signature of `key`. Of several lines of one key only the first counts.
 * @param verify must not change its arguments
 */
export function checkSignature(
  note: Note,
  key: VerifierKey,
  verify: VerifyEd25519 = verifyEd25519,
): SignatureCheck {
  const line = note.signatures.find(({ name, keyId }) => name === key.name && equal(keyId, key.keyId));
  if (line === undefined) return { state: 'absent' };
  const timed = key.type === COSIGNATURE;
  if (line.signature.length !== SIGNATURE_LENGTH + (timed ? 8 : 0)) return { state: 'bad' };
  if (!timed) {
    const good = verify(line.signature, bytesOf(note.text), key.publicKey);
    return good ? { state: 'good', time: null } : { state: 'bad' };
  }
  const seconds = new DataView(line.signature.buffer, line.signature.byteOffset, 8).getBigUint64(0);
  if (seconds > BigInt(Number.MAX_SAFE_INTEGER)) return { state: 'bad' };
  const message = utf8(`cosignature/v1\ntime ${seconds.toString()}\n${note.text}`);
  const good = verify(line.signature.slice(-SIGNATURE_LENGTH), message, key.publicKey);
  return good ? { state: 'good', time: Number(seconds) } : { state: 'bad' };
}

function isKeyName(name: string): boolean {
  // White_Space is Unicode's own property; \s differs from it (U+0085, U+FEFF).
  return name !== '' && !/[\p{White_Space}+]|\p{Surrogate}/u.test(name);
}

export const PUBLIC_KEY_LENGTH = 32;
export const SIGNATURE_LENGTH = 64;

/**
 * Ed25519 verification (RFC 8032), strict: keys and points in canonical form only, no key of small order.
 * Never throws. Functions that check signatures take it as an argument, so that a server can pass a faster
 * implementation.
 */
export type VerifyEd25519 = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;

// The library has no SHA-512 of its own for synchronous use.
hashes.sha512 = sha512;

export const verifyEd25519: VerifyEd25519 = (signature, message, publicKey) => {
  try {
    return verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
};
