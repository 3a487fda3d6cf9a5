import type { NewDocument } from '../../intake/index.js';
import { fromHex } from '../../proof/index.js';
import { toJson } from '../schema/details.js';
import { ApiError } from '../answer/errors.js';
import type { Line } from './lines.js';
import { check, parseJson } from './read-json.js';
import { DocumentInput } from '../schema/request-schemas.js';

export const MAX_LINE_BYTES = 64 * 1024;

/** Nearly every line of a long stream looks so; read this way it costs a tenth of JSON and schema. */
const PLAIN = /^\{"sha256":"([0-9a-f]{64})"(?:,"size":(0|[1-9][0-9]{0,14}))?\}\r?$/;

export function toNewDocument({ sha256, size, details }: DocumentInput): NewDocument {
  return {
    sha256: fromHex(sha256, 32),
    size: size ?? null,
    details: details === undefined ? null : toJson(details),
  };
}

/** @throws {ApiError} saying what is wrong with the line */
export function parseDocumentLine(line: Line): NewDocument {
  if (line === null) {
    throw new ApiError('line_too_long', `A line has at most ${MAX_LINE_BYTES} bytes.`);
  }
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('latin1');
  const plain = PLAIN.exec(text);
  if (plain?.[1] !== undefined) {
    const size = plain[2] === undefined ? null : Number(plain[2]);
    return { sha256: new Uint8Array(Buffer.from(plain[1], 'hex')), size, details: null };
  }
  return toNewDocument(check(DocumentInput, parseJson(line)));
}
