/** What is said first of a document or a proof: a headline, a few words for lists, and what it means. */

const en = {
  verified: {
    title: 'Verified',
    short: 'Verified',
    message: 'Exactly this document existed at the time below. Not one byte has changed since.',
  },
  alone: {
    title: 'Verified, by the service alone',
    short: 'Verified, by the service alone',
    message:
      'Not one byte of the document has changed since it was sealed. Only the service that sealed it says when.',
  },
  holds: {
    title: 'Valid proof, no document yet',
    short: 'Valid proof, no document',
    message:
      'This is a genuine proof for the document with the fingerprint below. Add your document to check whether it is the one.',
  },
  holds_alone: {
    title: 'Valid proof, by the service alone',
    short: 'Valid proof by the service alone, no document',
    message:
      'This is a genuine proof for the document with the fingerprint below. Add your document to check whether it is the one. Only the service that sealed it says when.',
  },
  other_document: {
    title: 'Not verified',
    short: 'Not verified: another file',
    message:
      'This is not the document that the proof is for. One changed byte makes it a different document.',
  },
  invalid: {
    title: 'Not verified',
    short: 'Not verified: invalid proof',
    message:
      'The proof is invalid: it was changed, damaged, or never genuine. Don’t rely on it. The first check that failed is marked below.',
  },
  untrusted: {
    title: 'Not trusted',
    short: 'Not trusted: signed by no key you trust',
    message: 'The proof is consistent, but not signed by a key you trust. Anyone could have made it.',
  },
  uncosigned: {
    title: 'Not verified',
    short: 'Not verified: too few cosignatures',
    message:
      'The proof is consistent and signed by the chain, but fewer members have cosigned than your trust policy requires. Until they do, only the service vouches for it. If the proof is new, more cosignatures may follow in a moment.',
  },
  untimed: {
    title: 'Not verified',
    short: 'Not verified: too few time sources',
    message:
      'The proof is consistent and signed by the chain, but fewer independent time sources have confirmed its time than your trust policy requires. If the proof is new, more may follow.',
  },
  no_key: {
    title: 'Can’t verify yet',
    short: 'Can’t verify: no key',
    message:
      'The proof is consistent, but the service’s public key could not be fetched, so its signature could not be checked. Try again, or enter a key you were given.',
  },
  history: {
    title: 'Verified',
    short: 'Verified history',
    message:
      'This is the whole history of the record up to the block below, as it was signed and sealed. Nothing happened to the record after that until this block.',
  },
  history_alone: {
    title: 'Verified, by the service alone',
    short: 'Verified history, by the service alone',
    message:
      'This is the whole history of the record up to the block below, as it was signed and sealed. Nothing happened to the record after that until this block. Only the service that sealed it says when.',
  },
  history_incomplete: {
    title: 'Checked in part',
    short: 'History checked in part',
    message:
      'Not everything that is needed is in the file: what an event stated was erased, or another record is missing. So this file does not show what the rules made of it. Everything else was checked, and it is marked below.',
  },
  history_invalid: {
    title: 'Not verified',
    short: 'Not verified: invalid history',
    message:
      'The history is invalid: it was changed, cut, damaged, or never genuine. Don’t rely on it. The first check that failed is marked below.',
  },
  not_named: {
    title: 'Not verified',
    short: 'Not verified: not in the history',
    message:
      'The history is genuine, but no event of this record names your document. One changed byte makes it a different document.',
  },
  pending: {
    title: 'Pending',
    short: 'Pending',
    message:
      'The document has been received and waits to be sealed into a block, which normally takes seconds. This page asks for the final proof by itself.',
  },
  pending_unvouched: {
    title: 'Pending',
    short: 'Pending, nobody vouches',
    message:
      'The file promises that this document will be sealed, but there is no key to check the promise with. Check it with the service that issued it, or get the final proof there.',
  },
  broken_promise: {
    title: 'The promise was broken',
    short: 'Broken promise',
    message:
      'The service promised to seal this document by the time below, and still has no seal for it. Keep this file unchanged as evidence, together with the document.',
  },
  gone: {
    title: 'The file can no longer be read',
    short: 'Unreadable file',
    message: 'It may have been moved or changed. Choose it again.',
  },
  unknown: {
    title: 'Not found',
    short: 'Not found',
    message:
      'This service has never notarized this exact file. It may have been changed, or notarized elsewhere. If you have its proof, add it.',
  },
  no_lookup: {
    title: 'Proof missing',
    short: 'Proof missing',
    message: 'Documents cannot be looked up offline. Add the proof or the certificate.',
  },
  rewritten: {
    title: 'This certificate was re-saved by another program',
    short: 'Re-saved certificate',
    message:
      'Its embedded proof is no longer in its place. Open the PDF in a PDF reader, save its attachment proof.ingam.json, and drop that here instead.',
  },
  unreadable: {
    title: 'The proof cannot be read',
    short: 'Unreadable proof',
    message: 'We can’t tell anything about the document from this file.',
  },
  away: {
    title: 'The service cannot be reached',
    short: 'Service unreachable',
    message:
      'Without a proof, a document can be looked up only while the service is available. With its proof and a key you trust, it can be verified without the service.',
  },
  refused: {
    title: 'The check could not be completed',
    short: 'Not completed',
    message: 'The service reported an error. This says nothing about the document.',
  },
};

