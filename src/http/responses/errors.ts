import { STATUS_CODES } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import multer from 'multer';
import type { Logger } from 'pino';
import { AccessError, type AccessErrorCode, type Credential, LimitError } from '../../auth/index.js';
import { DocumentTooLarge, IntakeError, type IntakeErrorCode } from '../../intake/index.js';
import { ProofError } from '../../proof/index.js';
import { StoreError } from '../../store/index.js';
import { finishEarly } from './send.js';
import { contextOf } from '../context.js';
import { setLimitHeaders } from './headers.js';

/** Why a request was not served. Stable and closed: clients decide by it, and a new code is a change of the API. */
export type ApiErrorCode =
  | 'malformed_request' // not HTTP as it should be: request line, headers, percent-encoding
  | 'invalid_parameter' // of the query or the path
  | 'invalid_idempotency_key'
  | 'malformed_json' // not JSON, or not the strict form that everybody reads alike
  | 'invalid_body' // JSON of the wrong shape
  | 'invalid_details'
  | 'invalid_file_name'
  | 'malformed_multipart'
  | 'missing_boundary'
  | 'truncated_multipart' // the closing boundary never came: cut off, or another boundary than announced
  | 'unexpected_field'
  | 'too_many_parts'
  | 'missing_file'
  | 'empty_document'
  | 'incomplete_body' // fewer bytes than Content-Length, or the client went away
  | 'malformed_proof'
  | 'unknown_time_zone'
  | 'line_too_long'
  | 'not_found'
  | 'notarization_not_found'
  | 'block_not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'too_large'
  | 'unsupported_media_type'
  | 'unsupported_encoding'
  | 'headers_too_large'
  | 'unknown_host' // addressed to a name that is not this service's
  | 'not_verified' // by this service itself: there is no certificate of it
  | 'quorum_missing' // too few witnesses have cosigned until now
  | 'internal'
  | AccessErrorCode
  | IntakeErrorCode;

interface ErrorKind {
  readonly status: number;
  readonly title: string;
}

