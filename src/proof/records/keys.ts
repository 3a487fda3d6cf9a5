import {
  concat,
  describe,
  equal,
  fromBase64,
  fromDecimal,
  fromHex,
  toBase64,
  toHex,
  utf8,
} from '../bytes.js';
import { ProofError } from '../errors.js';
import { HASH_LENGTH, sha256 } from '../hash.js';
import { checkSignature } from '../note-signature.js';
import { isKeyName, parseNote, type Note, type NoteSignature } from '../note.js';
import {
  ED25519,
  formOf,
  KEY_ID_LENGTH,
  ML_DSA_44_TEXT,
  parseVerifierKey,
  splitVerifierKey,
  type Algorithm,
  type VerifierKey,
} from '../verifier-key.js';
import { PORTABLE_VERIFIERS, type Verifiers } from '../verifiers.js';
import { decodePasskey, encodePasskey, verifyPasskey, type Passkey } from './passkey.js';
import { RecordRefusal } from './refusal.js';

/**
 * Keys that sign events, and their signatures (docs/record-files.md, "Keys of holders"). People and rules know a
 * key by its text, `NAME+ID+KEY`.
 */
export type EventKey = {
  readonly name: string;
  readonly keyId: Uint8Array;
} & (
  | { readonly algorithm: Algorithm; readonly key: VerifierKey }
  | { readonly algorithm: 'passkey'; readonly passkey: Passkey }
);

/** What stands before the public key of a passkey. */
const PASSKEY_TYPE = concat(Uint8Array.of(ML_DSA_44_TEXT), utf8('ingam/passkey/v1\n'));

/**
 * The key of a holder.
 * @throws {ProofError} malformed_key, malformed_hex or malformed_base64
 */
export function parseEventKey(text: string): EventKey {
  const [name, id, encoded] = splitVerifierKey(text);
  const passkey = encoded === undefined ? null : passkeyIn(encoded);
  if (name !== undefined && id !== undefined && passkey !== null) {
    const known = passkeyKey(name, passkey);
    if (equal(fromHex(id, KEY_ID_LENGTH, 'the hash of a verifier key'), known.keyId)) return known;
    throw new ProofError(
      'malformed_key',
      `the hash of verifier key ${describe(text)} does not match its key`,
    );
  }
  const key = parseVerifierKey(text);
  const { name: of, keyId } = key;
  if (key.type === ED25519 || key.type === ML_DSA_44_TEXT)
    return { name: of, keyId, algorithm: formOf(key.type).algorithm, key };
  throw new ProofError('malformed_key', `a key that cosigns cannot sign events: ${describe(text)}`);
}

/** null: a key of another type. */
function passkeyIn(encoded: string): Passkey | null {
  const bytes = fromBase64(encoded, 'the key of a verifier key');
  return equal(bytes.subarray(0, PASSKEY_TYPE.length), PASSKEY_TYPE)
    ? decodePasskey(bytes.slice(PASSKEY_TYPE.length))
    : null;
}

function passkeyKey(name: string, passkey: Passkey): EventKey {
  if (!isKeyName(name))
    throw new ProofError(
      'malformed_key',
      `a key name has no white space and no plus sign: ${describe(name)}`,
    );
  const material = concat(PASSKEY_TYPE, encodePasskey(passkey));
  const keyId = sha256(concat(utf8(`${name}\n`), material)).slice(0, KEY_ID_LENGTH);
  return { name, keyId, algorithm: 'passkey', passkey };
}

/**
 * The text of a passkey's verifier key.
 * @throws {ProofError} malformed_key when the name, the point or the domain is not allowed
 */
export function formatPasskey(name: string, passkey: Passkey): string {
  const encoded = encodePasskey(passkey);
  const { keyId } = passkeyKey(name, decodePasskey(encoded));
  return `${name}+${toHex(keyId)}+${toBase64(concat(PASSKEY_TYPE, encoded))}`;
}

/** Few keys sign many events, and reading a passkey takes as long as a signature. */
const known = new Map<string, EventKey>();
const MOST_KNOWN = 256;

function knownKey(text: string): EventKey {
  const found = known.get(text);
  if (found !== undefined) return found;
  const key = parseEventKey(text);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, key);
  return key;
}

