import { access, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PrivateKey } from '../../crypto/keys.js';
import type { Config } from '../../service/config.js';
import { openErasureKeys } from '../../service/erasure-keys.js';
import { logKeyFile, receiptKeyFile, secretFile, type ServiceKeys } from '../../service/keys.js';
import { elsewhere, RollbackGuard, SealProblem } from '../../sealer/index.js';
import { LastCheckpointFile, type Store } from '../../store/index.js';
import { readLogKeys, readReceiptKeys, readSecrets } from '../database.js';
import { Failure, systemCode } from '../failure.js';
import { finding, type Finding } from './finding.js';
import type { KeyName } from '../messages/doctor.js';

/** Another user than the owner may do something with the file. */
const OTHERS = 0o077;

type GivenKeys = Pick<Config, 'dataDir' | 'logKey' | 'receiptKey' | 'secret'>;

/** The files with keys that this configuration needs. */
function keyFiles({ dataDir, logKey, receiptKey, secret }: GivenKeys) {
  const files: { name: KeyName; given: unknown; file: string }[] = [
    { name: 'log', given: logKey, file: logKeyFile(dataDir) },
    { name: 'receipt', given: receiptKey, file: receiptKeyFile(dataDir) },
    { name: 'secret', given: secret, file: secretFile(dataDir) },
  ];
  return files.filter(({ given }) => given === null);
}

/**
 * @param hasChain whether the database has a chain, which the keys must fit
 * @returns the log's keys, where they can be read; it creates none
 */
export async function examineKeys(
  config: Config,
  hasChain: boolean,
): Promise<{ readonly found: readonly Finding[]; readonly log: PrivateKey | null }> {
  const found = await openFiles(config.dataDir);
  const files = await Promise.all(
    keyFiles(config).map(async ({ name, file }) => ({ name, file, exists: await exists(file) })),
  );
  const missing = files.filter((each) => !each.exists);
  if (missing.length > 0) {
    if (hasChain)
      found.push(...missing.map(({ name, file }) => finding('keys', 'problem', 'keyMissing', name, file)));
    else found.push(finding('keys', 'ok', 'keysNew'));
  }
  const read = async <T>(name: KeyName, reading: () => Promise<T>): Promise<T | null> => {
    if (missing.some((each) => each.name === name)) return null;
    try {
      return await reading();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      found.push(finding('keys', 'problem', 'keyUnreadable', error.message));
      return null;
    }
  };
  const logs = await read('log', () => readLogKeys(config, config.dataDir));
  await read('receipt', () => readReceiptKeys(config, config.dataDir));
  await read('secret', () => readSecrets({ config, dataDir: config.dataDir }));
  const log = logs?.[0] ?? null;
  if (log !== null) found.push(finding('keys', 'ok', 'keysHere', log.key.name));
  return { found, log };
}

export async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    (error: unknown) => systemCode(error) !== 'ENOENT',
  );
}

/** Files with keys that others can read. */
export async function openFiles(dataDir: string): Promise<Finding[]> {
  const folder = join(dataDir, 'keys');
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    return [finding('keys', 'problem', 'keyUnreadable', `${folder} (${systemCode(error) ?? ''})`)];
  }
  const files = names.filter((name) => /\.(?:key|secret|pem)$/.test(name)).map((name) => join(folder, name));
  const modes = await Promise.all(files.map(async (file) => ({ file, mode: (await stat(file)).mode })));
  return modes
    .filter(({ mode }) => (mode & OTHERS) !== 0)
    .map(({ file }) => finding('keys', 'warning', 'keyOpen', file));
}

/** Looks, and leaves the file as it is: it belongs to the service. */
class ReadCheckpointFile extends LastCheckpointFile {
  override write(): Promise<void> {
    return Promise.resolve();
  }
  override markEmpty(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * Compares the keys with the chain in the database, and the chain with what was published of it.
 * @returns the findings, and the number of blocks
 */
export async function examineChain(
  store: Store,
  config: Config,
  log: PrivateKey,
): Promise<{ readonly found: readonly Finding[]; readonly blocks: number }> {
  const guard = new RollbackGuard({
    store,
    file: new ReadCheckpointFile(config.dataDir),
    key: log.key,
    elsewhere: elsewhere(log.key.name, config.members, config.access.publicUrl),
    withoutKept: config.sealWithoutKeptCheckpoint,
  });
  const found: Finding[] = [];
  try {
    while (!(await guard.check(await store.tip()))) {
      // Another process has sealed since.
    }
    await guard.compareElsewhere();
    const tip = await store.tip();
    found.push(finding('keys', 'ok', 'keysMatch', tip === null ? 0 : tip.height + 1));
  } catch (error) {
    if (error instanceof SealProblem) found.push(finding('keys', 'problem', 'chainRefused', error.message));
    else if (systemCode(error) === null) throw error;
    // The checkpoint that the service keeps beside its keys.
    else found.push(finding('keys', 'problem', 'keyUnreadable', (error as Error).message));
  }
  const tip = await store.tip();
  return { found, blocks: tip === null ? 0 : tip.height + 1 };
}

/** What the database was written with, and this configuration may lack. */
export async function examineSecrets(
  store: Store,
  config: Config,
  secrets: Pick<ServiceKeys, 'rows'> | null,
): Promise<Finding[]> {
  const found: Finding[] = [];
  if (secrets !== null && !(await store.access.newestEventIsUnder(secrets.rows)))
    found.push(finding('keys', 'warning', 'secretOther'));
  const trees = (await openErasureKeys(config.erasureKeys))?.keys.trees ?? [];
  const lost = (await store.keyTrees()).filter((id) => !trees.some((tree) => tree.id === id));
  if (lost.length > 0) found.push(finding('keys', 'problem', 'erasureKeysLost', lost.join(', ')));
  return found;
}
