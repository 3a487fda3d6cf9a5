import { concat, equal, utf8 } from './bytes.js';
import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { ProofError } from './errors.js';
import type { Note, NoteSignature } from './note.js';
import {
  COSIGNATURE,
  formOf,
  isCosignerKeyType,
  isLogKeyType,
  ML_DSA_44,
  textKey,
  type VerifierKey,
} from './verifier-key.js';
import { PORTABLE_VERIFIERS, type Verifiers } from './verifiers.js';

// Signatures of notes: c2sp.org/signed-note and c2sp.org/tlog-cosignature.

/** Signs with the private key of `key`: 64 bytes for Ed25519, 2420 for ML-DSA-44 (empty context string). */
export interface NoteSigner {
  readonly key: VerifierKey;
  sign(message: Uint8Array): Uint8Array;
}

/** `text` must end with LF. Log keys sign checkpoints with `signCheckpoint`. */
export function signNote(text: string, ...signers: readonly NoteSigner[]): Note {
  if (signers.some(({ key }) => formOf(key.type).timed))
    throw new RangeError('cosignature keys sign checkpoints only');
  return { text, signatures: signers.map((signer) => lineOf(signer.key, signer.sign(utf8(text)))) };
}

/**
 * Signs a statement of a log with its keys. Of an ML-DSA-44 key, which signs checkpoints, the form for texts
 * of the same key signs.
 */
export function signStatement(text: string, signers: readonly NoteSigner[]): Note {
  return signNote(
    text,
    ...signers.map((signer) => ({
      key: textKey(signer.key),
      sign: (message: Uint8Array) => signer.sign(message),
    })),
  );
}

/**
 * A checkpoint with a signature of each key of the log, in this order.
 * @param text the checkpoint's text, with its final LF
 * @param time of signing, in seconds since the Unix epoch, which ML-DSA-44 signatures state
 */
export function signCheckpoint(text: string, signers: readonly NoteSigner[], time: number): Note {
  if (!signers.every(({ key }) => isLogKeyType(key.type)))
    throw new RangeError('this key cannot sign for a log');
  const signatures = signers.map((signer) =>
    formOf(signer.key.type).timed ? cosign(text, signer, time) : lineOf(signer.key, signer.sign(utf8(text))),
  );
  return { text, signatures };
}

/**
 * Signs a log's checkpoint as a witness (c2sp.org/tlog-cosignature).
 * @param text the checkpoint's text, with its final LF
 * @param signer with a key of type COSIGNATURE or ML_DSA_44
 * @param time of signing, in seconds since the Unix epoch; not 0
 */
export function cosign(text: string, signer: NoteSigner, time: number): NoteSignature {
  const { key } = signer;
  if (!isCosignerKeyType(key.type)) throw new RangeError('only cosignature keys cosign');
  if (!Number.isSafeInteger(time) || time < 1) throw new RangeError('time must be seconds after 1970');
  const message = cosignedMessage(key, text, BigInt(time));
  if (message === null) throw new RangeError('an ML-DSA-44 key signs checkpoints of three lines only');
  return cosignatureLine({ name: key.name, keyId: key.keyId, time, signature: signer.sign(message) });
}

/** Puts the parts of a cosignature into a line of a note. */
export function cosignatureLine(parts: {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly time: number;
  readonly signature: Uint8Array;
}): NoteSignature {
  return {
    name: parts.name,
    keyId: parts.keyId,
    signature: concat(uint64(BigInt(parts.time)), parts.signature),
  };
}

function lineOf({ name, keyId }: VerifierKey, signature: Uint8Array): NoteSignature {
  return { name, keyId, signature };
}

const TIME_LENGTH = 8;
const SUBTREE_LABEL = utf8('subtree/v1\n\0');
/** In bytes: their length is written in one. */
const MAX_NAME = 255;

/** What a timed key signs; null: this text cannot be signed with it. */
function cosignedMessage(key: VerifierKey, text: string, time: bigint): Uint8Array | null {
  if (key.type === COSIGNATURE) return utf8(`cosignature/v1\ntime ${time.toString()}\n${text}`);
  const checkpoint = checkpointOf(text);
  // Lines after the third would not be signed.
  if (checkpoint === null || checkpoint.extensions.length > 0) return null;
  const [name, origin] = [utf8(key.name), utf8(checkpoint.origin)];
  if (name.length > MAX_NAME || origin.length > MAX_NAME) return null;
  return concat(
    SUBTREE_LABEL,
    Uint8Array.of(name.length),
    name,
    uint64(time),
    Uint8Array.of(origin.length),
    origin,
    uint64(0n),
    uint64(BigInt(checkpoint.size)),
    checkpoint.root,
  );
}

function checkpointOf(text: string): Checkpoint | null {
  try {
    return parseCheckpoint(text);
  } catch (error) {
    if (error instanceof ProofError) return null;
    throw error;
  }
}

function uint64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

export type SignatureCheck =
  | { readonly state: 'absent' }
  | { readonly state: 'bad' }
  /**
   * `time`: the time of signing that a cosigner states, in seconds since the Unix epoch; null: it states none,
   * as a plain signature and an ML-DSA-44 signature with the time 0.
   */
  | { readonly state: 'good'; readonly time: number | null };

let lastText = '';
let lastBytes = utf8('');

/** Keeps the last result: many proofs are under one checkpoint. */
function bytesOf(text: string): Uint8Array {
  if (text !== lastText) [lastText, lastBytes] = [text, utf8(text)];
  return lastBytes;
}

/** Whether `note` has a good signature of `key`. Of several lines of one key only the first counts. */
export function checkSignature(
  note: Note,
  key: VerifierKey,
  verifiers: Verifiers = PORTABLE_VERIFIERS,
): SignatureCheck {
  const line = note.signatures.find(({ name, keyId }) => name === key.name && equal(keyId, key.keyId));
  if (line === undefined) return { state: 'absent' };
  const { timed, signatureLength, verifier } = formOf(key.type);
  const verify = verifiers[verifier];
  if (line.signature.length !== signatureLength + (timed ? TIME_LENGTH : 0)) return { state: 'bad' };
  if (!timed) {
    const good = verify(line.signature, bytesOf(note.text), key.publicKey);
    return good ? { state: 'good', time: null } : { state: 'bad' };
  }
  const time = new DataView(line.signature.buffer, line.signature.byteOffset, TIME_LENGTH).getBigUint64(0);
  if (time > BigInt(Number.MAX_SAFE_INTEGER)) return { state: 'bad' };
  const message = cosignedMessage(key, note.text, time);
  if (message === null || !verify(line.signature.slice(TIME_LENGTH), message, key.publicKey))
    return { state: 'bad' };
  return { state: 'good', time: key.type === ML_DSA_44 && time === 0n ? null : Number(time) };
}

/**
 * Whether a witness has cosigned `note`. A line that states no time counts as none.
 * @param key of a witness
 */
export function checkCosignature(
  note: Note,
  key: VerifierKey,
  verifiers: Verifiers = PORTABLE_VERIFIERS,
): SignatureCheck {
  const check = checkSignature(note, key, verifiers);
  return check.state === 'good' && check.time === null ? { state: 'absent' } : check;
}
