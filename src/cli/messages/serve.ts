import { byLanguage } from '../language.js';

/** The messages of `ingam serve` and `member`. The log is for operators and their tools, and stays English. */

const en = {
  stopping: 'Stopping…',
  cannotContinue: (detail: string) => `the service cannot continue: ${detail}`,
  seeLog: 'See its log. With INGAM_WORKERS=1 it runs as a single process.',
  running: (url: string) => `Ingam is running at ${url}`,
  publicKey: (key: string) => `Public key (give this to people who verify): ${key}`,
  setUp: 'Set up the first administrator (link valid 24 h, once):',
  checkOperator: 'Check INGAM_OPERATOR_EMAIL and INGAM_OPERATOR_PASSWORD.',
  portInUse: (host: string, port: number) => `${host}:${port} is already in use`,
  otherPort: 'Choose another PORT.',
  checkAddress: 'Check HOST, PORT and INGAM_DATA_DIR.',
  checkingBlocks: 'Checking blocks',
  memberRunning: (url: string) => `Member is running at ${url}`,
  memberKey: (key: string) => `Public key (give this to the operator of the service): ${key}`,
  giveUpstream: 'Give the service to follow with --upstream URL --key VKEY.',
  labels: {
    open: 'Open        ',
    setUp: 'Set up      ',
    key: 'Public key  ',
    data: 'Data        ',
    below: '            ',
  },
  setUpNote: '(once, within 24 hours; for a new link: npx ingam setup-link)',
  keyNote: '(give this to people who verify)',
  tryIt: 'Try it, in another terminal:',
  howToStop: 'Ctrl-C stops it.',
  cannotStart: (node: 'service' | 'member', detail: string) => `the ${node} cannot start: ${detail}`,
  blocksOf: (done: string, all: string) => `${done} of ${all} ${all === '1' ? 'block' : 'blocks'}`,
  blocksPerSecond: (n: string) => `${n} ${n === '1' ? 'block' : 'blocks'}/s`,
  entriesPerSecond: (n: string) => `${n} ${n === '1' ? 'entry' : 'entries'}/s`,
  settings: (mistakes: string) => mistakes,
};

const ko: typeof en = {
  stopping: '종료하는 중…',
  cannotContinue: (detail) => `서비스를 계속할 수 없습니다(${detail})`,
  seeLog: '로그를 보세요. INGAM_WORKERS=1이면 프로세스 하나로 실행됩니다.',
  running: (url) => `Ingam이 실행 중입니다: ${url}`,
  publicKey: (key) => `공개 키(확인하는 사람들에게 알려 주세요): ${key}`,
  setUp: '첫 관리자를 설정하세요(24시간 동안 한 번만 쓸 수 있는 링크):',
  checkOperator: 'INGAM_OPERATOR_EMAIL과 INGAM_OPERATOR_PASSWORD를 확인하세요.',
  portInUse: (host, port) => `${host}:${port}은(는) 이미 사용 중입니다`,
  otherPort: 'PORT를 다른 값으로 정하세요.',
  checkAddress: 'HOST, PORT, INGAM_DATA_DIR을 확인하세요.',
  checkingBlocks: '블록 검사',
  memberRunning: (url) => `참여 기관의 노드가 실행 중입니다: ${url}`,
  memberKey: (key) => `공개 키(서비스의 운영자에게 알려 주세요): ${key}`,
  giveUpstream: '따라갈 서비스를 --upstream URL --key VKEY로 지정하세요.',
  labels: {
    open: '열기       ',
    setUp: '설정       ',
    key: '공개 키    ',
    data: '데이터     ',
    below: '           ',
  },
  setUpNote: '(24시간 동안 한 번만 쓸 수 있습니다. 새 링크: npx ingam setup-link)',
  keyNote: '(확인하는 사람들에게 알려 주세요)',
  tryIt: '다른 터미널에서 써 보세요:',
  howToStop: 'Ctrl-C로 종료합니다.',
  cannotStart: (node, detail) =>
    `${node === 'service' ? '서비스를' : '참여 기관의 노드를'} 시작할 수 없습니다(${detail})`,
  blocksOf: (done, all) => `블록 ${all}개 중 ${done}개`,
  blocksPerSecond: (n) => `블록 ${n}개/초`,
  entriesPerSecond: (n) => `등록 ${n}건/초`,
  settings: (mistakes) => `설정이 올바르지 않습니다(영문):\n${mistakes}`,
};

export const serveMessages = byLanguage({ en, ko });
