import type { Access, Principal, Tokens } from '../../auth/index.js';
import type { OpenedSession, Session } from '../schemas/auth.js';
import { organizationName, principalJson, tokensJson, formatTime } from './representation.js';

/** Who somebody is here, and what they can choose from. */
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

/** @param inBody whether the tokens are told in the answer: in cookies they are safe from scripts, and must stay so */
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

/** When an access token that has been found good is over; null for API keys, which are no such tokens. */
export function expiryOf(token: string): number | null {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return null;
  const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { readonly exp?: unknown };
  return typeof exp === 'number' ? exp * 1000 : null;
}
