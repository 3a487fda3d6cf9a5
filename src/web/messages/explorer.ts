import { plural, type Count } from '../lib/format.js';
import { byLanguage } from '../lib/language.js';
import { type Shown, text } from '../lib/text.js';

/** The messages of the explorer; the names of a header's fields are in values.ts. */

const blocks = (count: Count) => plural(count, 'block');
const entries = (count: Count) => plural(count, 'entry', 'entries');
const zeroBits = (count: Count) => plural(count, 'zero bit');

const en = {
  heading: 'Block explorer',
  lead: 'Every block of the chain. Your browser computes all hashes on this page from the bytes that the service publishes.',
  stateEmpty: 'No blocks yet. The first one follows the first notarization.',
  state: (all: Count, sealed: Count, latest: Shown) =>
    text`The chain has ${blocks(all)} with ${plural(sealed, 'notarization')}. The latest block was sealed on ${latest}.`,
  waiting: (documents: Count) =>
    documents.n === 1
      ? 'One more notarization is waiting for the next block.'
      : `${documents.text} more notarizations are waiting for the next block.`,
  cosignedAll: 'Members have cosigned all of it.',
  cosignedSome: (signed: Count) =>
    `Members have cosigned the first ${signed.n === 1 ? 'block' : blocks(signed)}.`,
  cosignedNone: 'Members have not cosigned it yet.',
  live: 'Live: new blocks appear automatically.',
  asOf: (time: Shown) => text`Offline. This is the chain as of ${time}; updates resume automatically.`,
  arrived: (sealed: Count, latest: string) =>
    sealed.n === 1
      ? `Block ${latest} was sealed.`
      : `${blocks(sealed)} were sealed; the latest is block ${latest}.`,

  linksHeading: 'How blocks are linked',
  linksExplained:
    'Each block contains the hash of the previous block. Changing a block breaks every link after it.',
  linksLabel: (from: string, to: string) => `Blocks ${from} to ${to}, each linked to the previous one`,
  linksBroken: (height: string) =>
    `Block ${height} does not contain the hash of the block that was published before it.`,
  boxHash: 'hash',
  boxPrevious: 'previous',
  entries,

  chartsHeading: 'Latest blocks',
  entriesChart: 'Entries per block',
  entriesLabel: (all: Count, most: string) =>
    `Bar chart: entries in the latest ${blocks(all)}, at most ${most}. The table below has the values.`,
  intervalChart: 'Time between blocks',
  intervalLabel: (all: Count, shortest: string, longest: string) =>
    `Dot chart: time before each of the latest ${blocks(all)}, from ${shortest} to ${longest}. The table below has the values.`,
  chartTable: 'Show as table',
  bar: (height: string, sealed: Count, time: string) => `Block ${height}: ${entries(sealed)}, sealed ${time}`,
  interval: (height: string, duration: string) => `Block ${height}: ${duration} after the previous block`,

  listHeading: 'Blocks',
  block: 'Block',
  sealed: 'Sealed',
  entryCount: 'Entries',
  hash: 'Hash',
  since: 'After previous block',
  first: 'First block',
  newer: 'Newer blocks',
  older: 'Older blocks',
  pages: 'Pages of the list',

  findLabel: 'Find a block or a notarization',
  findHint: 'A block number, a notarization ID, a SHA-256 fingerprint, or a link to a proof',
  find: 'Find',
  findWrong:
    'Enter a block number, a notarization ID, a SHA-256 fingerprint (64 hexadecimal digits), or a link to a proof.',
  findElsewhere: 'This link leads to another service. Open it there.',
  notFound:
    'This service has no notarization with this ID, or it belongs to an organization that does not show it here.',
  foundNothing: 'This service has not notarized a document with this fingerprint.',
  found: (all: Count) => `${plural(all, 'notarization')} of this document:`,
  foundFirst: (shown: Count) =>
    `More than ${plural(shown, 'notarization')} of this document, of which these are shown:`,
  foundEntry: (entry: string, height: string) => `Entry ${entry} of block ${height}`,
  foundWaiting: 'Accepted, not in a block yet',
  foundVerify: 'Verify the document',

  blockHeading: (height: string) => `Block ${height}`,
  allBlocks: 'All blocks',
  blockNavigation: 'Neighboring blocks',
  previousBlock: (height: string) => `← Block ${height}`,
  nextBlock: (height: string) => `Block ${height} →`,
  blockSentence: (sealed: Count, time: Shown) => text`${entries(sealed)}, sealed on ${time}.`,
  noBlockYet: (height: string) => `Block ${height} does not exist yet`,
  noBlockYetExplained: 'It appears here automatically once it is sealed.',
  hashHeading: 'Hash',
  hashSentence: (found: Count, required: string) =>
    `The SHA-256 hash of the header starts with ${zeroBits(found)}; the difficulty requires ${required}. Finding such a header takes many tries. Checking it takes a single hash.`,
  hashBits: 'First bits',
  headerHeading: 'Header',
  headerExplained: 'A block is exactly these 134 bytes. Hashing them gives the hash above.',
  field: 'Field',
  value: 'Value',
  bytes: 'Bytes',
  version: 'Format version',
  topOfTree: 'Root of the tree above',
  bytesAt: (from: string, to: string) => (from === to ? `byte ${from}` : `bytes ${from}–${to}`),
  rawHeader: 'Download the 134 bytes',

  checksHeading: 'Checked in this browser',
  checking: 'Checking…',
  passed: 'Passed',
  failed: 'Failed',
  workTitle: 'Proof of work',
  workPassed: (found: Count, required: string) =>
    `The hash starts with ${zeroBits(found)}; the header requires ${required}.`,
  workFailed: (found: Count, required: string) =>
    `The hash starts with only ${zeroBits(found)}; the header requires ${required}.`,
  successionTitle: 'Position',
  successionFirst: 'This is the first block. Nothing comes before it.',
  successionPassed: (height: string) =>
    `It contains the hash of block ${height}, continues where that block ends, and is not older.`,
  successionFailed: (height: string) => `It does not follow from block ${height} as published.`,
  rootTitle: 'Merkle root',
  rootPassed: (sealed: Count) =>
    sealed.n === 1
      ? 'The hash of the only entry is the root in the header.'
      : `The published hashes of the ${sealed.text} entries lead to the root in the header.`,
  rootFailed: 'The published hashes do not lead to the root in the header.',

  treeHeading: 'Merkle tree',
  treeExplained:
    'Each entry is hashed, then pairs of hashes are hashed together until one is left: the root in the header. The hashes reveal nothing about the documents.',
  treeLabel: (sealed: Count) => `Merkle tree of ${entries(sealed)}`,
  pathLabel: (entry: string, sealed: Count) =>
    `Path of entry ${entry} in the Merkle tree of ${entries(sealed)}`,
  chooseEntry: 'Entry in this block',
  chooseWrong: (last: string) => `Enter a number from 1 to ${last}.`,
  show: 'Show path',
  showAll: 'Whole tree',
  previousEntry: 'Previous entry',
  nextEntry: 'Next entry',
  nodeEntry: (entry: string, hash: string) => `Entry ${entry}, hash ${hash}`,
  nodeEntries: (range: string, hash: string) => `Entries ${range}, hash ${hash}`,
  legendPath: 'computed from the entry up to the root',
  legendGiven: 'given: all that a proof needs from this tree',
  legendFolded: 'many entries under one hash',
  entryLeads: (entry: string, height: string, position: string) =>
    `The path of entry ${entry} leads to the root: it is in block ${height}, at position ${position} in the chain.`,
  entryFails: (entry: string) => `The path of entry ${entry} does not lead to the root in the header.`,
  onlyEntry: 'This block has a single entry. Its hash is the root, and the path is empty.',
  foldHeading: (hashes: Count) => `Path step by step, ${plural(hashes, 'hash', 'hashes')}`,
  foldStart: (entry: string) => `Hash of entry ${entry}.`,
  foldLeft: (range: string) => `Joined with the left sibling (entries ${range}).`,
  foldRight: (range: string) => `Joined with the right sibling (entries ${range}).`,
  given: 'Sibling',
  computed: 'Result',
};

