import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { parseStrictJson, ProofError, utf8Decode } from '../proof/index.js';
import { AccessError } from './context.js';
import { sameBytes } from './values.js';

/*
 * What browsers answer for passkeys (W3C Web Authentication, Level 2), without attestation: who made the
 * authenticator does not matter here. Every answer must say that the authenticator has verified its user.
 */

/** Where the page is that asks for a passkey. */
export interface PasskeyPlace {
  /** The host name that passkeys are for. */
  readonly rpId: string;
  readonly origin: string;
}

interface Answer {
  /** As its bytes came from the browser. */
  readonly clientData: Uint8Array;
  readonly authenticatorData: Uint8Array;
}

/** A new passkey. */
export type Registration = Answer;

/** A passkey that signs in. */
export interface Assertion extends Answer {
  readonly credentialId: Uint8Array;
  /** What the authenticator was given as the user's id. */
  readonly userHandle: Uint8Array;
  readonly signature: Uint8Array;
}

export interface RegisteredPasskey {
  /** In base64url, unchecked. */
  readonly challenge: string;
  readonly credentialId: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly counter: number;
}

export interface ReadAssertion {
  /** In base64url, unchecked. */
  readonly challenge: string;
  readonly counter: number;
  isSignedBy(publicKey: Uint8Array): boolean;
}

/** SHA-256 of the rp id, flags, counter. */
const HEAD_LENGTH = 37;
const FLAGS_AT = 32;
const COUNTER_AT = 33;
const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const HAS_CREDENTIAL = 0x40;
const HAS_EXTENSIONS = 0x80;
/** After the head of a new passkey: 16 bytes that name the model, and the length of the credential id. */
const ID_LENGTH_AT = HEAD_LENGTH + 16;
const ID_AT = ID_LENGTH_AT + 2;
/** §5.1 of the specification. */
const MAX_ID_LENGTH = 1023;

/**
 * The algorithms that the page asks for, which every authenticator has one of, as COSE keys in their only CTAP2
 * canonical form: fixed bytes around the numbers.
 */
const COSE_KEYS: readonly (readonly [pattern: RegExp, jwk: (numbers: readonly string[]) => JsonWebKey])[] = [
  // ES256: kty 2, alg -7, crv 1, x, y
  [
    /^a5010203262001215820([0-9a-f]{64})225820([0-9a-f]{64})/,
    ([x = '', y = '']) => ({ kty: 'EC', crv: 'P-256', x: base64Url(x), y: base64Url(y) }),
  ],
  // RS256: kty 3, alg -257, n of 2,048 bits, e 65537
  [
    /^a401030339010020590100([89a-f][0-9a-f]{511})2143010001/,
    ([n = '']) => ({ kty: 'RSA', n: base64Url(n), e: 'AQAB' }),
  ],
];

/** @throws {AccessError} invalid_passkey */
export function readRegistration(answer: Registration, place: PasskeyPlace): RegisteredPasskey {
  const challenge = challengeIn(answer, 'webauthn.create', place);
  const { flags, counter } = headOf(answer, place);
  const data = Buffer.from(answer.authenticatorData);
  if ((flags & HAS_CREDENTIAL) === 0 || data.length < ID_AT) throw invalid('it holds no new passkey');
  const length = data.readUInt16BE(ID_LENGTH_AT);
  const keyAt = ID_AT + length;
  if (length === 0 || length > MAX_ID_LENGTH || keyAt > data.length) {
    throw invalid('the id of the new passkey has a wrong length');
  }
  const { publicKey, length: keyLength } = keyIn(data.subarray(keyAt));
  if ((flags & HAS_EXTENSIONS) === 0 && data.length !== keyAt + keyLength) {
    throw invalid('something follows the key of the new passkey');
  }
  return {
    challenge,
    credentialId: new Uint8Array(data.subarray(ID_AT, keyAt)),
    publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    counter,
  };
}

/** @throws {AccessError} invalid_passkey */
export function readAssertion(answer: Assertion, place: PasskeyPlace): ReadAssertion {
  const challenge = challengeIn(answer, 'webauthn.get', place);
  const { counter } = headOf(answer, place);
  const signed = Buffer.concat([answer.authenticatorData, sha256(answer.clientData)]);
  return {
    challenge,
    counter,
    isSignedBy: (publicKey) => {
      const key = createPublicKey({ key: Buffer.from(publicKey), type: 'spki', format: 'der' });
      return verify('sha256', signed, key, answer.signature);
    },
  };
}

function challengeIn({ clientData }: Answer, type: string, { origin }: PasskeyPlace): string {
  const client = membersOf(clientData);
  if (client['type'] !== type) throw invalid('it answers something else');
  if (client['origin'] !== origin) throw invalid(`it was given to a page at another address than ${origin}`);
  if ((client['crossOrigin'] ?? false) !== false || client['topOrigin'] !== undefined) {
    throw invalid('it was given to a page inside another one');
  }
  const { challenge } = client;
  if (typeof challenge !== 'string') throw invalid('it answers no challenge');
  return challenge;
}

function membersOf(json: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseStrictJson(utf8Decode(json));
  } catch (error) {
    if (error instanceof ProofError) throw invalid('it cannot be read');
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('it cannot be read');
  return value as Record<string, unknown>;
}

function headOf({ authenticatorData }: Answer, { rpId }: PasskeyPlace): { flags: number; counter: number } {
  const data = Buffer.from(authenticatorData);
  if (data.length < HEAD_LENGTH) throw invalid('it is too short');
  if (!sameBytes(data.subarray(0, FLAGS_AT), sha256(rpId))) throw invalid('it is for another service');
  const flags = data.readUInt8(FLAGS_AT);
  if ((flags & USER_PRESENT) === 0 || (flags & USER_VERIFIED) === 0) {
    throw invalid('the device has not checked who uses it: set a PIN, a fingerprint or the like there');
  }
  return { flags, counter: data.readUInt32BE(COUNTER_AT) };
}

function keyIn(bytes: Uint8Array): { readonly publicKey: KeyObject; readonly length: number } {
  const hex = Buffer.from(bytes).toString('hex');
  for (const [pattern, jwk] of COSE_KEYS) {
    const match = pattern.exec(hex);
    if (match === null) continue;
    try {
      const publicKey = createPublicKey({ key: jwk(match.slice(1)), format: 'jwk' });
      return { publicKey, length: match[0].length / 2 };
    } catch {
      break; // not a point of the curve
    }
  }
  throw invalid('its key is of a kind that this service does not know');
}

function base64Url(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64url');
}

function sha256(data: Uint8Array | string): Buffer {
  return createHash('sha256').update(data).digest();
}

function invalid(why: string): AccessError {
  return new AccessError('invalid_passkey', `the answer of the passkey is invalid: ${why}`);
}
