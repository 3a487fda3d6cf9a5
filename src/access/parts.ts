import type { AccessStore, RateLimits } from '../store/index.js';
import type { AccessLogger } from './client.js';

/** What all of access rests on. */
export interface AccessParts {
  readonly store: AccessStore;
  readonly rateLimits: RateLimits;
  readonly logger: AccessLogger;
  /** Milliseconds since the Unix epoch. */
  readonly clock: () => number;
}
