import { may, type Permission } from './permissions.js';
import type { Principal } from './principal.js';

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
