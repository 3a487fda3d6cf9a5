export { createApp, createMemberApp } from './server/app.js';
export { createServer, type ServerLimits } from './server/server.js';
export type { HostPolicy } from './auth/origin.js';
export type { HttpDeps } from './deps.js';
export { MemberMetrics, Metrics, CosigningMetrics } from './metrics.js';
export { closeServer, injectConnection, listen } from './server/listen.js';
export type { MemberDeps } from './routes/member.js';
