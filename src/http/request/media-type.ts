import type { Request } from 'express';
import { ApiError } from '../answer/errors.js';

/**
 * The body's media type in lower case, without parameters; null when none is given.
 * @throws {ApiError} unsupported_encoding, or unsupported_media_type for text that is not UTF-8
 */
export function mediaTypeOf(req: Request): string | null {
  const encoding = req.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity') {
    throw new ApiError('unsupported_encoding', 'A body is taken as it is, without Content-Encoding.');
  }
  const [type = '', ...parameters] = (req.headers['content-type'] ?? '').split(';');
  const charset = parameters.map((text) => /^\s*charset="?([^"]*)"?\s*$/i.exec(text)?.[1]).find(Boolean);
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) {
    throw new ApiError('unsupported_media_type', 'Text is taken in UTF-8 only.');
  }
  const name = type.trim().toLowerCase();
  return name === '' ? null : name;
}
