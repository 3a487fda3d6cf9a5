export { createApp } from './app.js';
export { createServer, type ServerLimits } from './create-server.js';
export type { HostPolicy } from './admission/host-check.js';
export type { HttpDeps } from './deps.js';
export { API_ERRORS, type ApiErrorCode } from './answer/errors.js';
export { Metrics } from './metrics.js';
export { WitnessMetrics } from './witness-metrics.js';
