import type { Account, Limits, Role, Scope } from '../store/index.js';

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
  /** Its own, beside the account's. */
  readonly limits: Limits;
  /** Version of the access data that this was remembered of; absent: it was read for this request. */
  readonly asOf?: number;
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

/** Whoever can run commands on the machine itself, where the keys are: nothing is kept from them here. */
export interface Local {
  readonly kind: 'local';
}

/** Who asks for something to be done. */
export type Actor = Principal | Local;

export const LOCAL: Local = { kind: 'local' };

export const ANONYMOUS_PRINCIPAL: Anonymous = { kind: 'anonymous' };

/** The account on whose behalf the principal acts. */
export function accountOf(principal: Principal): Account | null {
  return principal.kind === 'anonymous' ? null : principal.account;
}

/** Who it was, for the register: it outlives names. */
export function actorOf(principal: KeyPrincipal | UserPrincipal): string {
  return principal.kind === 'key' ? `key:${principal.keyId}` : `person:${principal.personId}`;
}
