import type { Request } from 'express';
import { isIP } from 'node:net';
import { AccessError, type PasskeyPlace } from '../../auth/index.js';
import type { HostPolicy } from '../context.js';

const LOCALHOST = 'localhost';

/**
 * Where the page is that asks for a passkey; null: there can be no passkeys at its address. Browsers make them for
 * host names, not for IP addresses, and only over TLS or on localhost. The name comes from INGAM_PUBLIC_URL. A
 * service without it is one on the reader's own machine, at the port that it listens on: other programs there have
 * the same host name, and must not get answers for this one.
 */
export function passkeyPlaceOf(req: Request, { publicUrl }: HostPolicy): PasskeyPlace | null {
  if (publicUrl !== null) {
    const { hostname, protocol, origin } = publicUrl;
    const isName = isIP(hostname) === 0 && !hostname.startsWith('[');
    const isSafe = protocol === 'https:' || hostname === LOCALHOST;
    return isName && isSafe ? { rpId: hostname, origin } : null;
  }
  const { origin } = new URL(`http://${LOCALHOST}:${req.socket.localPort ?? 0}`);
  const address = `http://${req.headers.host ?? ''}`;
  return URL.canParse(address) && new URL(address).origin === origin ? { rpId: LOCALHOST, origin } : null;
}

/** @throws {AccessError} passkeys_unavailable */
export function passkeyPlace(req: Request, hosts: HostPolicy): PasskeyPlace {
  const place = passkeyPlaceOf(req, hosts);
  if (place !== null) return place;
  throw new AccessError(
    'passkeys_unavailable',
    hosts.publicUrl === null
      ? 'there are no passkeys at this address: open the service at http://localhost with its port, or set INGAM_PUBLIC_URL'
      : 'there are no passkeys at this address: INGAM_PUBLIC_URL must have a host name, and https unless it is localhost',
  );
}
