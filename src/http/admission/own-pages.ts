import type { Request } from 'express';
import { ApiError } from '../answer/errors.js';
import type { HostPolicy } from './host-check.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether the request can change something. */
export function isUnsafe(req: Request): boolean {
  return !SAFE_METHODS.has(req.method);
}

/**
 * Refuses what a browser sends on behalf of a page that is not this service's: browsers say so, and no page can make them say
 * otherwise (W3C Fetch Metadata; Origin, RFC 6454). Programs say nothing of the kind and are let through.
 * @throws {ApiError} csrf
 */
export function assertFromOwnPage(req: Request, { publicUrl }: HostPolicy): void {
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw foreign();
  const { origin } = req.headers;
  if (origin === undefined || origin === publicUrl?.origin) return;
  // A browser that says "same-origin" has compared more exactly than can be done behind a proxy that changes Host.
  if (site === 'same-origin' && publicUrl === null) return;
  if (!URL.canParse(origin) || new URL(origin).host !== req.headers.host?.toLowerCase()) throw foreign();
}

function foreign(): ApiError {
  return new ApiError(
    'csrf',
    'The browser says that a page of another site sent this. If it was a page of this service, its operator has to set INGAM_PUBLIC_URL.',
  );
}
