import type { Background } from '../background/index.js';
import { isId } from '../auth/index.js';
import type { Submitter } from '../intake/index.js';
import type { Store } from '../store/index.js';
import { Authority, ClockGuard, configuredKey, type KeySource, keyInFile, TsaFiles } from '../tsa/index.js';
import type { Config } from './config.js';
import { ConfigError } from './settings.js';

/**
 * The time-stamping authority of this service; null: it is off.
 * @param clock milliseconds since the Unix epoch
 * @throws {ProofError} malformed_key, also when there is no key
 */
export async function buildAuthority(
  store: Store,
  config: Pick<Config, 'tsa' | 'tsaKey' | 'dataDir'>,
  background: Background,
  clock?: () => number,
): Promise<Authority | null> {
  const { tsa: settings } = config;
  if (settings === null) return null;
  const guard = new ClockGuard({ ...settings, background, ...(clock === undefined ? {} : { clock }) });
  const newestTime = async () => {
    const { latestTime, tip } = await store.sealingState();
    return Math.max(latestTime, tip?.sealedAt ?? 0);
  };
  return new Authority({ settings, keys: await openTsaKey(config, background), guard, newestTime });
}

/** How the register of the organization names it. */
const TSA_ACTOR = 'service:tsa';

/**
 * In whose name tokens are notarized that clients get without an API key; null: in nobody's.
 * @throws {ConfigError} when there is no such organization
 */
export async function timeStampSubmitter(
  { access }: Store,
  { tsa, tsaOrganization: id }: Pick<Config, 'tsa' | 'tsaOrganization'>,
): Promise<Submitter | null> {
  if (tsa === null || id === null) return null;
  const organization = isId('org', id) ? await access.organization(id) : null;
  if (organization === null) {
    throw new ConfigError([
      `INGAM_TSA_ORGANIZATION must be the id of an organization, as "ingam organization list" shows it; there is no ${JSON.stringify(id)}`,
    ]);
  }
  return { organizationId: id, organizationNumber: organization.number, actor: TSA_ACTOR };
}

/** @throws {ProofError} malformed_key, also when there is none */
export function openTsaKey(
  { tsaKey, dataDir }: Pick<Config, 'tsaKey' | 'dataDir'>,
  background: Background,
): Promise<KeySource> {
  const files = new TsaFiles(dataDir);
  if (tsaKey !== null) return Promise.resolve(configuredKey(tsaKey, files));
  return keyInFile(files, background.task('reading the key of the time-stamping authority'));
}
