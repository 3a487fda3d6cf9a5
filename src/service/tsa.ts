import type { Background } from '../background/index.js';
import type { Store } from '../store/index.js';
import { Authority, ClockGuard, configuredKey, type KeySource, keyInFile, TsaFiles } from '../tsa/index.js';
import type { Config } from './config.js';

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

/** @throws {ProofError} malformed_key, also when there is none */
export function openTsaKey(
  { tsaKey, dataDir }: Pick<Config, 'tsaKey' | 'dataDir'>,
  background: Background,
): Promise<KeySource> {
  const files = new TsaFiles(dataDir);
  if (tsaKey !== null) return Promise.resolve(configuredKey(tsaKey, files));
  return keyInFile(files, background.task('reading the key of the time-stamping authority'));
}
