export { Access } from './access.js';
export type { AccountChange, AccountPage, NewAccount } from './people/accounts.js';
export { API_KEY_PREFIX, type CreatedKey, type NewKey } from './keys/api-keys.js';
export type { AccessLogger, Client, Credential, Tokens } from './client.js';
export { AccessError, type AccessErrorCode } from './errors.js';
export { eventOf, type EventSubject } from './events.js';
export type { InvitationFacts, InvitationLink, Redemption } from './people/invitations.js';
export { LimitError, type Documents, type LimitName, type LimitState } from './limits.js';
export { foldAddress } from './networks.js';
export { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './sign-in/passwords.js';
export type { AccessOptions } from './parts.js';
export { may, PERMISSIONS, type Permission } from './permissions.js';
export {
  accountOf,
  actorOf,
  ANONYMOUS_PRINCIPAL,
  LOCAL,
  type Actor,
  type Anonymous,
  type KeyPrincipal,
  type Local,
  type Principal,
  type UserPrincipal,
} from './principal.js';
export { decide, type AccessPolicy, type Decision, type Rule } from './rules.js';
export type { ChangedOperator } from './people/people.js';
export type { SignedIn } from './sign-in/sessions.js';
export type { PasswordChange, SignInInput } from './sign-in/sign-in.js';
export { isLoopback, type AccessConfig, type OidcConfig, type OidcRole } from './settings.js';
export type { AddedUser, NewUser } from './people/users.js';
export type { LimitsInput } from './values.js';
export {
  EVENT_KINDS,
  ROLES,
  SCOPES,
  type AccessEvent,
  type Account,
  type AccountUser,
  type ApiKey,
  type EventFilter,
  type EventKind,
  type Limits,
  type Membership,
  type NewAccessEvent,
  type Person,
  type Role,
  type Scope,
  type Session,
} from '../store/index.js';
