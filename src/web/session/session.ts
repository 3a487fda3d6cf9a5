/** Who is at the page, as GET /v1/session tells it. */

export type Role = 'owner' | 'notary' | 'auditor';
export const ROLES: readonly Role[] = ['owner', 'notary', 'auditor'];

export interface OrganizationName {
  readonly id: string;
  readonly name: string;
}

export interface Membership {
  readonly organization: OrganizationName;
  readonly role: Role;
}

export interface User {
  readonly id: string;
  /** null: vouched for by another issuer, which does not tell it. */
  readonly email: string | null;
  readonly name: string;
  readonly operator: boolean;
  /** On whose behalf they act, with their role there; null: on nobody's. */
  readonly organization: OrganizationName | null;
  readonly role: Role | null;
}

export interface Session {
  /** null: nobody has signed in. */
  readonly user: User | null;
  readonly memberships: readonly Membership[];
  readonly policy: { readonly anonymousSubmission: boolean; readonly privateVerification: boolean };
  /** When the access token ends, in milliseconds by this machine's clock; null: not told. */
  readonly expiresAt: number | null;
}

/** Whether documents can be submitted now, and if not, what would have to be otherwise. */
export type Standing = 'open' | 'on_behalf' | 'sign_in_first' | 'no_organization' | 'reads_only';

export function standingOf({ user, policy }: Session): Standing {
  if (user === null) return policy.anonymousSubmission ? 'open' : 'sign_in_first';
  if (user.organization === null || user.role === null) return 'no_organization';
  return user.role === 'auditor' ? 'reads_only' : 'on_behalf';
}

/** Whether two answers are about the same person acting for the same organization with the same rights. */
export function sameVisitor(a: Session | null, b: Session | null): boolean {
  const key = (session: Session | null) =>
    session === null ? null : JSON.stringify([session.user, session.memberships, session.policy]);
  return key(a) === key(b);
}
