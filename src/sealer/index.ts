export { type ReceiptedGroup, RECEIPT_FAULTS, receiptFault, type ReceiptTrust } from './coverage.js';
export { LogSigners, logTree, readLogKeys, readLogTile, SealProblem, type SealProblemCode } from './log.js';
export { type BlockFacts, BlockRecords, type HeldRecord, type RecordSource } from './block-records.js';
export { elsewhere } from './elsewhere.js';
export { RollbackGuard, type RollbackGuardOptions } from './rollback-guard.js';
export { Sealer, type SealerOptions, type SealerStatus } from './sealer.js';
