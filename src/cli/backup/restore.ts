import { join, resolve } from 'node:path';
import { parseCheckpointNote } from '../../proof/index.js';
import { findEmbeddedPostgres } from '../../postgres/index.js';
import { assertSameMigrations, LastCheckpointFile, restoreDatabase, StoreError } from '../../store/index.js';
import { defineCommand } from '../command.js';
import {
  DATABASE_OPTIONS,
  databaseFailure,
  type DatabasePlace,
  nodePlace,
  openDatabase,
} from '../database.js';
import { Failure, usageError } from '../failure.js';
import { throwIfStopped } from '../files.js';
import { EXIT, grouped, type Io, printLine, printNote } from '../io.js';
import { backupMessages } from '../messages/backup.js';
import { SUMMARIES } from '../summaries.js';
import { prepareHandOver } from './hand-over.js';
import { assertNoOtherKeys, openKeys, putKeys } from './key-file.js';
import { assertUnchanged, isOfMember, type Manifest, readManifest, rowsIn } from './manifest.js';

export const restoreCommand = defineCommand({
  name: 'restore',
  summary: SUMMARIES.restore,
  usage: '[DIR] [--keys FILE]',
  text: {
    en: `Puts what "ingam backup" has written into DIR into a new database: that of a data directory without one, or an empty
one of your PostgreSQL. A database that has anything is refused. Either everything is restored, or nothing.

All files are checked first. --keys also puts the keys of FILE into the data directory; another key that is there
is never replaced. Without DIR, it does that alone. What root restores into a data directory belongs to its owner.

The service does not seal on a restored database before it knows that it lacks no signed block: put the newest file
"checkpoint" of its data directory beside it. See docs/recovery.md.`,
    ko: `"ingam backup"이 DIR에 저장한 것을 새 데이터베이스에 되돌립니다. 데이터베이스가 없는 데이터 디렉터리나 PostgreSQL의 빈
데이터베이스에만 되돌리며, 무엇이든 들어 있으면 거부합니다. 모두 되돌리거나 아무것도 되돌리지 않습니다.

먼저 모든 파일을 검사합니다. --keys를 쓰면 FILE의 키도 데이터 디렉터리에 넣습니다. 이미 있는 다른 키는 바꾸지 않습니다.
DIR이 없으면 키만 넣습니다. root가 데이터 디렉터리에 되돌린 것은 그 디렉터리의 소유자의 것이 됩니다.

되돌린 데이터베이스에 서명된 블록이 빠짐없이 있는지 알기 전에는 서비스가 그 위에 블록을 만들지 않습니다. 데이터
디렉터리의 가장 새로운 "checkpoint" 파일을 그 옆에 두세요. docs/recovery.md를 보세요.`,
  },
  options: {
    ...DATABASE_OPTIONS,
    keys: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'file that "ingam backup --keys" has written',
        ko: '"ingam backup --keys"로 저장한 파일',
      },
    },
  },
  positionals: { min: 0, max: 1 },
  async run({ values, positionals: [shown] }, io) {
    const t = backupMessages();
    const place = nodePlace(values, io);
    if (shown === undefined) {
      if (values.keys === undefined) throw usageError(t.restoreWhat);
      await restoreKeys(place, values.keys, io);
      return EXIT.ok;
    }
    const directory = resolve(io.cwd, shown);
    const manifest = await readManifest(directory, shown);
    await assertRestorable(manifest);
    if (values.keys !== undefined && place.dataDir === null) throw usageError(t.keysNeedDirectory);
    const keys = values.keys === undefined ? null : await openKeys(values.keys, io);
    if (keys !== null) await assertNoOtherKeys(keys, place.dataDir ?? '');
    await assertStopped(place);
    await assertUnchanged(directory, shown, manifest, io);
    const handOver = await prepareHandOver(
      place.dataDir ?? place.config.dataDir,
      place.urls === null ? ['keys', 'postgres'] : ['keys'],
    );
    const { store, urls, close } = await openDatabase(place, 'make');
    try {
      // A service that runs on this database is its leader.
      const leadership = await store.acquireLeadership();
      if (leadership === null) throw new Failure('conflict', t.serviceRuns, { hint: t.stopService });
      await restoreDatabase(urls, manifest, rowsIn(directory));
      if (keys !== null) await putKeys(keys, place.dataDir ?? '');
      printLine(io.stdout, t.restored(shown, grouped(manifest.blocks), grouped(manifest.entries)));
      for (const line of await nextSteps(manifest, place)) printNote(io, line);
      return EXIT.ok;
    } catch (error) {
      throwIfStopped(io.signal);
      throw databaseFailure(error);
    } finally {
      await close();
      await handOver();
    }
  },
});

/** Puts the keys back, and nothing else. @throws {Failure} usage, unreadable, malformed, refused, conflict */
async function restoreKeys({ dataDir }: DatabasePlace, shown: string, io: Io): Promise<void> {
  if (dataDir === null) throw usageError(backupMessages().keysNeedDirectory);
  const keys = await openKeys(shown, io);
  await assertNoOtherKeys(keys, dataDir);
  const handOver = await prepareHandOver(dataDir, ['keys']);
  await putKeys(keys, dataDir);
  await handOver();
  printLine(io.stdout, backupMessages().keysRestored(dataDir, [...keys.keys()].join(', ')));
}

/** Whether this version makes the tables of the backup. @throws {Failure} malformed */
export async function assertRestorable({ version, migrations }: Manifest): Promise<void> {
  try {
    await assertSameMigrations(migrations);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new Failure('malformed', backupMessages().otherVersion(version, error.message), {
      ...{ code: 'other_version', cause: error },
      hint: backupMessages().useVersion(version),
    });
  }
}

/** @throws {Failure} conflict */
async function assertStopped({ config, dataDir, urls }: DatabasePlace): Promise<void> {
  if (urls !== null) return;
  const running = await findEmbeddedPostgres(join(dataDir ?? config.dataDir, 'postgres'));
  if (running === null) return;
  throw new Failure('conflict', backupMessages().serviceRuns, { hint: backupMessages().stopService });
}

/** What is needed before the start: of a service, before it seals on. */
async function nextSteps(manifest: Manifest, { config, dataDir }: DatabasePlace): Promise<string[]> {
  const t = backupMessages();
  if (isOfMember(manifest)) return [t.memberRestored];
  const file = new LastCheckpointFile(dataDir ?? config.dataDir);
  const note = await file.read();
  if (note === null) return manifest.blocks === 0 ? [] : [t.noCheckpoint(file.path)];
  const missing = parseCheckpointNote(note).checkpoint.size - manifest.blocks;
  return missing > 0 ? [t.blocksMissing(grouped(missing))] : [];
}
