import { p256 } from '@noble/curves/nist.js';
import { concat, equal, toBase64, utf8, utf8Decode } from '../bytes.js';
import { isObject, parseStrictJson, type JsonObject } from '../canonical-json.js';
import { ProofError } from '../errors.js';
import { HASH_LENGTH, sha256 } from '../hash.js';
import { compactSignature } from '../time/ecdsa.js';

/**
 * Passkeys as keys of holders (docs/record-files.md, "Passkeys"): the assertion of a WebAuthn authenticator is
 * the signature of a note, whose text is the challenge.
 */
export interface Passkey {
  /** A point of P-256, compressed: 33 bytes. */
  readonly point: Uint8Array;
  /** The domain that the passkey is for. */
  readonly rpId: string;
}

/** What an authenticator and a browser give back for a challenge. */
export interface Assertion {
  readonly authenticatorData: Uint8Array;
  /** Its bytes, as the browser has made them. */
  readonly clientDataJson: Uint8Array;
  /** In DER. */
  readonly signature: Uint8Array;
}

const POINT_LENGTH = 33;
const MAX_RP_ID = 253;
/** A domain in small letters, without a dot at its end. */
const RP_ID = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const LOCALHOST = 'localhost';
const ORIGIN = /^(https?):\/\/([a-z0-9.-]+)(?::[1-9][0-9]{0,4})?$/;

/** Of authenticator data: SHA-256 of the rp id, flags, counter. Extensions may follow. */
const AUTHENTICATOR_DATA_LENGTH = HASH_LENGTH + 5;
const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const LENGTH_BYTES = 2;
/** The caller hashes. A high s is as good as a low one: authenticators make both. */
const OPTIONS = { prehash: false, lowS: false, format: 'compact' } as const;
const COORDINATE_LENGTH = 32;

/** The public key of a passkey in a verifier key: the point and the rp id. */
export function encodePasskey({ point, rpId }: Passkey): Uint8Array {
  return concat(point, utf8(rpId));
}

/** @throws {ProofError} malformed_key */
export function decodePasskey(bytes: Uint8Array): Passkey {
  const point = bytes.slice(0, POINT_LENGTH);
  const domain = bytes.slice(POINT_LENGTH);
  if (!isPoint(point))
    throw malformed(`a passkey begins with a compressed point of P-256, which has ${POINT_LENGTH} bytes`);
  if (domain.length > MAX_RP_ID || domain.some((byte) => byte > 0x7f) || !RP_ID.test(utf8Decode(domain)))
    throw malformed(
      `a passkey names the domain that it is for in 1 to ${MAX_RP_ID} small ASCII letters, digits, hyphens and dots`,
    );
  return { point, rpId: utf8Decode(domain) };
}

function isPoint(bytes: Uint8Array): boolean {
  try {
    // Of this length there is only the compressed form.
    return bytes.length === POINT_LENGTH && !p256.Point.fromBytes(bytes).is0();
  } catch {
    return false;
  }
}

/**
 * What the authenticator signs for a note: SHA-256 of its text.
 * @param text of the note, with its final LF
 */
export function passkeyChallenge(text: string): Uint8Array {
  return sha256(utf8(text));
}

/** The bytes of a passkey's signature in a note. @throws {RangeError} when a part is too long */
export function encodeAssertion({ authenticatorData, clientDataJson, signature }: Assertion): Uint8Array {
  return concat(prefixed(authenticatorData), prefixed(clientDataJson), signature);
}

function prefixed(part: Uint8Array): Uint8Array {
  if (part.length > 0xff_ff) throw new RangeError('a part of an assertion has at most 65535 bytes');
  return concat(Uint8Array.of(part.length >> 8, part.length & 0xff), part);
}

/** null: the lengths do not fit. */
function decodeAssertion(bytes: Uint8Array): Assertion | null {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; i < 2; i++) {
    const from = at + LENGTH_BYTES;
    const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    at = from + length;
    if (at > bytes.length) return null;
    parts.push(bytes.slice(from, at));
  }
  const [authenticatorData, clientDataJson] = parts;
  if (authenticatorData === undefined || clientDataJson === undefined) return null;
  return { authenticatorData, clientDataJson, signature: bytes.slice(at) };
}

/**
 * Whether a passkey has signed a text. The counter of the authenticator is not looked at: synchronized passkeys
 * have none.
 * @param signature as in the note, without the key id
 * @param text of the note, with its final LF
 */
export function verifyPasskey(signature: Uint8Array, text: string, { point, rpId }: Passkey): boolean {
  const assertion = decodeAssertion(signature);
  if (assertion === null) return false;
  const { authenticatorData, clientDataJson } = assertion;
  if (
    authenticatorData.length < AUTHENTICATOR_DATA_LENGTH ||
    !equal(authenticatorData.subarray(0, HASH_LENGTH), sha256(utf8(rpId)))
  )
    return false;
  const flags = authenticatorData[HASH_LENGTH] ?? 0;
  if ((flags & USER_PRESENT) === 0 || (flags & USER_VERIFIED) === 0) return false;
  const client = clientDataOf(clientDataJson);
  if (
    client === null ||
    client['type'] !== 'webauthn.get' ||
    client['challenge'] !== base64Url(passkeyChallenge(text)) ||
    !isOriginOf(rpId, client['origin']) ||
    (Object.hasOwn(client, 'crossOrigin') && client['crossOrigin'] !== false)
  )
    return false;
  const compact = compactSignature(assertion.signature, COORDINATE_LENGTH);
  if (compact === null) return false;
  const message = sha256(concat(authenticatorData, sha256(clientDataJson)));
  try {
    return p256.verify(compact, message, point, OPTIONS);
  } catch {
    return false; // numbers that are out of range
  }
}

function clientDataOf(bytes: Uint8Array): JsonObject | null {
  try {
    const json = parseStrictJson(utf8Decode(bytes));
    return isObject(json) ? json : null;
  } catch (error) {
    if (error instanceof ProofError) return null;
    throw error;
  }
}

function isOriginOf(rpId: string, origin: unknown): boolean {
  const [, scheme, host = ''] = (typeof origin === 'string' ? ORIGIN.exec(origin) : null) ?? [];
  if (scheme === 'http') return host === LOCALHOST && rpId === LOCALHOST;
  return scheme === 'https' && (host === rpId || host.endsWith(`.${rpId}`));
}

function base64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function malformed(message: string): ProofError {
  return new ProofError('malformed_key', message);
}
