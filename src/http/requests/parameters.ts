import type { Request } from 'express';
import { z } from 'zod';
import { type Language, LANGUAGES } from '../../messages/language.js';
import { ApiError } from '../responses/errors.js';
import { check } from './body.js';

/** A parameter of the route's path; the last one of a path may have several segments. */
export function pathParameter(req: Request, name: string): string {
  const value = req.params[name] ?? '';
  return Array.isArray(value) ? value.join('/') : value;
}

/**
 * The query parameters. Unknown and repeated ones are errors: a misspelt `?wiat=sealed` must not be ignored.
 * @throws {ApiError} invalid_parameter, malformed_request
 */
export function queryOf<T extends z.ZodType>(req: Request, schema: T): z.infer<T> {
  const text = /\?(.*)$/s.exec(req.originalUrl)?.[1] ?? '';
  const values = new Map<string, string>();
  for (const pair of text.split('&').filter((part) => part !== '')) {
    const [name = '', ...rest] = pair.split('=');
    const key = decode(name);
    if (values.has(key)) {
      throw new ApiError(
        'invalid_parameter',
        `The parameter ${JSON.stringify(key.slice(0, 60))} is repeated.`,
      );
    }
    values.set(key, decode(rest.join('=')));
  }
  return check(schema, Object.fromEntries(values), 'invalid_parameter');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw new ApiError('malformed_request', 'The query has malformed percent-encoding.', {
      cause: error,
    });
  }
}

/** How long `?wait=sealed` waits without `Prefer: wait`. */
const DEFAULT_WAIT_SECONDS = 30;
/** The longest wait. The idle limit of connections (server/server.ts) must exceed it. */
const MAX_WAIT_SECONDS = 60;

export interface Wait {
  readonly seconds: number;
  /** Value of Preference-Applied; null without Prefer. */
  readonly applied: string | null;
}

/**
 * How long this request waits for its seal; null: not at all. Other preferences are ignored (RFC 7240 §2).
 */
export function waitOf(req: Request, waitParameter: 'sealed' | undefined): Wait | null {
  const preferred = preferredWait(req.headers['prefer']);
  if (preferred !== null) {
    const seconds = Math.min(preferred, MAX_WAIT_SECONDS);
    return { seconds, applied: `wait=${seconds}` };
  }
  return waitParameter === undefined ? null : { seconds: DEFAULT_WAIT_SECONDS, applied: null };
}

function preferredWait(header: string | string[] | undefined): number | null {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  for (const preference of text.split(',')) {
    // The parameters of a preference, after a semicolon, do not concern `wait`.
    const match = /^\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(?:;.*)?$/i.exec(preference);
    if (match !== null) return Number(match[1]);
  }
  return null;
}

export const IdempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/);

/** @throws {ApiError} invalid_idempotency_key */
export function idempotencyKeyOf(req: Request): string | null {
  const key = req.headers['idempotency-key'];
  if (key === undefined) return null;
  if (!IdempotencyKey.safeParse(key).success) {
    throw new ApiError(
      'invalid_idempotency_key',
      'An Idempotency-Key has 1 to 255 visible ASCII characters.',
    );
  }
  return String(key);
}

/** The language that the client prefers, of those that the service speaks. */
export function languageOf(req: Request): Language {
  return LANGUAGES.find((each) => each === req.acceptsLanguages(...LANGUAGES)) ?? 'en';
}