/** The one place where codes become HTTP statuses. Mistakes of the client are 4xx; what passes by itself is 503. */
export const API_ERRORS: Readonly<Record<ApiErrorCode, ErrorKind>> = {
  malformed_request: { status: 400, title: 'The request is malformed' },
  invalid_parameter: { status: 400, title: 'A parameter is not valid' },
  invalid_idempotency_key: { status: 400, title: 'The Idempotency-Key is not valid' },
  malformed_json: { status: 400, title: 'The JSON is malformed' },
  invalid_body: { status: 400, title: 'The body is not valid' },
  invalid_details: { status: 400, title: 'The details are not valid' },
  invalid_file_name: { status: 400, title: 'The file name is not valid' },
  malformed_multipart: { status: 400, title: 'The multipart body is malformed' },
  missing_boundary: { status: 400, title: 'The multipart boundary is missing' },
  truncated_multipart: { status: 400, title: 'The multipart body does not end' },
  unexpected_field: { status: 400, title: 'A multipart field is not expected' },
  too_many_parts: { status: 400, title: 'The multipart body has too many parts' },
  missing_file: { status: 400, title: 'There is no document' },
  empty_document: { status: 400, title: 'The document is empty' },
  incomplete_body: { status: 400, title: 'The body is incomplete' },
  malformed_proof: { status: 400, title: 'The proof is malformed' },
  unknown_time_zone: { status: 400, title: 'The time zone is not known' },
  invalid_email: { status: 400, title: 'The e-mail address is not valid' },
  invalid_password: { status: 400, title: 'The password cannot be taken' },
  invalid_network: { status: 400, title: 'The network is not valid' },
  invalid_value: { status: 400, title: 'A value is not valid' },
  invalid_invitation: { status: 400, title: 'The invitation is not good any more' },
  unauthenticated: { status: 401, title: 'This needs a credential' },
  invalid_credentials: { status: 401, title: 'The address or the password is wrong' },
  invalid_token: { status: 401, title: 'The credential is not good' },
  token_expired: { status: 401, title: 'The access token is over' },
  forbidden: { status: 403, title: 'This is not allowed' },
  address_not_allowed: { status: 403, title: 'The API key is not for this network' },
  csrf: { status: 403, title: 'The request does not come from a page of this service' },
  organization_not_found: { status: 404, title: 'There is no such organization' },
  user_not_found: { status: 404, title: 'There is no such user' },
  key_not_found: { status: 404, title: 'There is no such API key' },
  not_found: { status: 404, title: 'There is no such resource' },
  notarization_not_found: { status: 404, title: 'There is no such notarization' },
  block_not_found: { status: 404, title: 'There is no such block' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  request_timeout: { status: 408, title: 'The request stopped coming' },
  user_exists: { status: 409, title: 'The user is there already' },
  last_owner: { status: 409, title: 'An organization needs an owner' },
  last_operator: { status: 409, title: 'The service needs an operator' },
  owner_exists: { status: 409, title: 'The organization has an owner' },
  not_verified: { status: 409, title: 'The notarization does not verify' },
  erased: { status: 410, title: 'The notarization has been erased' },
  line_too_long: { status: 413, title: 'The line is too long' },
  too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not taken' },
  unsupported_encoding: { status: 415, title: 'The content encoding is not taken' },
  unknown_host: { status: 421, title: 'This service does not go by that name' },
  idempotency_mismatch: { status: 422, title: 'The Idempotency-Key was used for something else' },
  sign_in_blocked: { status: 429, title: 'Too many attempts to sign in' },
  limit_exceeded: { status: 429, title: 'A limit is reached' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'Something went wrong here' },
  quorum_missing: { status: 503, title: 'The quorum has not cosigned yet' },
  queue_full: { status: 503, title: 'Too much is waiting' },
  clock_behind: { status: 503, title: 'The clock of the service is behind' },
  unavailable: { status: 503, title: 'The database is away' },
  outcome_unknown: { status: 503, title: 'It is not known whether this was accepted' },
  busy: { status: 503, title: 'Too many passwords are being checked' },
  issuer_unavailable: { status: 503, title: 'The identity provider is away' },
  stopping: { status: 503, title: 'The service is shutting down' },
};

/** One thing that is wrong in a body: where, and why. */
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
}

/** Thrown by handlers. `message` goes to the client as `detail`: one English sentence, nothing internal. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ApiErrorCode;
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | null;
  readonly allow: string | null;

  constructor(code: ApiErrorCode, message: string, options: ApiErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
    this.allow = options.allow ?? null;
  }

  get status(): number {
    return API_ERRORS[this.code].status;
  }
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** RFC 9457. `type` is a URN made of the code: it names the kind of problem without pointing at somebody's server. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
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
  };
}

/** Answers with a problem document, or cuts the connection when an answer has already begun. */
export function sendProblem(req: Request, res: Response, error: ApiError): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  if (error.retryAfterSeconds !== null) res.setHeader('Retry-After', String(error.retryAfterSeconds));
  if (error.allow !== null) res.setHeader('Allow', error.allow);
  const challenge = challengeOf(error, contextOf(req).credential);
  if (challenge !== null) res.setHeader('WWW-Authenticate', challenge);
  res.setHeader('Cache-Control', 'no-store');
  res.removeHeader('ETag');
  res.removeHeader('Content-Disposition');
  const problem = problemOf(error, contextOf(req).requestId);
  if (wantsPage(req)) {
    finishEarly(req, res, error.status, 'text/html; charset=utf-8', page(problem));
  } else {
    finishEarly(req, res, error.status, PROBLEM_MEDIA_TYPE, JSON.stringify(problem));
  }
}

/** RFC 6750 §3: with 401 always, with 403 where another token would do. */
function challengeOf({ code, status }: ApiError, credential: Credential | null): string | null {
  if (code === 'invalid_token' || code === 'token_expired') return 'Bearer error="invalid_token"';
  if (code === 'forbidden' && credential?.kind === 'bearer') return 'Bearer error="insufficient_scope"';
  return status === 401 ? 'Bearer' : null;
}

