import type { Request, Response } from 'express';
import type { Tokens } from '../../access/index.js';
import type { HostPolicy } from './host-check.js';

/** `csrf` alone can be read by the page, which repeats it in the header X-CSRF-Token. */
export type CookieName = 'access' | 'refresh' | 'csrf';

const NAMES: readonly CookieName[] = ['access', 'refresh', 'csrf'];

/** With the prefix, a browser takes the cookie from this very host over TLS only (RFC 6265bis §4.1.3). */
export function cookieName(name: CookieName, { publicUrl }: HostPolicy): string {
  return `${isSecure(publicUrl) ? '__Host-' : ''}ingam-${name}`;
}

/** null also when there are several of one name: one of them has been planted. */
export function readCookie(req: Request, name: CookieName, hosts: HostPolicy): string | null {
  const header = req.headers.cookie;
  if (header === undefined) return null;
  const start = `${cookieName(name, hosts)}=`;
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(start));
  const [only] = values;
  return only === undefined || values.length > 1 || only.length === start.length
    ? null
    : only.slice(start.length);
}

/**
 * All three live as long as the refresh token: an access token that is over then still comes, and is known to be a session's
 * that has to be refreshed and not nobody's.
 */
export function setCookies(res: Response, tokens: Tokens, hosts: HostPolicy): void {
  const values = { access: tokens.accessToken, refresh: tokens.refreshToken, csrf: tokens.csrfToken };
  const expires = new Date(tokens.refreshExpiresAt);
  for (const name of NAMES) {
    res.cookie(cookieName(name, hosts), values[name], { ...attributes(name, hosts), expires });
  }
}

export function clearCookies(res: Response, hosts: HostPolicy): void {
  for (const name of NAMES) res.clearCookie(cookieName(name, hosts), attributes(name, hosts));
}

function attributes(name: CookieName, { publicUrl }: HostPolicy) {
  return {
    path: '/',
    httpOnly: name !== 'csrf',
    secure: isSecure(publicUrl),
    sameSite: 'strict',
  } as const;
}

function isSecure(publicUrl: URL | null): boolean {
  return publicUrl?.protocol === 'https:';
}
