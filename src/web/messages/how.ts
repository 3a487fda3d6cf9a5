import { plural, type Count } from '../lib/format.js';
import { byLanguage } from '../lib/language.js';

/** The messages of the page that explains how it works. */

const zeroBits = (count: Count) => plural(count, 'zero bit');

const en = {
  lead: 'Four ideas to try out: a hash, a tree, a block and a proof. Everything here is real: your browser computes it with the code that verifies proofs.',

  hashHeading: 'A hash identifies a document',
  hashText: [
    'SHA-256 turns any file, of any length, into 256 bits. The same file always gives the same bits; a different file gives different bits. No one has ever found two files with the same hash.',
    'So the hash can be recorded instead of the document: it identifies exactly these bytes without revealing them. Change one letter and see.',
  ],
  hashField: 'Type something',
  hashSample: 'The buyer pays 1,000 on delivery.',
  hashName: 'SHA-256 hash',
  bitsLabel: 'The 256 bits of the hash as squares; bits that changed with the last edit are marked',
  bitsChanged: (changed: Count) => `${changed.text} of 256 bits changed with your last edit.`,
  bitsHint: 'Each square is one bit. Whatever you change, about half of them flip.',

  treeHeading: 'A tree combines many documents into one hash',
  treeText: [
    'Each document is hashed. Pairs of hashes are hashed together, and again, until one is left: the root. It stands for all the documents and their order.',
    'Change a document, and every hash above it changes, up to the root.',
  ],
  documentName: (number: string) => `Document ${number}`,
  samples: [
    'The lease of 1 March',
    'The minutes of the meeting',
    'Invoice 4711',
    'The source code of version 2',
  ],
  treeLabel: (changed: Count) =>
    changed.n === 0
      ? 'Merkle tree of the four documents'
      : `Merkle tree of the four documents, ${changed.text} of its 7 hashes changed`,
  treeSame: 'All seven hashes are unchanged.',
  treeChanged: (changed: Count) => `${changed.text} of the 7 hashes changed, including the root.`,
  reset: 'Reset',

  blockHeading: 'A block seals the root',
  blockText: [
    'A block is a header of 134 bytes: the root of its tree, the hash of the previous block, the time, and a number called the nonce. Mining tries one nonce after another until the hash of the header starts with enough zero bits.',
    'Each additional bit doubles the number of tries, while checking takes a single hash. This orders the blocks and makes rewriting them costly. It does not protect against the operator of the service, who can mine as long as they like.',
  ],
  difficulty: 'Difficulty',
  difficultyExplained: (bits: Count, tries: string) => `${zeroBits(bits)}: about ${tries} tries`,
  mine: 'Mine the block',
  stop: 'Stop',
  notMined: 'Not mined yet: with nonce 0, the hash is an arbitrary value.',
  mining: (tries: string) => `Mining: ${tries} tries so far`,
  mined: (tries: Count, bits: Count) =>
    `Mined after ${plural(tries, 'try', 'tries')}: the hash starts with ${zeroBits(bits)}.`,
  outdated: (found: Count, required: Count) =>
    `The block is no longer valid: after your change, its hash starts with ${zeroBits(found)}, but ${required.text} are required. Mine it again.`,
  blockHash: 'Block hash',
  nonce: 'Nonce',
  headerBytes: 'The 134 bytes of the header',

  proofHeading: 'A proof is the path from a document to the root',
  proofText: [
    'To show that a document is in a block, you don’t need the other documents, only the hashes beside its path. In a tree of four documents, that is two hashes; in a tree of a million, twenty.',
    'Go through the steps of a verification.',
  ],
  chooseDocument: 'Document to prove',
  tamper: 'Change one letter first',
  next: 'Next step',
  again: 'Start over',
  proofLabel: (document: string, done: string, all: string) =>
    `Path from document ${document} to the root, step ${done} of ${all}`,
  stepLeaf: (document: string) => `Hash document ${document} as you have it.`,
  stepLeft: 'Put the given hash on the left and hash both together.',
  stepRight: 'Put the given hash on the right and hash both together.',
  reached: (document: string) =>
    `This is the root in the block’s header: document ${document}, exactly as it is here, is in the block.`,
  missed: 'This is not the root in the block’s header: a different document was sealed.',
  given: 'Given by the proof',
  computed: 'Computed',

  chainHeading: 'A signed chain keeps the blocks in place',
  chainText: [
    'Each block contains the hash of the previous one, so the last block stands for all of them. The service signs the head of the chain, and a proof contains this signature. You check it with the public key of the service; you need no server and no network.',
    'Members are partners who keep a copy of the chain and check every block. They can cosign the head of the chain. Then no one, not even the operator, can rewrite what they cosigned without leaving evidence.',
  ],
  seeChain: 'Explore the chain of this service',

  limitsHeading: 'What a notarization proves, and what it doesn’t',
  proves: 'It proves',
  provesNot: 'It does not prove',
  limits: [
    ['that exactly these bytes were registered and have not changed since', 'that the content is true'],
    [
      'when: between acceptance and sealing, according to the signed chain of the service',
      'who wrote it, or that no one had it earlier',
    ],
    [
      'its position in a chain that cannot be reordered unnoticed',
      'the time, if the operator lies from the start and neither members nor anchors witness the chain',
    ],
  ],
  trustHeading: 'Who can do what',
  who: 'Who',
  can: 'Can',
  cannot: 'Cannot',
  trust: [
    [
      'someone with your proof',
      'see the document’s digest, times and position in the chain, and the details you left in it; test guesses of details you removed, because the proof contains the salt',
      'learn anything about other documents: sibling hashes are salted',
    ],
    [
      'someone who can write to the database',
      'stop the service; damage rows, which ingam audit reports, also where the chain does not prove them',
      'make a changed document verify: every proof ends in a signed checkpoint, and the last one is also kept outside the database',
    ],
    [
      'someone who gets SQL into the service’s connection to the embedded PostgreSQL',
      'the same, as far as triggers allow: the role owns no table',
      'switch triggers off; read a file, an environment or the keys; run a program; become the owner of the tables or a superuser',
    ],
    [
      'someone who takes over the process of the embedded PostgreSQL itself',
      'do everything with the database; read the keys, if the service runs as an ordinary user: PostgreSQL then runs as the same user',
      'read the keys, if the service runs as root: PostgreSQL then runs as another user',
    ],
    [
      'root, or the service’s own user, on its machine',
      'read the keys, and act as the operator',
      'change what members have cosigned, or what old proofs say',
    ],
    [
      'someone who restores an old backup',
      'stop the service: it refuses to sign a second history for the same heights',
      'go unnoticed while the data directory, a member or a later proof knows better. Where none of these is at hand, the service can be told to seal on, and signs a second history, which every later proof contradicts',
    ],
    [
      'someone with a stolen API key or access token',
      'act as its owner, within its permissions, until it is revoked; with a token, for at most 15 minutes',
      'reach data of another organization',
    ],
    [
      'someone with the log key',
      'sign a false chain, which contradicts every checkpoint signed before',
      'change what old proofs say',
    ],
    [
      'the operator, where members cosign',
      'refuse service; leave out documents; lie about the time of acceptance within what the members’ times allow',
      'rewrite what the quorum has cosigned without being convicted by its own signature',
    ],
    [
      'the operator',
      'lie about the time of acceptance within what checkpoints held by others allow; refuse service',
      'withdraw or alter what was sealed: proofs need no server',
    ],
    [
      'proof of work',
      'order the blocks and make rewriting costly',
      'protect against the operator, who can mine as long as they like',
    ],
  ],
  verifyLink: 'Verify a document',
};

