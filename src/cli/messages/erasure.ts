import { byLanguage } from '../language.js';

/** The messages of `ingam erase` and `hold`. */

const count = (n: string) => `${n} notarization${n === '1' ? '' : 's'}`;

const en = {
  password: (email: string) => `Password of ${email} (not shown): `,
  needsPerson:
    'Only an owner of the organization may do this (of an anonymous notarization, an operator). Sign in as one: --user EMAIL',
  noPassword: 'no password was given',
  howToGivePassword: 'Type it when asked, or give it on standard input: ingam … --user EMAIL < password.txt',
  otherAnswer: 'the service did not sign you in',
  confirm: (n: string) => `The content of ${count(n)} will be erased for good. Type "erase" to go on: `,
  needsConfirmation: 'erasing needs a confirmation, and standard input is no terminal',
  useYes: 'Add --yes if you are sure: what is erased cannot be brought back.',
  kept: 'Nothing was erased.',
  about: (id: string, name: string, sha256: string) => `${id}  ${name}  ${sha256}`,
  erased: (id: string, file: string) => `${id}: erased. Certificate: ${file}`,
  erasedBefore: (id: string, file: string) => `${id}: was erased before. Certificate: ${file}`,
  proofSaved: (file: string) => `Its proof: ${file}`,
  copies: 'Backups, replicas and proofs that others have are not changed: see docs/erasure.md.',
  wrongCertificate: 'the service answered with the certificate of another erasure',
  fileExists: (file: string) => `${file} exists and is something else; it was not changed`,
  newOrRotate: 'give --new FILE or --rotate, not both',
  noKeyFile: 'INGAM_ERASURE_KEYS is not set',
  makeKeyFile: 'Make a file first: ingam erasure-keys --new FILE',
  keyFileMade:
    'Set INGAM_ERASURE_KEYS to this file. Keep a copy elsewhere: without it, nobody can read what is under its keys.',
  treeColumns: { tree: 'TREE', made: 'MADE', nodes: 'NODES' },
  idsOrList: 'give ID…, or --list',
  erasureColumns: { position: 'POSITION', erased: 'ERASED', by: 'BY', certificate: 'CERTIFICATE' },
  noErasures: 'There are no erasures.',
  columns: { id: 'HOLD', placed: 'PLACED', status: 'STATUS', count: 'KEEPS', reason: 'REASON' },
  statuses: { in_force: 'in force', lift_requested: 'lifting requested', lifted: 'lifted' },
  none: 'There are no legal holds.',
  placed: (id: string, n: string) => `Legal hold ${id} keeps ${count(n)}.`,
  liftRequested: (id: string) =>
    `Requested. ${id} stays in force until another owner approves: ingam hold --approve ${id}`,
  lifted: (id: string) => `Legal hold ${id} was lifted.`,
  stays: (id: string) => `Legal hold ${id} stays in force.`,
  oneAction: 'give ID… or a search, or one of --lift, --approve, --keep and --list',
  needsReason: 'missing --reason TEXT',
  notAnId: (text: string) => `${text} is not the id of a notarization`,
  findId: 'Find the id with: ingam show FILE',
  falseCertificate: (file: string, detail: string) =>
    `${file} claims to certify an erasure, and does not: ${detail}`,
  askService:
    'Anybody can have such a text notarized. Ask the service for the certificate: GET /v1/notarizations/ID/erasure',
  certifies: (log: string, position: number, time: string) =>
    `It certifies that ${log} erased the content of the notarization at position ${position} on ${time}.`,
  erasedLeaf: (hash: string) =>
    `Leaf hash of what was erased: ${hash} ("ingam inspect PROOF" shows that of a proof).`,
  signerUnchecked: 'Nobody has checked who signed it: give a key that you trust (--key or --trust).',
};

