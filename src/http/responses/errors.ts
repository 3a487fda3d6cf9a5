import { STATUS_CODES } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import multer from 'multer';
import type { Logger } from 'pino';
import { AccessError, type Credential, LimitError } from '../../auth/index.js';
import { DocumentTooLarge, EventRefused, IntakeError } from '../../intake/index.js';
import { HistoryTooLarge } from '../../log/index.js';
import { ProofError, RecordRefusal, toHex } from '../../proof/index.js';
import { SigningError } from '../../signing/index.js';
import { WebhookError } from '../../webhooks/index.js';
import { StoreError } from '../../store/index.js';
import { VaultError, type VaultErrorCode } from '../../vault/index.js';
import { contextOf } from '../context.js';
import { API_ERRORS, type ApiErrorCode } from '../schemas/error-codes.js';
import { finishEarly, setLimitHeaders } from './send.js';

/** One mistake in a request body. */
export interface FieldError {
  /** `documents[3].sha256`; empty for the body as a whole. */
  readonly path: string;
  readonly message: string;
}

export interface ApiErrorOptions extends ErrorOptions {
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number | null;
  /** Value of the Allow header, with method_not_allowed. */
  readonly allow?: string;
  /** Where the record is that refused an event. */
  readonly current?: CurrentPlace | undefined;
}

/** What the next event of a record must follow. */
export interface CurrentPlace {
  readonly sequence: number;
  /** In hexadecimal. */
  readonly value: string;
}

/**
 * Thrown by handlers. `message` is sent to the client as `detail`: one English sentence without internals.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ApiErrorCode;
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | null;
  readonly allow: string | null;
  readonly current: CurrentPlace | undefined;

  constructor(code: ApiErrorCode, message: string, options: ApiErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
    this.allow = options.allow ?? null;
    this.current = options.current;
  }

  get status(): number {
    return API_ERRORS[this.code].status;
  }
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** RFC 9457. `type` is a URN, so that it does not depend on any server. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
  readonly current?: CurrentPlace;
}

export function problemOf(error: ApiError, requestId: string): Problem {
  const { status, title } = API_ERRORS[error.code];
  return {
    type: `urn:ingam:error:${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    requestId,
    ...(error.errors.length === 0 ? {} : { errors: error.errors }),
    ...(error.current === undefined ? {} : { current: error.current }),
  };
}

/** Sends a problem document, or closes the connection if a response has already begun. */
export function sendProblem(req: Request, res: Response, error: ApiError): void {
  const context = contextOf(req);
  context.errorCode = error.code;
  if (res.headersSent) {
    res.destroy();
    return;
  }
  if (error.retryAfterSeconds !== null) res.setHeader('Retry-After', String(error.retryAfterSeconds));
  if (error.allow !== null) res.setHeader('Allow', error.allow);
  const challenge = challengeOf(error, context.credential);
  if (challenge !== null) res.setHeader('WWW-Authenticate', challenge);
  res.setHeader('Cache-Control', 'no-store');
  res.removeHeader('ETag');
  res.removeHeader('Content-Disposition');
  const problem = problemOf(error, context.requestId);
  if (wantsPage(req)) {
    finishEarly(req, res, error.status, 'text/html; charset=utf-8', page(problem));
  } else {
    finishEarly(req, res, error.status, PROBLEM_MEDIA_TYPE, JSON.stringify(problem));
  }
}

/** RFC 6750 §3: always with 401, and with 403 if another token could help. */
function challengeOf({ code, status }: ApiError, credential: Credential | null): string | null {
  if (code === 'invalid_token' || code === 'token_expired') return 'Bearer error="invalid_token"';
  if (code === 'forbidden' && credential?.kind === 'bearer') return 'Bearer error="insufficient_scope"';
  return status === 401 ? 'Bearer' : null;
}

/** The last middleware: turns whatever a handler threw into a problem document. */
export function problemHandler(logger: Logger) {
  return (thrown: unknown, req: Request, res: Response, next: NextFunction): void => {
    const error = toApiError(thrown);
    if (error.cause instanceof LimitError) setLimitHeaders(res, error.cause.states);
    if (error.code === 'internal') {
      const { requestId, route } = contextOf(req);
      logger.error({ requestId, route, err: error.cause }, 'unexpected error');
    }
    sendProblem(req, res, error);
    // Express recognises an error handler by its fourth parameter.
    if (res.destroyed) next();
  };
}

/** Browsers get errors as a page; programs, and the API, as JSON. */
export function wantsPage(req: Request): boolean {
  const { method, path } = req;
  return (
    (method === 'GET' || method === 'HEAD') &&
    !path.startsWith('/v1/') &&
    req.accepts(['json', 'html']) === 'html'
  );
}

