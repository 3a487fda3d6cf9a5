export { audit, type AuditResult } from './audit.js';
export type { AuditFinding } from './finding.js';
