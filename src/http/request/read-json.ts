import type { Request } from 'express';
import type { z } from 'zod';
import { parseStrictJson, ProofError, utf8Decode, type Json } from '../../proof/index.js';
import { bodyOf } from './body.js';
import { ApiError, type ApiErrorCode, type FieldError } from '../answer/errors.js';

export const MAX_JSON_BYTES = 16 * 1024 * 1024;
/** More would only repeat itself: one wrong script makes the same mistake in all of its documents. */
const MAX_FIELD_ERRORS = 20;

/** The body of a JSON request, parsed strictly. @throws {ApiError} too_large, malformed_json */
export async function readJson(req: Request): Promise<Json> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const tooLarge = () => new ApiError('too_large', `A JSON body has at most ${MAX_JSON_BYTES} bytes.`);
  if (Number(req.headers['content-length']) > MAX_JSON_BYTES) throw tooLarge();
  for await (const chunk of bodyOf(req)) {
    length += chunk.length;
    if (length > MAX_JSON_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return parseJson(Buffer.concat(chunks));
}

/** @throws {ApiError} malformed_json */
export function parseJson(source: Uint8Array | string): Json {
  try {
    return parseStrictJson(typeof source === 'string' ? source : utf8Decode(source));
  } catch (error) {
    if (error instanceof ProofError) {
      throw new ApiError('malformed_json', `The JSON is refused: ${error.message}.`, { cause: error });
    }
    throw error;
  }
}

/** @throws {ApiError} `code`, with every mistake and its path, as far as there are not too many */
export function check<T extends z.ZodType>(
  schema: T,
  value: unknown,
  code: ApiErrorCode = 'invalid_body',
  prefix = '',
): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.slice(0, MAX_FIELD_ERRORS).map((issue) => toFieldError(issue, prefix));
  const first = errors[0];
  const where = first === undefined || first.path === '' ? '' : `${first.path}: `;
  throw new ApiError(code, `${where}${first?.message ?? 'not valid'}.`, { errors });
}

function toFieldError({ path, message }: z.core.$ZodIssue, prefix: string): FieldError {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return { path: `${prefix}${steps}`.replace(/^\./, ''), message };
}
