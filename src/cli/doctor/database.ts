import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedError, findEmbeddedPostgres, startEmbeddedPostgres } from '../../postgres/index.js';
import { connectionsNeeded, embeddedConnections } from '../../service/budget.js';
import type { Config } from '../../service/config.js';
import { givenDatabase } from '../../service/lifecycle.js';
import {
  type DatabaseDiagnosis,
  diagnoseDatabase,
  isUnencrypted,
  pendingMigrations,
  readServerConnections,
  StoreError,
} from '../../store/index.js';
import { NO_LOG } from '../database.js';
import { finding, type Finding } from './finding.js';
import { judgeDatabaseClock } from './machine.js';

const OLDEST_SERVER = 150_000;

/** What a node with these settings needs of its database. */
export interface DatabaseNeeds {
  readonly connections: number;
  /** That share the connections. */
  readonly processes: number;
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
    found.push(
      finding('database', 'problem', 'databaseTooFew', needs.connections, available, needs.processes > 1),
    );
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

/**
 * Looks at the database of a node: the one that it is given, or its embedded one, which runs or is started for it.
 * @param look with the findings about a database that can be used: whether it has the tables of this version
 * @param without with the finding that there is no database, or none that can be used
 */
export async function examineStored<T>(
  config: Pick<Config, 'databaseUrl' | 'databaseOwnerUrl' | 'dataDir'>,
  { workers, requireSync }: Pick<Config, 'workers' | 'requireSync'>,
  look: (url: string, examined: ExaminedDatabase) => Promise<T>,
  without: (database: Finding) => Promise<T>,
): Promise<T> {
  const examineAt = async (url: string, isEmbedded: boolean) => {
    const needs = { connections: connectionsNeeded(workers), processes: workers, requireSync, isEmbedded };
    return look(url, await examineDatabase(url, needs));
  };
  const given = givenDatabase(config);
  if (given !== null) return examineAt(given.url, false);
  const directory = join(config.dataDir, 'postgres');
  const exists = await access(directory).then(
    () => true,
    () => false,
  );
  if (!exists) return without(finding('database', 'ok', 'databaseNew', config.dataDir));
  try {
    const running = await findEmbeddedPostgres(directory);
    if (running !== null) return await examineAt(running.url, true);
    const connections = embeddedConnections(workers);
    const started = await startEmbeddedPostgres({ directory, log: NO_LOG, connections });
    try {
      return await examineAt(started.url, true);
    } finally {
      await started.stop();
    }
  } catch (error) {
    if (!(error instanceof EmbeddedError)) throw error;
    return without(finding('database', 'problem', 'databaseUnreachable', error.message));
  }
}

export interface ExaminedDatabase {
  readonly found: readonly Finding[];
  /** Whether it can be opened as it is: it has the tables, and fits this version. */
  readonly isUsable: boolean;
}

async function examineDatabase(url: string, needs: DatabaseNeeds): Promise<ExaminedDatabase> {
  try {
    const seen = await diagnoseDatabase(url);
    const found = judgeDatabase(seen, await readServerConnections(url), needs);
    if (isUnencrypted(url)) found.push(finding('database', 'warning', 'databaseUnencrypted'));
    const migrations = await examineMigrations(url);
    return {
      found: [...found, migrations, judgeDatabaseClock(seen.clockAheadMs, seen.clockUncertaintyMs)],
      isUsable: seen.ownsTables !== null && migrations.code !== 'databaseMigration',
    };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return {
      found: [finding('database', 'problem', 'databaseUnreachable', error.message)],
      isUsable: false,
    };
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
