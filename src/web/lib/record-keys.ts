import { signal } from '@preact/signals';
import { getPublicKey, sign, utils } from '@noble/ed25519';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { equal, fromBase64, toBase64, toHex, utf8 } from '../../proof/bytes.js';
import { ProofError } from '../../proof/errors.js';
import type { NoteSignature } from '../../proof/note.js';
import { key, text as bodyText } from '../../proof/records/body.js';
import { formatPasskey, parseEventKey } from '../../proof/records/keys.js';
import { RecordRefusal } from '../../proof/records/refusal.js';
import {
  type Assertion,
  encodeAssertion,
  passkeyChallenge,
  verifyPasskey,
} from '../../proof/records/passkey.js';
import {
  decodeKey,
  ED25519,
  encodeKey,
  formatVerifierKey,
  ML_DSA_44_TEXT,
  splitVerifierKey,
  type VerifierKey,
  verifierKey,
} from '../../proof/verifier-key.js';
// It gives the library of Ed25519 the hash that it needs.
import '../../proof/verifiers.js';
import { recall, remember } from './language.js';
import { localProblem } from './request.js';

/**
 * Keys that sign events of records, made and used in the browser (docs/record-files.md, "Keys of holders"). What
 * the browser remembers is public: verifier keys, and which passkey is whose. Private keys are in files that the
 * person keeps, or in the device that has the passkey.
 */

export interface OwnKey {
  /** `NAME+ID+KEY`. */
  readonly verifierKey: string;
  /** Of a passkey that was made in this browser, in base64; null: it is not known, or the key is in a file. */
  readonly credential: string | null;
}

const STORAGE_KEY = 'ingam.record-keys';
const own = signal<readonly OwnKey[] | null>(null);

/** The keys that this browser knows as the person's own, the newest first. */
export function ownKeys(): readonly OwnKey[] {
  own.value ??= readKeys(recall(STORAGE_KEY));
  return own.value;
}

/** @throws ProofError when it is no key that signs events */
export function addOwnKey(text: string, credential: string | null = null): OwnKey {
  parseEventKey(text);
  const known = ownKeys().find(({ verifierKey }) => verifierKey === text);
  const key = { verifierKey: text, credential: credential ?? known?.credential ?? null };
  keep([key, ...ownKeys().filter((each) => each !== known)]);
  return key;
}

/** Only from this list: neither the file nor the passkey goes away. */
export function forgetOwnKey(text: string): void {
  keep(ownKeys().filter(({ verifierKey }) => verifierKey !== text));
}

function keep(keys: readonly OwnKey[]): void {
  own.value = keys;
  remember(STORAGE_KEY, JSON.stringify(keys));
}

/** What cannot be read is left out: another version of the page may have written it. */
function readKeys(text: string | null): readonly OwnKey[] {
  let given: unknown;
  try {
    given = JSON.parse(text ?? '[]');
  } catch {
    return [];
  }
  return (Array.isArray(given) ? given : []).flatMap((each: unknown) => {
    const { verifierKey, credential } = (each ?? {}) as Partial<Record<keyof OwnKey, unknown>>;
    if (typeof verifierKey !== 'string' || !isEventKey(verifierKey)) return [];
    return [{ verifierKey, credential: typeof credential === 'string' ? credential : null }];
  });
}

/** Whether a text is a key that signs events. */
export function isEventKey(text: string): boolean {
  return takes(() => key(text, 'the key'));
}

/** Whether the rules take a key that is called so. */
export function isKeyName(typed: string): boolean {
  return takes(() => bodyText(MAX_KEY_NAME)(keyName(typed), 'the name'));
}

const MAX_KEY_NAME = 100;

function takes(parse: () => string): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof RecordRefusal) return false;
    throw error;
  }
}

export type KeyKind = 'ed25519' | 'ml-dsa-44' | 'passkey';

/** How a key is kept. @throws ProofError when it is no key that signs events */
export function kindOfKey(text: string): KeyKind {
  return parseEventKey(text).algorithm;
}

/** The name and the id: enough to tell a key from others, and nothing that proves whose it is. */
export function shownEventKey(text: string): string {
  return splitVerifierKey(text).slice(0, 2).join('+');
}

/** The name that whoever made the key has given it. */
export function nameOfKey(text: string): string {
  return splitVerifierKey(text)[0] ?? '';
}

/** A name as keys can have it: without white space, which their texts cannot hold, and plus signs. */
export function keyName(typed: string): string {
  return typed.normalize('NFC').trim().replaceAll(/\s+/g, '-').replaceAll('+', '-');
}

/** Signs the texts of notes. Rejects with ProblemError. */
export interface RecordSigner {
  readonly verifierKey: string;
  /** @param text of the note, with its final LF */
  sign(text: string): Promise<NoteSignature>;
}

// Key files

const PREFIX = 'PRIVATE+KEY+';
const SEED_LENGTH = 32;

