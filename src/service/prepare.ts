import type { Logger } from 'pino';
import { loadKeys } from './keys.js';
import { openAccess, type ServerConfig } from './server.js';
import { RollbackGuard } from '../sealer/index.js';
import { LastCheckpointFile, openStore } from '../store/index.js';

/**
 * What has to be right, and is done once, before several processes start: keys, the comparison with the last checkpoint, a signing key,
 * the configured operator.
 * @returns what the first operator's link is made of; null: there is an operator
 * @throws {SealProblem} rolled_back or wrong_key, {StoreError}, {ProofError} malformed_key, {AccessError}
 */
export async function prepare(config: ServerConfig, logger: Logger): Promise<string | null> {
  const store = await openStore({ url: config.databaseUrl, poolSize: 2, log: logger });
  try {
    const keys = await loadKeys(config);
    await new RollbackGuard(store, new LastCheckpointFile(config.dataDir), keys.log.key).check();
    const access = await openAccess(store, config, keys, logger);
    const setUpToken = await access.invitations.firstOperatorToken();
    await access.close();
    return setUpToken;
  } finally {
    await store.close();
  }
}
