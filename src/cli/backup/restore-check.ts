import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EmbeddedError, startEmbeddedPostgres } from '../../postgres/index.js';
import { migrate, openStore, restoreDatabase } from '../../store/index.js';
import { auditPlace } from '../audit/database.js';
import { findAuditKeys } from '../audit/keys.js';
import { auditMember } from '../audit/published.js';
import { defineCommand } from '../command.js';
import { DATABASE_OPTIONS, databaseFailure, NO_LOG, nodePlace } from '../database.js';
import { throwIfStopped } from '../files.js';
import { type ExitCode, formatBytes, grouped, type Io, printLine, printNote } from '../io.js';
import { backupMessages } from '../messages/backup.js';
import { SUMMARIES } from '../summaries.js';
import { TRUST_OPTIONS, type TrustOptions } from '../trust-store.js';
import { assertRestorable } from './restore.js';
import { assertUnchanged, isOfMember, readManifest, rowsIn } from './manifest.js';

export const restoreCheckCommand = defineCommand({
  name: 'restore-check',
  summary: SUMMARIES['restore-check'],
  usage: 'DIR [--key VKEY]',
  text: {
    en: `Compares the files of a backup with its manifest. Then restores it into a PostgreSQL that is started for this alone, in
a temporary folder (TMPDIR, which needs some three times the size of DIR), and checks every row there as "ingam audit"
does. The database of the service is not touched.

The log's key comes from --key or --trust, else from the data directory or INGAM_MEMBER_UPSTREAM_KEY. Of a member's node
the log is checked as "ingam audit --server" does: a member has no documents. Exit code: 0 the backup is good, 1 the
audit found something, 2 the backup is damaged or cannot be checked.`,
    ko: `백업의 파일을 manifest.json과 비교합니다. 그런 다음 이 검사만을 위해 임시 폴더(TMPDIR, DIR의 세 배쯤 되는 공간 필요)에서
시작한 PostgreSQL에 되돌리고, "ingam audit"처럼 모든 행을 검사합니다. 서비스의 데이터베이스는 건드리지 않습니다.

로그의 키는 --key나 --trust로 지정하며, 없으면 데이터 디렉터리의 것이나 INGAM_MEMBER_UPSTREAM_KEY를 씁니다. 참여 기관
노드의 백업이면 문서가 없으므로 "ingam audit --server"처럼 로그를 검사합니다. 종료 코드: 0 백업이 온전함, 1 감사에서
발견 사항 있음, 2 백업이 손상되었거나 검사할 수 없음.`,
  },
  options: {
    'data-dir': DATABASE_OPTIONS['data-dir'],
    ...TRUST_OPTIONS,
    json: {
      type: 'boolean',
      help: { en: 'print findings and totals as JSON', ko: '발견 사항과 합계를 JSON으로 출력' },
    },
  },
  positionals: { min: 1, max: 1, missing: { en: 'missing DIR', ko: 'DIR을 지정하세요' } },
  async run({ values, positionals: [shown = ''] }, io) {
    const t = backupMessages();
    const directory = resolve(io.cwd, shown);
    const manifest = await readManifest(directory, shown);
    await assertRestorable(manifest);
    await assertUnchanged(directory, shown, manifest, io);
    if (!values.json) {
      const bytes = manifest.tables.reduce((sum, table) => sum + table.bytes, 0);
      printLine(io.stdout, t.filesGood(shown, formatBytes(bytes), manifest.madeAt, manifest.version));
    }
    const { config, dataDir } = nodePlace({ database: undefined, 'data-dir': values['data-dir'] }, io);
    const keys = isOfMember(manifest)
      ? null
      : await findAuditKeys(values, { config, dataDir, urls: null }, io);
    const scratch = await mkdtemp(join(tmpdir(), 'ingam-restore-check-'));
    try {
      const server = await startEmbeddedPostgres({ directory: join(scratch, 'postgres'), log: NO_LOG });
      try {
        await migrate(server);
        throwIfStopped(io.signal);
        await restoreDatabase(server, manifest, rowsIn(directory));
        if (!values.json) {
          printLine(io.stdout, t.restoredForCheck(grouped(manifest.blocks), grouped(manifest.entries)));
        }
        if (keys === null) return await checkMember(server.url, shown, values, io);
        return await auditPlace(
          { json: values.json, vault: false },
          { config, dataDir: scratch, urls: null },
          keys,
          [],
          io,
          t.endUnknown,
        );
      } finally {
        await server.stop();
      }
    } catch (error) {
      throwIfStopped(io.signal);
      if (error instanceof EmbeddedError) printNote(io, t.noScratch);
      throw databaseFailure(error);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  },
});

async function checkMember(
  url: string,
  shown: string,
  values: TrustOptions & { readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const { INGAM_MEMBER_UPSTREAM_KEY: followed = '' } = io.env;
  const isGiven = values.key.length > 0 || values.trust !== undefined || followed === '';
  const store = await openStore({ url, poolSize: 2 });
  try {
    return await auditMember(store, shown, isGiven ? values : { ...values, key: [followed] }, io);
  } finally {
    await store.close();
  }
}
