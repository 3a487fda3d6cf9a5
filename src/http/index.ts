export { createApp } from './server/app.js';
export { createServer, type ServerLimits } from './server/server.js';
export type { HostPolicy } from './auth/origin.js';
export type { HttpDeps } from './server/deps.js';
export { API_ERRORS, type ApiErrorCode } from './responses/errors.js';
export { Metrics, WitnessMetrics } from './server/metrics.js';
export { closeServer, handIn, listen } from './server/listen.js';
export { createMemberApp, type MemberDeps, MemberMetrics } from './member/app.js';
