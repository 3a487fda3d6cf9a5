export { StoreError, type StoreErrorCode } from './errors.js';
export type {
  ChainRows,
  ChainSnapshot,
  ChainTable,
  CopyPart,
  KeyRange,
  KeyStatementRow,
  RegisteredRun,
  SharedSnapshot,
} from './rows.js';
export type { CopiedRow } from './copy.js';
export {
  CLOCK_TOLERANCE_MS,
  MAX_RANGE,
  type Store,
  type AcceptGroup,
  type BlockCommit,
  type ErasedEntry,
  type Head,
  type IdempotencyRecord,
  type KeptEntry,
  type Leadership,
  type NewEntry,
  type StoredBlock,
  type StoredCheckpoint,
  type StoredEntry,
  type StoreLog,
  type Subscription,
  type Waiting,
  type CosignatureRows,
  type FollowedBlock,
  type FollowedRows,
  type StoredCosignature,
  type StoredEvidence,
  type WitnessId,
  type Witnessed,
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
  type LimitRule,
  type RateLimits,
  type TokenRequest,
  type Consumption,
  type Refund,
  type ThrottleRule,
} from './auth/store.js';
export { type RegisteredEntry, type RegisterQuery, lexemesOf } from './register.js';
export type { LogKeyRows, StoredKeyStatement } from './log-keys.js';
export type { PositionRange } from './entries.js';
export { openStore, type StoreOptions } from './open-store.js';
export { connectionsPerStore, readServerConnections, type ServerConnections } from './connection-budget.js';
export { migrate, pendingMigrations } from './migrate.js';
export { LastCheckpointFile } from './files.js';
