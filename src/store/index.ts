export { StoreError, type StoreErrorCode } from './errors.js';
export type { ChainRows, ChainSnapshot, ChainTable, KeyRange } from './chain-rows.js';
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
