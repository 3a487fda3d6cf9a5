import { concat } from '../bytes.js';
import { boolean, element, integer, namedBits, oid, sequence, unsigned, utf8String } from './der-writer.js';
import { constructed, DerError, openDer, TAG, textOr, type DerReader } from './der.js';
import { DIGESTS, digestOf, type DigestAlgorithm, type DigestName } from './digests.js';
import { encodeImprint, MAX_NONCE, readImprint } from './tst-info.js';
import { MAX_TOKEN } from './cms.js';

/** The messages of the Time-Stamp Protocol: TimeStampReq and TimeStampResp (RFC 3161 §2.4). */

/** Media types of RFC 3161 §3.4. */
export const QUERY_TYPE = 'application/timestamp-query';
export const REPLY_TYPE = 'application/timestamp-reply';

/** In bytes. */
export const MAX_REQUEST = 16_384;
export const MAX_RESPONSE = MAX_TOKEN + 4096;

/** PKIFailureInfo: why an authority gives no token, with the number of the bit. */
export const FAILURES = {
  badAlg: 0,
  badRequest: 2,
  badDataFormat: 5,
  timeNotAvailable: 14,
  unacceptedPolicy: 15,
  unacceptedExtension: 16,
  addInfoNotAvailable: 17,
  systemFailure: 25,
} as const;
export type PkiFailure = keyof typeof FAILURES;

export interface NewRequest {
  readonly digest: DigestName;
  /** The digest of the bytes to stamp. */
  readonly imprint: Uint8Array;
  /** Random bytes, which are read as a number without sign; null: no nonce. */
  readonly nonce: Uint8Array | null;
  /** Whether the token shall contain certificates. */
  readonly certReq: boolean;
  /** In dotted decimal; null: the authority chooses. */
  readonly policy: string | null;
}

/**
 * DER of a TimeStampReq.
 * @throws {RangeError} when the imprint does not have the length of the digest
 */
export function encodeRequest({ digest, imprint, nonce, certReq, policy }: NewRequest): Uint8Array {
  const algorithm = DIGESTS[digest];
  if (imprint.length !== algorithm.length) throw new RangeError('the imprint has the wrong length');
  return sequence(
    integer(1),
    encodeImprint(algorithm, imprint),
    ...(policy === null ? [] : [oid(policy)]),
    ...(nonce === null ? [] : [element(TAG.integer, unsigned(nonce))]),
    ...(certReq ? [boolean(true)] : []),
  );
}

/** A request that an authority may answer with a token. */
export interface TimeStampRequest {
  readonly digest: DigestAlgorithm;
  readonly imprint: Uint8Array;
  /** The content of the INTEGER, to be sent back bit for bit; null: none. */
  readonly nonce: Uint8Array | null;
  readonly certReq: boolean;
  /** The policy of the token, in dotted decimal. */
  readonly policy: string;
}

export type RequestReading =
  | { readonly accepted: true; readonly request: TimeStampRequest }
  /** `message`: one English sentence, for the person who runs the client. */
  | { readonly accepted: false; readonly failure: PkiFailure; readonly message: string };

/**
 * Reads a TimeStampReq as an authority must: what it cannot grant is refused with the failure that RFC 3161
 * §2.4.2 names for it. Never throws for any bytes.
 * @param policies what the authority issues under, in dotted decimal; the first is for requests without one
 */
export function readRequest(bytes: Uint8Array, policies: readonly [string, ...string[]]): RequestReading {
  const refuse = (failure: PkiFailure, message: string) => ({ accepted: false, failure, message }) as const;
  let fields: RequestFields;
  try {
    fields = readFields(openDer(bytes, 'the request', MAX_REQUEST));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return refuse('badDataFormat', sentence(error.message));
  }
  if (fields.version !== 1) return refuse('badRequest', 'The request must have version 1.');
  if (fields.hasExtensions)
    return refuse('unacceptedExtension', 'Requests with extensions are not accepted.');
  const choice = digestOf(fields.digest);
  if (choice.algorithm === null) {
    return refuse(
      'badAlg',
      `The digest algorithm ${choice.name} is not accepted; use SHA-256, SHA-384 or SHA-512.`,
    );
  }
  if (fields.imprint.length !== choice.algorithm.length) {
    return refuse(
      'badDataFormat',
      `The imprint has ${fields.imprint.length} bytes, not ${choice.algorithm.length}.`,
    );
  }
  const policy = fields.policy ?? policies[0];
  if (!policies.includes(policy))
    return refuse(
      'unacceptedPolicy',
      `The policy ${policy} is not offered; leave it out, or use ${policies[0]}.`,
    );
  const { imprint, nonce, certReq } = fields;
  return { accepted: true, request: { digest: choice.algorithm, imprint, nonce, certReq, policy } };
}

