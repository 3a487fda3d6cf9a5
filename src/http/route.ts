import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Rule } from '../auth/index.js';
import { ApiError } from './responses/errors.js';
import type { ApiErrorCode } from './schemas/error-codes.js';

/** A schema for JSON; `text` and `binary` for bodies that are not. */
export type Content = z.ZodType | 'text' | 'binary';

/** What /openapi.json says of a route. */
export interface Operation {
  readonly id: string;
  readonly tag:
    | 'Notarizations'
    | 'Verification'
    | 'Chain'
    | 'Transparency log'
    | 'Session'
    | 'Organizations'
    | 'Operation';
  readonly summary: string;
  readonly description?: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: z.ZodObject;
  /** Request headers with a meaning of their own, and what they do. */
  readonly headers?: Readonly<Record<string, string>>;
  /** By media type. */
  readonly body?: Readonly<Record<string, Content>>;
  readonly responses: Readonly<
    Record<number, { readonly description: string; readonly content: Readonly<Record<string, Content>> }>
  >;
  /** Beyond those that any call can answer. */
  readonly errors: readonly ApiErrorCode[];
}

/** One call of the API: what it does and what is said of it, in one place. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As OpenAPI writes it: /v1/blocks/{height}. The last parameter may stand for several segments (`{+rest}`). */
  readonly path: string;
  /** Who may make this call: decided before `handle` runs. What belongs to whom is the handler's affair. */
  readonly access: Rule;
  readonly operation: Operation;
  handle(req: Request, res: Response): Promise<void> | void;
}

/** `{x}` is one segment of the address, `{+x}` (RFC 6570) the rest of it. */
export function expressPath(path: string): string {
  return path.replaceAll(/\{(\+?)([a-z0-9]+)\}/gi, (_, rest: string, name: string) =>
    rest === '' ? `:${name}` : `*${name}`,
  );
}

export function openApiPath(path: string): string {
  return path.replaceAll('{+', '{');
}

export function pathParameter(req: Request, name: string): string {
  const value = req.params[name];
  if (value === undefined) throw new ApiError('not_found', 'There is nothing at this URL.');
  return Array.isArray(value) ? value.join('/') : value;
}
