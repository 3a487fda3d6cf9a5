export { audit, type AuditOptions, type AuditProgress, type AuditResult } from './audit.js';
export { ThreadLostError } from './range-thread.js';
export type { AuditFinding, AuditProblem } from './finding.js';