/** The last middleware: whatever a handler threw becomes a problem document. */
export function problemHandler(logger: Logger) {
  return (thrown: unknown, req: Request, res: Response, next: NextFunction): void => {
    const error = toApiError(thrown);
    const context = contextOf(req);
    context.errorCode = error.code;
    if (error.cause instanceof LimitError) setLimitHeaders(res, error.cause.states);
    if (error.code === 'internal') {
      logger.error(
        { requestId: context.requestId, route: context.route, err: error.cause },
        'unexpected error',
      );
    }
    sendProblem(req, res, error);
    // Express tells an error handler by its fourth parameter; nothing comes after it.
    if (res.destroyed) next();
  };
}

/** People who follow a wrong link get a page; programs, and everything under the API's addresses, get JSON. */
function wantsPage(req: Request): boolean {
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

const AWAY_RETRY_SECONDS = 2;

/**
 * What a failure of any layer below says to the client. A failure that nobody foresaw is `internal`, without its message:
 * the message goes to the log.
 */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof IntakeError || error instanceof AccessError) {
    const { code, message, retryAfterSeconds } = error;
    return new ApiError(code, sentence(message), { cause: error, retryAfterSeconds });
  }
  if (error instanceof StoreError && error.code === 'unavailable') {
    return new ApiError('unavailable', 'The database cannot be read at the moment.', {
      cause: error,
      retryAfterSeconds: AWAY_RETRY_SECONDS,
    });
  }
  if (error instanceof multer.MulterError) return fromMulter(error);
  if (error instanceof DocumentTooLarge) {
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
    new ApiError('internal', 'An unexpected error; it has been logged.', { cause: error })
  );
}

/** What Express and Node throw: errors that carry a status of their own. Only what the client did is told. */
function fromMiddleware(error: unknown): ApiError | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof URIError) {
    return new ApiError('malformed_request', 'The percent-encoding of the address is malformed.', {
      cause: error,
    });
  }
  const status = 'status' in error ? error.status : undefined;
  if (isAborted(error)) {
    return new ApiError('incomplete_body', 'The body ended before it was complete.', { cause: error });
  }
  if (status === 404) return new ApiError('not_found', 'There is nothing at this address.', { cause: error });
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new ApiError('malformed_request', 'The request is malformed.', { cause: error });
  }
  return null;
}

function isAborted(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined;
  // Node's own words: a reset connection to the database must not pass for the client's.
  return (code === 'ECONNRESET' && error.message === 'aborted') || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function fromMulter(error: multer.MulterError): ApiError {
  const [code, message] = multerProblem(error.code, error.field ?? '');
  return new ApiError(code, message, { cause: error });
}

function multerProblem(code: string, field: string): readonly [ApiErrorCode, string] {
  const name = JSON.stringify(field.slice(0, 60));
  switch (code) {
    case 'LIMIT_FILE_SIZE':
      return ['too_large', 'A file is larger than this service takes.'];
    case 'LIMIT_FIELD_VALUE':
      return ['too_large', `The field ${name} is too long.`];
    case 'LIMIT_FILE_COUNT':
      return ['too_many_parts', 'There are more files than one request may have.'];
    case 'LIMIT_FIELD_COUNT':
    case 'LIMIT_PART_COUNT':
      return ['too_many_parts', 'There are more fields than one request may have.'];
    case 'LIMIT_FIELD_KEY':
      return ['malformed_multipart', 'The name of a field is too long.'];
    case 'MISSING_FIELD_NAME':
      return ['malformed_multipart', 'A part has no field name.'];
    case 'LIMIT_UNEXPECTED_FILE':
    case 'LIMIT_FIELD_NESTING':
      return ['unexpected_field', `The field ${name} is not one of this call, or is given too often.`];
    default:
      return ['malformed_multipart', 'The multipart body is malformed.'];
  }
}

function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return text.endsWith('.') ? text : `${text}.`;
}
