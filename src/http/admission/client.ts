import type { Request } from 'express';
import { isIP } from 'node:net';
import { foldAddress, type Client } from '../../access/index.js';

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
  const stated = foldAddress(req.ip);
  return isIP(stated) === 0 ? foldAddress(req.socket.remoteAddress) : stated;
}
