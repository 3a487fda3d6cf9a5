export { Access } from './access.js';
export { type NewKey } from './api-keys.js';
export {
  type Client,
  type Credential,
  type Tokens,
  AccessError,
  type AccessErrorCode,
  type AccessOptions,
  type AccessConfig,
  type AccessPolicy,
  type OidcConfig,
  type OidcSignIn,
  type OidcTokens,
} from './context.js';
export { eventOf } from './access-log.js';
export { MailLimits } from './mail-limits.js';
export type { FreshProof, PasskeyAnswer } from './passkeys.js';
export { ProviderError } from './provider-error.js';
export type { PasskeyPlace } from './webauthn.js';
export type { InvitationFacts, InvitationLink } from './invitations.js';
export { ANONYMOUS_LIMITS, AnonymousLimits, LimitError, type LimitName, type LimitState } from './limits.js';
export {
  foldAddress,
  hashSecret,
  isId,
  isSecret,
  isLoopback,
  networkOf,
  idOf,
  newId,
  sameBytes,
  type LimitsInput,
} from './values.js';
export {
  may,
  PERMISSIONS,
  organizationOf,
  actorOf,
  isOfProvider,
  ANONYMOUS_PRINCIPAL,
  LOCAL,
  type Actor,
  type Principal,
  type UserPrincipal,
  decide,
  type Rule,
} from './policy.js';
export { passkeyRequired, type SignedIn } from './sessions.js';
export {
  EVENT_FACTS,
  EVENT_KINDS,
  ROLES,
  type AccessEvent,
  type Organization,
  type EventKind,
  type Role,
  type Scope,
} from '../store/index.js';
