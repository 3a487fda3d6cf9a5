import type { AuditOptions } from '../../audit/audit.js';
import type { VerifierKey } from '../../proof/index.js';
import type { Config } from '../../service/config.js';
import { type DatabasePlace, readLogKeys, readReceiptKeys, readSecrets } from '../database.js';
import { isMissing, usageError } from '../failure.js';
import type { Io } from '../io.js';
import { loadTrust, type TrustOptions } from '../trust-store.js';
import { evidenceMessages } from '../messages/evidence.js';

/** What tells genuine rows from others. */
export interface AuditKeys extends Pick<AuditOptions, 'receiptKeys' | 'members' | 'rowKeys'> {
  readonly logKey: VerifierKey;
}

/** The keys of the installation at `place`, or those that the user gives. @throws {Failure} */
export async function findAuditKeys(values: TrustOptions, place: DatabasePlace, io: Io): Promise<AuditKeys> {
  return {
    ...(await findKeys(values, place, io)),
    receiptKeys: await findReceiptKeys(place),
    rowKeys: (await readSecrets(place))?.rows ?? null,
  };
}

/**
 * The log's key: an explicit one, else the key of the local installation, else that of the user's trust
 * policy. With the keys of the members, as far as a policy or the configuration gives them.
 */
async function findKeys(
  values: TrustOptions,
  { config, dataDir }: DatabasePlace,
  io: Io,
): Promise<{ readonly logKey: VerifierKey; readonly members: readonly VerifierKey[] }> {
  const configured = config.members?.all.map(({ key }) => key) ?? [];
  const explicit = values.key.length > 0 || values.trust !== undefined;
  const own = explicit || dataDir === null ? null : await readOwnKey(config, dataDir);
  if (own !== null) return { logKey: own, members: configured };
  const { policy, source } = await loadTrust(values, io);
  const [logKey, ...others] = policy?.logs ?? [];
  if (logKey === undefined) {
    throw usageError(
      evidenceMessages().missingLogKey,
      dataDir === null ? undefined : evidenceMessages().orDataDir(dataDir),
    );
  }
  if (others.some(({ name }) => name !== logKey.name))
    throw usageError(evidenceMessages().severalLogs(source ?? ''));
  return { logKey, members: [...configured, ...(policy?.witnesses.values() ?? [])] };
}

async function readOwnKey(config: Config, dataDir: string): Promise<VerifierKey | null> {
  try {
    const [{ key }] = await readLogKeys(config, dataDir);
    return key;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** The receipt keys of the local installation; null: there are none here. */
async function findReceiptKeys({ config, dataDir }: DatabasePlace): Promise<readonly VerifierKey[] | null> {
  if (dataDir === null && config.receiptKey === null) return null;
  try {
    return (await readReceiptKeys(config, dataDir ?? '')).map(({ key }) => key);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
