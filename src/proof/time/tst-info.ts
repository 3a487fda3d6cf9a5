import { generalizedTime, readMoment, type Moment } from './asn1-time.js';
import { constructed, openDer, primitive, TAG, type DerReader } from './der.js';
import { element, integer, octetString, oid, sequence } from './der-writer.js';
import { digestIdentifier, readDigestAlgorithm, type DigestAlgorithm } from './digests.js';
import { readExtensions } from './x509.js';

/** TSTInfo (RFC 3161 §2.4.2): what a time-stamping authority signs. */

export interface TstInfo {
  /** Dotted decimal, as is `digest`. */
  readonly policy: string;
  readonly digest: string;
  readonly imprint: Uint8Array;
  /** The content of the INTEGER, as is `nonce`. */
  readonly serial: Uint8Array;
  readonly time: Moment;
  /** Milliseconds, rounded up; null: not stated, which does not mean 0. */
  readonly accuracy: number | null;
  readonly nonce: Uint8Array | null;
  /** DER GeneralName of the authority; null: not stated. */
  readonly authority: Uint8Array | null;
  /** Critical extensions; none is known. */
  readonly critical: readonly string[];
}

const MAX_INFO = 16_384;
/** In bytes; RFC 3161 asks for 20 for a serial number, and sets no limit for a nonce. */
const MAX_SERIAL = 33;
export const MAX_NONCE = 129;

/** @throws {DerError} */
export function parseTstInfo(bytes: Uint8Array): TstInfo {
  const fields = openDer(bytes, 'the time-stamp', MAX_INFO).sequence();
  if (fields.smallInteger(0xff) !== 1) throw fields.unexpected('has another version than 1');
  const policy = fields.oid();
  const { digest, imprint } = readImprint(fields);
  const serial = fields.integer();
  if ((serial[0] ?? 0) >= 0x80 || serial.length > MAX_SERIAL)
    throw fields.unexpected('has a serial number that is negative or too long');
  const time = readMoment(fields);
  const accuracy = fields.optional(TAG.sequence, () => readAccuracy(fields.sequence())) ?? null;
  fields.optional(TAG.boolean, () => {
    if (!fields.boolean()) throw fields.unexpected('writes out "ordering FALSE", which DER leaves out');
  });
  const nonce = fields.optional(TAG.integer, () => fields.integer()) ?? null;
  if (nonce !== null && nonce.length > MAX_NONCE) throw fields.unexpected('has a nonce that is too long');
  const authority =
    fields.optional(constructed(0), () => readAuthority(fields.enter(constructed(0)))) ?? null;
  const extensions =
    fields.optional(constructed(1), () => readExtensions(fields.enter(constructed(1)))) ?? [];
  fields.finish();
  const critical = extensions.filter((each) => each.critical).map(({ id }) => id);
  return { policy, digest, imprint, serial, time, accuracy, nonce, authority, critical };
}

/**
 * MessageImprint. The digest may be one that does not count.
 * @throws {DerError}
 */
export function readImprint(reader: DerReader): { digest: string; imprint: Uint8Array } {
  const fields = reader.sequence();
  const digest = readDigestAlgorithm(fields);
  const imprint = fields.content(TAG.octetString);
  fields.finish();
  return { digest, imprint };
}

function readAccuracy(fields: DerReader): number | null {
  // Nothing stated, not even seconds. It could be read as 0, which nobody has promised.
  if (fields.isAtEnd) return null;
  const part = (tag: number, maximum: number) =>
    fields.optional(tag, () => fields.smallInteger(maximum, tag)) ?? null;
  const seconds = part(TAG.integer, 2 ** 31 - 1);
  const millis = part(primitive(0), 999);
  const micros = part(primitive(1), 999);
  fields.finish();
  if (millis === 0 || micros === 0) throw fields.unexpected('has an accuracy with a part that is 0');
  return (seconds ?? 0) * 1000 + (millis ?? 0) + (micros === null ? 0 : 1);
}

function readAuthority(tagged: DerReader): Uint8Array {
  const name = tagged.raw();
  tagged.finish();
  return name;
}

export interface NewTstInfo {
  /** Dotted decimal. */
  readonly policy: string;
  readonly digest: DigestAlgorithm;
  readonly imprint: Uint8Array;
  /** The content of an INTEGER, as is `nonce`: see `unsigned`. */
  readonly serial: Uint8Array;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** Milliseconds. */
  readonly accuracy: number;
  /** As the request has it, bit for bit; null: it has none. */
  readonly nonce: Uint8Array | null;
}

export function encodeTstInfo(info: NewTstInfo): Uint8Array {
  if (info.imprint.length !== info.digest.length) throw new RangeError('the imprint has the wrong length');
  return sequence(
    integer(1),
    oid(info.policy),
    encodeImprint(info.digest, info.imprint),
    element(TAG.integer, info.serial),
    generalizedTime(info.time),
    encodeAccuracy(info.accuracy),
    ...(info.nonce === null ? [] : [element(TAG.integer, info.nonce)]),
  );
}

export function encodeImprint(digest: DigestAlgorithm, imprint: Uint8Array): Uint8Array {
  return sequence(digestIdentifier(digest), octetString(imprint));
}

function encodeAccuracy(milliseconds: number): Uint8Array {
  if (!Number.isSafeInteger(milliseconds) || milliseconds < 1)
    throw new RangeError('the accuracy must be a positive number of milliseconds');
  const [seconds, millis] = [Math.floor(milliseconds / 1000), milliseconds % 1000];
  return sequence(
    ...(seconds === 0 ? [] : [integer(seconds)]),
    ...(millis === 0 ? [] : [element(primitive(0), integer(millis).subarray(2))]),
  );
}
