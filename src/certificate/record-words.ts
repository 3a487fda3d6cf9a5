import { RECORD_WORDS } from '../messages/records.js';
import type { Program } from './words.js';

/** All texts of the certificate of a record: whole sentences, as in words.ts. */
const en = {
  ...RECORD_WORDS.en,
  language: 'en',
  locale: 'en-GB',
  title: 'Certificate of a record',
  record: 'Record',
  lead: (origin: string, block: string, sealed: string) =>
    `What follows is in the history file that is attached to this PDF: all events of this record on the chain ${origin} up to block ${block}, sealed ${sealed} according to the chain. Nothing else happened to the record by then. Anyone can check the file without asking us; what happened later it does not show.`,
  incomplete:
    'What some events stated was erased, or is not in the file. So not every rule could be checked, and the status is not shown.',
  now: (block: string) => `As of block ${block}`,
  kind: 'Kind',
  name: 'Title',
  status: 'Status',
  holder: 'Holder’s key',
  parties: 'Parties',
  party: (name: string, answer: string) => `${name}: ${answer}`,
  partyNumber: (number: string) => `Party ${number}`,
  answers: { signed: 'signed', declined: 'declined', none: 'has not answered' },
  document: 'Document (SHA-256)',
  events: 'History',
  earlier: (count: string) => `Earlier events, which are in the attached history only: ${count}`,
  sealed: (time: string, block: string) => `Sealed ${time} in block ${block}`,
  signedWith: (keys: string) => `Signed with ${keys}`,
  notChecked: 'keys that could not be checked, because something that was stated is missing',
  key: (name: string, kind: string) => `${name} (${kind})`,
  byItself: 'By itself: the rules make it so, and nobody signed it.',
  erased: 'What it stated was erased.',
  keys: 'What the keys prove',
  keysList: [
    'A key is not a person. The history proves which key signed what, and when at the latest. Whose key it is, it does not prove: the name in front was chosen by whoever made the key.',
    'A passkey: whoever could unlock the device or password manager that holds it signed.',
    'A key in a file: whoever had a copy of the file signed.',
    'Whether what is stated is true, nobody has checked.',
  ],
  check: 'How to check it without us',
  checkList: (program: Program, page: string | null, verifier: string | null) => [
    'Save the attachment history.ingam-history.json with a PDF reader that shows attachments. What is printed here proves nothing by itself: anyone can print a page.',
    ...(page === null ? [] : [`In a browser, where the file stays: ${page}`]),
    ...(verifier === null
      ? []
      : [
          `Without a network, in a browser: the verifier of Ingam ${program.version}, one HTML file with the SHA-256 ${verifier}`,
        ]),
    `On the command line, with the free program Ingam (version ${program.version} or newer${program.homepage === null ? '' : `, ${program.homepage}`}): “ingam verify history.ingam-history.json --trust POLICY”. Get the policy of the chain from its owner, not from where you got this PDF.`,
  ],
  issued: (issuer: string | null, service: string | null) =>
    `Issued${issuer === null ? '' : ` by ${issuer}`}${service === null ? '' : ` through ${service}`}`,
  contact: 'Contact',
  notANotary:
    'This certificate is technical evidence of what certain keys signed. It is not the act of a notary public.',
  attachment: 'The history of the record, from which this certificate was made',
  page: (page: string, count: string) => `Page ${page} of ${count}`,
};

export type RecordWords = Omit<typeof en, 'language'> & { readonly language: 'en' | 'ko' };

const ko: RecordWords = {
  ...RECORD_WORDS.ko,
  language: 'ko',
  locale: 'ko-KR',
  title: '기록 증명서',
  record: '기록',
  lead: (origin, block, sealed) =>
    `아래 내용은 이 PDF에 첨부된 이력 파일에 있습니다. 체인 ${origin}에 블록 ${block}(체인에 따른 봉인 시각 ${sealed})까지 남은 이 기록의 모든 이벤트이며, 그때까지 이 기록에 다른 일은 없었습니다. 파일은 이 서비스에 묻지 않고 누구나 확인할 수 있습니다. 그 뒤의 일은 알 수 없습니다.`,
  incomplete:
    '일부 이벤트의 내용이 삭제되었거나 파일에 없습니다. 그래서 모든 규칙을 확인할 수는 없었고 상태를 표시하지 않습니다.',
  now: (block) => `블록 ${block} 기준`,
  kind: '종류',
  name: '제목',
  status: '상태',
  holder: '보유자의 키',
  parties: '당사자',
  party: (name, answer) => `${name}: ${answer}`,
  partyNumber: (number) => `당사자 ${number}`,
  answers: { signed: '서명함', declined: '거절함', none: '아직 답하지 않음' },
  document: '문서(SHA-256)',
  events: '이력',
  earlier: (count) => `첨부된 이력에만 있는 이전 이벤트: ${count}건`,
  sealed: (time, block) => `${time}에 블록 ${block}에 봉인`,
  signedWith: (keys) => `서명한 키: ${keys}`,
  notChecked: '적힌 내용의 일부가 없어 확인할 수 없는 키',
  key: (name, kind) => `${name}(${kind})`,
  byItself: '규칙에 따라 자동으로 이루어졌으며 아무도 서명하지 않았습니다.',
  erased: '내용이 삭제되었습니다.',
  keys: '키가 증명하는 것',
  keysList: [
    '키는 사람이 아닙니다. 이력은 어떤 키가 무엇에 늦어도 언제 서명했는지를 증명합니다. 누구의 키인지는 증명하지 않으며, 앞에 표시된 이름은 키를 만든 사람이 정한 것입니다.',
    '패스키: 이 키를 보관하는 기기나 비밀번호 관리자의 잠금을 풀 수 있는 사람이 서명했습니다.',
    '파일에 보관된 키: 파일의 사본을 가진 사람이 서명했습니다.',
    '적힌 내용이 사실인지는 아무도 확인하지 않았습니다.',
  ],
  check: '이 서비스 없이 확인하는 방법',
  checkList: (program, page, verifier) => [
    '첨부 파일을 볼 수 있는 PDF 프로그램으로 history.ingam-history.json을 저장하세요. 여기에 인쇄된 내용 자체는 아무것도 증명하지 않습니다.',
    ...(page === null ? [] : [`파일이 밖으로 나가지 않는 브라우저 화면: ${page}`]),
    ...(verifier === null
      ? []
      : [
          `인터넷 없이 브라우저에서: Ingam ${program.version} 검증기(HTML 파일 하나)를 쓰세요. 이 파일의 SHA-256은 ${verifier}입니다.`,
        ]),
    `명령줄에서: 무료 프로그램 Ingam(${program.version} 이상${program.homepage === null ? '' : `, ${program.homepage}`})으로 “ingam verify history.ingam-history.json --trust POLICY”를 실행하세요. 체인의 정책은 이 PDF를 받은 곳이 아니라 체인의 소유자에게서 받으세요.`,
  ],
  issued: (issuer, service) =>
    [
      ...(issuer === null ? [] : [`발급: ${issuer}`]),
      ...(service === null ? [] : [`서비스: ${service}`]),
    ].join(' · '),
  contact: '문의',
  notANotary:
    '이 증명서는 어떤 키가 무엇에 서명했는지를 보여 주는 기술적 증거입니다. 공증인법에 따른 공증이 아닙니다.',
  attachment: '이 증명서를 만든 기록의 이력',
  page: (page, count) => `${count}쪽 중 ${page}쪽`,
};

export const RECORD_CERTIFICATE_WORDS = { en: en as RecordWords, ko } as const;
