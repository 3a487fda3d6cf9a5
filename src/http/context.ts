import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ANONYMOUS_PRINCIPAL, type Credential, type Principal } from '../auth/index.js';

/** What the service knows about a request besides its headers. */
export interface RequestContext {
  readonly requestId: string;
  readonly startedAt: number;
  /** The route's pattern, never the path itself: an id contains half of an entry's salt. */
  route: string;
  errorCode: string | null;
  /** The caller. Set before the handler runs; anonymous on open routes. */
  principal: Principal;
  /** How the caller authenticated; null: not at all. */
  credential: Credential | null;
}

const contexts = new WeakMap<IncomingMessage, RequestContext>();

/** Created with the first call for a request. */
export function contextOf(req: IncomingMessage): RequestContext {
  let context = contexts.get(req);
  if (context === undefined) {
    context = {
      requestId: requestIdFrom(req.headers['x-request-id']),
      startedAt: performance.now(),
      route: 'unknown',
      errorCode: null,
      principal: ANONYMOUS_PRINCIPAL,
      credential: null,
    };
    contexts.set(req, context);
  }
  return context;
}

/** The caller's own id, when it is safe in a header and a log line. */
function requestIdFrom(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[A-Za-z0-9._~-]{1,128}$/.test(given) ? given : randomUUID();
}
