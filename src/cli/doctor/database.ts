import { connectionsNeeded } from '../../service/budget.js';
import type { Config } from '../../service/config.js';
import {
  type DatabaseDiagnosis,
  diagnoseDatabase,
  isUnencrypted,
  pendingMigrations,
  readServerConnections,
  StoreError,
} from '../../store/index.js';
import { finding, type Finding } from './finding.js';

const OLDEST_SERVER = 150_000;

/** What a service with these settings needs of its database. */
export interface DatabaseNeeds {
  readonly connections: number;
  /** Whether each commit must wait for a synchronous standby. */
  readonly requireSync: boolean;
  /** Whether the database is this program's own, with roles of its own. */
  readonly isEmbedded: boolean;
}

export interface Connections {
  readonly available: number;
  readonly used: number;
}

/** The findings about a database that answers. */
export function judgeDatabase(
  seen: DatabaseDiagnosis,
  { available, used }: Connections,
  needs: DatabaseNeeds,
): Finding[] {
  const found: Finding[] = [finding('database', 'ok', 'databaseServer', seen.version, seen.role)];
  if (seen.versionNumber < OLDEST_SERVER)
    found.push(finding('database', 'problem', 'databaseOld', seen.version));
  if (seen.encoding !== 'UTF8') found.push(finding('database', 'problem', 'databaseEncoding', seen.encoding));
  if (seen.isStandby) found.push(finding('database', 'problem', 'databaseStandby'));
  else if (seen.isReadOnly) found.push(finding('database', 'problem', 'databaseReadOnly'));
  if (!seen.fsync) found.push(finding('database', 'problem', 'databaseFsync'));
  if (seen.isSuperuser) found.push(finding('database', 'warning', 'databaseSuperuser', seen.role));
  else if (seen.ownsTables === true && !needs.isEmbedded)
    found.push(finding('database', 'warning', 'databaseOwner', seen.role));
  if (needs.connections > available)
    found.push(finding('database', 'problem', 'databaseTooFew', needs.connections, available));
  else if (needs.connections > available - used)
    found.push(finding('database', 'warning', 'databaseCrowded', needs.connections, available - used));
  else found.push(finding('database', 'ok', 'databaseConnections', needs.connections, available));
  if (!needs.isEmbedded && !seen.isStandby) found.push(judgeReplication(seen, needs.requireSync));
  return found;
}

function judgeReplication(seen: DatabaseDiagnosis, requireSync: boolean): Finding {
  if (seen.synchronousStandbyNames === '')
    return requireSync
      ? finding('database', 'problem', 'databaseNotReplicated')
      : finding('database', 'ok', 'databaseLocal');
  if (seen.synchronousCommit !== 'on' && seen.synchronousCommit !== 'remote_apply')
    return finding('database', 'warning', 'databaseWeakCommit', seen.synchronousCommit);
  if (seen.synchronousStandbys === null)
    return finding('database', 'note', 'databaseReplicatedUnknown', seen.role);
  return seen.synchronousStandbys === 0
    ? finding('database', 'problem', 'databaseNoStandby')
    : finding('database', 'ok', 'databaseReplicated', seen.synchronousStandbys);
}

/** The findings about the server that readers are served from. */
export async function examineReadDatabase(url: string, workers: number): Promise<Finding[]> {
  try {
    const seen = await diagnoseDatabase(url);
    const { available } = await readServerConnections(url, true);
    const needed = connectionsNeeded(workers);
    if (needed > available) return [finding('database', 'problem', 'readTooFew', needed, available)];
    if (seen.ownsTables === null) return [finding('database', 'problem', 'readWithoutChain')];
    const found = [
      seen.isStandby
        ? finding('database', 'ok', 'readStandby', seen.version)
        : finding('database', 'warning', 'readPrimary'),
    ];
    if (isUnencrypted(url)) found.push(finding('database', 'warning', 'readUnencrypted'));
    return found;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return [finding('database', 'warning', 'readUnreachable', error.message)];
  }
}

/** @returns the findings, and what was seen; null: the database cannot be used */
export async function examineDatabase(
  url: string,
  config: Pick<Config, 'workers' | 'requireSync'>,
  isEmbedded: boolean,
): Promise<{ readonly found: readonly Finding[]; readonly seen: DatabaseDiagnosis | null }> {
  try {
    const seen = await diagnoseDatabase(url);
    const needs = {
      connections: connectionsNeeded(config.workers),
      requireSync: config.requireSync,
      isEmbedded,
    };
    const found = judgeDatabase(seen, await readServerConnections(url), needs);
    if (isUnencrypted(url)) found.push(finding('database', 'warning', 'databaseUnencrypted'));
    found.push(await examineMigrations(url));
    return { found, seen };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { found: [finding('database', 'problem', 'databaseUnreachable', error.message)], seen: null };
  }
}

async function examineMigrations(url: string): Promise<Finding> {
  try {
    const { length } = await pendingMigrations(url);
    return length === 0
      ? finding('database', 'ok', 'databaseCurrent')
      : finding('database', 'warning', 'databaseUnmigrated', length);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code === 'unavailable') throw error;
    return finding('database', 'problem', 'databaseMigration', error.message);
  }
}
