import type { Texts } from './language.js';

/**
 * What each command does, in one line: the list of commands shows it without loading them. In their order there.
 */
export const SUMMARIES = {
  verify: {
    en: 'verify documents against their proofs, or the histories of records, offline',
    ko: '문서를 증명과, 또는 기록의 이력을 오프라인으로 확인합니다',
  },
  notarize: {
    en: 'notarize files and folders, and save their proofs',
    ko: '파일과 폴더를 등록하고 증명 파일을 저장합니다',
  },
  watch: {
    en: 'notarize what appears or changes in folders and buckets',
    ko: '폴더와 버킷에 새로 생기거나 바뀌는 파일을 등록합니다',
  },
  mcp: {
    en: 'give programs with a language model tools to notarize and verify',
    ko: '언어 모델을 쓰는 프로그램에 등록과 확인 도구를 제공합니다',
  },
  upgrade: {
    en: 'replace pending proofs with final ones, and add newer evidence',
    ko: '봉인 전 증명 파일을 최종 증명 파일로 바꾸고 새 근거를 더합니다',
  },
  list: { en: "search your organization's register", ko: '조직의 등록 내역을 검색합니다' },
  show: {
    en: 'show a notarization, or those of a document',
    ko: '등록 하나, 또는 문서의 등록을 보여 줍니다',
  },
  proof: {
    en: 'download proofs of notarizations or documents',
    ko: '등록이나 문서의 증명 파일을 내려받습니다',
  },
  document: {
    en: 'download a document that the service keeps',
    ko: '서비스가 보관하는 문서를 내려받습니다',
  },
  erase: { en: 'erase the content of notarizations for good', ko: '등록 내용을 영구히 삭제합니다' },
  hold: {
    en: 'keep notarizations from being erased: legal holds',
    ko: '등록을 삭제하지 못하게 합니다(법적 보존)',
  },
  renew: {
    en: 'renew the time-stamps in proofs before their certificates end',
    ko: '증명에 든 타임스탬프를 인증서가 만료되기 전에 갱신합니다',
  },
  inspect: {
    en: 'show every field of a proof or a history, without verifying it',
    ko: '증명이나 이력의 모든 값을 확인 없이 보여 줍니다',
  },
  certificate: {
    en: 'create a printable PDF certificate from a proof',
    ko: '증명 파일로 인쇄용 PDF 증명서를 만듭니다',
  },
  'evidence-pack': {
    en: 'put a document, its proofs and all evidence into a zip for a court',
    ko: '법원에 낼 문서와 증명, 모든 증거를 zip에 담습니다',
  },
  record: {
    en: 'documents, works, items and contracts with a provable history',
    ko: '이력을 증명할 수 있는 문서, 저작물, 물품, 계약',
  },
  signing: {
    en: 'ask people without an account to sign contracts',
    ko: '계정이 없는 사람에게 계약 서명을 요청합니다',
  },
  export: { en: 'convert a proof to the format of another tool', ko: '증명을 다른 도구의 형식으로 바꿉니다' },
  login: {
    en: 'save the address of a service, and an API key for it',
    ko: '서비스의 주소와 API 키를 저장합니다',
  },
  logout: { en: 'remove the saved address and API key', ko: '저장한 주소와 API 키를 지웁니다' },
  config: {
    en: 'show which service, API key and trust policy the commands use',
    ko: '명령이 쓰는 서비스, API 키, 신뢰 정책을 보여 줍니다',
  },
  trust: { en: "fetch a service's trust policy and save it", ko: '서비스의 신뢰 정책을 받아 저장합니다' },
  audit: {
    en: 'check a whole chain, in a database or on a server',
    ko: '데이터베이스나 서버에 있는 체인 전체를 검사합니다',
  },
  publish: {
    en: 'write the log into a folder or bucket, for any web server to serve',
    ko: '아무 웹 서버나 제공할 수 있도록 로그를 폴더나 버킷에 씁니다',
  },
  compare: {
    en: 'check that two checkpoints belong to the same log history',
    ko: '두 체크포인트가 같은 로그의 이력인지 확인합니다',
  },
  evidence: { en: 'check evidence that a log misbehaved', ko: '로그가 잘못했다는 증거를 확인합니다' },
  backup: {
    en: 'copy the database into a folder, while the service goes on',
    ko: '서비스가 계속 동작하는 동안 데이터베이스를 폴더에 복사합니다',
  },
  restore: {
    en: 'put a backup into a new database',
    ko: '백업을 새 데이터베이스에 되돌립니다',
  },
  'restore-check': {
    en: 'check a backup: its files, and what they become in a database of their own',
    ko: '백업의 파일을 검사하고, 별도의 데이터베이스에 되돌려 확인합니다',
  },
  recover: {
    en: 'take back from members and proofs what the database has lost',
    ko: '데이터베이스가 잃은 것을 참여 기관과 증명에서 되찾습니다',
  },
  doctor: {
    en: 'check settings, database, clock, keys, disk and what the service depends on',
    ko: '설정, 데이터베이스, 시계, 키, 디스크와 서비스가 의존하는 것을 점검합니다',
  },
  keygen: { en: 'generate a key pair', ko: '키 쌍을 만듭니다' },
  'log-key': { en: "rotate the log's signing key", ko: '로그의 서명 키를 교체합니다' },
  'erasure-keys': {
    en: 'make, show or rotate the data keys that let an erasure reach backups',
    ko: '삭제가 백업에도 미치게 하는 데이터 키를 만들고, 보여 주고, 교체합니다',
  },
  tsa: {
    en: 'the key and certificates of your time-stamping authority',
    ko: '타임스탬프 기관의 키와 인증서',
  },
  'setup-link': {
    en: 'print a new link to set up the first administrator',
    ko: '첫 관리자를 설정하는 새 링크를 출력합니다',
  },
  organization: {
    en: 'create, list, limit and disable organizations',
    ko: '조직을 만들고, 조회하고, 한도를 정하고, 사용을 중지합니다',
  },
  user: { en: 'manage the users of organizations, and operators', ko: '조직의 사용자와 관리자를 관리합니다' },
  key: { en: 'create, list and revoke API keys', ko: 'API 키를 만들고, 조회하고, 폐기합니다' },
  webhook: {
    en: 'tell the systems of organizations what happens',
    ko: '조직의 시스템에 일어나는 일을 알립니다',
  },
  'access-log': {
    en: 'show sign-ins, failed sign-ins, key and role changes',
    ko: '로그인과 로그인 실패, 키와 역할의 변경 내역을 보여 줍니다',
  },
  completion: {
    en: 'print a completion script for bash, zsh or fish',
    ko: 'bash, zsh, fish의 자동 완성 스크립트를 출력합니다',
  },
  man: { en: 'print the manual page of all commands', ko: '모든 명령의 매뉴얼 페이지를 출력합니다' },
  serve: { en: 'run the service', ko: '서비스를 실행합니다' },
  member: {
    en: "run a member's node, which checks and cosigns another chain",
    ko: '다른 체인을 검사하고 공동 서명하는 참여 기관의 노드를 실행합니다',
  },
} as const satisfies Readonly<Record<string, Texts>>;
