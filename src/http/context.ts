import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ANONYMOUS_PRINCIPAL, type Credential, type Principal } from '../auth/index.js';

/** What is known of a request beside its headers: for its log line, its problem document and its handler. */
export interface RequestContext {
  readonly requestId: string;
  readonly startedAt: number;
  /** The route's pattern, never the address itself: an id holds half of an entry's salt. */
  route: string;
  errorCode: string | null;
  /** Who asks. Known before a handler runs; anonymous on routes that are open to everyone. */
  principal: Principal;
  /** What the principal was told by; null: by nothing. */
  credential: Credential | null;
}

const contexts = new WeakMap<IncomingMessage, RequestContext>();

/** Made at the first call for a request. */
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

/** A caller's own id is kept when it can do no harm in a header or a log line. */
function requestIdFrom(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[A-Za-z0-9._~-]{1,128}$/.test(given) ? given : randomUUID();
}