export type StatementName = keyof typeof en;

const ko: typeof en = {
  verified: {
    title: '확인되었습니다',
    short: '확인됨',
    message: '바로 이 문서가 아래 시각에 존재했으며, 그 뒤로 한 바이트도 바뀌지 않았습니다.',
  },
  alone: {
    title: '서비스의 보증만으로 확인되었습니다',
    short: '서비스의 보증만으로 확인됨',
    message: '봉인된 뒤로 문서가 한 바이트도 바뀌지 않았습니다. 시각은 봉인한 서비스만이 보증합니다.',
  },
  holds: {
    title: '유효한 증명입니다',
    short: '유효한 증명, 문서 없음',
    message:
      '해시값이 아래와 같은 문서에 대한 올바른 증명입니다. 가지고 계신 문서가 그 문서인지 확인하려면 문서를 추가하세요.',
  },
  holds_alone: {
    title: '서비스만 보증하는 유효한 증명입니다',
    short: '서비스만 보증하는 유효한 증명, 문서 없음',
    message:
      '해시값이 아래와 같은 문서에 대한 올바른 증명입니다. 가지고 계신 문서가 그 문서인지 확인하려면 문서를 추가하세요. 시각은 봉인한 서비스만이 보증합니다.',
  },
  other_document: {
    title: '확인되지 않았습니다',
    short: '확인 안 됨: 다른 파일',
    message: '이 증명 파일의 대상이 아닌 문서입니다. 한 바이트만 달라도 다른 문서가 됩니다.',
  },
  invalid: {
    title: '확인되지 않았습니다',
    short: '확인 안 됨: 유효하지 않은 증명',
    message:
      '증명이 유효하지 않습니다. 변경되었거나 손상되었거나 처음부터 진짜가 아닙니다. 이 증명을 믿지 마세요. 처음으로 실패한 단계가 아래에 표시되어 있습니다.',
  },
  untrusted: {
    title: '신뢰할 수 없습니다',
    short: '신뢰할 수 없음: 신뢰하는 키의 서명 없음',
    message: '증명 내용은 일관되지만 신뢰하는 키로 서명되지 않았습니다. 누구든 만들 수 있는 증명입니다.',
  },
  uncosigned: {
    title: '확인되지 않았습니다',
    short: '확인 안 됨: 공동 서명 부족',
    message:
      '증명 내용이 일관되고 체인의 서명도 있지만, 공동 서명한 참여 기관이 신뢰 정책에서 요구하는 수보다 적습니다. 그때까지는 서비스만 보증합니다. 방금 등록했다면 나머지 서명이 곧 추가될 수 있습니다.',
  },
  untimed: {
    title: '확인되지 않았습니다',
    short: '확인 안 됨: 시각 출처 부족',
    message:
      '증명에 모순은 없고 체인의 서명도 있지만, 시각을 확인한 독립 출처가 신뢰 정책에서 요구하는 수보다 적습니다. 새 증명이라면 곧 더해질 수 있습니다.',
  },
  no_key: {
    title: '아직 확인할 수 없습니다',
    short: '확인 불가: 키 없음',
    message:
      '증명 내용은 일관되지만 서비스의 공개 키를 받아 오지 못해 서명을 확인하지 못했습니다. 다시 시도하거나 따로 전달받은 키를 입력하세요.',
  },
  history: {
    title: '확인되었습니다',
    short: '확인된 이력',
    message:
      '아래 블록까지의 전체 이력이며, 서명되고 봉인된 그대로입니다. 그 뒤 이 블록까지 다른 일은 없었습니다.',
  },
  history_alone: {
    title: '서비스의 보증만으로 확인되었습니다',
    short: '서비스의 보증만으로 확인된 이력',
    message:
      '아래 블록까지의 전체 이력이며, 서명되고 봉인된 그대로입니다. 그 뒤 이 블록까지 다른 일은 없었습니다. 시각은 봉인한 서비스만이 보증합니다.',
  },
  history_incomplete: {
    title: '일부만 확인되었습니다',
    short: '일부만 확인된 이력',
    message:
      '확인에 필요한 것이 모두 들어 있지는 않습니다. 이벤트의 내용이 삭제되었거나 다른 기록이 빠져 있어, 규칙에 따른 결과를 이 파일로는 확인할 수 없습니다. 그 밖의 것은 모두 확인했으며 아래에 표시되어 있습니다.',
  },
  history_invalid: {
    title: '확인되지 않았습니다',
    short: '확인 안 됨: 유효하지 않은 이력',
    message:
      '이력이 유효하지 않습니다. 변경되었거나 일부가 빠졌거나 손상되었거나 처음부터 진짜가 아닙니다. 이 이력을 믿지 마세요. 처음으로 실패한 단계가 아래에 표시되어 있습니다.',
  },
  not_named: {
    title: '확인되지 않았습니다',
    short: '확인 안 됨: 이력에 없음',
    message:
      '이력은 올바르지만 제시한 문서가 이 기록의 어떤 이벤트에도 기재되어 있지 않습니다. 한 바이트만 달라도 다른 문서가 됩니다.',
  },
  pending: {
    title: '봉인을 기다리고 있습니다',
    short: '봉인 대기',
    message:
      '문서가 접수되어 블록에 봉인되기를 기다리고 있으며, 보통 몇 초면 끝납니다. 최종 증명 파일은 이 페이지가 알아서 받아 옵니다.',
  },
  pending_unvouched: {
    title: '봉인을 기다리고 있습니다',
    short: '봉인 대기, 보증 없음',
    message:
      '이 문서를 봉인하겠다는 약속이 담긴 파일이지만, 그 약속을 확인할 키가 없습니다. 접수한 서비스에서 확인하거나 최종 증명 파일을 받으세요.',
  },
  broken_promise: {
    title: '약속이 지켜지지 않았습니다',
    short: '깨진 약속',
    message:
      '서비스는 아래 기한까지 이 문서를 봉인하겠다고 약속했지만 아직 봉인하지 않았습니다. 이 파일을 문서와 함께 그대로 증거로 보관하세요.',
  },
  gone: {
    title: '파일을 더 이상 읽을 수 없습니다',
    short: '읽을 수 없는 파일',
    message: '옮겨졌거나 변경되었을 수 있으니 다시 선택하세요.',
  },
  unknown: {
    title: '등록 내역이 없습니다',
    short: '등록 내역 없음',
    message:
      '이 서비스에 등록된 적이 없는 파일입니다. 등록한 뒤에 바뀌었거나 다른 곳에 등록되었을 수 있습니다. 증명 파일이 있으면 추가하세요.',
  },
  no_lookup: {
    title: '증명 파일이 필요합니다',
    short: '증명 파일 필요',
    message: '오프라인에서는 등록 내역을 조회할 수 없습니다. 증명 파일이나 증명서를 추가하세요.',
  },
  rewritten: {
    title: '다른 프로그램에서 다시 저장한 증명서입니다',
    short: '다시 저장된 증명서',
    message:
      '안에 담긴 증명이 제자리에 있지 않습니다. PDF 뷰어에서 열어 첨부 파일 proof.ingam.json을 저장한 뒤 그 파일을 대신 놓으세요.',
  },
  unreadable: {
    title: '증명 파일을 읽을 수 없습니다',
    short: '읽을 수 없는 증명 파일',
    message: '이 파일만으로는 문서를 판단할 수 없습니다.',
  },
  away: {
    title: '서비스에 연결할 수 없습니다',
    short: '서비스 연결 불가',
    message:
      '증명 파일이 없는 문서는 서비스에 연결되어야 조회할 수 있습니다. 증명 파일과 신뢰하는 키가 있으면 서비스 없이도 확인할 수 있습니다.',
  },
  refused: {
    title: '확인을 마치지 못했습니다',
    short: '확인을 마치지 못함',
    message: '서비스 오류로 확인하지 못했습니다. 문서의 진위와는 관계가 없습니다.',
  },
};

export const STATEMENTS = { en, ko };
