import type { Request } from 'express';
import { isIP } from 'node:net';
import type { Client } from '../../access/index.js';

const MAX_AGENT_LENGTH = 256;

/** Where a request comes from, as far as it can be believed: proxies that are not configured have no say. */
export function clientOf(req: Request): Client {
  return {
    address: addressOf(req),
    agent: (req.headers['user-agent'] ?? '').slice(0, MAX_AGENT_LENGTH),
  };
}

function addressOf(req: Request): string {
  // A trusted proxy may still pass on any text as an address that it was told.
  const stated = plain(req.ip ?? '');
  return isIP(stated) === 0 ? plain(req.socket.remoteAddress ?? '') : stated;
}

/** IPv4 as IPv4, also where the socket is an IPv6 one (RFC 4291 §2.5.5.2); without a zone. */
function plain(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1];
  return mapped ?? address.replace(/%.*$/, '').toLowerCase();
}
