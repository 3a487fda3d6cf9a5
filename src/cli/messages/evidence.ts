import type { AuditProblem } from '../../audit/finding.js';
import { byLanguage } from '../language.js';
import { KOREAN_PROBLEMS } from './audit-problems.js';

/** The messages of `ingam audit`, `evidence` and `compare`. */

const en = {
  checkingEntries: 'Checking entries',
  readingKept: 'Reading kept documents',
  noVault:
    'missing the vault: set INGAM_VAULT and INGAM_VAULT_KEY, and what else it needs, as for the service',
  secondPart: 'Not the chain, but yours: register, search, access, the rules of the schema, roles',
  noFindings: 'No findings.',
  problem: (_problem: AuditProblem, detail: string) => detail,
  note: (about: string, message: string) => `Note: ${about}: ${message}`,
  notChecked: (about: string, message: string) => `Not checked: ${about}: ${message}`,
  /** Of what the database shows, in the words of the audit. */
  notCheckedThere: (about: string, why: string) => `Not checked: ${about}: ${why}`,
  missingLogKey: "missing the log's public key: give it with --key VKEY",
  orDataDir: (folder: string) => `Or give the data directory of the service: ${folder} contains no log key.`,
  severalLogs: (source: string) => `${source} lists several logs: choose one with --key VKEY`,
  notACheckpoint: (detail: string) => `This is not a checkpoint: ${detail}.`,
  otherDatabase: (path: string) =>
    `The database is not the one for which ${path} was signed: it was rolled back, or its history was changed.`,
  noCheckpoint: 'no checkpoint over so many blocks',
  saveFirst: 'Or save it first: ingam trust --server URL',
  checkingBlocks: 'Checking blocks',
  moreFindings: '… and more: use --json to see them.',
  expected: (value: string) => `    expected ${value}`,
  found: (value: string) => `    found    ${value}`,
  missingKeyOf: (log: string) => `missing the public key of ${log}: give it with --key VKEY`,
  observation: (file: string) =>
    `${file} is an observation of a member, which nothing signed by the log proves to others`,
  brokenRule: (log: string, height: number, rule: string) =>
    `${log} has signed block ${height}, which breaks the rule ${rule}`,
  brokenMap: (log: string, height: number, detail: string) =>
    `${log} has signed block ${height}, whose map of records does not follow from the block before: ${detail}`,
  badEvent: (log: string, height: number, what: string) => `${log} has signed block ${height}, which ${what}`,
  twoHistories: (log: string, first: number, second: number) =>
    `${log} has signed two histories: its checkpoints over ${first} and ${second} blocks contradict each other`,
  dropped: (record: string) => `leaves out a valid event of record ${record}`,
  applied: (record: string, refusal: string) =>
    `applies to record ${record} what the rules refuse: ${refusal}`,
  differentLogs: (logs: string) => `these are two different logs: ${logs}`,
  sameHistory: (about: string) => `CONSISTENT  ${about} belong to the same history`,
  fork: (about: string) => `FORK  ${about} contradict each other`,
  evidenceIn: (file: string) => `The evidence is in ${file}. Send it to everybody who relies on this log.`,
  undecided: (detail: string) => `cannot be decided: ${detail}`,
  needsTiles: 'With checkpoints of different sizes, the larger one must be an address that serves its tiles.',
  addressWithPassword: 'an address must not contain a user name or password: it is printed',
  noCheckpointYet: (place: string) => `${place} has no checkpoint yet`,
  pendingHasNone: (file: string) => `${file} is a pending proof, which has no checkpoint yet`,
  blocks: (n: string) => `${n} ${n === '1' ? 'block' : 'blocks'}`,
  blocksOf: (n: string, log: string) => `${n} ${n === '1' ? 'block' : 'blocks'} of ${log}`,
  entriesOf: (entries: string, blocks: string, log: string) =>
    `${entries} ${entries === '1' ? 'entry' : 'entries'} in ${blocks} ${blocks === '1' ? 'block' : 'blocks'} of ${log}`,
  sound: (what: string) => `SOUND  ${what}: no findings`,
  soundPublished: (what: string) => `SOUND  ${what}: no findings in what it publishes`,
  findingsIn: (n: string, what: string) => `${n} ${n === '1' ? 'finding' : 'findings'} in ${what}.`,
  findingsBeside: (n: string) => `${n} ${n === '1' ? 'finding' : 'findings'} beside the chain.`,
  notCompared: {
    about: 'the end of the chain',
    message:
      'not compared with any kept checkpoint: an older copy of the database would look the same. Give --data-dir DIR or --checkpoint FILE.',
  },
  noEvents: {
    about: 'records',
    message:
      'a service does not publish events, so whether the rules allow them, and whether all that had to happen by itself did, is seen in histories ("ingam record history") and in the database.',
  },
  valid: 'VALID',
  provesNothing: 'PROVES NOTHING',
  tooLong: (file: string, limit: number) => `${file} has more than ${limit} bytes`,
  checkpoints: (log: string, first: string, second: string) =>
    `${log}: checkpoints over ${first} ${first === '1' ? 'block' : 'blocks'} and ${second} ${second === '1' ? 'block' : 'blocks'}`,
  unavailable: (detail: string) => detail,
  refused: (place: string, detail: string) => `${place}: ${detail}`,
  detail: (message: string) => message,
};

