import type { Rule } from '../../access/index.js';
import type { ApiErrorCode } from '../answer/errors.js';

/** What the rule of a call means for its description. */

export const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key, an access token of this service, or a token of the configured identity provider.',
  },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'ingam-access',
    description:
      'For pages of this service; over TLS with the prefix `__Host-`. Calls that change something also need the header `X-CSRF-Token`.',
  },
};

/** Any call that looks at credentials can end so. */
const CREDENTIAL_ERRORS: readonly ApiErrorCode[] = [
  'invalid_token',
  'token_expired',
  'address_not_allowed',
  'limit_exceeded',
  'issuer_unavailable',
  'unavailable',
];

/** Nobody is sent away from these for not being known. */
const FOR_ALL: ReadonlySet<Rule> = new Set(['open', 'anyone', 'submit', 'verify'] as const);

export function securityOf(rule: Rule): object[] {
  const known = [{ bearer: [] }, { cookie: [] }];
  if (rule === 'open') return [];
  return FOR_ALL.has(rule) ? [{}, ...known] : known;
}

export function accessErrorsOf(method: string, rule: Rule): readonly ApiErrorCode[] {
  const unsafe: readonly ApiErrorCode[] = method === 'get' ? [] : ['csrf'];
  if (rule === 'open') return unsafe;
  if (rule === 'anyone') return [...unsafe, ...CREDENTIAL_ERRORS];
  return [...unsafe, ...CREDENTIAL_ERRORS, 'unauthenticated', 'forbidden'];
}
