import type { Access, Principal, Tokens } from '../../auth/index.js';
import type { OpenedSession, Session } from '../schemas/auth.js';
import { organizationName, principalJson, tokensJson, formatTime } from './representation.js';

/** The caller's identity, and the organizations to choose from. */
export async function sessionJson(
  access: Pick<Access, 'policy' | 'sessions'>,
  principal: Principal,
  accessExpiresAt: number | null,
): Promise<Session> {
  const memberships = principal.kind === 'user' ? await access.sessions.memberships(principal) : [];
  const { anonymousSubmission, privateVerification } = access.policy;
  return {
    principal: principalJson(principal),
    memberships: memberships.map(({ organization, role }) => ({
      organization: organizationName(organization),
      role,
    })),
    policy: { anonymousSubmission, privateVerification },
    accessExpiresAt: accessExpiresAt === null ? null : formatTime(accessExpiresAt),
  };
}

/** @param inBody whether the response has the tokens; not with cookies, where scripts must not read them */
export async function openedSessionJson(
  access: Pick<Access, 'policy' | 'sessions'>,
  { principal, tokens }: { readonly principal: Principal; readonly tokens: Tokens },
  inBody: boolean,
): Promise<OpenedSession> {
  return {
    ...(await sessionJson(access, principal, tokens.accessExpiresAt)),
    ...(inBody ? { tokens: tokensJson(tokens) } : {}),
  };
}

/** When a verified access token expires; null for API keys. */
export function expiryOf(token: string): number | null {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return null;
  const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { readonly exp?: unknown };
  return typeof exp === 'number' ? exp * 1000 : null;
}
