import type { Request } from 'express';
import type { z } from 'zod';
import { ApiError } from '../answer/errors.js';
import { check } from './read-json.js';

/**
 * The query parameters, each at most once, none unknown: a misspelt `?wiat=sealed` must not be ignored.
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
        `The parameter ${JSON.stringify(key.slice(0, 60))} is given twice.`,
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
    throw new ApiError('malformed_request', 'The percent-encoding of the query is malformed.', {
      cause: error,
    });
  }
}