interface KeyPair {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

function keyPair(type: number, seed: Uint8Array): KeyPair {
  if (type === ED25519) return { publicKey: getPublicKey(seed), sign: (message) => sign(message, seed) };
  const { publicKey, secretKey } = ml_dsa44.keygen(Uint8Array.from(seed));
  return { publicKey, sign: (message) => ml_dsa44.sign(message, secretKey) };
}

/** A new key, and the text of its file, which `ingam record` reads as well. Secret. */
export function makeKeyFile(name: string): { readonly verifierKey: string; readonly text: string } {
  const seed = utils.randomSecretKey();
  const key = verifierKey(keyName(name), ED25519, keyPair(ED25519, seed).publicKey);
  return {
    verifierKey: formatVerifierKey(key),
    text: `${PREFIX}${key.name}+${toHex(key.keyId)}+${toBase64(encodeKey(ED25519, seed))}\n`,
  };
}

/**
 * The signer of a key file that `makeKeyFile` or `ingam keygen --kind holder` has made.
 * @throws ProblemError `not_a_key_file`; the message has nothing of the file
 */
export function readKeyFile(text: string): RecordSigner {
  const { key, pair } = readPair(text);
  return {
    verifierKey: formatVerifierKey(key),
    sign: (note) => Promise.resolve({ name: key.name, keyId: key.keyId, signature: pair.sign(utf8(note)) }),
  };
}

function readPair(text: string): { readonly key: VerifierKey; readonly pair: KeyPair } {
  const line = text.trim();
  const [name, id, encoded] = splitVerifierKey(line.slice(PREFIX.length));
  if (!line.startsWith(PREFIX) || name === undefined || id === undefined || encoded === undefined)
    throw localProblem('not_a_key_file');
  try {
    const { type, key: seed } = decodeKey(fromBase64(encoded, 'a private key'));
    if (seed.length !== SEED_LENGTH || (type !== ED25519 && type !== ML_DSA_44_TEXT))
      throw localProblem('not_a_key_file');
    const pair = keyPair(type, seed);
    const key = verifierKey(name, type, pair.publicKey);
    if (toHex(key.keyId) !== id) throw localProblem('not_a_key_file');
    return { key, pair };
  } catch (error) {
    // The parsers' messages would quote the secret.
    if (error instanceof ProofError) throw localProblem('not_a_key_file');
    throw error;
  }
}

// Passkeys

/** ES256: the one algorithm that event notes have for passkeys. */
const ES256 = -7;
/** SubjectPublicKeyInfo of a point of P-256 (RFC 5480), up to the two coordinates. */
const SPKI_PREFIX = fromBase64('MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE');
const COORDINATE = 32;

/** Whether this browser has passkeys at this address. */
export function browserHasPasskeys(): boolean {
  return 'PublicKeyCredential' in window && 'credentials' in navigator;
}

/**
 * Makes a passkey for this address on a device of the person, and remembers it as their own. It is another one than
 * those for signing in.
 * @param name what the person calls it
 * @throws ProblemError `passkey_cancelled`, `passkey_failed`
 */
export async function makePasskey(name: string): Promise<OwnKey> {
  const rpId = location.hostname;
  const called = keyName(name);
  const credential = await attempt(() =>
    navigator.credentials.create({
      publicKey: {
        // Nobody checks it: what counts is what the key signs afterwards.
        challenge: randomBytes(32),
        rp: { id: rpId, name: 'Ingam' },
        user: { id: randomBytes(32), name: called, displayName: called },
        pubKeyCredParams: [{ type: 'public-key', alg: ES256 }],
        authenticatorSelection: {
          residentKey: 'required',
          requireResidentKey: true,
          userVerification: 'required',
        },
        attestation: 'none',
      },
    }),
  );
  const { response, rawId } = credential;
  const spki = (response as AuthenticatorAttestationResponse).getPublicKey();
  const point = spki === null ? null : compressedPoint(new Uint8Array(spki));
  if (point === null) throw localProblem('passkey_failed');
  return addOwnKey(formatPasskey(called, { point, rpId }), toBase64(new Uint8Array(rawId)));
}

/** null: another key than one of P-256. */
export function compressedPoint(spki: Uint8Array): Uint8Array | null {
  const start = SPKI_PREFIX.length;
  if (spki.length !== start + 2 * COORDINATE || !equal(spki.subarray(0, start), SPKI_PREFIX)) return null;
  const isOdd = ((spki.at(-1) ?? 0) & 1) === 1;
  return Uint8Array.of(isOdd ? 3 : 2, ...spki.subarray(start, start + COORDINATE));
}

/**
 * The signer of a passkey: each signature asks the person.
 * @throws ProofError when it is no passkey
 */
export function passkeySigner({ verifierKey: text, credential }: OwnKey): RecordSigner {
  const key = parseEventKey(text);
  if (key.algorithm !== 'passkey') throw new ProofError('malformed_key', 'the key is not a passkey');
  const { name, keyId, passkey } = key;
  return {
    verifierKey: text,
    sign: async (note) => {
      const signature = encodeAssertion(await assertionOf(note, passkey.rpId, credential));
      // The person can choose another passkey of theirs where the browser does not know which one it is.
      if (!verifyPasskey(signature, note, passkey)) throw localProblem('other_passkey');
      return { name, keyId, signature };
    },
  };
}

async function assertionOf(note: string, rpId: string, credential: string | null): Promise<Assertion> {
  const allowed =
    credential === null ? [] : [{ type: 'public-key' as const, id: ownBuffer(fromBase64(credential)) }];
  const { response } = await attempt(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: ownBuffer(passkeyChallenge(note)),
        rpId,
        allowCredentials: allowed,
        userVerification: 'required',
      },
    }),
  );
  const given = response as AuthenticatorAssertionResponse;
  return {
    authenticatorData: new Uint8Array(given.authenticatorData),
    clientDataJson: new Uint8Array(given.clientDataJSON),
    signature: new Uint8Array(given.signature),
  };
}

/** Browsers say little about why there is no answer, so that pages learn nothing about the devices. */
async function attempt(work: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await work();
    if (credential === null) throw localProblem('passkey_failed');
    return credential as PublicKeyCredential;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    const { name } = error;
    throw localProblem(
      name === 'NotAllowedError' || name === 'AbortError' ? 'passkey_cancelled' : 'passkey_failed',
    );
  }
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** The types of the browser ask for bytes that no other thread can change. */
function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}
