import type { Request } from 'express';
import { AccessError, type Credential } from '../../access/index.js';
import { readCookie } from './cookies.js';
import type { HostPolicy } from './host-check.js';

/** Whether it has a credential that no browser adds by itself, as it does with cookies, Basic and the like. */
export function bringsToken(req: Request): boolean {
  return /^bearer /i.test(req.headers.authorization ?? '');
}

/**
 * What a request says who it is from: a token in Authorization, else the session's cookie; null: nothing.
 * @throws {AccessError} invalid_token, for an Authorization that cannot be meant for this service
 */
export function credentialOf(req: Request, hosts: HostPolicy): Credential | null {
  const { authorization, cookie } = req.headers;
  // Basic is for a proxy that guards the way here, and reaches us with what it let through.
  if (authorization !== undefined && !/^basic\s/i.test(authorization)) {
    const token = /^bearer +([^\s]+) *$/i.exec(authorization)?.[1];
    if (token === undefined) {
      throw new AccessError('invalid_token', 'Authorization is read as: Bearer <API key or access token>');
    }
    return { kind: 'bearer', token };
  }
  if (cookie === undefined) return null;
  const access = readCookie(req, 'access', hosts);
  if (access !== null) return { kind: 'cookie', token: access };
  return null;
}
