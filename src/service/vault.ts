import type { Background, BackgroundLog } from '../background/index.js';
import type { ErasureKeyFile, Store } from '../store/index.js';
import { FolderStorage, S3Storage, Vault, VaultKeys } from '../vault/index.js';
import type { VaultConfig } from './vault-config.js';

/** The vault that is configured; null: there is none. */
export function buildVault(
  store: Store,
  config: VaultConfig | null,
  erasureKeys: ErasureKeyFile | null,
  background: Background,
  log: BackgroundLog,
  clock?: () => number,
): Vault | null {
  if (config === null) return null;
  const { place, keys, quota } = config;
  return new Vault({
    ...{ store, erasureKeys, quota, background, log, clock },
    storage: place.kind === 'folder' ? new FolderStorage(place.path) : new S3Storage(place),
    keys: VaultKeys.parse(keys),
  });
}
