import type { NextFunction, Request, Response } from 'express';
import { STATUS_CODES } from 'node:http';
import type { Logger } from 'pino';
import { LimitError, type Credential } from '../../access/index.js';
import { API_ERRORS, type ApiError, type FieldError } from './errors.js';
import { setLimitHeaders } from './limit-headers.js';
import { finishEarly } from '../request/linger.js';
import { contextOf } from '../request/request-context.js';
import { toApiError } from './to-api-error.js';

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