/**
 * Checks that a note has good signatures of exactly these keys: one of each, and no other.
 * @param keys what the rules ask for; a key that is listed twice signs once
 * @throws {RecordRefusal} missing_signature, unexpected_signature or bad_signature
 * @throws {ProofError} when a key is malformed, which no key of a record's state is
 */
export function verifyEventSignatures(
  note: Note,
  keys: readonly string[],
  verifiers: Verifiers = PORTABLE_VERIFIERS,
): void {
  const checks = eventSignatureChecks(note, keys, verifiers);
  while (checks.next().done !== true);
}

/** The same, signature by signature: a hundred of them take long. @throws as verifyEventSignatures */
export function* eventSignatureChecks(
  note: Note,
  keys: readonly string[],
  verifiers: Verifiers,
): Generator<undefined, void> {
  const signers = [...new Set(keys)].map(knownKey);
  // What is cheap to see comes first.
  const linesOf = (key: EventKey) => note.signatures.filter((line) => isOf(line, key)).length;
  const missing = signers.find((key) => linesOf(key) === 0);
  if (missing !== undefined)
    throw new RecordRefusal('missing_signature', `the signature of ${shownEventKey(missing)} is missing`);
  const repeated = signers.find((key) => linesOf(key) > 1);
  if (repeated !== undefined)
    throw new RecordRefusal('unexpected_signature', `${shownEventKey(repeated)} has signed more than once`);
  const other = note.signatures.find((line) => !signers.some((key) => isOf(line, key)));
  if (other !== undefined)
    throw new RecordRefusal(
      'unexpected_signature',
      `the key ${other.name}+${toHex(other.keyId)} must not sign this event`,
    );
  for (const key of signers) {
    if (!isSigned(note, key, verifiers))
      throw new RecordRefusal('bad_signature', `the signature of ${shownEventKey(key)} is invalid`);
    yield;
  }
}

const isOf = ({ name, keyId }: NoteSignature, key: EventKey) => name === key.name && equal(keyId, key.keyId);

function isSigned(note: Note, key: EventKey, verifiers: Verifiers): boolean {
  if (key.algorithm !== 'passkey') return checkSignature(note, key.key, verifiers).state === 'good';
  const line = note.signatures.find((each) => isOf(each, key));
  return line !== undefined && verifyPasskey(line.signature, note.text, key.passkey);
}

/** A key for people: its name and id. */
function shownEventKey({ name, keyId }: EventKey): string {
  return `${name}+${toHex(keyId)}`;
}

const READ_FIRST_LINE = 'ingam/read/v1';
/** In seconds. */
export const READ_NOTE_AGE = 300;

/** The text that a party signs to read a record, with its final LF. @param time in seconds since the Unix epoch */
export function formatReadNote(origin: string, record: Uint8Array, time: number): string {
  return `${READ_FIRST_LINE}\n${origin}\n${toHex(record)}\n${time}\n`;
}

/**
 * Which of these keys has signed, within the last `READ_NOTE_AGE` seconds, that it wants to read this record.
 * @param source the whole note
 * @param keys those with a role in the record
 * @param now in seconds since the Unix epoch
 * @returns the key's text; null: none of them
 * @throws {ProofError} for what is not such a note
 */
export function readerOf(
  source: string | Uint8Array,
  { origin, record, keys, now }: ReadRequest,
  verifiers: Verifiers = PORTABLE_VERIFIERS,
): string | null {
  const note = parseNote(source);
  const [first, log = '', id = '', time = '', end, ...rest] = note.text.split('\n');
  if (first !== READ_FIRST_LINE || end !== '' || rest.length > 0 || note.signatures.length !== 1)
    throw new ProofError(
      'malformed_note',
      `the note must have the lines "${READ_FIRST_LINE}", log, record and time, and one signature`,
    );
  const named = fromHex(id, HASH_LENGTH, 'the record');
  const age = now - fromDecimal(time, 'the time');
  if (log !== origin || !equal(named, record) || Math.abs(age) > READ_NOTE_AGE) return null;
  return keys.find((text) => isSigned(note, knownKey(text), verifiers)) ?? null;
}

export interface ReadRequest {
  /** The log's. */
  readonly origin: string;
  /** The id, 32 bytes. */
  readonly record: Uint8Array;
  readonly keys: readonly string[];
  /** In seconds since the Unix epoch. */
  readonly now: number;
}
