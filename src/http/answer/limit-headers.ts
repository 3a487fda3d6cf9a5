import type { Response } from 'express';
import type { LimitState } from '../../access/index.js';

/**
 * RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers): what the limits are, and what is left of them. A later call for the
 * same answer replaces what it knows better and keeps the rest.
 */
export function setLimitHeaders(res: Response, states: readonly LimitState[]): void {
  if (states.length === 0) return;
  const known = knownStates.get(res) ?? new Map<string, LimitState>();
  knownStates.set(res, known);
  for (const state of states) known.set(state.name, state);
  const all = [...known.values()];
  res.setHeader(
    'RateLimit-Policy',
    all
      .map(({ name, limit, windowSeconds }) => `"${name}";q=${limit};w=${windowSeconds}${unit(name)}`)
      .join(', '),
  );
  res.setHeader(
    'RateLimit',
    all.map(({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`).join(', '),
  );
}

const knownStates = new WeakMap<Response, Map<string, LimitState>>();

/** Quota units other than requests are named (§3.1.2 of the draft). */
function unit(name: string): string {
  return name.includes('bytes') ? ';qu="content-bytes"' : '';
}