const ko: typeof en = {
  password: (email) => `${email}의 비밀번호(표시되지 않음): `,
  needsPerson: '조직의 소유자만 할 수 있습니다(익명 등록은 운영자). 소유자로 로그인하세요: --user EMAIL',
  noPassword: '비밀번호가 없습니다',
  howToGivePassword: '물을 때 입력하거나 표준 입력으로 주세요: ingam … --user EMAIL < password.txt',
  otherAnswer: '서비스에 로그인하지 못했습니다',
  confirm: (n) => `등록 ${n}건의 내용을 영구히 삭제합니다. 계속하려면 "erase"를 입력하세요: `,
  needsConfirmation: '삭제하려면 확인이 필요하지만 표준 입력이 터미널이 아닙니다',
  useYes: '확실하다면 --yes를 붙이세요. 삭제한 내용은 되돌릴 수 없습니다.',
  kept: '아무것도 삭제하지 않았습니다.',
  about: (id, name, sha256) => `${id}  ${name}  ${sha256}`,
  erased: (id, file) => `${id}: 삭제했습니다. 삭제 확인서: ${file}`,
  erasedBefore: (id, file) => `${id}: 이미 삭제되었습니다. 삭제 확인서: ${file}`,
  proofSaved: (file) => `증명 파일: ${file}`,
  copies: '백업, 복제본, 다른 사람이 가진 증명 파일은 바뀌지 않습니다. docs/erasure.md를 보세요.',
  wrongCertificate: '서비스가 다른 삭제의 증명서를 보냈습니다',
  fileExists: (file) => `${file}이(가) 이미 있으며 다른 파일이므로 바꾸지 않았습니다`,
  newOrRotate: '--new FILE과 --rotate 중 하나만 주세요',
  noKeyFile: 'INGAM_ERASURE_KEYS가 설정되지 않았습니다',
  makeKeyFile: '먼저 파일을 만드세요: ingam erasure-keys --new FILE',
  keyFileMade:
    'INGAM_ERASURE_KEYS를 이 파일로 설정하세요. 다른 곳에 사본을 두세요. 파일이 없으면 그 키로 보호한 내용은 아무도 읽을 수 없습니다.',
  treeColumns: { tree: '트리', made: '만든 시각', nodes: '노드' },
  idsOrList: 'ID…나 --list를 주세요',
  erasureColumns: { position: '위치', erased: '삭제 시각', by: '삭제한 사람', certificate: '삭제 확인서' },
  noErasures: '삭제한 등록이 없습니다.',
  columns: { id: '보존', placed: '설정', status: '상태', count: '건수', reason: '사유' },
  statuses: { in_force: '보존 중', lift_requested: '해제 요청됨', lifted: '해제됨' },
  none: '법적 보존이 없습니다.',
  placed: (id, n) => `법적 보존 ${id}: 등록 ${n}건을 보존합니다.`,
  liftRequested: (id) =>
    `해제를 요청했습니다. 다른 소유자가 승인할 때까지 ${id}은(는) 유지됩니다: ingam hold --approve ${id}`,
  lifted: (id) => `법적 보존 ${id}을(를) 해제했습니다.`,
  stays: (id) => `법적 보존 ${id}은(는) 유지됩니다.`,
  oneAction: 'ID…나 검색 조건, 또는 --lift, --approve, --keep, --list 중 하나를 주세요',
  needsReason: '--reason TEXT가 없습니다',
  notAnId: (text) => `${text}은(는) 등록의 ID가 아닙니다`,
  findId: 'ID 찾기: ingam show FILE',
  falseCertificate: (file, detail) => `${file}은(는) 삭제 확인서처럼 보이지만 아닙니다(${detail})`,
  askService:
    '그런 글은 누구나 등록할 수 있습니다. 서비스에 증명서를 요청하세요: GET /v1/notarizations/ID/erasure',
  certifies: (log, position, time) =>
    `${log}에서 순번 ${position}번 등록의 내용을 ${time}에 삭제했음을 증명합니다.`,
  erasedLeaf: (hash) =>
    `삭제한 등록의 리프 해시: ${hash}(증명 파일의 리프 해시는 "ingam inspect PROOF"로 볼 수 있습니다).`,
  signerUnchecked: '누가 서명했는지 확인하지 않았습니다. 신뢰하는 키를 지정하세요(--key 또는 --trust).',
};

export const erasureMessages = byLanguage({ en, ko });
