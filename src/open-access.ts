import type { Logger } from 'pino';
import { Access } from './access/index.js';
import type { Config } from './config.js';
import type { ServiceKeys } from './keys.js';
import type { Store } from './store/index.js';

/** Access as it is configured, started: with a signing key, and with the configured operator. */
export async function openAccess(
  store: Store,
  config: Config,
  keys: ServiceKeys,
  logger: Logger,
): Promise<Access> {
  const { anonymousSubmission, privateVerification, oidc, operator } = config.access;
  const access = new Access({
    store: store.access,
    rateLimits: store.rateLimits,
    secret: keys.access,
    origin: keys.log.key.name,
    policy: { anonymousSubmission, privateVerification },
    oidc,
    operator,
    logger,
  });
  await access.start();
  return access;
}
