import type { Shown as Choice } from '../../proof/records/publishable.js';
import { byLanguage } from '../lib/language.js';
import { type Shown, text } from '../lib/text.js';

/** The page of a published work or item, and the form with which its holder publishes it. */

const en = {
  heading: 'Record',
  lead: 'The holder of this record shows it to everybody.',
  where: 'Where it stands',
  whereSource:
    'This is what the service says. It shows what the holder has chosen; the status and the list of events are always complete.',
  asOf: 'As of',
  asOfBlock: (height: string, time: Shown) => text`block ${height}, sealed ${time}`,
  shows: 'What it is',
  licences: 'Licences',
  disputes: 'Disputes',
  appraisals: 'Appraisals',
  reports: 'Reports',
  eventAt: (number: string, time: Shown) => text`Event ${number}, ${time}`,
  keysHeading: 'What the keys prove',
  keysLead:
    'Every event was signed with a key, unless it happened by itself. The chain shows that the same key signed, and before when. It does not show who holds a key, and not that what is stated is true.',
  keyNote: 'A key is not a person: the name in front was chosen by whoever made the key.',
  namesHidden: 'The holder does not show the names of keys.',
  chosenAt: (time: Shown) =>
    text`The holder chose what is shown here with the present key, on ${time} by the clock of their device.`,
  noHistory:
    'The holder does not show the history file, so what is on this page cannot be checked without this service. Ask the holder for the file.',
  missingHeading: 'This record is not published',
  missing:
    'It was never published, it was withdrawn, or it has another holder now. If you have its history file, you can still verify it.',
  badLink: 'The address is incomplete. Copy the whole link.',
  toVerify: 'Check a history file',

  publishHeading: 'Public page',
  publishLead:
    'Everybody who has the link sees what you choose, without an account. It ends when you withdraw it, or when the record has another holder. What others have copied by then stays with them.',
  publishAlways:
    'Always shown: the kind, the status, each event with its time, and what kind of key signed it.',
  publishWhat: 'Show',
  publishable: {
    title: 'Title',
    kind: 'Kind of work',
    authors: 'Authors, with role and nationality',
    creation: 'Creation, first publication and basis of the claim',
    documents: 'Files: their fingerprints, sizes and names, not the files themselves',
    licences: 'Licences, without the licensees',
    licensees: 'Names of licensees',
    disputes: 'Disputes, with the reasons that were given',
    serial: 'Serial number',
    features: 'Features',
    appraisals: 'Appraisals',
    reports: 'Reports of loss, theft or destruction',
    keys: 'Names in keys: they may be names of people',
    history: 'The history file, so that anybody can check the record offline',
    search: 'Let search engines list the page',
  } satisfies Record<Choice, string> as Readonly<Record<Choice, string>>,
  historyWarning:
    'The history file has everything that was ever signed for this record, also what you do not choose above.',
  publish: 'Sign and publish',
  publishAgain: 'Sign and change',
  change: 'Change what is shown',
  nothingChosen: 'Choose at least one.',
  holderOnly: 'Only the holder can publish it, with the key that this browser does not have:',
  published: (time: Shown) => text`Published, signed ${time}. Everybody who has the link sees:`,
  link: 'Link',
  open: 'Open the page',
  qr: 'QR code of the link',
  withdraw: 'Withdraw',
  withdrawHeading: 'Withdraw the page?',
  withdrawExplained: 'Nobody sees it any more. You can publish it again, with a new signature.',
  wasPublished: 'The page is public.',
  wasWithdrawn: 'The page is withdrawn.',
  cancel: 'Cancel',
  problems: {
    invalid_publication:
      'The service did not accept the signature. Check the clock of this device, then sign again.',
    not_sealed: 'No block holds the record yet. Try again in some seconds.',
    not_published: 'It is not published any more, or another organization has published it.',
    forbidden: 'Another organization has published it: only that one can withdraw it.',
    passkey_cancelled: 'No passkey was used. You may have cancelled. Try again.',
    passkey_failed: 'The browser could not use a passkey here. Use another browser.',
    other_passkey: 'That was another passkey than the one of the holder. Choose that one.',
    not_a_key_file: 'This is not a key file.',
    wrong_key_file: 'This key file holds another key than the one of the holder.',
  },
};

