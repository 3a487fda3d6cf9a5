import type { AccessStore, RateLimits } from '../store/index.js';
import type { AccessLogger } from './client.js';
import type { AccessPolicy } from './rules.js';
import type { AccessConfig, OidcConfig } from './settings.js';

/** What all of access rests on. */
export interface AccessParts {
  readonly store: AccessStore;
  readonly rateLimits: RateLimits;
  readonly logger: AccessLogger;
  /** Milliseconds since the Unix epoch. */
  readonly clock: () => number;
}

export interface AccessOptions {
  readonly store: AccessStore;
  readonly rateLimits: RateLimits;
  /** 32 bytes, the same for all instances: `ServiceKeys.access`. */
  readonly secret: Uint8Array;
  /** The log's: tokens of one service are good for no other. */
  readonly origin: string;
  readonly policy: AccessPolicy;
  readonly oidc: OidcConfig | null;
  /** Made when there is no operator yet. */
  readonly operator?: AccessConfig['operator'];
  readonly logger: AccessLogger;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: () => number;
}
