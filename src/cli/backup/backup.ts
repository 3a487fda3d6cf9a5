import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { VERSION } from '../../http/version.js';
import { copyDatabase, type CopiedTable, type DatabaseCopy } from '../../store/index.js';
import { defineCommand } from '../command.js';
import { DATABASE_OPTIONS, databaseFailure, nodePlace, openDatabase } from '../database.js';
import { Failure, fileFailure, systemCode } from '../failure.js';
import { throwIfStopped } from '../files.js';
import {
  createProgress,
  EXIT,
  formatBytes,
  grouped,
  type Io,
  printJson,
  printLine,
  printNote,
} from '../io.js';
import { backupMessages } from '../messages/backup.js';
import { failureMessages } from '../messages/failures.js';
import { fsPath } from '../paths.js';
import { SUMMARIES } from '../summaries.js';
import { askNewPassphrase, saveKeys } from './key-file.js';
import { FORMAT, MANIFEST, type Manifest, rowsFile } from './manifest.js';

export const backupCommand = defineCommand({
  name: 'backup',
  summary: SUMMARIES.backup,
  usage: 'DIR [--keys FILE]',
  text: {
    en: `Copies everything that the database has into the new folder DIR: one state of it, while the service goes on. It works
for the embedded PostgreSQL and for any other, also for a standby. DIR has a file for each table and manifest.json, with
the number of rows and the SHA-256 of each file. With the settings of a member's node it copies that node's database.

Not in DIR: keys, the documents of a vault, and data keys (INGAM_ERASURE_KEYS). --keys also writes the service's keys
and its secret into FILE, encrypted under a passphrase, which is asked for, or the first line of standard input. Keep
FILE and DIR in different places: whoever has both, and the passphrase, can act as the operator.

DIR appears under its name when it is complete. Until then it is DIR.partial; what an interrupted backup has left there
is replaced. Check a backup with "ingam restore-check DIR". See docs/recovery.md.`,
    ko: `데이터베이스에 있는 모든 것을 새 폴더 DIR에 복사합니다. 서비스가 계속 동작하는 동안 한 시점의 상태를 복사합니다. 내장
PostgreSQL과 다른 PostgreSQL, 그 대기 서버에서도 동작합니다. DIR에는 테이블마다 파일이 하나씩 있고, manifest.json에
행의 수와 각 파일의 SHA-256이 있습니다. 참여 기관 노드의 설정이 있으면 그 노드의 데이터베이스를 복사합니다.

DIR에 없는 것: 키, 보관소의 문서, 데이터 키(INGAM_ERASURE_KEYS). --keys를 쓰면 서비스의 키와 비밀 값도 암호로
암호화하여 FILE에 저장합니다. 암호는 입력을 요청하거나 표준 입력의 첫 줄에서 읽습니다. FILE과 DIR은 서로 다른 곳에
보관하세요. 둘 다 가지고 암호를 아는 사람은 운영자처럼 행동할 수 있습니다.

DIR은 완성된 다음에 그 이름으로 나타납니다. 그전에는 DIR.partial이며, 중단된 백업이 남긴 것은 새로 만듭니다. 백업은
"ingam restore-check DIR"로 검사하세요. docs/recovery.md를 보세요.`,
  },
  options: {
    ...DATABASE_OPTIONS,
    keys: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'also write the keys into this new file, encrypted under a passphrase',
        ko: '키도 암호로 암호화하여 이 새 파일에 저장',
      },
    },
    json: {
      type: 'boolean',
      help: { en: 'print what was copied as JSON', ko: '복사한 내용을 JSON으로 출력' },
    },
  },
  positionals: { min: 1, max: 1, missing: { en: 'missing DIR', ko: 'DIR을 지정하세요' } },
  async run({ values, positionals: [shown = ''] }, io) {
    const t = backupMessages();
    const target = resolve(io.cwd, shown);
    const place = nodePlace(values, io);
    await assertAbsent(target, shown);
    if (values.keys !== undefined) {
      await assertAbsent(resolve(io.cwd, values.keys), values.keys);
      await saveKeys(place, values.keys, await askNewPassphrase(io), io);
    }
    const { urls, close } = await openDatabase(place, 'any');
    try {
      const manifest = await copyDatabase(urls.url, (copy) => write(copy, target, shown, io));
      if (values.json) printJson(io.stdout, manifest);
      else {
        const bytes = manifest.tables.reduce((sum, table) => sum + table.bytes, 0);
        printLine(
          io.stdout,
          t.copied(shown, grouped(manifest.blocks), grouped(manifest.entries), formatBytes(bytes)),
        );
      }
      if (values.keys === undefined) printNote(io, t.keysApart);
      return EXIT.ok;
    } catch (error) {
      throwIfStopped(io.signal);
      throw databaseFailure(error);
    } finally {
      await close();
    }
  },
});

/** @throws {Failure} conflict, unreadable */
async function assertAbsent(path: string, shown: string): Promise<void> {
  try {
    await stat(fsPath(path));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw fileFailure(error, shown);
  }
  throw new Failure('conflict', failureMessages().exists(shown), { hint: failureMessages().otherName });
}

/** Everything is on disk before the folder gets its name. */
async function write(copy: DatabaseCopy, target: string, shown: string, io: Io): Promise<Manifest> {
  const folder = `${target}.partial`;
  try {
    await rm(fsPath(folder), { recursive: true, force: true });
    await mkdir(fsPath(folder), { recursive: true, mode: 0o700 });
    const progress = createProgress(io, backupMessages().copying, copy.tables.length);
    const tables: Manifest['tables'][number][] = [];
    try {
      for (const [done, table] of copy.tables.entries()) {
        progress.update(done, table.name);
        tables.push({
          ...table,
          columns: [...table.columns],
          ...(await writeTable(copy, table, folder, io)),
        });
      }
    } finally {
      progress.clear();
    }
    const manifest: Manifest = {
      ...{ format: FORMAT, madeAt: new Date().toISOString(), version: VERSION, postgresql: copy.server },
      ...{ blocks: copy.blocks, entries: copy.entries, checkpoint: copy.checkpoint },
      migrations: [...copy.migrations],
      tables,
      sequences: [...(await copy.sequences())],
      leftOut: [...copy.leftOut],
    };
    await withFile(join(folder, MANIFEST), (file) =>
      file.writeFile(`${JSON.stringify(manifest, null, 2)}\n`),
    );
    await syncFolder(folder);
    throwIfStopped(io.signal);
    await rename(fsPath(folder), fsPath(target));
    await syncFolder(dirname(target));
    return manifest;
  } catch (error) {
    throw fileFailure(error, `${shown}.partial (${basename(folder)})`);
  }
}

async function writeTable(
  copy: DatabaseCopy,
  table: CopiedTable,
  folder: string,
  io: Io,
): Promise<{ rows: number; bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let [rows, bytes] = [0, 0];
  await withFile(join(folder, rowsFile(table.name)), async (file) => {
    for await (const piece of copy.rows(table)) {
      throwIfStopped(io.signal);
      await file.writeFile(piece.bytes);
      hash.update(piece.bytes);
      rows += piece.rows;
      bytes += piece.bytes.length;
    }
  });
  return { rows, bytes, sha256: hash.digest('hex') };
}

/** A new file that is on disk when this resolves. */
async function withFile(path: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(fsPath(path), 'wx', 0o600);
  try {
    await use(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Names are stored in the folder. Windows cannot open one, and orders names by its journal. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(fsPath(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