const ko: typeof en = {
  heading: '기록',
  lead: '보유자가 모두에게 공개한 기록입니다.',
  where: '현재 상태',
  whereSource:
    '이 서비스가 알려 주는 내용입니다. 내용은 보유자가 고른 것만 보이지만, 상태와 이벤트 목록은 빠짐없이 보입니다.',
  asOf: '기준 시점',
  asOfBlock: (height, time) => text`블록 ${height}, ${time} 봉인`,
  shows: '내용',
  licences: '이용 허락',
  disputes: '분쟁',
  appraisals: '감정',
  reports: '신고',
  eventAt: (number, time) => text`${number}번 이벤트, ${time}`,
  keysHeading: '키가 증명하는 것',
  keysLead:
    '자동으로 이루어진 이벤트를 빼고 모두 키로 서명되었습니다. 체인은 같은 키로 서명했다는 것과 늦어도 언제 서명했는지를 보여 줍니다. 누가 키를 가지고 있는지, 적힌 내용이 사실인지는 보여 주지 않습니다.',
  keyNote: '키는 사람이 아닙니다. 앞에 표시된 이름은 키를 만든 사람이 정한 것입니다.',
  namesHidden: '보유자가 키의 이름을 공개하지 않았습니다.',
  chosenAt: (time) => text`보유자가 현재의 키로 공개할 내용을 정했습니다. 보유자 기기의 시각: ${time}`,
  noHistory:
    '보유자가 이력 파일을 공개하지 않아 이 서비스 없이는 이 화면의 내용을 확인할 수 없습니다. 보유자에게 파일을 요청하세요.',
  missingHeading: '공개되지 않은 기록입니다',
  missing:
    '공개된 적이 없거나, 공개가 중단되었거나, 보유자가 바뀌었습니다. 이력 파일을 가지고 있다면 그 파일은 여전히 확인할 수 있습니다.',
  badLink: '주소가 완전하지 않습니다. 링크 전체를 복사하세요.',
  toVerify: '이력 파일 확인',

  publishHeading: '공개 페이지',
  publishLead:
    '링크를 가진 사람은 누구나 계정 없이 선택한 내용을 볼 수 있습니다. 공개를 중단하거나 보유자가 바뀌면 더는 보이지 않습니다. 그때까지 다른 사람이 복사한 내용은 그대로 남습니다.',
  publishAlways: '항상 공개되는 것: 종류, 상태, 각 이벤트와 그 시각, 서명한 키의 종류',
  publishWhat: '공개할 내용',
  publishable: {
    title: '제목',
    kind: '저작물의 종류',
    authors: '저작자(역할과 국적 포함)',
    creation: '창작, 최초 공표, 권리의 근거',
    documents: '파일의 해시값, 크기, 이름(파일 자체는 제외)',
    licences: '이용 허락(상대방 제외)',
    licensees: '이용 허락을 받은 사람의 이름',
    disputes: '분쟁과 그 사유',
    serial: '일련번호',
    features: '특징',
    appraisals: '감정',
    reports: '분실, 도난, 폐기 신고',
    keys: '키의 이름(사람의 이름일 수 있음)',
    history: '누구나 오프라인으로 확인할 수 있는 이력 파일',
    search: '검색 엔진 노출 허용',
  },
  historyWarning: '이력 파일에는 위에서 선택하지 않은 것까지 이 기록에 서명된 모든 내용이 들어 있습니다.',
  publish: '서명하고 공개',
  publishAgain: '서명하고 변경',
  change: '공개할 내용 변경',
  nothingChosen: '하나 이상 선택하세요.',
  holderOnly: '보유자만 공개할 수 있으며, 이 브라우저에는 보유자의 키가 없습니다:',
  published: (time) =>
    text`공개 중이며 ${time}에 서명했습니다. 링크를 가진 사람은 누구나 다음을 볼 수 있습니다.`,
  link: '링크',
  open: '페이지 열기',
  qr: '링크의 QR 코드',
  withdraw: '공개 중단',
  withdrawHeading: '공개를 중단할까요?',
  withdrawExplained: '이제 아무도 볼 수 없게 됩니다. 새로 서명하면 다시 공개할 수 있습니다.',
  wasPublished: '페이지를 공개했습니다.',
  wasWithdrawn: '공개를 중단했습니다.',
  cancel: '취소',
  problems: {
    invalid_publication: '서명이 받아들여지지 않았습니다. 기기의 시각을 확인하고 다시 서명하세요.',
    not_sealed: '아직 블록에 봉인되지 않았습니다. 몇 초 뒤에 다시 시도하세요.',
    not_published: '더 이상 공개되어 있지 않거나 다른 기관이 공개한 기록입니다.',
    forbidden: '다른 기관이 공개한 기록입니다. 그 기관만 중단할 수 있습니다.',
    passkey_cancelled: '패스키를 사용하지 않았습니다. 취소했다면 다시 시도하세요.',
    passkey_failed: '이 브라우저에서는 패스키를 사용할 수 없습니다. 다른 브라우저를 사용하세요.',
    other_passkey: '보유자의 패스키가 아닌 다른 패스키입니다. 보유자의 패스키를 선택하세요.',
    not_a_key_file: '키 파일이 아닙니다.',
    wrong_key_file: '이 키 파일에는 보유자의 키가 아닌 다른 키가 들어 있습니다.',
  },
};

export const messages = byLanguage({ en, ko });
