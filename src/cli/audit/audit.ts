import { defineCommand } from '../command.js';
import { DATABASE_OPTIONS } from '../database.js';
import { usageError } from '../failure.js';
import { usageMessages } from '../messages/usage.js';
import { SERVER_OPTIONS } from '../service-client.js';
import { SUMMARIES } from '../summaries.js';
import { TRUST_OPTIONS } from '../trust-store.js';
import { auditDatabase } from './database.js';
import { auditServer } from './published.js';

export const auditCommand = defineCommand({
  name: 'audit',
  summary: SUMMARIES.audit,
  usage: '[--data-dir DIR] [--database URL | --server URL] [--key VKEY] [--checkpoint FILE] [--vault]',
  text: {
    en: `Recomputes leaves, tiles, roots, headers, links, proof of work, the log and its signed checkpoints from the entries,
and reports every difference.

In a database (by default the one that "ingam serve" uses in this environment) it checks every row. With --server it
checks what that service publishes: headers, tiles, checkpoint, and the map of records. Events are not published, so
whether the rules allow them is not seen there, but in a database and in histories. The log's key comes from --key or
--trust; for a local installation it defaults to the log key in the data directory.

A second part compares what is not the chain: who submitted, what is public, search words, idempotency keys,
cosignatures, kept documents, accounts and the access log, tables, triggers, functions, roles and settings. It says
what it could not check.

Rows that agree with each other can still be those of an old backup. So the database is also compared with a
checkpoint that was kept elsewhere: that of the data directory, or --checkpoint FILE.

Findings are written to standard output. Exit code: 0 no findings, 1 findings, 2 wrong usage or unreachable.`,
    ko: `등록 항목에서 리프, 타일, 루트, 헤더, 연결, 작업 증명, 로그와 서명된 체크포인트를 다시 계산하고 다른 점을 모두 알려
줍니다.

데이터베이스(기본값: 이 환경에서 "ingam serve"가 쓰는 것)에서는 모든 행을 검사합니다. --server를 쓰면 그 서비스가
공개하는 헤더, 타일, 체크포인트, 전체 기록 목록을 검사합니다. 이벤트는 공개되지 않으므로 규칙에 맞는지는
데이터베이스와 이력 파일에서만 알 수 있습니다. 로그의 키는 --key나 --trust로 지정하며, 이 컴퓨터의 서비스라면 데이터
디렉터리에 있는 로그 키를 씁니다.

둘째 부분에서는 체인이 아닌 것을 비교합니다: 등록자, 공개 여부, 검색어, 멱등 키, 공동 서명, 보관 문서, 조직과
접속 기록, 테이블, 트리거, 함수, 역할, 설정. 검사하지 못한 것도 알려 줍니다.

서로 맞는 행이라도 오래된 백업에서 되돌린 것일 수 있습니다. 그래서 다른 곳에 보관한 체크포인트(데이터 디렉터리의 것
또는 --checkpoint FILE)와도 비교합니다.

발견 사항은 표준 출력에 씁니다. 그 문장은 영어입니다. 종료 코드: 0 발견 사항 없음, 1 발견 사항 있음, 2 잘못된 사용
또는 연결 실패.`,
  },
  options: {
    ...DATABASE_OPTIONS,
    checkpoint: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'signed checkpoint of the log that was kept elsewhere; the database must contain it',
        ko: '다른 곳에 보관한 서명된 체크포인트. 데이터베이스에 이것이 들어 있어야 합니다',
      },
    },
    vault: {
      type: 'boolean',
      help: {
        en: 'also read all kept documents again, which may take hours',
        ko: '보관 문서도 모두 다시 읽어 검사. 오래 걸릴 수 있습니다',
      },
    },
    server: {
      ...SERVER_OPTIONS.server,
      help: {
        en: 'address of a service whose published log is checked',
        ko: '공개된 로그를 검사할 서비스의 주소',
      },
    },
    ...TRUST_OPTIONS,
    json: {
      type: 'boolean',
      help: { en: 'print findings and totals as JSON', ko: '발견 사항과 합계를 JSON으로 출력' },
    },
  },
  positionals: { min: 0, max: 0 },
  run({ values }, io) {
    const { server } = values;
    if (server === undefined) return auditDatabase(values, io);
    if (values.database !== undefined || values['data-dir'] !== undefined) {
      throw usageError(usageMessages().notTogetherOr('--server', '--database', '--data-dir'));
    }
    if (values.vault) {
      throw usageError(usageMessages().notTogether('--server', '--vault'));
    }
    return auditServer({ ...values, server }, io);
  },
});
