import type { Response } from 'express';
import type { LimitName, LimitState } from '../../access/index.js';

/**
 * RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers): what the limits are, and what is left of them. A later call for the
 * same answer replaces what it knows better and keeps the rest.
 */
export function setLimitHeaders(res: Response, states: readonly LimitState[]): void {
  if (states.length === 0 || res.headersSent) return;
  const known = knownStates.get(res) ?? new Map<string, LimitState>();
  knownStates.set(res, known);
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

const knownStates = new WeakMap<Response, Map<string, LimitState>>();

/** Whose limit of what: an account's and a key's can both apply. */
function policyName({ name, of }: LimitState): string {
  return `${name}-${of}`;
}

/** Quota units; requests go without saying. */
const UNIT: Readonly<Record<LimitName, string>> = {
  requests: '',
  digests: ';qu="digests"',
  bytes: ';qu="content-bytes"',
};
