import { type Organization, type Limits, PROVIDER_PREFIX, type Role, type Scope } from '../store/index.js';
import { AccessError, type AccessPolicy } from './context.js';

/** A caller without a credential. */
export interface Anonymous {
  readonly kind: 'anonymous';
}

/** A program with an API key. */
export interface KeyPrincipal {
  readonly kind: 'key';
  readonly keyId: string;
  readonly organization: Organization;
  readonly scopes: readonly Scope[];
  /** The key's own, in addition to the organization's. */
  readonly limits: Limits;
}

/** A person who has signed in here, or whom the company's identity provider has signed in. */
export interface UserPrincipal {
  readonly kind: 'user';
  /** `oidc:<subject>` for people of an identity provider. */
  readonly personId: string;
  /** null: with a token of an identity provider. */
  readonly sessionId: string | null;
  readonly email: string | null;
  readonly name: string;
  /** The organization that they act for; null: none. */
  readonly organization: Organization | null;
  readonly role: Role | null;
  readonly operator: boolean;
  /** The session is one with a passkey, or the identity provider decides how its people sign in. */
  readonly withPasskey: boolean;
  /** The organization of the session requires a passkey and the session is without one, so it acts for none. */
  readonly lacksPasskey: boolean;
}

/** Whether the person is one of the identity provider, which decides who they are and what they may do. */
export function isOfProvider({ personId }: UserPrincipal): boolean {
  return personId.startsWith(PROVIDER_PREFIX);
}

export type Principal = Anonymous | KeyPrincipal | UserPrincipal;

/** Commands on the machine itself, where the keys are: they may do everything. */
export interface Local {
  readonly kind: 'local';
}

/** Who does something. */
export type Actor = Principal | Local;

export const LOCAL: Local = { kind: 'local' };

export const ANONYMOUS_PRINCIPAL: Anonymous = { kind: 'anonymous' };

/** The organization that the principal acts for. */
export function organizationOf(principal: Principal): Organization | null {
  return principal.kind === 'anonymous' ? null : principal.organization;
}

/** A name for the register that does not change. */
export function actorOf(principal: KeyPrincipal | UserPrincipal): string {
  return principal.kind === 'key' ? `key:${principal.keyId}` : `person:${principal.personId}`;
}

/** Permissions in the organization that a principal acts for; the last two concern the whole service. */
export const PERMISSIONS = [
  /** Submit documents. */
  'notarize',
  /** Read the organization's register, details, proofs with details, and export them. */
  'read',
  /** Publish a notarization's details, and withdraw them. */
  'publish',
  /** Give notarizations tags, and take them away. */
  'tag',
  /** Erase notarizations; place legal holds, and lift them. */
  'erase',
  /** See the legal holds. */
  'holds',
  /** See and change the organization's users. */
  'users',
  /** See, create and revoke the organization's API keys. */
  'keys',
  /** See, make and change the organization's webhooks. */
  'webhooks',
  /** Read the organization's part of the access log. */
  'access_log',
  /** Create, change and disable organizations, and give a new organization its first owner. */
  'organizations',
  /** Read the whole access log. */
  'whole_access_log',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  owner: ['notarize', 'read', 'publish', 'tag', 'erase', 'holds', 'users', 'keys', 'webhooks', 'access_log'],
  notary: ['notarize', 'read', 'publish', 'tag'],
  auditor: ['read', 'holds', 'access_log'],
};

const SCOPE_PERMISSIONS: Readonly<Record<Scope, readonly Permission[]>> = {
  notarize: ['notarize'],
  read: ['read'],
};

/** An operator runs the service and does not see the organizations' notarizations: no 'read'. */
const OPERATOR_PERMISSIONS: readonly Permission[] = ['organizations', 'whole_access_log'];

export function may(principal: Principal, permission: Permission): boolean {
  switch (principal.kind) {
    case 'anonymous':
      return false;
    case 'key':
      return principal.scopes.some((scope) => SCOPE_PERMISSIONS[scope].includes(permission));
    case 'user':
      return (
        (principal.role !== null && ROLE_PERMISSIONS[principal.role].includes(permission)) ||
        (principal.operator && OPERATOR_PERMISSIONS.includes(permission))
      );
  }
}

/** Who may use a route. */
export type Rule =
  /** Everyone; credentials are ignored. */
  | 'open'
  /** Everyone; the response may depend on who they are. */
  | 'anyone'
  /** Everyone; if verification is private, principals with 'read'. */
  | 'verify'
  /** Principals with 'notarize'; if anonymous submission is on, anonymous callers too. */
  | 'submit'
  /** Everyone, if the service gives time-stamps; not principals without 'notarize'. */
  | 'time_stamp'
  /** People who have signed in. */
  | 'signed_in'
  | Permission
  /** Principals with at least one of these. */
  | readonly Permission[];

/** 'unauthenticated': signing in may help. 'forbidden': it does not. */
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
      // A signed-in principal without the permission does not fall back to being anonymous.
      return principal.kind === 'anonymous' ? policy.anonymousSubmission : may(principal, 'notarize');
    case 'time_stamp':
      return principal.kind === 'anonymous' || may(principal, 'notarize');
    case 'signed_in':
      return principal.kind === 'user';
    default:
      return (typeof rule === 'string' ? [rule] : rule).some((permission) => may(principal, permission));
  }
}

/**
 * Asserts a permission that concerns the whole service.
 * @throws {AccessError} unauthenticated, forbidden
 */
export function assertMay(by: Actor, permission: Permission): void {
  if (by.kind === 'local' || may(by, permission)) return;
  throw by.kind === 'anonymous'
    ? new AccessError('unauthenticated', 'sign in first')
    : new AccessError('forbidden', 'you do not have permission to do this');
}

/**
 * Asserts a permission in that organization. Other organizations do not exist for the actor.
 * @throws {AccessError} unauthenticated, forbidden, organization_not_found
 */
export function assertMayIn(by: Actor, organizationId: string, permission: Permission): void {
  assertMay(by, permission);
  if (by.kind !== 'local' && organizationOf(by)?.id !== organizationId) throw noOrganization();
}

export function noOrganization(): AccessError {
  return new AccessError('organization_not_found', 'there is no such organization');
}
