export { audit, type AuditOptions, type AuditProgress, type AuditResult } from './audit.js';
export type { AuditFinding, AuditProblem } from './finding.js';
