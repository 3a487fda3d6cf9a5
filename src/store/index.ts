export { StoreError, type StoreErrorCode } from './errors.js';
export type {
  ChainRows,
  ChainSnapshot,
  ChainTable,
  KeyRange,
  KeyStatementRow,
  RegisteredRun,
} from './snapshot.js';
export { type StoreLog, connectionsPerStore, readServerConnections } from './connections.js';
export {
  CLOCK_TOLERANCE_MS,
  type Store,
  type AcceptGroup,
  type BlockCommit,
  type IdempotencyRecord,
  type KeptEntry,
  type Leadership,
  type NewEntry,
  type StoredBlock,
  type StoredCheckpoint,
  type StoredEntry,
  type Subscription,
  type SealingState,
  type FollowedBlock,
  type StoredCosignature,
  type CosignedCheckpoint,
  type PositionRange,
  type RegisteredEntry,
  type RegisterQuery,
} from './store.js';
export {
  type AccessStore,
  type EventFilter,
  type KeyFacts,
  type SessionFacts,
  EVENT_KINDS,
  ROLES,
  SCOPES,
  type AccessEvent,
  type Organization,
  type OrganizationUser,
  type ApiKey,
  type EventKind,
  type Invitation,
  type Limits,
  type Membership,
  type NewAccessEvent,
  type Person,
  type Role,
  type Scope,
  type Session,
  type SigningKey,
  type RateLimits,
  type ThrottleRule,
  type Consumption,
  type Refund,
} from './auth/store.js';
export { lexemesOf } from './register.js';
export { openStore } from './open-store.js';
export { migrate, pendingMigrations } from './migrate.js';
export { LastCheckpointFile } from './files.js';
