import type { Request } from 'express';
import { Slices } from '../../background/slices.js';
import type { NewDocument } from '../../intake/index.js';
import { MAX_JSON_DEPTH } from '../../proof/index.js';
import { ApiError, type FieldError } from '../responses/errors.js';
import { DocumentInput, DocumentsFrame, MAX_DOCUMENTS } from '../schemas/documents.js';
import { check, fieldErrors, invalid, MAX_FIELD_ERRORS, parseJson, readBody } from './body.js';
import { toNewDocument } from './ndjson.js';

const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Everything but the documents themselves: a few characters for each. */
const MAX_FRAME_BYTES = 256 * 1024;
/** Longer than details may be, with every character escaped. */
const MAX_DOCUMENT_BYTES = 128 * 1024;
/** Bytes that are scanned before the time is looked at. */
const SCAN_BYTES = 64 * 1024;

/**
 * The documents of a JSON body. A body may have megabytes, so it is taken apart into its documents first, and
 * each is parsed and checked by itself, with other requests in between. Reading ends after the first mistakes.
 * @throws {ApiError} too_large, incomplete_body, malformed_json, invalid_body
 */
export async function readDocuments(req: Request): Promise<NewDocument[]> {
  const body = await readBody(req, MAX_BODY_BYTES);
  const slices = new Slices();
  const { frame, pieces } = await takeApart(body, slices);
  const { documents: places } = check(DocumentsFrame, parseJson(frame));
  const documents: NewDocument[] = [];
  const errors: FieldError[] = [];
  let next = 0;
  for (const [i, place] of places.entries()) {
    if (slices.isOver) await slices.next();
    const piece = isPlaceholder(place) ? pieces[next++] : undefined;
    const prefix = `documents[${i}]`;
    if (piece !== undefined && piece.length > MAX_DOCUMENT_BYTES) {
      errors.push({ path: prefix, message: `must have at most ${MAX_DOCUMENT_BYTES} bytes` });
    } else {
      const parsed = DocumentInput.safeParse(piece === undefined ? place : parseJson(piece));
      if (parsed.success) documents.push(toNewDocument(parsed.data));
      else errors.push(...fieldErrors(parsed.error, prefix));
    }
    if (errors.length >= MAX_FIELD_ERRORS) break;
  }
  if (errors.length > 0) throw invalid(errors, 'invalid_body');
  return documents;
}

function isPlaceholder(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OBJECT, OBJECT_END, LIST, LIST_END] = [0x7b, 0x7d, 0x5b, 0x5d];
/** In `{"documents":[`. */
const DEPTH_OF_DOCUMENTS = 2;

/**
 * Separates the objects in the top object's arrays from what is around them, in which each leaves `{}`. Only
 * looks for brackets and strings; what these bytes mean is decided when the parts are parsed.
 */
async function takeApart(
  body: Uint8Array,
  slices: Slices,
): Promise<{ readonly frame: Uint8Array; readonly pieces: readonly Uint8Array[] }> {
  const frame: Uint8Array[] = [];
  const pieces: Uint8Array[] = [];
  let frameBytes = 0;
  /** Of the part of the frame, or of the document, that goes on. */
  let start = 0;
  let depth = 0;
  let inDocument = false;
  const keep = (end: number) => {
    frame.push(body.subarray(start, end));
    frameBytes += end - start;
    if (frameBytes > MAX_FRAME_BYTES) {
      throw new ApiError('invalid_body', 'The body has too much besides the objects in "documents".');
    }
  };
  for (let i = 0, look = SCAN_BYTES; i < body.length; i++) {
    if (i >= look) {
      look = i + SCAN_BYTES;
      if (slices.isOver) await slices.next();
    }
    if (depth > MAX_JSON_DEPTH) {
      throw new ApiError(
        'malformed_json',
        `The JSON is malformed: it may nest ${MAX_JSON_DEPTH} deep at most.`,
      );
    }
    const byte = body[i];
    if (byte === QUOTE) {
      i = endOfString(body, i);
    } else if (byte === OBJECT) {
      if (depth++ !== DEPTH_OF_DOCUMENTS) continue;
      keep(i);
      start = i;
      inDocument = true;
    } else if (byte === LIST) {
      depth++;
    } else if (byte === LIST_END) {
      depth--;
    } else if (byte === OBJECT_END && --depth === DEPTH_OF_DOCUMENTS && inDocument) {
      inDocument = false;
      pieces.push(body.subarray(start, i + 1));
      if (pieces.length > MAX_DOCUMENTS) {
        throw invalid(
          [{ path: 'documents', message: `must have at most ${MAX_DOCUMENTS} items` }],
          'invalid_body',
        );
      }
      frame.push(EMPTY_OBJECT);
      start = i + 1;
    }
  }
  if (inDocument) throw new ApiError('malformed_json', 'The JSON is malformed: a document has no end.');
  keep(body.length);
  return { frame: Buffer.concat(frame), pieces };
}

const EMPTY_OBJECT: Uint8Array = Buffer.from('{}');

/** The index of the quote that ends the string. */
function endOfString(body: Uint8Array, start: number): number {
  let i = start + 1;
  while (i < body.length && body[i] !== QUOTE) i += body[i] === BACKSLASH ? 2 : 1;
  return i;
}
