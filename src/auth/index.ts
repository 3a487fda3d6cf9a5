export { Access } from './access.js';
export type {
  OrganizationChange,
  OrganizationPage,
  NewOrganization,
  ChangedOperator,
  AddedUser,
  NewUser,
} from './people.js';
export { API_KEY_PREFIX, type CreatedKey, type NewKey } from './api-keys.js';
export {
  type AccessLogger,
  type Client,
  type Credential,
  type Tokens,
  AccessError,
  type AccessErrorCode,
  type AccessOptions,
} from './context.js';
export { eventOf, type EventSubject } from './access-log.js';
export type { InvitationFacts, InvitationLink, Redemption } from './invitations.js';
export { ANONYMOUS_LIMITS } from './anonymous-limits.js';
export { LimitError, type Documents, type LimitName, type LimitState } from './limits.js';
export { foldAddress } from './networks.js';
export { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './passwords.js';
export {
  may,
  PERMISSIONS,
  type Permission,
  organizationOf,
  actorOf,
  ANONYMOUS_PRINCIPAL,
  LOCAL,
  type Actor,
  type Anonymous,
  type KeyPrincipal,
  type Local,
  type Principal,
  type UserPrincipal,
  decide,
  type AccessPolicy,
  type Decision,
  type Rule,
} from './policy.js';
export type { PasswordChange, SignedIn, SignInInput } from './sessions.js';
export type { AccessConfig, OidcConfig, OidcRole } from './context.js';
export { isLoopback } from './networks.js';
export type { LimitsInput } from './values.js';
export {
  EVENT_KINDS,
  ROLES,
  SCOPES,
  type AccessEvent,
  type Organization,
  type OrganizationUser,
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