interface RequestFields {
  readonly version: number;
  readonly digest: string;
  readonly imprint: Uint8Array;
  readonly policy: string | null;
  readonly nonce: Uint8Array | null;
  readonly certReq: boolean;
  readonly hasExtensions: boolean;
}

function readFields(reader: DerReader): RequestFields {
  const fields = reader.sequence();
  const version = fields.smallInteger(2 ** 31 - 1);
  const { digest, imprint } = readImprint(fields);
  const policy = fields.optional(TAG.oid, () => fields.oid()) ?? null;
  const nonce = fields.optional(TAG.integer, () => fields.integer().slice()) ?? null;
  const certReq = fields.optional(TAG.boolean, () => fields.boolean());
  const hasExtensions = fields.optional(constructed(0), () => fields.raw()) !== undefined;
  fields.finish();
  if (certReq === false) throw fields.unexpected('writes out "certReq FALSE", which DER leaves out');
  if (nonce !== null && nonce.length > MAX_NONCE)
    throw fields.unexpected(`has a nonce of more than ${MAX_NONCE} bytes`);
  return {
    version,
    digest,
    imprint: imprint.slice(),
    policy,
    nonce,
    certReq: certReq ?? false,
    hasExtensions,
  };
}

const sentence = (message: string) => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;

const [GRANTED, GRANTED_WITH_MODS, REJECTION] = [0, 1, 2];

/** DER of the TimeStampResp that grants a token. */
export function encodeGranted(token: Uint8Array): Uint8Array {
  return sequence(sequence(integer(GRANTED)), token);
}

/** DER of the TimeStampResp that grants none. `message` is shown by clients. */
export function encodeRejection(failure: PkiFailure, message: string): Uint8Array {
  return sequence(
    sequence(integer(REJECTION), sequence(utf8String(message)), namedBits([FAILURES[failure]])),
  );
}

export type TimeStampResponse =
  /** DER of the token, not yet judged. */
  | { readonly granted: true; readonly token: Uint8Array }
  | {
      readonly granted: false;
      /** PKIStatus: 2 rejection, 3 waiting, 4 and 5 about revocation. */
      readonly status: number;
      readonly failures: readonly PkiFailure[];
      /** What the authority says, as it came: not safe to print. */
      readonly text: string;
    };

/**
 * Reads a TimeStampResp.
 * @throws {DerError} also when a token is granted and none is there, or the other way round
 */
export function parseResponse(bytes: Uint8Array): TimeStampResponse {
  const fields = openDer(bytes, 'the response', MAX_RESPONSE).sequence();
  const info = fields.sequence();
  const status = info.smallInteger(0xff);
  const texts =
    info.optional(TAG.sequence, () => info.sequence().all((r) => r.content(TAG.utf8String))) ?? [];
  const bits = info.optional(TAG.bitString, () => info.namedBits()) ?? new Set<number>();
  info.finish();
  const token = fields.optional(TAG.sequence, () => fields.raw());
  fields.finish();
  if (status === GRANTED || status === GRANTED_WITH_MODS) {
    if (token === undefined) throw fields.unexpected('grants a token, but has none');
    return { granted: true, token: token.slice() };
  }
  if (token !== undefined) throw fields.unexpected('refuses a token, but has one');
  const failures = Object.entries(FAILURES).filter(([, bit]) => bits.has(bit));
  return {
    granted: false,
    status,
    failures: failures.map(([name]) => name as PkiFailure),
    text: textOr(concat(...texts.flatMap((text, i) => (i === 0 ? [text] : [Uint8Array.of(0x20), text]))), ''),
  };
}

/**
 * The token of a file that holds either a token or a whole response (.tsr): tools write both.
 * @throws {DerError} also for a response that grants none
 */
export function tokenOfFile(bytes: Uint8Array): Uint8Array {
  const fields = openDer(bytes, 'the file', MAX_RESPONSE).sequence();
  if (fields.nextTag === TAG.oid) return bytes.slice();
  const response = parseResponse(bytes);
  if (!response.granted) throw fields.unexpected('is a response that grants no token');
  return response.token;
}
