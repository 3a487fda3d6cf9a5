import type { ExplorerMessages } from './explorer.js';

export const ko: ExplorerMessages = {
  title: (heading) => `${heading} · 인감 Ingam`,
  heading: '체인 살펴보기',
  lead: '지금까지 봉인된 모든 블록입니다. 이 페이지의 해시값은 모두 서비스가 게시한 바이트로 이 브라우저에서 직접 계산합니다.',
  loading: '서비스에서 받아 오는 중',
  tryAgain: '다시 시도',
  stateEmpty: '아직 봉인된 블록이 없습니다. 첫 문서가 등록되면 첫 블록이 생깁니다.',
  state: (all, sealed, latest) =>
    `지금까지 블록 ${all.text}개에 등록 ${sealed.text}건이 담겼으며, 가장 최근 블록은 ${latest}에 봉인되었습니다.`,
  waiting: (documents) => `접수된 등록 ${documents.text}건이 다음 블록을 기다리고 있습니다.`,
  cosignedAll: '체인 전체에 구성원의 공동 서명이 있습니다.',
  cosignedSome: (signed) => `처음 블록 ${signed.text}개까지 구성원의 공동 서명이 있습니다.`,
  cosignedNone: '아직 구성원의 공동 서명이 없습니다.',
  live: '실시간: 새 블록이 자동으로 나타납니다.',
  asOf: (time) => `연결이 끊겼습니다. ${time} 기준의 체인이며, 연결되면 자동으로 이어집니다.`,
  arrived: (sealed, latest) =>
    sealed.n === 1
      ? `블록 ${latest}번이 봉인되었습니다.`
      : `블록 ${sealed.text}개가 봉인되었습니다. 가장 최근 블록은 ${latest}번입니다.`,

  linksHeading: '블록은 이렇게 이어집니다',
  linksExplained:
    '블록마다 바로 앞 블록의 해시값이 들어 있습니다. 어느 한 블록을 고치면 그 뒤의 모든 연결이 끊어집니다.',
  linksLabel: (from, to) => `앞 블록과 차례로 이어진 블록 ${from}번부터 ${to}번까지`,
  linksBroken: (height) => `블록 ${height}번에 적힌 해시값이 앞에 게시된 블록과 다릅니다.`,
  boxHash: '해시',
  boxPrevious: '이전',
  entries: (sealed) => `${sealed.text}건`,

  chartsHeading: '최근 블록',
  entriesChart: '블록마다 담긴 등록 건수',
  entriesLabel: (all, most) =>
    `막대그래프: 최근 블록 ${all.text}개의 등록 건수, 최대 ${most}건. 값은 아래 표에 있습니다.`,
  intervalChart: '앞 블록에서 다음 블록까지 걸린 시간',
  intervalLabel: (all, shortest, longest) =>
    `점그래프: 최근 블록 ${all.text}개가 앞 블록 뒤에 봉인되기까지 걸린 시간, ${shortest}에서 ${longest} 사이. 값은 아래 표에 있습니다.`,
  chartTable: '표로 보기',
  bar: (height, sealed, time) => `블록 ${height}번: ${sealed.text}건, ${time} 봉인`,
  interval: (height, duration) => `블록 ${height}번: 앞 블록보다 ${duration} 뒤`,

  listHeading: '블록 목록',
  block: '블록',
  sealed: '봉인 시각',
  entryCount: '등록 건수',
  hash: '해시값',
  since: '앞 블록과의 간격',
  first: '첫 블록',
  newer: '더 최근 블록',
  older: '더 이전 블록',
  pages: '목록 페이지',
  goTo: '블록 번호',
  go: '블록으로 가기',
  goToWrong: '0 이상의 블록 번호를 입력하세요.',

  blockHeading: (height) => `블록 ${height}번`,
  allBlocks: '모든 블록',
  blockNavigation: '앞뒤 블록',
  previousBlock: (height) => `이전 블록 ${height}번`,
  nextBlock: (height) => `다음 블록 ${height}번`,
  blockSentence: (sealed, time) => `등록 ${sealed.text}건, ${time} 봉인.`,
  noBlockYet: (height) => `블록 ${height}번은 아직 없습니다`,
  noBlockYetExplained: '봉인되면 여기에 자동으로 나타납니다.',
  hashHeading: '블록의 해시값',
  hashSentence: (found, asked) =>
    `헤더의 SHA-256 해시값은 0인 비트 ${found.text}개로 시작하며, 난이도가 요구하는 것은 ${asked}개입니다. 이런 헤더를 찾으려면 수없이 시도해야 하지만, 맞는지는 해시 한 번으로 확인됩니다.`,
  hashBits: '앞부분의 비트',
  headerHeading: '헤더의 항목별 내용',
  headerExplained: '블록은 이 102바이트가 전부입니다. 이대로 해시하면 위의 해시값이 나옵니다.',
  field: '항목',
  value: '값',
  bytes: '바이트',
  version: '형식 버전',
  topOfTree: '위 트리의 맨 위 값',
  bytesAt: (from, to) => (from === to ? `${from}번째 바이트` : `${from}~${to}번째 바이트`),
  rawHeader: '102바이트 내려받기',

  checksHeading: '이 브라우저에서 확인한 내용',
  checking: '확인하는 중',
  held: '성립',
  failed: '불일치',
  workTitle: '작업 증명',
  workHeld: (found, asked) =>
    `해시값이 0인 비트 ${found.text}개로 시작하여 헤더가 요구하는 ${asked}개를 채웁니다.`,
  workFailed: (found, asked) =>
    `해시값이 0인 비트 ${found.text}개로 시작하여 요구되는 ${asked}개에 모자랍니다.`,
  successionTitle: '체인에서의 자리',
  successionFirst: '첫 블록이며, 그 앞에는 아무것도 없습니다.',
  successionHeld: (height) =>
    `블록 ${height}번의 해시값이 적혀 있고, 그 블록이 끝난 순번에서 이어지며, 시각도 앞서지 않습니다.`,
  successionFailed: (height) => `게시된 블록 ${height}번에서 이어지지 않습니다.`,
  rootTitle: '머클 트리',
  rootHeld: (sealed) =>
    sealed.n === 1
      ? '하나뿐인 등록 항목의 해시값이 곧 헤더의 루트입니다.'
      : `게시된 등록 항목 ${sealed.text}건의 해시값이 헤더의 루트로 이어집니다.`,
  rootFailed: '게시된 트리의 해시값이 헤더의 루트로 이어지지 않습니다.',

  treeHeading: '블록의 머클 트리',
  treeExplained:
    '등록 항목을 각각 해시하고 둘씩 묶어 다시 해시하기를 거듭하면 마지막 하나가 헤더의 루트가 됩니다. 해시값만으로는 문서에 대해 아무것도 알 수 없습니다.',
  treeLabel: (sealed) => `등록 항목 ${sealed.text}건의 머클 트리`,
  pathLabel: (entry, sealed) => `등록 항목 ${sealed.text}건의 머클 트리에서 ${entry}번째 항목의 경로`,
  chooseEntry: '이 블록의 등록 항목',
  chooseWrong: (last) => `1부터 ${last}까지의 번호를 입력하세요.`,
  show: '경로 보기',
  showAll: '트리 전체',
  previousEntry: '이전 항목',
  nextEntry: '다음 항목',
  nodeEntry: (entry, hash) => `${entry}번째 항목, 해시값 ${hash}`,
  nodeEntries: (range, hash) => `${range}번째 항목, 해시값 ${hash}`,
  legendPath: '등록 항목에서 루트까지 계산되는 값',
  legendGiven: '주어지는 값: 증명에 필요한 것은 이것뿐입니다',
  legendFolded: '여러 항목을 대표하는 해시값',
  entryLeads: (entry, height, position) =>
    `${entry}번째 항목의 경로가 루트에 이릅니다. 이 항목은 블록 ${height}번에 있으며 체인에서의 순번은 ${position}입니다.`,
  entryFails: (entry) => `${entry}번째 항목의 경로가 헤더의 루트에 이르지 않습니다.`,
  onlyEntry: '항목이 하나뿐인 블록입니다. 그 해시값이 곧 루트이며 경로는 비어 있습니다.',
  foldHeading: (hashes) => `경로를 한 단계씩 보기, 해시값 ${hashes.text}개`,
  foldStart: (entry) => `${entry}번째 항목의 해시값입니다.`,
  foldLeft: (range) => `왼쪽 이웃(${range}번째 항목)과 합칩니다.`,
  foldRight: (range) => `오른쪽 이웃(${range}번째 항목)과 합칩니다.`,
  given: '이웃의 해시값',
  computed: '합친 해시값',
};
