import type { Logger } from 'pino';
import type { TimeSources } from '../anchoring/index.js';
import { Access, type AccessOptions } from '../auth/index.js';
import { Background } from '../background/index.js';
import { signingKeys } from '../crypto/keys.js';
import { Receipts, stateLogKeys } from '../intake/index.js';
import { signNote } from '../proof/index.js';
import { elsewhere, RollbackGuard } from '../sealer/index.js';
import { LastCheckpointFile, openStore, type Store } from '../store/index.js';
import type { Config, ProcessConfig } from './config.js';
import { compareErasureKeys, openErasureKeys } from './erasure-keys.js';
import { loadKeys, type ServiceKeys } from './keys.js';
import { openTsaKey } from './tsa.js';

/** What is done once, before the processes of the service take requests, and the parts that it needs. */

/**
 * What must be in order before several processes start, and is done once: the keys, the comparison with the
 * last checkpoint, the keys of a new log, a signing key, the configured operator.
 * @returns the token of the first operator's set-up link; null: there is an operator
 * @throws {SealProblem} rolled_back or wrong_key, {StoreError}, {ProofError} malformed_key, {AccessError}
 */
export async function prepare(config: ProcessConfig, logger: Logger): Promise<string | null> {
  const keys = await loadKeys(config);
  const background = new Background(logger);
  if (config.tsa !== null) await openTsaKey(config, background);
  const store = await openStore({
    ...{ url: config.databaseUrl, poolSize: 2, log: logger },
    ...{ rowKey: keys.rows[0], requireSync: config.requireSync },
  });
  try {
    const guard = guardOf(store, config, keys);
    await guard.check(await store.tip());
    await putInOrder(store, guard, keys, config, logger);
    const access = buildAccess(store, config, keys, logger, background);
    await access.start();
    const setUpToken = (await access.invitations.setUpLink())?.token ?? null;
    await access.close();
    return setUpToken;
  } finally {
    await store.close();
  }
}

/**
 * What is wrong with a database and can be said or repaired before the service uses it.
 * @throws {SealProblem} rolled_back
 */
export async function putInOrder(
  store: Store,
  guard: RollbackGuard,
  keys: ServiceKeys,
  config: Config,
  logger: Logger,
): Promise<void> {
  await guard.compareElsewhere();
  await warnOfOtherSecret(store, keys, logger);
  await warnOfForgottenSources(store, config.timeSources, logger);
  await compareErasureKeys(store, await openErasureKeys(config.erasureKeys), logger);
  await stateFirstKeys(store, keys, config);
}

export function guardOf(store: Store, config: Config, { log: { key } }: ServiceKeys): RollbackGuard {
  return new RollbackGuard({
    store,
    file: new LastCheckpointFile(config.dataDir),
    key,
    elsewhere: elsewhere(key.name, config.members, config.access.publicUrl),
    withoutKept: config.sealWithoutKeptCheckpoint,
  });
}

export function buildAccess(
  store: Store,
  { access: { anonymousSubmission, privateVerification, oidc, operator } }: Config,
  keys: ServiceKeys,
  logger: Logger,
  background: Background,
  options: Pick<AccessOptions, 'clock' | 'onMail'> = {},
): Access {
  return new Access({
    store: store.access,
    rateLimits: store.rateLimits,
    secret: keys.access,
    origin: keys.log.key.name,
    policy: { anonymousSubmission, privateVerification },
    oidc,
    operator,
    logger,
    background,
    ...options,
  });
}

/** Their anchors are in proofs, but verifiers that fetch the trust policy would not believe them. */
async function warnOfForgottenSources(
  store: Store,
  { anchors, former }: TimeSources,
  logger: Logger,
): Promise<void> {
  const named = new Set([...anchors, ...former].map(({ name }) => name));
  const states = await store.anchorStates();
  const forgotten = states.filter(({ type, source }) => type === 'rfc3161' && !named.has(source));
  for (const { source } of forgotten) {
    logger.warn(
      { source },
      `the log has anchors of ${source}, which INGAM_TIME_SOURCES does not name any more: they do not count for those who verify with the trust policy of this service. If they should, add the line "former ${source} root FILE"`,
    );
  }
}

/** Not a reason to stop: a secret that is lost must not end the service. */
async function warnOfOtherSecret(store: Store, keys: ServiceKeys, logger: Logger): Promise<void> {
  if (await store.access.newestEventIsUnder(keys.rows)) return;
  logger.warn(
    'the access log was written with another service secret than the one of this process: all machines must have the same INGAM_SECRET. If it was replaced, put the former one behind it (docs/access.md, "The service secret"); until then the audit calls older rows not authentic',
  );
}

/**
 * A new log with a key of each algorithm is signed by both from its first checkpoint on: their statement is the
 * first entry of the chain. A second key of one algorithm waits for its announcement.
 */
async function stateFirstKeys(store: Store, keys: ServiceKeys, config: Config): Promise<void> {
  const signers = signingKeys(keys.logs);
  if (signers.length === 1 || (await store.sealingState()).nextPosition > 0) return;
  const sign = (text: string) => signNote(text, ...keys.receipts);
  await stateLogKeys(store, new Receipts(sign, keys.log.key.name, config.sealPromiseMs), 0, signers);
}
