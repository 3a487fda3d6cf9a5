import { byLanguage } from '../language.js';

/** The messages of `ingam renew`, and about revocation lists. */

const en = {
  renewPending: (proof: string) =>
    `${proof} cannot be renewed: it is pending: "ingam upgrade" makes it final`,
  renewWith: (proof: string, document: string, detail: string) =>
    `${proof} cannot be renewed with ${document}: ${detail}`,
  noTimeStamp: (detail: string) => `the authority gives no time-stamp that counts: ${detail}`,
  strongerAuthority: 'Ask an authority whose certificates and signatures use SHA-384 or SHA-512.',
  renewTooLong: (proof: string) => `${proof} cannot be renewed: it would be too long for a proof`,
  missingTsa: 'missing --tsa URL: the time-stamping authority to ask',
  missingRoot: 'missing --root FILE: its root certificate',
  oneProof: '--document is for one PROOF, not for several',
  badAuthority: (detail: string) => `--tsa or --root: ${detail}`,
  isPending: 'it is pending: "ingam upgrade" makes it final',
  hasNone: 'it has no time-stamp',
  notRenewable: (proof: string, why: string) => `${proof} cannot be renewed: ${why}`,
  wouldBeInvalid: 'a renewed proof would not be valid: the proof itself is not',
  tooManyLists: (limit: number, given: number) =>
    `--crl: give at most ${limit} revocation lists, not ${given}`,
  badList: (file: string, detail: string) => `${file} is not a valid revocation list: ${detail}`,
  downloadList: 'Download the list from the address that the certificate of the time source names.',
};

const ko: typeof en = {
  renewPending: (proof) =>
    `${proof}을(를) 갱신할 수 없습니다. 봉인 전 증명 파일입니다. 최종 증명 파일로 바꾸기: ingam upgrade`,
  renewWith: (proof, document, detail) => `${proof}을(를) ${document}(으)로 갱신할 수 없습니다: ${detail}`,
  noTimeStamp: (detail) => `기관에서 인정되는 타임스탬프를 받지 못했습니다(${detail})`,
  strongerAuthority: '인증서와 서명에 SHA-384나 SHA-512를 쓰는 기관을 쓰세요.',
  renewTooLong: (proof) => `${proof}을(를) 갱신할 수 없습니다. 증명 파일이 너무 커집니다`,
  missingTsa: '타임스탬프를 요청할 기관을 --tsa URL로 지정하세요',
  missingRoot: '그 기관의 루트 인증서를 --root FILE로 지정하세요',
  oneProof: '--document는 PROOF 하나에만 쓸 수 있습니다',
  badAuthority: (detail) => `--tsa 또는 --root가 올바르지 않습니다(${detail})`,
  isPending: '봉인 전 증명 파일입니다. 최종 증명 파일로 바꾸기: "ingam upgrade"',
  hasNone: '타임스탬프가 없습니다',
  notRenewable: (proof, why) => `${proof}을(를) 갱신할 수 없습니다: ${why}`,
  wouldBeInvalid: '증명 자체가 올바르지 않아 갱신한 증명도 올바르지 않게 됩니다',
  tooManyLists: (limit, given) => `--crl: 폐지 목록은 ${limit}개까지입니다(${given}개 지정)`,
  badList: (file, detail) => `${file}: 올바른 폐지 목록이 아닙니다(${detail})`,
  downloadList: '시각 출처의 인증서에 적힌 주소에서 목록을 내려받으세요.',
};

export const renewalMessages = byLanguage({ en, ko });
