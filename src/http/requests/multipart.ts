import { type Readable, Transform, type Writable } from 'node:stream';
import type { Request, Response } from 'express';
import multer from 'multer';
import { readLimited, TooLongError } from '../../background/bodies.js';
import { hashDocument } from '../../intake/index.js';
import { isPdf, MAX_PROOF_LENGTH, MAX_PROOF_SOURCE, utf8 } from '../../proof/index.js';
import { ApiError } from '../responses/errors.js';
import { fileNameFault, MULTIPART_LIMITS } from '../schemas/documents.js';
import type { ApiErrorCode } from '../schemas/error-codes.js';
import { PartHeaders } from './part-headers.js';

/** A file of a multipart request. Its bytes were hashed as they passed. */
export interface HashedFile {
  /** The part's own file name, decoded but not checked. */
  readonly fileName: string;
  /** Whether that name may be another one: see `checkFileName`. */
  readonly isAmbiguous: boolean;
  readonly sha256: Uint8Array;
  readonly size: number;
  /** Of the vault, which has written the bytes; absent: nobody has. */
  readonly object?: Uint8Array;
}

export interface MultipartBody {
  /** The files of the field `file`, in their order. */
  readonly files: readonly HashedFile[];
  /** Text parts, and files of `textFields`, by field name. */
  readonly texts: ReadonlyMap<string, string>;
  /** The field `proof`: a proof file, or the beginning of a certificate. */
  readonly proof: Uint8Array | null;
}

interface MultipartOptions {
  readonly maxFiles?: number;
  /** Names of fields that are read as text, whether they are sent as text or as a file. */
  readonly textFields: readonly string[];
  /** Whether there may be a field `proof`. */
  readonly takesProof?: boolean;
  readonly maxUploadBytes: number | null;
  /** Reads a file to its end, and hashes it. */
  readonly hash?: (
    file: AsyncIterable<Uint8Array>,
  ) => Promise<Pick<HashedFile, 'sha256' | 'size' | 'object'>>;
}

/** What `readMultipart` rejects with, besides what its files and texts are rejected for. */
export const MULTIPART_ERRORS = [
  'malformed_multipart',
  'missing_boundary',
  'truncated_multipart',
  'unexpected_field',
  'too_many_parts',
  'missing_file',
] as const satisfies readonly ApiErrorCode[];

/**
 * Reads a multipart request. Files of the field `file` stream through SHA-256: one chunk is in memory at a
 * time, nothing on disk. Resolves only after the closing boundary.
 * @throws {ApiError}, and what toApiError understands
 */
export async function readMultipart(
  req: Request,
  res: Response,
  {
    maxFiles = MULTIPART_LIMITS.files,
    textFields,
    takesProof = false,
    maxUploadBytes,
    hash = (file) => hashDocument(file),
  }: MultipartOptions,
): Promise<MultipartBody> {
  const boundary = boundaryOf(req.headers['content-type'] ?? '');
  const files: (HashedFile | undefined)[] = [];
  const texts = new Map<string, string>();
  let proof: Uint8Array | null = null;
  const ambiguous = new WeakSet<object>();
  const setText = (field: string, text: string) => {
    if (field === 'file') {
      throw new ApiError('missing_file', 'The field "file" contains no file: it has no file name.');
    }
    if (takesProof && field === 'proof' && proof === null) proof = utf8(text);
    else if (!textFields.includes(field) || texts.has(field)) throw unexpected(field);
    else texts.set(field, text);
  };
  const take = async (index: number, { fieldname, originalname, stream }: Express.Multer.File) => {
    if (fieldname === 'file') {
      // Whoever stops reading it says why, a moment later. Destroyed meanwhile, it would make the form malformed.
      const hashed = await hash(stream.iterator({ destroyOnReturn: false }));
      const isAmbiguous = ambiguous.has(stream);
      files[index] = { fileName: decodeFileName(originalname), isAmbiguous, ...hashed };
    } else if (fieldname === 'proof') {
      proof = await readProofSource(stream);
    } else {
      setText(fieldname, await readText(stream));
    }
  };
  const single = takesProof ? [...textFields, 'proof'] : textFields;
  const fields = [{ name: 'file' }, ...single.map((name) => ({ name, maxCount: 1 }))];
  const limits = {
    // One more, to tell a surplus file from surplus fields.
    files: maxFiles + single.length + 1,
    fields: MULTIPART_LIMITS.fields,
    fieldSize: MULTIPART_LIMITS.fieldBytes,
    fieldNameSize: 100,
    // Brackets in a field name would build arrays and objects of any size.
    fieldNestingDepth: 0,
    ...(maxUploadBytes === null ? {} : { fileSize: maxUploadBytes }),
  };
  const body = await runMulter(req, res, new PartHeaders(boundary), fields, limits, take, ambiguous);
  for (const [field, text] of Object.entries(body)) {
    if (typeof text !== 'string') throw unexpected(field);
    setText(field, text);
  }
  const hashed = files.filter((file) => file !== undefined);
  if (hashed.length > maxFiles) {
    throw new ApiError('too_many_parts', `A request may have at most ${maxFiles} files.`);
  }
  return { files: hashed, texts, proof };
}