const ko: typeof en = {
  checkingEntries: '등록 항목 검사',
  readingKept: '보관 문서 읽기',
  noVault: '보관소 설정이 없습니다. 서비스와 똑같이 INGAM_VAULT와 INGAM_VAULT_KEY 등을 설정하세요',
  secondPart: '체인이 아닌 부분: 등록 내역, 검색, 접근 권한, 스키마의 규칙, 역할',
  noFindings: '발견 사항이 없습니다.',
  problem: (problem, detail) => `${KOREAN_PROBLEMS[problem]}(${detail})`,
  note: (about, message) => `참고(${about}: ${message})`,
  notChecked: (about, message) => `검사하지 못함: ${about}: ${message}`,
  notCheckedThere: (about, why) => `검사하지 못함(${about}: ${why})`,
  missingLogKey: '로그의 공개 키가 없습니다. --key VKEY로 지정하세요',
  orDataDir: (folder) => `또는 서비스의 데이터 디렉터리를 지정하세요. ${folder}에는 로그 키가 없습니다.`,
  severalLogs: (source) => `${source}에 로그가 여럿 있습니다. --key VKEY로 하나를 고르세요`,
  notACheckpoint: (detail) => `체크포인트가 아닙니다(${detail}).`,
  otherDatabase: (path) =>
    `${path}이(가) 서명될 때의 데이터베이스가 아닙니다. 이전 상태로 되돌려졌거나 이력이 바뀌었습니다.`,
  noCheckpoint: '블록이 이만큼인 체크포인트가 없음',
  saveFirst: '또는 먼저 저장하세요: ingam trust --server URL',
  checkingBlocks: '블록 검사',
  moreFindings: '… 더 있습니다. 모두 보려면 --json을 쓰세요.',
  expected: (value) => `    예상 ${value}`,
  found: (value) => `    실제 ${value}`,
  missingKeyOf: (log) => `${log}의 공개 키가 없습니다. --key VKEY로 지정하세요`,
  observation: (file) =>
    `${file}은(는) 참여 기관의 관찰 기록이며, 로그의 서명이 없어 다른 사람에게 증명할 수 없습니다`,
  brokenRule: (log, height, rule) => `${log}이(가) 규칙 ${rule}을(를) 어긴 블록 ${height}에 서명했습니다`,
  brokenMap: (log, height, detail) =>
    `${log}이(가) 블록 ${height}에 서명했지만 그 전체 기록 목록이 앞 블록에서 이어지지 않습니다(${detail})`,
  badEvent: (log, height, what) => `${log}이(가) ${what} 블록 ${height}에 서명했습니다`,
  twoHistories: (log, first, second) =>
    `${log}이(가) 두 이력에 서명했습니다. 블록 ${first}개와 ${second}개의 체크포인트가 서로 모순됩니다`,
  dropped: (record) => `기록 ${record}의 유효한 이벤트를 뺀`,
  applied: (record, refusal) => `규칙에 맞지 않는 이벤트(${refusal})를 기록 ${record}에 적용한`,
  differentLogs: (logs) => `서로 다른 로그입니다: ${logs}`,
  sameHistory: (about) => `일치  ${about}: 같은 이력입니다`,
  fork: (about) => `분기  ${about}: 서로 모순됩니다`,
  evidenceIn: (file) => `증거: ${file}. 이 로그에 의존하는 모든 사람에게 보내세요.`,
  undecided: (detail) => `판단할 수 없습니다(${detail})`,
  needsTiles: '크기가 다른 체크포인트를 비교하려면 큰 쪽이 타일을 제공하는 주소여야 합니다.',
  addressWithPassword: '주소는 출력되므로 사용자 이름이나 비밀번호를 넣을 수 없습니다',
  noCheckpointYet: (place) => `${place}에 아직 체크포인트가 없습니다`,
  pendingHasNone: (file) => `${file}은(는) 봉인 전 증명 파일이라 아직 체크포인트가 없습니다`,
  blocks: (n) => `블록 ${n}개`,
  blocksOf: (n, log) => `${log}의 블록 ${n}개`,
  entriesOf: (entries, blocks, log) => `${log}의 블록 ${blocks}개, 등록 항목 ${entries}개`,
  sound: (what) => `이상 없음  ${what}: 발견 사항 없음`,
  soundPublished: (what) => `이상 없음  ${what}: 공개된 내용에 발견 사항 없음`,
  findingsIn: (n, what) => `${what}: 발견 사항 ${n}건.`,
  findingsBeside: (n) => `체인이 아닌 부분: 발견 사항 ${n}건.`,
  notCompared: {
    about: '체인의 끝',
    message:
      '보관된 체크포인트와 비교하지 않았습니다. 데이터베이스의 오래된 사본이라도 똑같이 보입니다. --data-dir DIR이나 --checkpoint FILE을 지정하세요.',
  },
  noEvents: {
    about: '기록',
    message:
      '서비스는 이벤트를 공개하지 않으므로, 규칙에 맞는지와 자동으로 이루어져야 할 일이 모두 이루어졌는지는 이력("ingam record history")과 데이터베이스에서 알 수 있습니다.',
  },
  valid: '유효함',
  provesNothing: '증명하지 못함',
  tooLong: (file, limit) => `${file}이(가) ${limit}바이트보다 큽니다`,
  checkpoints: (log, first, second) => `${log}: 블록 ${first}개와 ${second}개의 체크포인트`,
  unavailable: (detail) => `읽을 수 없습니다(${detail})`,
  refused: (place, detail) => `${place}: 받아들일 수 없습니다(${detail})`,
  detail: (message) => `(${message})`,
};

export const evidenceMessages = byLanguage({ en, ko });
