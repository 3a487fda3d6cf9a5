import type { VerifyMessages } from './verify.js';

export const ko: VerifyMessages = {
  title: '증명 확인 · 인감 Ingam',
  heading: '문서와 증명을 확인합니다',
  lead: '문서나 증명 파일, 또는 둘 다 놓으세요. 모든 계산은 이 브라우저 안에서 이루어지며 문서는 밖으로 나가지 않습니다.',
  document: '문서',
  documentExplained:
    '어떤 파일이든 됩니다. 증명 파일이 없으면 등록 내역을 찾기 위해 파일이 아닌 해시값만 이 서비스로 보냅니다.',
  chooseDocument: '문서 선택',
  proof: '증명 파일',
  proofExplained:
    '이름이 .ingam.json으로 끝나는 파일 또는 증명서입니다. 이 파일이 있으면 서비스의 공개 키를 요청하는 것 말고는 아무것도 보내지 않습니다.',
  chooseProof: '증명 파일 선택',
  remove: (name) => `${name} 빼기`,
  oneAtATime: (name) => `문서는 한 번에 하나씩 확인합니다. 지금 확인하는 문서: ${name}`,
  hashing: (percent, name) => `${name} 해시값 계산 중, ${percent}`,
  cancel: '취소',
  lookingUp: '이 문서의 등록 내역을 찾는 중',
  unreadableDocument: '파일을 더 이상 읽을 수 없습니다. 옮겨졌거나 변경되었을 수 있으니 다시 선택하세요.',
  statements: {
    verified: {
      title: '확인되었습니다',
      says: '바로 이 문서가 아래 시각에 존재했으며, 그 뒤로 한 바이트도 바뀌지 않았습니다.',
    },
    holds: {
      title: '유효한 증명입니다',
      says: '해시값이 아래와 같은 문서에 대한 올바른 증명입니다. 가지고 계신 문서가 그 문서인지 보려면 문서를 추가하세요.',
    },
    other_document: {
      title: '확인되지 않았습니다',
      says: '이 증명 파일이 가리키는 문서가 아닙니다. 한 바이트만 달라도 다른 문서가 됩니다.',
    },
    invalid: {
      title: '확인되지 않았습니다',
      says: '증명이 성립하지 않습니다. 변경되었거나 손상되었거나 처음부터 진짜가 아닙니다. 이 증명에 의지하지 마세요. 처음으로 어긋난 단계는 아래에 표시되어 있습니다.',
    },
    untrusted: {
      title: '신뢰할 수 없습니다',
      says: '증명의 앞뒤는 맞지만, 신뢰하시는 키로 보증되지 않았습니다. 누구든 만들 수 있는 상태입니다.',
    },
    uncosigned: {
      title: '확인되지 않았습니다',
      says: '증명의 앞뒤가 맞고 체인의 서명도 있지만, 공동 서명한 구성원이 요구되는 수보다 적습니다. 그때까지는 서비스만 보증하는 상태입니다. 방금 등록했다면 나머지 서명이 곧 더해질 수 있습니다.',
    },
    no_key: {
      title: '아직 판단할 수 없습니다',
      says: '증명의 앞뒤는 맞지만 서비스의 공개 키를 받아 오지 못해 보증하는 이가 없습니다. 다시 시도하거나 따로 전달받은 키를 입력하세요.',
    },
    pending: {
      title: '봉인을 기다리고 있습니다',
      says: '문서는 접수되었고 블록에 봉인되기를 기다리는 중입니다. 정상적인 과정이며 몇 초면 끝납니다. 봉인되면 최종 증명 파일을 받을 수 있습니다.',
    },
    pending_unvouched: {
      title: '봉인을 기다리고 있습니다',
      says: '이 문서를 봉인하겠다는 약속이 담긴 파일이지만, 그 약속을 확인할 키가 없습니다. 접수한 서비스에서 확인하거나 최종 증명 파일을 받으세요.',
    },
    unknown: {
      title: '등록 내역이 없습니다',
      says: '이 서비스에는 정확히 이 문서에 대한 등록이 없습니다. 다른 곳에 등록되었거나, 등록된 적이 없거나, 등록된 뒤에 바뀌었을 수 있습니다. 증명 파일이 있으면 추가하세요.',
    },
    no_lookup: {
      title: '증명 파일이 필요합니다',
      says: '여기서는 아무것도 조회할 수 없으므로 문서는 증명 파일과 함께 확인합니다. 증명 파일이나 증명서를 추가하세요.',
    },
    rewritten: {
      title: '다시 저장된 증명서입니다',
      says: '다른 프로그램이 다시 저장한 증명서로 보이며, 그 안의 증명이 제자리에 있지 않습니다. PDF 뷰어에서 열어 첨부 파일 proof.ingam.json을 저장한 뒤 그 파일을 대신 놓으세요.',
    },
    unreadable: {
      title: '증명 파일을 읽을 수 없습니다',
      says: '문서에 대해서는 좋다고도 나쁘다고도 말할 수 없습니다.',
    },
    away: {
      title: '서비스에 연결할 수 없습니다',
      says: '증명 파일이 없는 문서는 서비스에 연결되어야 찾아볼 수 있습니다. 증명 파일과 신뢰하는 키가 있으면 서비스 없이도 확인할 수 있습니다.',
    },
    refused: { title: '서비스가 답하지 못했습니다', says: '문서에 대해서는 아무것도 말해 주지 않습니다.' },
  },
  trustLegend: '누구의 서명을 신뢰하나요',
  trustService: '이 서비스가 게시하는 공개 키와 구성원 목록',
  trustServiceExplained:
    '이 서비스가 증명을 보증한다는 것을 보여 줍니다. 다만 서비스 자체로부터 보호해 주지는 않습니다. 서비스를 장악한 사람은 다른 키나 다른 구성원을 게시할 수도 있습니다.',
  trustOwn: '따로 전달받은 키 또는 신뢰 정책',
  trustOwnExplained:
    '서면이나 체인 구성원 등 다른 경로로 받은 것을 사용합니다. 그러면 결과가 이 서비스의 말에 좌우되지 않습니다.',
  trustField: '공개 키 또는 신뢰 정책',
  trustFieldHint:
    '키는 이름+해시+키 형식의 한 줄입니다. 신뢰 정책은 log, witness, group, quorum으로 시작하는 줄로 이루어집니다.',
  trustFieldEmpty: '키나 신뢰 정책을 붙여 넣으세요. 그전까지는 누구도 신뢰하지 않습니다.',
  trustFieldWrong: '키도 신뢰 정책도 아닙니다. 빠짐없이 복사했는지 확인하세요.',
  trustFieldKeys: (logs) =>
    `읽은 내용: 체인에 ${logs}의 서명이 있어야 합니다. 공동 서명은 요구하지 않습니다.`,
  trustFieldPolicy: (logs, needed, all, names) =>
    `읽은 내용: 체인에 ${logs}의 서명이 있어야 하고, 다음 ${all}곳 중 최소 ${needed}곳이 공동 서명해야 합니다: ${names}`,
  retiredKey: (log, _, blocks) =>
    `${log}의 이전 키도 신뢰하되, 블록이 ${blocks}개 이하인 체인에만 적용합니다.`,
  trustPage: '이 페이지도 서비스가 제공합니다. 서비스에 전혀 의존하지 않으려면 명령줄에서 확인하세요:',
  checkedWithService:
    '이 서비스가 게시하는 내용으로 확인했습니다. 서비스에 의존하지 않는 확신이 필요하면 다른 경로로 받은 키와 비교하세요.',
  checkedWithOwn: '직접 입력하신 키 또는 신뢰 정책으로 확인했습니다.',
  checkedWithNothing: '신뢰하는 키 없이 확인했습니다.',
  factProofFor: '증명의 대상',
  factDocument: '문서',
  factAccepted: '접수',
  factSealed: '봉인',
  factPromised: '봉인 기한',
  factCosigned: '공동 서명',
  cosigned: (signed, all, needed) =>
    `구성원 ${all}곳 중 ${signed}곳이 서명했습니다. 최소 ${needed}곳이 필요합니다.`,
  cosignedFreely: (signed, all) =>
    `구성원 ${all}곳 중 ${signed}곳이 서명했습니다. 선택하신 신뢰 기준은 공동 서명을 요구하지 않습니다.`,
  signedAt: (name, time) => `${time}에 ${name} 명의로 서명했습니다.`,
  notSigned: '이 증명 파일에는 서명이 없음',
  doesNotCount: '필요한 수에 포함되지 않음',
  factBlock: '블록',
  inBlock: (number, count, height) => `블록 ${height}번에 담긴 ${count}건 중 ${number}번째`,
  seeBlock: '체인에서 보기',
  factSource: '증명 파일',
  sources: {
    file: '직접 주신 파일',
    certificate:
      '직접 주신 증명서 안의 증명. 종이에 인쇄된 내용은 확인 대상이 아니며, 여기에 보이는 값만 확인했습니다.',
    service: '이 서비스에서 받아 이 브라우저에서 확인함',
  },
  factTrust: '신뢰 근거',
  yourTime: (time) => `현지 시각 ${time}`,
  stepsHeading: '확인한 내용',
  expected: '예상한 값',
  computed: '실제 값',
  rawHeading: '모든 값 보기',
  saveProof: '증명 파일 받기',
  saveCertificate: '증명서(PDF) 받기',
  certificateProblems: {
    quorum_missing: '공동 서명한 구성원이 아직 부족하여 증명서를 만들 수 없습니다. 잠시 후 다시 시도하세요.',
    not_verified:
      '서비스가 자신의 증명을 확인하지 못해 증명서를 만들지 않습니다. 서비스 운영자에게 알려 주세요.',
    unknown_time_zone: '서비스가 이 브라우저의 시간대를 알지 못합니다.',
    queue_full: '지금 만들고 있는 증명서가 많습니다. 잠시 후 다시 시도하세요.',
    notarization_not_found: '이 등록의 증명서는 받을 수 없습니다.',
  },
  tryAgain: '다시 시도',
  others: (count) => `이 문서는 ${count}번 등록되었습니다`,
  moreOthers: '여기에 보이는 것보다 더 있습니다.',
  otherSealed: (time, block) => `${time} 접수, 블록 ${block}번에 봉인됨`,
  otherAccepted: (time) => `${time} 접수, 아직 봉인 전`,
  checkThis: '이 등록 확인',
  checkThisNamed: (time) => `이 등록 확인, ${time} 접수`,
  shown: '위에 표시됨',
  offlineHeading: '이 서비스 없이 확인하기',
  offlineExplained:
    '이 페이지를 서비스의 키가 담긴 파일 하나로 받을 수 있습니다. 증명 파일과 함께 보관하세요. 디스크에서 바로 열리고 네트워크를 전혀 쓰지 않으며, 이 서비스가 사라진 뒤에도 증명을 확인할 수 있습니다.',
  offlineDownload: '확인용 파일 받기',
  unreadableProof: (code) => {
    if (code === 'unsupported_format')
      return '이런 종류의 증명 파일이 아니거나, 이 페이지보다 새로운 버전의 증명 파일입니다.';
    if (code === 'malformed_certificate')
      return '증명서가 아닌 PDF이거나, 손상되었거나 다른 프로그램이 다시 저장한 증명서입니다. PDF 뷰어에 첨부 파일 proof.ingam.json이 보이면 그 파일을 저장해 대신 놓으세요.';
    if (code === 'malformed_json' || code === 'malformed_text')
      return '파일이 손상되었거나 잘렸습니다. 증명 파일을 다시 받으세요.';
    return '증명 파일의 형태이지만 잘못된 부분이 있습니다. 손상되었거나 수정된 파일이니 증명 파일을 다시 받으세요.';
  },
};