function page({ title, status, detail, requestId }: Problem): string {
  const text = (value: string) =>
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${status} ${text(STATUS_CODES[status] ?? '')}</title>
<h1>${text(title)}</h1>
<p>${text(detail)}</p>
<p><small>Request ${text(requestId)}</small></p>
</html>
`;
}

const UNAVAILABLE_RETRY_SECONDS = 2;
const OUTCOME_RETRY_SECONDS = 5;

/**
 * The error that the client gets for a failure in any lower layer. An unexpected failure is `internal`; its
 * message appears only in the log.
 */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof IntakeError || error instanceof AccessError) {
    const { code, message, retryAfterSeconds } = error;
    return new ApiError(code, sentence(message), { cause: error, retryAfterSeconds });
  }
  if (error instanceof SigningError || error instanceof WebhookError)
    return new ApiError(error.code, sentence(error.message), { cause: error });
  if (error instanceof EventRefused || error instanceof RecordRefusal) {
    const current = error instanceof EventRefused ? error.current : null;
    return new ApiError(error.code, sentence(error.message), {
      cause: error,
      ...(current === null ? {} : { current: { sequence: current.sequence, value: toHex(current.value) } }),
    });
  }
  if (error instanceof StoreError && error.code === 'unavailable') {
    return new ApiError('unavailable', 'The database is unavailable.', {
      cause: error,
      retryAfterSeconds: UNAVAILABLE_RETRY_SECONDS,
    });
  }
  if (error instanceof StoreError && error.code === 'key_missing') {
    return new ApiError(
      'key_missing',
      'The content of this notarization is encrypted, and the service does not have its data key: the key was destroyed, because the notarization was erased, or the file INGAM_ERASURE_KEYS names is not the newest.',
      { cause: error },
    );
  }
  if (error instanceof StoreError && error.code === 'outcome_unknown') {
    return new ApiError(
      'outcome_unknown',
      'The database became unavailable while this was being written, and it may have been. Look before you repeat the request.',
      { cause: error, retryAfterSeconds: OUTCOME_RETRY_SECONDS },
    );
  }
  if (error instanceof VaultError) {
    const [code, message, retryAfterSeconds] = vaultProblem(error);
    return new ApiError(code, message, { cause: error, retryAfterSeconds });
  }
  if (error instanceof multer.MulterError) return fromMulter(error);
  if (error instanceof DocumentTooLarge || error instanceof HistoryTooLarge) {
    return new ApiError('too_large', sentence(error.message), { cause: error });
  }
  if (error instanceof ProofError) {
    return new ApiError('malformed_proof', sentence(error.message), {
      cause: error,
      errors: [{ path: '', message: `${error.code}: ${error.message}` }],
    });
  }
  return (
    fromMiddleware(error) ??
    new ApiError('internal', 'An unexpected error occurred. It has been logged.', { cause: error })
  );
}

/** Errors of Express and Node, as far as the client caused them. */
function fromMiddleware(error: unknown): ApiError | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof URIError) {
    return new ApiError('malformed_request', 'The URL has malformed percent-encoding.', {
      cause: error,
    });
  }
  const status = 'status' in error ? error.status : undefined;
  if (isAborted(error)) {
    return new ApiError('incomplete_body', 'The connection was closed before the body was complete.', {
      cause: error,
    });
  }
  if (status === 404) return new ApiError('not_found', 'There is nothing at this URL.', { cause: error });
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new ApiError('malformed_request', 'The request is malformed.', { cause: error });
  }
  return null;
}

function isAborted(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined;
  // Node's message for a client's connection: a reset connection to the database must not be mistaken for it.
  return (code === 'ECONNRESET' && error.message === 'aborted') || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

const VAULT_RETRY_SECONDS = 30;

/** Where the vault is, and why it fails, is only in the log. */
function vaultProblem({ code, message }: VaultError): readonly [ApiErrorCode, string, number | null] {
  switch (code satisfies VaultErrorCode) {
    case 'full':
      return ['vault_full', sentence(message), null];
    case 'expired':
      return ['vault_unavailable', sentence(message), 1];
    case 'unavailable':
      return [
        'vault_unavailable',
        'The storage of kept documents cannot be reached. Documents can be notarized without keeping them.',
        VAULT_RETRY_SECONDS,
      ];
    case 'key_missing':
      return [
        'vault_key_missing',
        'The service does not have the key under which this document is kept. Its operator has to add it: docs/vault.md says how.',
        null,
      ];
    case 'missing':
      return ['document_damaged', 'The storage has lost this document. Its proof is not affected.', null];
    case 'damaged':
      return [
        'document_damaged',
        `What the storage has is not the document that was kept: ${message}. Its proof is not affected.`,
        null,
      ];
  }
}

function fromMulter(error: multer.MulterError): ApiError {
  const [code, message] = multerProblem(error.code, error.field ?? '');
  return new ApiError(code, message, { cause: error });
}

function multerProblem(code: string, field: string): readonly [ApiErrorCode, string] {
  const name = JSON.stringify(field.slice(0, 60));
  switch (code) {
    case 'LIMIT_FILE_SIZE':
      return ['too_large', 'A file is larger than this service accepts.'];
    case 'LIMIT_FIELD_VALUE':
      return ['too_large', `The field ${name} is too long.`];
    case 'LIMIT_FILE_COUNT':
      return ['too_many_parts', 'The request has too many files.'];
    case 'LIMIT_FIELD_COUNT':
    case 'LIMIT_PART_COUNT':
      return ['too_many_parts', 'The request has too many fields.'];
    case 'LIMIT_FIELD_KEY':
      return ['malformed_multipart', 'A field name is too long.'];
    case 'MISSING_FIELD_NAME':
      return ['malformed_multipart', 'A part has no field name.'];
    case 'LIMIT_UNEXPECTED_FILE':
    case 'LIMIT_FIELD_NESTING':
      return ['unexpected_field', `The field ${name} is unknown or repeated.`];
    default:
      return ['malformed_multipart', 'The multipart body is malformed.'];
  }
}

function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return text.endsWith('.') ? text : `${text}.`;
}
