export { LogSigners, readLogKeys } from './log-keys.js';
export { logTree } from './log-tree.js';
export { SealProblem, type SealProblemCode } from './errors.js';
export { RollbackGuard } from './rollback-guard.js';
export { Sealer, type SealerOptions, type SealerStatus } from './sealer.js';
