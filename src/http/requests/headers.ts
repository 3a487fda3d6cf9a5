import type { Request } from 'express';
import { equal } from '../../proof/index.js';
import { ApiError } from '../responses/errors.js';

const BINARY_TYPE = 'application/octet-stream';

/** What a Content-Transfer-Encoding may be: the bytes stand for themselves (RFC 2045 §6.2). */
const PLAIN_ENCODINGS = /^(7bit|8bit|binary)$/i;

/** Headers that make a body a part of something, or say something else of it that is not checked here. */
const REFUSED = {
  'content-range': 'the body is only a part of a document: send the whole document (curl: without -C)',
  'content-md5': 'MD5 is not checked: leave it out, or send Content-Digest with sha-256',
  trailer: 'fields behind the body are not read: send them as headers',
} as const;

/**
 * A document is hashed as it arrives. So whatever changes the meaning of its bytes is honoured or refused by
 * name, before anything of the body is read.
 * @throws {ApiError} unsupported_encoding, unsupported_header
 */
export function assertPlainBody({ headers }: Request): void {
  const coding = headers['content-encoding']?.trim() ?? 'identity';
  if (coding.toLowerCase() !== 'identity') throw encoded('Content-Encoding', coding);
  const transfer = headers['transfer-encoding']?.trim() ?? 'chunked';
  if (transfer.toLowerCase() !== 'chunked') throw encoded('Transfer-Encoding', transfer);
  assertPlainTransfer(single(headers['content-transfer-encoding']));
  for (const [name, reason] of Object.entries(REFUSED)) {
    if (headers[name] !== undefined) throw unsupportedHeader(name, reason);
  }
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (digestHeaders(headers).length > 0 && type !== undefined && type !== BINARY_TYPE) {
    throw unsupportedHeader('content-digest', `it is checked for ${BINARY_TYPE} only: leave it out`);
  }
}

/** @throws {ApiError} unsupported_encoding */
export function assertPlainTransfer(encoding: string | undefined): void {
  const value = encoding?.trim();
  if (value !== undefined && !PLAIN_ENCODINGS.test(value)) throw encoded('Content-Transfer-Encoding', value);
}

export function encoded(header: string, value: string): ApiError {
  return new ApiError(
    'unsupported_encoding',
    `${header} ${JSON.stringify(value.slice(0, 60))} is not supported: send the bytes of the document as they are.`,
  );
}

function unsupportedHeader(name: string, reason: string): ApiError {
  const shown = name.replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
  return new ApiError('unsupported_header', `The header ${shown} is not supported: ${reason}.`);
}

/**
 * Compares the body with the digests that its sender declared (RFC 9530, RFC 3230).
 * @throws {ApiError} unsupported_header, digest_mismatch
 */
export function assertDigests({ headers }: Request, sha256: Uint8Array): void {
  for (const [name, value] of digestHeaders(headers)) {
    const declared = /(?:^|,)\s*sha-256=:?([A-Za-z0-9+/]{43}=):?\s*(?:,|$)/i.exec(value)?.[1];
    if (declared === undefined) throw unsupportedHeader(name, 'only sha-256 is checked');
    if (!equal(Buffer.from(declared, 'base64'), sha256)) {
      throw new ApiError('digest_mismatch', `The body is not what its header ${name} says: send it again.`);
    }
  }
}

function digestHeaders(headers: Request['headers']): [string, string][] {
  return ['content-digest', 'repr-digest', 'digest'].flatMap((name): [string, string][] => {
    const value = single(headers[name]);
    return value === undefined ? [] : [[name, value]];
  });
}

/** Set by proxies. */
const FORWARDED = ['via', 'forwarded', 'x-forwarded-for'] as const;

/** Whether a proxy says that it passes on somebody else's request: its connection carries many clients. */
export function isForwarded({ headers }: Request): boolean {
  return FORWARDED.some((name) => headers[name] !== undefined);
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
