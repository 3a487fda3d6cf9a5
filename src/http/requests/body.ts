import type { Request } from 'express';
import type { z } from 'zod';
import { type Json, parseStrictJson, ProofError, utf8Decode } from '../../proof/index.js';
import { ApiError, type FieldError } from '../responses/errors.js';
import type { ApiErrorCode } from '../schemas/error-codes.js';

/**
 * The chunks of a request's body. Unlike the request's own iterator, leaving the loop early keeps the
 * connection open for the response.
 */
export function bodyOf(req: Request): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => req.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>,
  };
}

/** One wrong script makes the same mistake in all of its documents. */
export const MAX_FIELD_ERRORS = 20;

/** Larger than every valid body without documents. */
const MAX_SMALL_BYTES = 64 * 1024;

/** What `bodyAs` rejects with. */
export const BODY_ERRORS = [
  'malformed_json',
  'invalid_body',
  'incomplete_body',
  'too_large',
  'unsupported_media_type',
  'unsupported_encoding',
  'unsupported_header',
] as const satisfies readonly ApiErrorCode[];

/**
 * A small JSON body. The Content-Type must be JSON, which a form on another site cannot send without a
 * preflight request.
 * @throws {ApiError} BODY_ERRORS
 */
export async function bodyAs<T extends z.ZodType>(req: Request, schema: T): Promise<z.infer<T>> {
  if (mediaTypeOf(req) !== 'application/json') {
    throw new ApiError('unsupported_media_type', 'Send application/json, and declare it in Content-Type.');
  }
  return check(schema, await readJson(req, MAX_SMALL_BYTES));
}

/** The body of a JSON request, parsed strictly. @throws {ApiError} too_large, malformed_json */
export async function readJson(req: Request, maxBytes: number): Promise<Json> {
  return parseJson(await readBody(req, maxBytes));
}

/**
 * The whole body. Reads by events, because an iterator costs a small submission noticeably more
 * (docs/performance.md).
 * @param advice what to do with a larger one, a sentence
 * @throws {ApiError} too_large, incomplete_body
 */
export async function readBody(req: Request, maxBytes: number, advice = ''): Promise<Uint8Array> {
  const tooLarge = () =>
    new ApiError('too_large', `The body must have at most ${maxBytes} bytes. ${advice}`.trim());
  if (Number(req.headers['content-length']) > maxBytes) throw tooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > maxBytes) settle(tooLarge());
    };
    const onEnd = () => {
      settle(null);
    };
    const onClose = () => {
      settle(new ApiError('incomplete_body', 'The body ended before it was complete.'));
    };
    const settle = (error: Error | null) => {
      req.off('data', onData).off('end', onEnd).off('error', settle).off('close', onClose);
      if (error === null) {
        resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
      } else {
        // The rest stays unread until the response.
        req.pause();
        reject(error);
      }
    };
    req.on('data', onData).on('end', onEnd).on('error', settle).on('close', onClose);
    if (req.destroyed) onClose();
  });
}

/** Most members of one array, and of one object: more than any valid body has. */
const MAX_MEMBERS = { array: 20_000, object: 4096 };
/** A message can name thousands of unknown keys. */
const MAX_MESSAGE_LENGTH = 300;

/** @throws {ApiError} malformed_json */
export function parseJson(source: Uint8Array | string): Json {
  try {
    return parseStrictJson(typeof source === 'string' ? source : utf8Decode(source), MAX_MEMBERS);
  } catch (error) {
    if (error instanceof ProofError) {
      throw new ApiError('malformed_json', `The JSON is malformed: ${error.message}.`, { cause: error });
    }
    throw error;
  }
}

/** @throws {ApiError} `code`, with the path of each mistake, up to MAX_FIELD_ERRORS */
export function check<T extends z.ZodType>(
  schema: T,
  value: unknown,
  code: ApiErrorCode = 'invalid_body',
  prefix = '',
): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(fieldErrors(parsed.error, prefix), code);
}

/** The first mistakes in a value. */
export function fieldErrors({ issues }: z.core.$ZodError, prefix: string): FieldError[] {
  return issues.slice(0, MAX_FIELD_ERRORS).map((issue) => toFieldError(issue, prefix));
}

/** The error for these mistakes, of which it names the first. */
export function invalid(errors: readonly FieldError[], code: ApiErrorCode): ApiError {
  const [first] = errors;
  const where = first === undefined || first.path === '' ? '' : `${first.path}: `;
  return new ApiError(code, `${where}${first?.message ?? 'not valid'}.`, {
    errors: errors.slice(0, MAX_FIELD_ERRORS),
  });
}

function toFieldError({ path, message }: z.core.$ZodIssue, prefix: string): FieldError {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return {
    path: `${prefix}${steps}`.replace(/^\./, ''),
    message: message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…` : message,
  };
}

/**
 * The body's media type in lower case, without parameters; null when none is given.
 * @throws {ApiError} unsupported_media_type for text that is not UTF-8
 */
export function mediaTypeOf(req: Request): string | null {
  const [type = '', ...parameters] = (req.headers['content-type'] ?? '').split(';');
  if (parameters.some((parameter) => declaresOtherCharset(parameter))) {
    throw new ApiError('unsupported_media_type', 'Text must be UTF-8.');
  }
  const name = type.trim().toLowerCase();
  return name === '' ? null : name;
}

/** Whether a parameter of a Content-Type names an encoding of text other than UTF-8. */
export function declaresOtherCharset(parameter: string): boolean {
  const charset = /^\s*charset\s*=\s*"?([^"]*)"?\s*$/i.exec(parameter)?.[1];
  return charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset.trim());
}
