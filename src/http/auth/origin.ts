import { isIP } from 'node:net';
import type { Request } from 'express';
import { isLoopback } from '../../auth/index.js';
import type { HostPolicy } from '../context.js';
import { ApiError } from '../responses/errors.js';

/**
 * Rejects requests that address another host name (421 `unknown_host`). A page of another site can have its
 * own name resolved to this machine (DNS rebinding), and its requests would then be same-origin with the
 * service; but it cannot change the Host that its browser sends. An IP address cannot be rebound, and the
 * probes of orchestrators use one, so only a service that listens on loopback alone rejects them. Nothing
 * else derives anything from Host, and nothing reads X-Forwarded-Host.
 * @throws {ApiError} unknown_host
 */
export function assertOwnHost(req: Request, policy: HostPolicy): void {
  const { host } = req.headers;
  // Simple probes use HTTP/1.0, which has no Host. No browser omits it.
  if (host !== undefined && !isOwnHost(host, policy)) {
    throw new ApiError(
      'unknown_host',
      'This service does not accept the host name of this request. Its operator configures the name with INGAM_PUBLIC_URL.',
    );
  }
}

/** @param host a Host header: name or address, with or without port */
export function isOwnHost(host: string, { publicUrl, loopbackOnly }: HostPolicy): boolean {
  const name = nameOf(host);
  if (name === null) return false;
  if (publicUrl !== null && name === nameOf(publicUrl.host)) return true;
  if (loopbackOnly) return isLoopback(name);
  return publicUrl === null || isIP(name) !== 0;
}

/** Without port and brackets, in lower case; null: not a host. */
function nameOf(host: string): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\]]+))(?::[0-9]{1,5})?$/i.exec(host);
  return (match?.[1] ?? match?.[2])?.toLowerCase() ?? null;
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether the request can change something. */
export function isUnsafe(req: Request): boolean {
  return !SAFE_METHODS.has(req.method);
}

/**
 * Rejects requests that a browser sends for a page of another site. Browsers declare it, and no page can
 * change that (W3C Fetch Metadata; Origin, RFC 6454). Other programs declare nothing and are not rejected.
 * @throws {ApiError} csrf
 */
export function assertFromOwnPage(req: Request, { publicUrl }: HostPolicy): void {
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw foreign();
  const { origin } = req.headers;
  if (origin === undefined || origin === publicUrl?.origin) return;
  // Behind a proxy that changes Host, only the browser can compare.
  if (site === 'same-origin' && publicUrl === null) return;
  if (!URL.canParse(origin) || new URL(origin).host !== req.headers.host?.toLowerCase()) throw foreign();
}

function foreign(): ApiError {
  return new ApiError(
    'csrf',
    'A page of another site sent this request. If it was a page of this service, its operator must set INGAM_PUBLIC_URL.',
  );
}