const ko: typeof en = {
  heading: '블록 탐색',
  lead: '지금까지 봉인된 모든 블록입니다. 이 페이지의 해시값은 모두 서비스가 게시한 바이트로 이 브라우저에서 직접 계산합니다.',
  stateEmpty: '아직 봉인된 블록이 없습니다. 첫 문서가 등록되면 첫 블록이 생깁니다.',
  state: (all, sealed, latest) =>
    text`지금까지 블록 ${all.text}개에 등록 ${sealed.text}건이 담겼으며, 가장 최근 블록은 ${latest}에 봉인되었습니다.`,
  waiting: (documents) => `접수된 등록 ${documents.text}건이 다음 블록을 기다리고 있습니다.`,
  cosignedAll: '모든 블록에 참여 기관의 공동 서명이 있습니다.',
  cosignedSome: (signed) => `처음 블록 ${signed.text}개까지 참여 기관의 공동 서명이 있습니다.`,
  cosignedNone: '아직 참여 기관의 공동 서명이 없습니다.',
  live: '실시간: 새 블록이 자동으로 나타납니다.',
  asOf: (time) => text`오프라인 상태입니다. ${time} 기준의 체인이며, 연결되면 자동으로 새로 고칩니다.`,
  arrived: (sealed, latest) =>
    sealed.n === 1
      ? `블록 ${latest}번이 봉인되었습니다.`
      : `블록 ${sealed.text}개가 봉인되었습니다. 가장 최근 블록은 ${latest}번입니다.`,

  linksHeading: '블록의 연결',
  linksExplained:
    '블록마다 바로 앞 블록의 해시값이 들어 있습니다. 어느 한 블록을 고치면 그 뒤의 연결이 모두 끊어집니다.',
  linksLabel: (from, to) => `앞 블록과 차례로 이어진 블록 ${from}번부터 ${to}번까지`,
  linksBroken: (height) => `블록 ${height}번에 담긴 해시값이 앞에 게시된 블록과 다릅니다.`,
  boxHash: '해시',
  boxPrevious: '이전',
  entries: (sealed) => `${sealed.text}건`,

  chartsHeading: '최근 블록',
  entriesChart: '블록당 등록 건수',
  entriesLabel: (all, most) =>
    `막대그래프: 최근 블록 ${all.text}개의 등록 건수, 최대 ${most}건. 값은 아래 표에 있습니다.`,
  intervalChart: '블록 사이의 시간',
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

  findLabel: '블록 또는 등록 찾기',
  findHint: '블록 번호, 등록 번호, SHA-256 해시값, 증명 링크 가운데 하나',
  find: '찾기',
  findWrong: '블록 번호, 등록 번호, SHA-256 해시값(16진수 64자리), 증명 링크 가운데 하나를 입력하세요.',
  findElsewhere: '다른 서비스의 링크입니다. 그 서비스에서 여세요.',
  notFound: '이 등록 번호가 서비스에 없거나, 공개하지 않은 조직의 등록입니다.',
  foundNothing: '이 해시값의 문서는 이 서비스에 등록된 적이 없습니다.',
  found: (all) => `이 문서의 등록 ${all.text}건:`,
  foundFirst: (shown) => `이 문서의 등록은 ${shown.text}건이 넘으며, 그 가운데 일부입니다.`,
  foundEntry: (entry, height) => `블록 ${height}번의 ${entry}번째 항목`,
  foundWaiting: '접수됨, 아직 블록에 담기지 않음',
  foundVerify: '문서 확인하기',

  blockHeading: (height) => `블록 ${height}번`,
  allBlocks: '모든 블록',
  blockNavigation: '앞뒤 블록',
  previousBlock: (height) => `← 블록 ${height}번`,
  nextBlock: (height) => `블록 ${height}번 →`,
  blockSentence: (sealed, time) => text`등록 ${sealed.text}건, ${time} 봉인.`,
  noBlockYet: (height) => `블록 ${height}번은 아직 없습니다`,
  noBlockYetExplained: '봉인되면 여기에 자동으로 나타납니다.',
  hashHeading: '블록 해시',
  hashSentence: (found, required) =>
    `헤더의 SHA-256 해시값은 0인 비트 ${found.text}개로 시작하며, 난이도는 ${required}개를 요구합니다. 이런 헤더를 찾으려면 여러 번 시도해야 하지만, 확인은 해시 한 번이면 됩니다.`,
  hashBits: '앞부분의 비트',
  headerHeading: '헤더',
  headerExplained: '블록은 이 134바이트가 전부입니다. 그대로 해시하면 위의 해시값이 나옵니다.',
  field: '항목',
  value: '값',
  bytes: '바이트',
  version: '형식 버전',
  topOfTree: '위 트리의 루트',
  bytesAt: (from, to) => (from === to ? `${from}번째 바이트` : `${from}~${to}번째 바이트`),
  rawHeader: '134바이트 내려받기',

  checksHeading: '이 브라우저에서 확인한 내용',
  checking: '확인하는 중…',
  passed: '통과',
  failed: '실패',
  workTitle: '작업 증명',
  workPassed: (found, required) =>
    `해시값이 0인 비트 ${found.text}개로 시작하여 헤더가 요구하는 ${required}개를 충족합니다.`,
  workFailed: (found, required) =>
    `해시값이 0인 비트 ${found.text}개로 시작하여 헤더가 요구하는 ${required}개에 모자랍니다.`,
  successionTitle: '체인에서의 위치',
  successionFirst: '첫 블록이며, 그 앞에는 아무것도 없습니다.',
  successionPassed: (height) =>
    `블록 ${height}번의 해시값이 들어 있고, 그 블록이 끝난 순번에서 이어지며, 시각도 앞서지 않습니다.`,
  successionFailed: (height) => `게시된 블록 ${height}번에서 이어지지 않습니다.`,
  rootTitle: '머클 루트',
  rootPassed: (sealed) =>
    sealed.n === 1
      ? '하나뿐인 등록 항목의 해시값이 곧 헤더의 루트입니다.'
      : `게시된 등록 항목 ${sealed.text}건의 해시값이 헤더의 루트로 이어집니다.`,
  rootFailed: '게시된 해시값이 헤더의 루트로 이어지지 않습니다.',

  treeHeading: '머클 트리',
  treeExplained:
    '등록 항목을 각각 해시하고 둘씩 묶어 다시 해시하기를 거듭하면 마지막에 남는 값이 헤더의 루트입니다. 해시값만으로는 문서에 대해 아무것도 알 수 없습니다.',
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
  legendPath: '등록 항목에서 루트까지 계산한 값',
  legendGiven: '주어진 값: 이 트리에서 증명에 필요한 것은 이것뿐입니다',
  legendFolded: '여러 항목을 대표하는 해시값',
  entryLeads: (entry, height, position) =>
    `${entry}번째 항목의 경로가 루트에 이릅니다. 이 항목은 블록 ${height}번에 있으며 체인에서의 순번은 ${position}입니다.`,
  entryFails: (entry) => `${entry}번째 항목의 경로가 헤더의 루트에 이르지 않습니다.`,
  onlyEntry: '항목이 하나뿐인 블록입니다. 그 해시값이 곧 루트이며 경로는 비어 있습니다.',
  foldHeading: (hashes) => `경로를 단계별로 보기, 해시값 ${hashes.text}개`,
  foldStart: (entry) => `${entry}번째 항목의 해시값입니다.`,
  foldLeft: (range) => `왼쪽 형제 노드(${range}번째 항목)와 합칩니다.`,
  foldRight: (range) => `오른쪽 형제 노드(${range}번째 항목)와 합칩니다.`,
  given: '형제 노드의 해시값',
  computed: '합친 해시값',
};

export const messages = byLanguage({ en, ko });
