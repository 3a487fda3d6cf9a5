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
} from './chain-rows.js';
export type { CopiedRow } from './copy-rows.js';
export { CLOCK_TOLERANCE_MS, MAX_RANGE, type Store } from './store.js';
export type {
  AcceptGroup,
  BlockCommit,
  BlockTile,
  ErasedEntry,
  Head,
  IdempotencyRecord,
  KeptEntry,
  Leadership,
  LogTile,
  NewEntry,
  StoredBlock,
  StoredCheckpoint,
  StoredEntry,
  StoreLog,
  Subscription,
  Waiting,
} from './types.js';
export type {
  CosignatureRows,
  FollowedBlock,
  FollowedRows,
  StoredCosignature,
  StoredEvidence,
  WitnessId,
  Witnessed,
} from './members/types.js';
export type { AccessStore, EventFilter, KeyFacts, SessionFacts } from './access/access-store.js';
export type { LimitRule, RateLimits, Take, Taken, ThrottleRule } from './access/rate-limits.js';
export type { RegisteredEntry, RegisterQuery } from './access/register-query.js';
export { lexemesOf } from './access/words.js';
export {
  EVENT_KINDS,
  ROLES,
  SCOPES,
  type AccessEvent,
  type Account,
  type AccountUser,
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
} from './access/types.js';
export type { LogKeyRows, StoredKeyStatement } from './log-keys.js';
export type { PositionRange } from './ranges.js';
export { openStore, type StoreOptions } from './open-store.js';
export { migrate, pendingMigrations } from './migrate.js';
export {
  EmbeddedError,
  findEmbeddedPostgres,
  startEmbeddedPostgres,
  type EmbeddedErrorCode,
  type EmbeddedOptions,
  type EmbeddedPostgres,
} from './embedded/index.js';
export { LastCheckpointFile } from './last-checkpoint.js';
