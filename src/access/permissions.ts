import type { Role, Scope } from '../store/index.js';
import type { Principal } from './principal.js';

/** What one may do with what belongs to the account that one acts for; the last two concern the whole service. */
export const PERMISSIONS = [
  /** Submit documents. */
  'notarize',
  /** Read the account's register, details, proofs with details, and export them. */
  'read',
  /** Show a notarization's details to everyone, and take that back. */
  'publish',
  /** See and change the account's users. */
  'users',
  /** See, make and revoke the account's API keys. */
  'keys',
  /** Read the account's part of the access log. */
  'access_log',
  /** Create, change and disable accounts, and give a new account its first owner. */
  'accounts',
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

/** An operator runs the service and has no part in what accounts keep in it: no 'read'. */
const OF_OPERATOR: readonly Permission[] = ['accounts', 'whole_access_log'];

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
