import type { Organization, Limits, Role, Scope } from '../store/index.js';
import { AccessError } from './context.js';

/** Nobody who is known. */
export interface Anonymous {
  readonly kind: 'anonymous';
}

/** A machine, by its API key. */
export interface KeyPrincipal {
  readonly kind: 'key';
  readonly keyId: string;
  readonly organization: Organization;
  readonly scopes: readonly Scope[];
  /** Its own, beside the organization's. */
  readonly limits: Limits;
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
  readonly organization: Organization | null;
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

/** The organization on whose behalf the principal acts. */
export function organizationOf(principal: Principal): Organization | null {
  return principal.kind === 'anonymous' ? null : principal.organization;
}

/** Who it was, for the register: it outlives names. */
export function actorOf(principal: KeyPrincipal | UserPrincipal): string {
  return principal.kind === 'key' ? `key:${principal.keyId}` : `person:${principal.personId}`;
}

/** What one may do with what belongs to the organization that one acts for; the last two concern the whole service. */
export const PERMISSIONS = [
  /** Submit documents. */
  'notarize',
  /** Read the organization's register, details, proofs with details, and export them. */
  'read',
  /** Show a notarization's details to everyone, and take that back. */
  'publish',
  /** See and change the organization's users. */
  'users',
  /** See, make and revoke the organization's API keys. */
  'keys',
  /** Read the organization's part of the access log. */
  'access_log',
  /** Create, change and disable organizations, and give a new organization its first owner. */
  'organizations',
  /** Read the whole access log. */
  'whole_access_log',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

const OF_ROLE: Readonly<Record<Role, readonly Permission[]>> = {
  owner: ['notarize', 'read', 'publish', 'users', 'keys', 'access_log'],
  notary: ['notarize', 'read', 'publish'],
  auditor: ['read'],
};

const OF_SCOPE: Readonly<Record<Scope, readonly Permission[]>> = { notarize: ['notarize'], read: ['read'] };

/** An operator runs the service and has no part in what organizations keep in it: no 'read'. */
const OF_OPERATOR: readonly Permission[] = ['organizations', 'whole_access_log'];

export function may(principal: Principal, permission: Permission): boolean {
  switch (principal.kind) {
    case 'anonymous':
      return false;
    case 'key':
      return principal.scopes.some((scope) => OF_SCOPE[scope].includes(permission));
    case 'user':
      return (
        (principal.role !== null && OF_ROLE[principal.role].includes(permission)) ||
        (principal.operator && OF_OPERATOR.includes(permission))
      );
  }
}

/** Who may make a call. Each call of the API names one of these. */
export type Rule =
  /** Everyone; credentials are not even looked at. */
  | 'open'
  /** Everyone; what they see can depend on who they are. */
  | 'anyone'
  /** Everyone, unless verification is private: then whoever may read. */
  | 'verify'
  /** Whoever may notarize, and everyone while anonymous submission is on. */
  | 'submit'
  /** People who have signed in. */
  | 'signed_in'
  | Permission
  /** Whoever has at least one of these. */
  | readonly Permission[];

/** What the operator has decided. */
export interface AccessPolicy {
  readonly anonymousSubmission: boolean;
  readonly privateVerification: boolean;
}

/** 'unauthenticated': signing in could help. 'forbidden': not as who one is. */
export type Decision = 'allowed' | 'unauthenticated' | 'forbidden';

export function decide(rule: Rule, principal: Principal, policy: AccessPolicy): Decision {
  if (isAllowed(rule, principal, policy)) return 'allowed';
  return principal.kind === 'anonymous' ? 'unauthenticated' : 'forbidden';
}

function isAllowed(rule: Rule, principal: Principal, policy: AccessPolicy): boolean {
  switch (rule) {
    case 'open':
    case 'anyone':
      return true;
    case 'verify':
      return !policy.privateVerification || may(principal, 'read');
    case 'submit':
      // Whoever has signed in and may not notarize is not let in by the door for strangers.
      return principal.kind === 'anonymous' ? policy.anonymousSubmission : may(principal, 'notarize');
    case 'signed_in':
      return principal.kind === 'user';
    default:
      return (typeof rule === 'string' ? [rule] : rule).some((permission) => may(principal, permission));
  }
}

/**
 * Whether whoever acts may do something that concerns the whole service.
 * @throws {AccessError} unauthenticated, forbidden
 */
export function assertMay(by: Actor, permission: Permission): void {
  if (by.kind === 'local' || may(by, permission)) return;
  throw by.kind === 'anonymous'
    ? new AccessError('unauthenticated', 'sign in first')
    : new AccessError('forbidden', 'this is not for you to do');
}

/**
 * Whether whoever acts may do something in that organization. Organizations that are not theirs are for them like none.
 * @throws {AccessError} unauthenticated, forbidden, organization_not_found
 */
export function assertMayIn(by: Actor, organizationId: string, permission: Permission): void {
  assertMay(by, permission);
  if (by.kind !== 'local' && organizationOf(by)?.id !== organizationId) throw noOrganization();
}

export function noOrganization(): AccessError {
  return new AccessError('organization_not_found', 'there is no such organization');
}
