export { createApp, createMemberApp } from './server/app.js';
export { createServer, type ServerLimits } from './server/server.js';
export type { HostPolicy, HttpDeps } from './context.js';
export { AnchoringMetrics, MemberMetrics, Metrics, CosigningMetrics } from './metrics.js';
export { closeServer, injectConnection, listen } from './server/listen.js';
export type { MemberDeps } from './routes/member.js';