const ko: typeof en = {
  lead: '해시, 트리, 블록, 증명. 네 가지를 하나씩 직접 해 볼 수 있습니다. 모두 실제 계산입니다. 증명을 확인하는 것과 똑같은 코드가 이 브라우저에서 실행됩니다.',

  hashHeading: '해시값은 문서를 대신합니다',
  hashText: [
    'SHA-256은 어떤 파일이든 길이에 상관없이 256비트로 바꿉니다. 같은 파일이면 언제나 같은 값이 나오고, 다른 파일이면 다른 값이 나옵니다. 해시값이 같은 두 파일은 지금까지 아무도 찾지 못했습니다.',
    '그래서 문서 대신 해시값을 기록해 두면 됩니다. 해시값은 바로 그 바이트를 가리키면서도 내용은 드러내지 않습니다. 한 글자를 바꾸어 보세요.',
  ],
  hashField: '아무 글이나 입력해 보세요',
  hashSample: '매수인은 인도 시 1,000을 지급한다.',
  hashName: 'SHA-256 해시값',
  bitsLabel: '해시값의 256비트를 나타낸 네모. 마지막으로 고칠 때 바뀐 비트가 표시됩니다',
  bitsChanged: (changed) => `마지막으로 고칠 때 256비트 가운데 ${changed.text}비트가 바뀌었습니다.`,
  bitsHint: '네모 하나가 비트 하나입니다. 무엇을 고치든 절반쯤이 바뀝니다.',

  treeHeading: '트리는 여러 문서를 해시값 하나로 묶습니다',
  treeText: [
    '문서를 각각 해시하고, 해시값을 둘씩 묶어 다시 해시하기를 하나가 남을 때까지 거듭합니다. 이 마지막 값이 루트이며, 모든 문서와 그 순서를 대표합니다.',
    '문서 하나를 고치면 그 위의 해시값이 루트까지 모두 바뀝니다.',
  ],
  documentName: (number) => `문서 ${number}`,
  samples: ['3월 1일 임대차 계약서', '회의록', '청구서 4711', '버전 2의 소스 코드'],
  treeLabel: (changed) =>
    changed.n === 0
      ? '문서 네 건의 머클 트리'
      : `문서 네 건의 머클 트리, 해시값 7개 가운데 ${changed.text}개가 바뀜`,
  treeSame: '해시값 7개가 모두 처음과 같습니다.',
  treeChanged: (changed) => `해시값 7개 가운데 루트를 포함한 ${changed.text}개가 바뀌었습니다.`,
  reset: '초기화',

  blockHeading: '블록은 루트를 봉인합니다',
  blockText: [
    '블록은 134바이트짜리 헤더입니다. 트리의 루트, 앞 블록의 해시값, 시각, 그리고 논스라는 숫자가 들어 있습니다. 채굴은 헤더의 해시값이 충분히 많은 0비트로 시작할 때까지 논스를 하나씩 바꾸어 보는 일입니다.',
    '비트가 하나 늘 때마다 시도 횟수는 두 배가 되지만, 확인은 해시 한 번이면 됩니다. 그래서 블록에 순서가 생기고 고쳐 쓰는 데 비용이 듭니다. 다만 서비스 운영자가 속이는 경우까지 막아 주지는 않습니다. 운영자는 얼마든지 채굴할 수 있기 때문입니다.',
  ],
  difficulty: '난이도',
  difficultyExplained: (bits, tries) => `0비트 ${bits.text}개, 약 ${tries}번 시도`,
  mine: '블록 채굴하기',
  stop: '멈추기',
  notMined: '아직 채굴하지 않았습니다. 논스가 0일 때의 해시값은 특별한 값이 아닙니다.',
  mining: (tries) => `채굴하는 중, 지금까지 ${tries}번 시도`,
  mined: (tries, bits) => `${tries.text}번 만에 찾았습니다. 해시값이 0비트 ${bits.text}개로 시작합니다.`,
  outdated: (found, required) =>
    `블록이 더 이상 유효하지 않습니다. 내용이 바뀌어 해시값이 0비트 ${found.text}개로 시작하지만, ${required.text}개가 필요합니다. 다시 채굴해 보세요.`,
  blockHash: '블록 해시',
  nonce: '논스',
  headerBytes: '헤더의 134바이트',

  proofHeading: '증명은 문서에서 루트까지의 경로입니다',
  proofText: [
    '어떤 문서가 블록에 들어 있음을 보일 때 다른 문서는 필요 없습니다. 경로 옆에 있는 해시값만 있으면 됩니다. 문서가 네 건인 트리에서는 두 개, 백만 건인 트리에서는 스무 개입니다.',
    '증명을 확인하는 단계를 하나씩 따라가 보세요.',
  ],
  chooseDocument: '증명할 문서',
  tamper: '먼저 한 글자 바꾸기',
  next: '다음 단계',
  again: '처음부터',
  proofLabel: (document, done, all) => `문서 ${document}에서 루트까지의 경로, ${all}단계 중 ${done}단계`,
  stepLeaf: (document) => `지금 가지고 있는 문서 ${document}의 해시값을 계산합니다.`,
  stepLeft: '주어진 해시값을 왼쪽에 놓고 둘을 함께 해시합니다.',
  stepRight: '주어진 해시값을 오른쪽에 놓고 둘을 함께 해시합니다.',
  reached: (document) =>
    `블록 헤더에 있는 루트와 같습니다. 지금 이 문서 ${document}의 내용 그대로가 블록에 들어 있습니다.`,
  missed: '블록 헤더에 있는 루트와 다릅니다. 봉인된 문서는 이 문서가 아닙니다.',
  given: '증명에 주어진 값',
  computed: '계산한 값',

  chainHeading: '서명된 체인이 블록을 제자리에 묶어 둡니다',
  chainText: [
    '블록마다 앞 블록의 해시값이 들어 있어 마지막 블록이 전체를 대표합니다. 서비스는 체인의 끝에 서명하고 증명 파일에는 이 서명이 담깁니다. 서비스의 공개 키로 확인하므로 서버도 네트워크도 필요 없습니다.',
    '참여 기관은 체인의 사본을 보관하며 모든 블록을 검사하고, 체인의 끝에 공동으로 서명할 수 있습니다. 그러면 운영자를 포함해 누구도 참여 기관이 서명한 내용을 흔적 없이 고쳐 쓸 수 없습니다.',
  ],
  seeChain: '이 서비스의 블록 탐색하기',

  limitsHeading: '증명하는 것과 증명하지 않는 것',
  proves: '증명하는 것',
  provesNot: '증명하지 않는 것',
  limits: [
    ['바로 이 바이트가 등록되었고 그 뒤로 바뀌지 않았다는 것', '문서의 내용이 진실하다는 것'],
    [
      '시점: 서비스가 서명한 체인에 적힌 접수 시각과 봉인 시각 사이',
      '누가 작성했는지, 더 일찍 가진 사람이 없었는지',
    ],
    [
      '흔적 없이 순서를 바꿀 수 없는 체인에서의 위치',
      '운영자가 처음부터 시각을 속인 경우의 정확한 시각. 단, 참여 기관이나 외부 앵커가 체인을 지켜보면 속일 수 없습니다',
    ],
  ],
  trustHeading: '누가 무엇을 할 수 있는가',
  who: '누가',
  can: '할 수 있는 것',
  cannot: '할 수 없는 것',
  trust: [
    [
      '내 증명 파일을 가진 사람',
      '문서의 해시값, 시각, 체인에서의 위치, 남겨 둔 문서 정보를 볼 수 있습니다. 증명 파일에 솔트가 들어 있으므로 지운 문서 정보를 추측해 맞혀 볼 수도 있습니다',
      '다른 문서에 대해서는 아무것도 알 수 없습니다. 이웃한 해시값에는 솔트가 섞여 있습니다',
    ],
    [
      '데이터베이스에 쓸 수 있는 사람',
      '서비스를 멈추거나 행을 훼손할 수 있습니다. 훼손된 행은 체인이 증명하지 않는 것까지 ingam audit이 찾아냅니다',
      '바뀐 문서가 확인을 통과하게 만들 수 없습니다. 모든 증명은 서명된 체크포인트로 끝나며 마지막 체크포인트는 데이터베이스 밖에도 보관됩니다',
    ],
    [
      '내장 PostgreSQL에 대한 서비스의 연결에서 SQL을 실행할 수 있는 사람',
      '트리거가 허용하는 범위에서 위와 같은 일을 할 수 있습니다. 이 연결의 역할(role)은 테이블을 소유하지 않습니다',
      '트리거를 끄거나, 파일, 환경 변수, 키를 읽거나, 프로그램을 실행하거나, 테이블 소유자 또는 슈퍼유저가 될 수 없습니다',
    ],
    [
      '내장 PostgreSQL 프로세스 자체를 장악한 사람',
      '데이터베이스에서 무엇이든 할 수 있습니다. 서비스를 일반 사용자로 실행하면 PostgreSQL도 같은 사용자로 실행되므로 키도 읽을 수 있습니다',
      '서비스를 root로 실행하면 키를 읽을 수 없습니다. 이때 PostgreSQL은 다른 사용자로 실행됩니다',
    ],
    [
      '서버의 root 또는 서비스를 실행하는 사용자',
      '키를 읽고 운영자처럼 행동할 수 있습니다',
      '참여 기관이 공동 서명한 내용이나 예전 증명의 내용은 바꿀 수 없습니다',
    ],
    [
      '오래된 백업을 되돌리는 사람',
      '서비스를 멈출 수 있습니다. 서비스는 같은 높이에 두 번 서명하지 않습니다',
      '데이터 디렉터리, 참여 기관, 더 나중의 증명 가운데 하나라도 더 새로운 체인을 알고 있는 한 들키지 않을 수 없습니다. 이 가운데 아무것도 없으면 서비스가 계속 봉인하도록 설정할 수 있고, 그러면 두 번째 역사에 서명하게 되지만 더 나중의 모든 증명과 모순됩니다',
    ],
    [
      'API 키나 접근 토큰을 훔친 사람',
      '폐기될 때까지 그 권한 안에서 소유자인 것처럼 사용할 수 있습니다. 토큰은 길어야 15분입니다',
      '다른 조직의 데이터에는 접근할 수 없습니다',
    ],
    [
      '로그 키를 가진 사람',
      '거짓 체인에 서명할 수 있습니다. 그 체인은 이전에 서명된 모든 체크포인트와 모순됩니다',
      '예전 증명의 내용은 바꿀 수 없습니다',
    ],
    [
      '운영자(참여 기관이 공동 서명하는 경우)',
      '서비스를 거부하거나, 문서를 빼놓거나, 참여 기관의 시각이 허용하는 범위에서 접수 시각을 속일 수 있습니다',
      '정족수가 공동 서명한 내용을 고쳐 쓸 수 없습니다. 고쳐 쓰면 자신의 서명이 증거로 남습니다',
    ],
    [
      '운영자',
      '다른 사람이 가진 체크포인트가 허용하는 범위에서 접수 시각을 속이거나 서비스를 거부할 수 있습니다',
      '봉인된 것을 철회하거나 바꿀 수 없습니다. 증명 확인에는 서버가 필요 없습니다',
    ],
    [
      '작업 증명',
      '블록의 순서를 정하고 고쳐 쓰는 데 비용이 들게 합니다',
      '얼마든지 채굴할 수 있는 운영자까지 막아 주지는 않습니다',
    ],
  ],
  verifyLink: '증명 확인하기',
};

export const messages = byLanguage({ en, ko });
