export type { CertificateRow, OddHoldRow } from './audit-erasures.js';
export type { OddKeptRow } from './audit-vault.js';
export type { RecordBlockRow, SignedEventRow } from './audit-records.js';
export type {
  AccessState,
  AnchorRow,
  CosignaturePlace,
  EventRow,
  IdempotencyRow,
  RecordRows,
  RunRow,
} from './audit-rows.js';
export {
  assertSameMigrations,
  copyDatabase,
  restoreDatabase,
  type CopiedTable,
  type DatabaseCopy,
  type RestorePlan,
} from './backup.js';
export type { CompleteAnchor, Kept, NewAnchor, NewRenewal, PendingAnchor, SourceState } from './anchors.js';
export { StoreError, type StoreErrorCode } from './errors.js';
export type {
  ChainRows,
  ChainSnapshot,
  ChainTable,
  KeyRange,
  KeyStatementRow,
  RegisteredRun,
} from './snapshot.js';
export { anchorMac, eventMac, runMac } from './row-mac.js';
export { type DatabaseProblem, type StoreLog } from './connections.js';
export { connectionsPerStore, readServerConnections } from './connection-limits.js';
export { type DatabaseDiagnosis, diagnoseDatabase } from './diagnosis.js';
export { type Durability } from './replication.js';
export { countHosts, databaseUrlMistake, isUnencrypted } from './database-url.js';
export { lexemesOf } from './register-words.js';
export { openStore } from './store.js';
export { type DatabaseUrls, migrate, pendingMigrations } from './migrate.js';
export { LastCheckpointFile } from './files.js';
export { CLOCK_TOLERANCE_MS, type AcceptGroup, type IdempotencyRecord, type NewEntry } from './accept.js';
export { type KeyFacts, type SessionFacts } from './auth/credentials.js';
export { type EventFilter, type PositionEventFilter } from './auth/events.js';
export { type ClaimedReset } from './auth/password-resets.js';
export { type NewOrganizationRow } from './auth/people.js';
export { type AccessStore } from './auth/index.js';
export {
  EVENT_FACTS,
  EVENT_KINDS,
  PROVIDER_PREFIX,
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
  type Passkey,
  type PasswordReset,
  type Person,
  type ProviderIdentity,
  type Role,
  type Scope,
  type Session,
  type SigningKey,
  type SpentChallenge,
} from './auth/model.js';
export { type RateLimits, type ThrottleRule, type Consumption, type Refund } from './auth/rate-limits.js';
export { type BlockCommit, type StoredCheckpoint, type SealingState } from './blocks.js';
export { type ErasureQuery, type KnownErasure } from './erasures.js';
export { type HeldEntry, type LegalHold, type LiftOutcome, type LiftStep } from './holds.js';
export { type Leadership, type Subscription } from './control-connection.js';
export { type StoredCosignature } from './cosignatures.js';
export { type PositionRange } from './entries.js';
export { type FollowedBlock, type CosignedCheckpoint } from './member.js';
export { compareSchema, type SchemaComparison, type SchemaDifference } from './schema.js';
export { type ServerFacts } from './server-facts.js';
export { type BroughtEntry, settleLatestTime, takeBack } from './recovery.js';
export { type RecordCommit } from './record-sealing.js';
export { type StoredReceipt } from './receipts.js';
export { type StoredVaultKey, type VaultObject } from './vault.js';
export type {
  EventPlace,
  RecordEventStore,
  RecordQuery,
  RecordSnapshot,
  SealedRecord,
  StoredEvent,
} from './record-events.js';
export { type RecordPublicationStore, type StoredPublication } from './record-publications.js';
export { type Marks, type RegisteredEntry, UNMARKED } from './register.js';
export { MAX_ADDED_TAGS } from './tags.js';
export { type RegisterPageQuery, type RegisterQuery } from './register-query.js';
export { ErasureKeyFile } from './erasure-key-file.js';
export { KEYED } from './keyed.js';
export { type KeptEntry, type StoredBlock, type StoredEntry } from './rows.js';
export {
  type AskedRequest,
  type ClaimedMail,
  type MailKind,
  type OrderedMail,
  MAX_OPEN_REQUESTS,
  type SigningChange,
  type SigningRequest,
  type SigningStore,
} from './signing.js';
export { type Store } from './store.js';
export type { AccountMailStore, ClaimedAccountMail } from './account-mail.js';
export { type ClaimedDigest, DIGEST_TIMES, type DigestStore, type DigestTime } from './digests.js';
export type { ChainExtent, ClaimedWebhook, PendingMessage } from './webhook-deliveries.js';
export { RECORD_TYPES } from './webhook-deliveries.js';
export {
  type ClaimedWebhookMail,
  type NewWebhookAttempt,
  type Webhook,
  WEBHOOK_OUTCOMES,
  WEBHOOK_TYPES,
  type WebhookAttempt,
  type WebhookOutcome,
  type WebhookPlace,
  type WebhookStore,
  type WebhookType,
} from './webhooks.js';
