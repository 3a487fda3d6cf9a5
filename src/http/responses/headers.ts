import type { Response } from 'express';
import type { LimitName, LimitState } from '../../auth/index.js';

/** For immutable resources: sealed blocks, tiles, files with a hash in their name. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';

/**
 * Content-Disposition for a download (RFC 6266): the name in ASCII, and in UTF-8 (RFC 8187) for clients that
 * support it. The ASCII form has no quotes, backslashes or percent signs, because old clients disagree about
 * them.
 */
export function attachment(fileName: string): string {
  const ascii = fileName.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  if (ascii === fileName) return `attachment; filename="${ascii}"`;
  const encoded = encodeURIComponent(fileName).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/**
 * RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers): the limits, and what is left of
 * them. A later call for the same response updates its own limits and keeps the others.
 */
export function setLimitHeaders(res: Response, states: readonly LimitState[]): void {
  if (states.length === 0 || res.headersSent) return;
  const known = sentStates.get(res) ?? new Map<string, LimitState>();
  sentStates.set(res, known);
  for (const state of states) known.set(policyName(state), state);
  const all = [...known];
  res.setHeader(
    'RateLimit-Policy',
    all
      .map(
        ([policy, { name, limit, windowSeconds }]) =>
          `"${policy}";q=${limit};w=${windowSeconds}${UNIT[name]}`,
      )
      .join(', '),
  );
  res.setHeader(
    'RateLimit',
    all
      .map(([policy, { remaining, resetSeconds }]) => `"${policy}";r=${remaining};t=${resetSeconds}`)
      .join(', '),
  );
}

const sentStates = new WeakMap<Response, Map<string, LimitState>>();

/** A limit of an organization and one of a key can apply together. */
function policyName({ name, of }: LimitState): string {
  return `${name}-${of}`;
}

/** Quota units; requests are the default. */
const UNIT: Readonly<Record<LimitName, string>> = {
  requests: '',
  digests: ';qu="digests"',
  bytes: ';qu="content-bytes"',
};
