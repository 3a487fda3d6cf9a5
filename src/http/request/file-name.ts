import { ApiError } from '../answer/errors.js';
import { MAX_NAME_LENGTH } from '../schema/details.js';
import { textFault } from './text-rules.js';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The file name of a multipart part. Browsers and curl write UTF-8 bytes, which the parser hands on as Latin-1; a name that
 * is no UTF-8 is Latin-1 indeed, and one with characters beyond Latin-1 was decoded already (`filename*`, RFC 5987).
 */
export function decodeFileName(raw: string): string {
  if (/[^\u0000-\u00ff]/u.test(raw)) return raw;
  try {
    return strictUtf8.decode(Buffer.from(raw, 'latin1'));
  } catch {
    return raw;
  }
}

/**
 * What is kept of the name of an uploaded file: the part behind the last slash of either kind, because a path says where the
 * file was, not what it is.
 * @throws {ApiError} invalid_file_name
 */
export function cleanFileName(name: string): string {
  const fault = textFault(name);
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  if (fault !== null) throw new ApiError('invalid_file_name', `The file name holds ${fault}.`);
  if (base === '' || base === '.' || base === '..') {
    throw new ApiError('invalid_file_name', `There is no file name in ${JSON.stringify(name.slice(0, 80))}.`);
  }
  if (base.length > MAX_NAME_LENGTH) {
    throw new ApiError('invalid_file_name', `A file name has at most ${MAX_NAME_LENGTH} characters.`);
  }
  return base;
}