/**
 * Multer reports an error only after it has read the whole request, which takes long for a large upload. So
 * it reads from a stand-in for the request, which is destroyed as soon as multer stops reading. The request
 * itself remains intact for the response.
 * @param take reads a file to its end; `index` counts the files
 * @param ambiguous gets the streams of files with an ambiguous name
 * @returns the text fields
 */
async function runMulter(
  req: Request,
  res: Response,
  partHeaders: PartHeaders,
  fields: readonly multer.Field[],
  limits: NonNullable<multer.Options['limits']>,
  take: (index: number, file: Express.Multer.File) => Promise<void>,
  ambiguous: WeakSet<object>,
): Promise<Record<string, unknown>> {
  const checked = new Transform({
    transform(chunk: Buffer, _, callback) {
      try {
        callback(null, partHeaders.push(chunk));
      } catch (error) {
        failure ??= error;
        callback(null);
        this.destroy();
      }
    },
  });
  const standIn = Object.assign(checked, { headers: req.headers, body: {} });
  let count = 0;
  let failure: unknown;
  const seen = { nameless: false, parts: 0 };
  // A variable, because the types do not know `streamHandler`.
  const options = {
    limits,
    // Multer would silently drop the path; checkFileName checks the whole name.
    preservePath: true,
    storage: {
      _handleFile(
        _req: Request,
        file: Express.Multer.File,
        callback: (error?: unknown, info?: object) => void,
      ) {
        take(count++, file).then(
          () => {
            callback(null, {});
          },
          (error: unknown) => {
            failure ??= error;
            file.stream.resume();
            callback(error);
          },
        );
      },
      _removeFile(_req: Request, _file: Express.Multer.File, callback: (error: null) => void) {
        callback(null);
      },
    },
    streamHandler(_standIn: Request, parser: Writable) {
      // Multer ignores files without a name. None of a client's documents may be ignored.
      parser.on('file', (_field: unknown, stream: object, { filename = '' }: { filename?: string }) => {
        seen.nameless ||= filename === '';
        if (/%0A|%0D|%22/i.test(filename)) ambiguous.add(stream);
        seen.parts++;
      });
      parser.on('field', () => seen.parts++);
      parser.on('unpipe', () => {
        if (!standIn.readableEnded) standIn.destroy();
      });
      standIn.pipe(parser);
    },
  };
  const interrupt = () => {
    failure ??= new ApiError('incomplete_body', 'The connection ended before the body was complete.');
    standIn.destroy();
  };
  const onClose = () => {
    if (!req.complete) interrupt();
  };
  req.on('error', interrupt).on('close', onClose);
  try {
    await new Promise<void>((resolve, reject) => {
      req.pipe(standIn);
      multer(options).fields(fields)(standIn as unknown as Request, res, (error?: unknown) => {
        if (error === undefined) resolve();
        // A file whose form ends too soon fails with the parser's error.
        else reject(failure instanceof Error && !isParserError(failure) ? failure : toMultipartError(error));
      });
    });
  } finally {
    req.unpipe(standIn);
    req.off('error', interrupt).off('close', onClose);
  }
  if (seen.nameless) throw new ApiError('missing_file', 'A file part has no file name.');
  // The parser leaves out what it cannot read.
  if (seen.parts !== partHeaders.count) {
    throw new ApiError('malformed_multipart', 'The Content-Disposition of a part is malformed.');
  }
  return standIn.body;
}

