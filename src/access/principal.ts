import type { Account, Role, Scope } from '../store/index.js';

/** Nobody who is known. */
export interface Anonymous {
  readonly kind: 'anonymous';
}

/** A machine, by its API key. */
export interface KeyPrincipal {
  readonly kind: 'key';
  readonly keyId: string;
  readonly account: Account;
  readonly scopes: readonly Scope[];
}

/** A person who has signed in, here or at the company's own identity provider. */
export interface UserPrincipal {
  readonly kind: 'user';
  /** `oidc:<subject>` for people whom another issuer vouches for. */
  readonly personId: string;
  /** null: signed in elsewhere. */
  readonly sessionId: string | null;
  readonly email: string | null;
  readonly name: string;
  /** On whose behalf they act, with their role there; null: on nobody's. */
  readonly account: Account | null;
  readonly role: Role | null;
  readonly operator: boolean;
}

export type Principal = Anonymous | KeyPrincipal | UserPrincipal;

export const ANONYMOUS_PRINCIPAL: Anonymous = { kind: 'anonymous' };

/** The account on whose behalf the principal acts. */
export function accountOf(principal: Principal): Account | null {
  return principal.kind === 'anonymous' ? null : principal.account;
}

/** Who it was, for the register: it outlives names. */
export function actorOf(principal: KeyPrincipal | UserPrincipal): string {
  return principal.kind === 'key' ? `key:${principal.keyId}` : `person:${principal.personId}`;
}
