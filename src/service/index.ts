export { startService, type RunningService } from './service.js';
export { WorkersFailed } from './workers.js';
