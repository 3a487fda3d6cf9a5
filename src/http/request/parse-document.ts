import type { NewDocument } from '../../intake/index.js';
import { toJson } from '../schema/details.js';
import { ApiError } from '../answer/errors.js';
import type { Line } from './lines.js';
import { plainDocument } from './plain-line.js';
import { check, parseJson } from './read-json.js';
import { DocumentInput } from '../schema/request-schemas.js';

export const MAX_LINE_BYTES = 64 * 1024;

export function toNewDocument({ sha256, size, details }: DocumentInput): NewDocument {
  return {
    sha256: new Uint8Array(Buffer.from(sha256, 'hex')),
    size: size ?? null,
    details: details === undefined ? null : toJson(details),
  };
}

/** @throws {ApiError} saying what is wrong with the line */
export function parseDocumentLine(line: Line): NewDocument {
  if (line === null) {
    throw new ApiError('line_too_long', `A line has at most ${MAX_LINE_BYTES} bytes.`);
  }
  return plainDocument(line) ?? toNewDocument(check(DocumentInput, parseJson(line)));
}
