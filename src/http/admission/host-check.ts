import type { Request } from 'express';
import { isIP } from 'node:net';
import { isLoopback } from '../../access/index.js';
import { ApiError } from '../answer/errors.js';

/** By which names this service may be addressed. */
export interface HostPolicy {
  /** Where people reach the service; null: not said. */
  readonly publicUrl: URL | null;
  /** Whether it listens where only its own machine can reach it. */
  readonly loopbackOnly: boolean;
}

/**
 * Refuses requests to names that are not this service's. A page of some other site can have its own name resolved to this
 * machine (DNS rebinding) and would then be of one origin with the service; but it cannot change the name it asks for. An address in place
 * of a name cannot be had by rebinding, and probes of orchestrators use it, so only a service that listens on loopback minds it.
 * Beyond this check nothing is ever derived from Host, and X-Forwarded-Host is not read.
 */
export function hostCheck(policy: HostPolicy) {
  let lastGood: string | undefined;
  return (req: Request): void => {
    const { host } = req.headers;
    // Without any host it is HTTP/1.0, as of a simple probe: no browser asks so.
    if (host !== undefined && host !== lastGood) {
      if (!isOwnHost(host, policy)) {
        throw new ApiError(
          'unknown_host',
          'This service does not answer to the host name of this request. Its operator sets the name it has with INGAM_PUBLIC_URL.',
        );
      }
      lastGood = host;
    }
  };
}

/** @param host a Host header: name or address, with or without port */
export function isOwnHost(host: string, { publicUrl, loopbackOnly }: HostPolicy): boolean {
  const name = nameOf(host);
  if (name === null) return false;
  if (publicUrl !== null && name === nameOf(publicUrl.host)) return true;
  if (loopbackOnly) return isLoopback(name);
  return publicUrl === null || isIP(name) !== 0;
}

/** Without port and brackets, in lower case; null: no host at all. */
function nameOf(host: string): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\]]+))(?::[0-9]{1,5})?$/i.exec(host);
  return (match?.[1] ?? match?.[2])?.toLowerCase() ?? null;
}
