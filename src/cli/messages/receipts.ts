import { byLanguage } from '../language.js';

/** The messages about a kept receipt: whether a promise was kept. */

const en = {
  finalHasNone: (file: string) => `${file} is a final proof, which contains no receipt`,
  giveKept:
    'Give the pending proof that you kept from the time before the seal: ingam verify FILE PROOF --receipt PENDING',
  promised: (file: string, log: string, time: string) =>
    `${file}: ${log} promised to seal this entry by ${time}`,
  keep: (file: string, proof: string) => `Keep ${file} and ${proof} unchanged: together they show it.`,
  unsigned: (file: string, log: string) =>
    `But no key that you trust has signed ${file}, so it shows nothing to others. Add the receipt key of ${log}: --trust FILE --key VKEY ("receiptKeys" in GET /v1/chain).`,
  kept: (promise: string) => `${promise}, and did: the promise was kept.`,
  late: (promise: string, delay: string) =>
    `${promise}, and sealed it ${delay} later: the promise was not kept.`,
  onlyWord: (log: string) => `For the time before the seal, there is only the word of ${log}.`,
  broken: (promise: string) => `${promise}, and sealed another entry in its place: the promise was broken.`,
  sameSalt: (differences: string) =>
    `${differences} The salt is the same, so this is not another notarization of the document.`,
  otherNotarization: (file: string, accepted: string, other: string) =>
    `${file} is for another notarization of this document: accepted ${accepted}, while this proof is for the one accepted ${other}.`,
  getOwn: (file: string) =>
    `So this proof does not show whether the promise was kept. Get the receipt's own proof: ingam upgrade ${file}`,
  ifNone: (log: string, time: string, file: string) =>
    `If ${log} has none after ${time}, it broke its promise. Then keep ${file} and the document: the receipt shows what was accepted, and everybody who has the whole chain, such as a member, can show that no block contains it.`,
  otherDocument: (file: string) =>
    `${file} is for another document than this proof: it says nothing about it.`,
  otherLog: (file: string, log: string) =>
    `${file} is a receipt of ${log}, and the proof is of another log: it says nothing about it.`,
  notCompared: (file: string, why: string) => `${file} was not compared: ${why}`,
  notComparedPending: (file: string, proof: string) =>
    `${file} was not compared: ${proof} is not sealed yet.`,
  notComparedUnverified: (file: string, proof: string) =>
    `${file} was not compared: ${proof} is not verified.`,
  different: (fields: string) => `Different: ${fields}.`,
  fields: {
    kind: 'kind',
    acceptedAt: 'time of acceptance',
    size: 'size',
    accountTag: 'organization',
    detailsDigest: 'details',
  },
  milliseconds: (n: string) => `${n} ${n === '1' ? 'millisecond' : 'milliseconds'}`,
  seconds: (n: string) => `${n} ${n === '1' ? 'second' : 'seconds'}`,
};

const ko: typeof en = {
  finalHasNone: (file) => `${file}은(는) 최종 증명 파일이라 접수증이 없습니다`,
  giveKept: '봉인 전에 받아 보관한 증명 파일을 지정하세요: ingam verify FILE PROOF --receipt PENDING',
  promised: (file, log, time) => `${file}: ${log}에서 이 등록 항목을 ${time}까지 봉인하기로 약속했습니다`,
  keep: (file, proof) => `${file}와(과) ${proof}을(를) 그대로 보관하세요. 둘이 함께 이를 보여 줍니다.`,
  unsigned: (file, log) =>
    `그러나 신뢰하는 키가 ${file}에 서명하지 않았으므로 다른 사람에게는 아무것도 증명하지 못합니다. ${log}의 접수증 키를 추가하세요: --trust FILE --key VKEY(GET /v1/chain의 "receiptKeys").`,
  kept: (promise) => `${promise}. 약속을 지켰습니다.`,
  late: (promise, delay) => `${promise}. ${delay} 늦게 봉인되어 약속을 지키지 않았습니다.`,
  onlyWord: (log) => `봉인 전의 시간에 대한 근거는 ${log}의 말뿐입니다.`,
  broken: (promise) => `${promise}. 그러나 다른 등록 항목을 봉인하여 약속을 어겼습니다.`,
  sameSalt: (differences) => `${differences} 솔트가 같으므로 이 문서를 다시 등록한 것이 아닙니다.`,
  otherNotarization: (file, accepted, other) =>
    `${file}은(는) 이 문서의 다른 등록에 대한 것입니다: 접수 ${accepted}. 이 증명은 ${other}에 접수된 등록의 것입니다.`,
  getOwn: (file) =>
    `그래서 이 증명으로는 약속이 지켜졌는지 알 수 없습니다. 접수증의 증명을 받으세요: ingam upgrade ${file}`,
  ifNone: (log, time, file) =>
    `${log}에 ${time} 뒤에도 그 증명이 없다면 약속을 어긴 것입니다. 그때는 ${file}와(과) 문서를 보관하세요. 접수증은 접수된 내용을 보여 주고, 참여 기관처럼 체인 전체를 가진 사람은 어느 블록에도 없음을 보일 수 있습니다.`,
  otherDocument: (file) =>
    `${file}은(는) 이 증명과 다른 문서에 대한 것이라 이 증명에 대해 알려 주는 것이 없습니다.`,
  otherLog: (file, log) =>
    `${file}은(는) ${log}의 접수증이고 증명은 다른 로그의 것이라 이 증명에 대해 알려 주는 것이 없습니다.`,
  notCompared: (file, why) => `${file}은(는) 비교하지 않았습니다: ${why}`,
  notComparedPending: (file, proof) =>
    `${file}은(는) 비교하지 않았습니다. ${proof}이(가) 아직 봉인되지 않았습니다.`,
  notComparedUnverified: (file, proof) =>
    `${file}은(는) 비교하지 않았습니다. ${proof}이(가) 확인되지 않았습니다.`,
  different: (fields) => `다른 것: ${fields}.`,
  fields: {
    kind: '종류',
    acceptedAt: '접수 시각',
    size: '크기',
    accountTag: '조직',
    detailsDigest: '문서 정보',
  },
  milliseconds: (n) => `${n}밀리초`,
  seconds: (n) => `${n}초`,
};

export const receiptsMessages = byLanguage({ en, ko });
