import { PassThrough, type Readable, type Writable } from 'node:stream';
import type { Request, Response } from 'express';
import multer, { type StorageEngine } from 'multer';
import { hashDocument } from '../../intake/index.js';
import { isPdf, MAX_PROOF_LENGTH, MAX_PROOF_SOURCE, utf8 } from '../../proof/index.js';
import { ApiError } from '../responses/errors.js';
import { MAX_NAME_LENGTH, textFault } from '../schemas/documents.js';

const MAX_FILES = 1000;
const MAX_FIELDS = 10;
const MAX_FIELD_BYTES = 1024 * 1024;

/** A file of a multipart request, after it has gone by. Its bytes are nowhere any more. */
export interface HashedFile {
  readonly name: string;
  readonly sha256: Uint8Array;
  readonly size: number;
}

export interface MultipartBody {
  /** The files of field `file`, in their order. */
  readonly files: readonly HashedFile[];
  /** The text parts, and small files of fields that are read as text, by field name. */
  readonly texts: ReadonlyMap<string, string>;
  /** What came as `proof`: a proof file, or as much of a certificate as is read of one. */
  readonly proof: Uint8Array | null;
}

interface MultipartOptions {
  readonly maxFiles?: number;
  /** Names of fields that are read as text, whether they come as text or as a file. */
  readonly textFields: readonly string[];
  /** Whether there may be a field `proof`. */
  readonly takesProof?: boolean;
  readonly maxUploadBytes: number | null;
  /** What the bytes of each file pass through on their way. */
  readonly meter?: (file: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
}

/**
 * Reads a multipart request: files of field `file` stream through SHA-256, one chunk in memory at a time, nothing on disk.
 * Resolves only when the closing boundary has come.
 * @throws {ApiError} and what toApiError understands
 */
export async function readMultipart(
  req: Request,
  res: Response,
  {
    maxFiles = MAX_FILES,
    textFields,
    takesProof = false,
    maxUploadBytes,
    meter = (file) => file,
  }: MultipartOptions,
): Promise<MultipartBody> {
  const files: (HashedFile | undefined)[] = [];
  const texts = new Map<string, string>();
  let proof: Uint8Array | null = null;
  const setProof = (bytes: Uint8Array) => {
    if (proof !== null) throw unexpected('proof');
    proof = bytes;
  };
  const setText = (field: string, text: string) => {
    if (field === 'file')
      throw new ApiError('missing_file', 'The field "file" holds no file: it has no file name.');
    if (takesProof && field === 'proof') {
      setProof(utf8(text));
      return;
    }
    if (!textFields.includes(field) || texts.has(field)) throw unexpected(field);
    texts.set(field, text);
  };
  let handled = 0;
  const storage: StorageEngine = {
    _handleFile(_req, file, callback) {
      const place = handled++;
      const take = async () => {
        if (takesProof && file.fieldname === 'proof') {
          setProof(await readProofSource(file.stream));
          return;
        }
        if (file.fieldname !== 'file') {
          setText(file.fieldname, await readText(file.stream));
          return;
        }
        const name = cleanFileName(decodeFileName(file.originalname));
        files[place] = { name, ...(await hashDocument(meter(file.stream))) };
      };
      take().then(
        () => {
          callback(null, {});
        },
        (error: unknown) => {
          file.stream.resume();
          callback(error);
        },
      );
    },
    _removeFile(_req, _file, callback) {
      callback(null);
    },
  };
  const others = takesProof ? [...textFields, 'proof'] : textFields;
  const fields = [{ name: 'file' }, ...others.map((name) => ({ name, maxCount: 1 }))];
  const limits = {
    files: maxFiles + others.length + 1,
    fields: MAX_FIELDS,
    fieldSize: MAX_FIELD_BYTES,
    fieldNameSize: 100,
    // Brackets in a field name would build arrays and objects of any size.
    fieldNestingDepth: 0,
    ...(maxUploadBytes === null ? {} : { fileSize: maxUploadBytes }),
  };
  const body = await run(req, res, { storage, limits }, fields);
  for (const [field, text] of Object.entries(body)) {
    if (typeof text !== 'string') throw unexpected(field);
    setText(field, text);
  }
  const named = files.filter((file) => file !== undefined);
  if (named.length > maxFiles) {
    throw new ApiError('too_many_parts', `There are more files than this call takes, which is ${maxFiles}.`);
  }
  return { files: named, texts, proof };
}

/**
 * Multer answers an error only when the whole request has been read, which for a large upload is never in time. So it gets
 * a stand-in for the request, which can be ended the moment multer gives up, while the request itself stays whole for
 * the answer.
 */
async function run(
  req: Request,
  res: Response,
  options: multer.Options,
  fields: readonly multer.Field[],
): Promise<Record<string, unknown>> {
  const standIn = Object.assign(new PassThrough(), { headers: req.headers, body: {} });
  const seen = { nameless: false };
  const withHandler = {
    ...options,
    // A path is cut off by cleanFileName, which refuses what the parser would silently drop.
    preservePath: true,
    streamHandler(_standIn: Request, parser: Writable) {
      parser.on('file', (_field: unknown, _stream: Readable, { filename }: { filename?: string }) => {
        seen.nameless ||= filename === undefined || filename === '';
      });
      parser.on('unpipe', () => {
        if (!standIn.readableEnded) standIn.destroy();
      });
      standIn.pipe(parser);
    },
  };
  const interrupted = () => {
    standIn.destroy(new ApiError('incomplete_body', 'The connection ended before the body was complete.'));
  };
  const onClose = () => {
    if (!req.complete) interrupted();
  };
  req.on('error', interrupted).on('close', onClose);
  try {
    await new Promise<void>((resolve, reject) => {
      req.pipe(standIn);
      multer(withHandler).fields(fields)(standIn as unknown as Request, res, (error?: unknown) => {
        if (error === undefined) resolve();
        else reject(explain(error));
      });
    });
  } finally {
    req.unpipe(standIn);
    req.off('error', interrupted).off('close', onClose);
  }
  if (seen.nameless) throw new ApiError('missing_file', 'A file part has no file name.');
  return standIn.body;
}

/** Of a certificate only the beginning counts, whatever else the PDF holds; the rest goes by. */
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
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_PROOF_LENGTH) {
      throw new ApiError('too_large', `A field that is read as text has at most ${MAX_PROOF_LENGTH} bytes.`);
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw new ApiError('malformed_multipart', 'A field that is read as text is not UTF-8.', { cause: error });
  }
}

/** The parser has no codes: these are its messages. Any other error of its kind still is a malformed body. */
function explain(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('multipart', { cause: error });
  if (error instanceof ApiError || error instanceof multer.MulterError) return error;
  const message = /^(Multipart: )?(.*)$/s.exec(error.message)?.[2];
  switch (message) {
    case 'Boundary not found':
      return new ApiError('missing_boundary', 'The Content-Type names no boundary.', { cause: error });
    case 'Unexpected end of form':
    case 'Unexpected end of file':
      return new ApiError(
        'truncated_multipart',
        'The closing boundary that Content-Type announces never came.',
        {
          cause: error,
        },
      );
    case 'Malformed part header':
      return new ApiError('malformed_multipart', 'The headers of a part are malformed.', { cause: error });
    case 'Malformed content type':
      return new ApiError('malformed_multipart', 'The Content-Type is malformed.', { cause: error });
    default:
      return error;
  }
}

function unexpected(field: string): ApiError {
  const name = JSON.stringify(field.slice(0, 60));
  return new ApiError('unexpected_field', `The field ${name} is not one of this call, or is given twice.`);
}

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
