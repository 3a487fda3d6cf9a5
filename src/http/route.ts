import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Rule } from '../auth/index.js';
import type { ApiErrorCode } from './schemas/error-codes.js';

export const JSON_TYPE = 'application/json';
export const BINARY_TYPE = 'application/octet-stream';

/** The content of a JSON body with this schema. */
export function json(schema: z.ZodType): Readonly<Record<string, Content>> {
  return { [JSON_TYPE]: schema };
}

/** A schema for JSON; `text` and `binary` for bodies that are not. */
export type Content = z.ZodType | 'text' | 'binary';

/** A parameter's description: a text where any value is accepted, else a schema that has one. */
export type Parameter = string | z.ZodType;

/** The description of a route in /openapi.json. */
export interface Operation {
  readonly id: string;
  readonly tag:
    | 'Notarizations'
    | 'Records'
    | 'Legal holds'
    | 'Verification'
    | 'Chain'
    | 'Transparency log'
    | 'Time-stamps'
    | 'Session'
    | 'Organizations'
    | 'Webhooks'
    | 'Operation';
  readonly summary: string;
  readonly description?: string;
  /** It changes nothing, although it is a POST: clients may repeat it. */
  readonly reads?: true;
  readonly path?: Readonly<Record<string, Parameter>>;
  /** Absent: the operation has no query parameters. */
  readonly query?: z.ZodObject;
  /** Request headers. */
  readonly headers?: Readonly<Record<string, Parameter>>;
  /** By media type. */
  readonly body?: Readonly<Record<string, Content>>;
  readonly responses: Readonly<
    Record<number, { readonly description: string; readonly content: Readonly<Record<string, Content>> }>
  >;
  /** In addition to those that every operation has, and those that its access rule implies. */
  readonly errors?: readonly ApiErrorCode[];
}

/** A route of the API: its description and its handler. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** In OpenAPI's form: /v1/blocks/{height}. The last parameter may match several segments (`{+rest}`). */
  readonly path: string;
  /** Who may use the route, decided before `handle` runs. The handler decides what they may see. */
  readonly access: Rule;
  readonly operation: Operation;
  handle(req: Request, res: Response): Promise<void> | void;
}

/** `{x}` is one segment of the path, `{+x}` (RFC 6570) the rest of it. */
export function expressPath(path: string): string {
  return path.replaceAll(/\{(\+?)([a-z0-9]+)\}/gi, (_, rest: string, name: string) =>
    rest === '' ? `:${name}` : `*${name}`,
  );
}

export function openApiPath(path: string): string {
  return path.replaceAll('{+', '{');
}