/** @throws {ApiError} missing_boundary */
function boundaryOf(contentType: string): string {
  const [found, ...others] = contentType.matchAll(/;\s*boundary\s*=\s*(?:"([^"\\]+)"|([^\s;"]+))/gi);
  const boundary = found?.[1] ?? found?.[2];
  if (boundary === undefined || others.length > 0) {
    throw new ApiError('missing_boundary', 'The Content-Type names no boundary, or several.');
  }
  return boundary;
}

/** The parser's own errors have no codes; only their messages tell a truncated body from a malformed one. */
function toMultipartError(error: unknown): Error {
  if (error instanceof multer.MulterError) return error;
  if (isParserError(error)) {
    return new ApiError('truncated_multipart', 'The closing boundary is missing.', { cause: error });
  }
  return new ApiError('malformed_multipart', 'The multipart body is malformed.', { cause: error });
}

function isParserError(error: unknown): boolean {
  return error instanceof Error && /^Unexpected end of (form|file)$/.test(error.message);
}

/**
 * A whole proof file, or the beginning of a certificate, which contains the proof. The rest of a PDF is
 * skipped.
 */
async function readProofSource(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  let pdf = false;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (size < MAX_PROOF_SOURCE) chunks.push(chunk.subarray(0, MAX_PROOF_SOURCE - size));
    size += chunk.length;
    if (size <= MAX_PROOF_LENGTH || pdf) continue;
    pdf = isPdf(Buffer.concat(chunks));
    if (!pdf) throw new ApiError('too_large', `A proof has at most ${MAX_PROOF_LENGTH} bytes.`);
  }
  return Buffer.concat(chunks);
}

async function readText(stream: Readable): Promise<string> {
  try {
    const bytes = await readLimited(stream, MULTIPART_LIMITS.fieldBytes);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TooLongError) {
      throw new ApiError('too_large', `A text field has at most ${MULTIPART_LIMITS.fieldBytes} bytes.`);
    }
    if (!(error instanceof TypeError)) throw error;
    throw new ApiError('malformed_multipart', 'A text field is not valid UTF-8.', { cause: error });
  }
}

function unexpected(field: string): ApiError {
  const name = JSON.stringify(field.slice(0, 60));
  return new ApiError('unexpected_field', `The field ${name} is unknown or repeated.`);
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The file name of a multipart part. Browsers and curl send UTF-8, which the parser decodes as Latin-1. Bytes
 * that are not UTF-8 are Latin-1; a name with characters beyond Latin-1 was already decoded
 * (`filename*`, RFC 5987).
 */
function decodeFileName(raw: string): string {
  if (/[^\u0000-\u00ff]/u.test(raw)) return raw;
  try {
    return strictUtf8.decode(Buffer.from(raw, 'latin1'));
  } catch {
    return raw;
  }
}

/**
 * The one rule for file names, however they are sent: the same as for `name` in details. What is sealed is
 * the name as it is, so nothing is cut off or replaced.
 * @param isAmbiguous whether the name was a parameter of a part and has `%22`, `%0A` or `%0D`: browsers write
 *   that for a quotation mark or a line break, and `%` as it is
 * @throws {ApiError} invalid_file_name
 */
export function checkFileName(name: string, isAmbiguous = false): string {
  const fault = isAmbiguous
    ? 'cannot be told from another one, because it contains %22, %0A or %0D'
    : fileNameFault(name);
  if (fault === null) return name;
  throw new ApiError(
    'invalid_file_name',
    `The file name ${fault}. Give another name in the details, or rename the file.`,
  );
}
