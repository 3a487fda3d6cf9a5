import { byLanguage } from '../lib/language.js';

/**
 * The messages of the offline verifier that differ from those of the service's page, or that it alone has.
 */

const en = {
  frameNote: 'Works offline',
  heading: 'About this file',
  issued: (origin: string, time: string) => `Issued by the service ${origin} on ${time}.`,
  notIssued: 'This file was not issued by a service and contains no keys. Enter keys you were given.',
  absent:
    'Not available offline: lookup without a proof, updating pending proofs, adding newer evidence, certificates (PDF), explorer links.',
  showPolicy: 'Trust policy in this file',
  /** In the place of the page's messages of the same names. */
  page: {
    lead: 'Drop documents and their proofs, or a whole folder. Everything is computed in your browser; nothing is sent anywhere.',
    dropExplained:
      'Any file with its proof, which ends in .ingam.json, its certificate (PDF), the history of a record, or a ZIP with proofs in it.',
    paste: 'Or paste a fingerprint, and add its proof',
    pasteWrong: 'This is not a SHA-256 fingerprint (64 hexadecimal digits).',
    trustNow: {
      service: 'Trusted: the trust policy in this file',
      own: 'Trusted: your own key or policy',
      unusable: 'No key of your own yet: results are by the trust policy in this file',
    },
    packWithoutCertificate: 'It has no PDF certificate: only the service makes those.',
    trustService: 'The trust policy in this file',
    trustPage:
      'This file also comes from the service. For a check that does not depend on it, use the command line:',
    checkedWithService:
      'Checked with the trust policy in this file. For certainty independent of where the file came from, compare the keys with keys you received through another channel.',
  },
  trustExplained: (origin: string, time: string) =>
    `The keys that ${origin} published on ${time}. Trust them as much as the way this file reached you.`,
  trustNothing: 'This file contains none.',
  noKey:
    'The proof is consistent, but this file has no key to check its signature with. Enter one you were given.',
  pending:
    'The file promises that this document will be sealed. Only the service knows whether it was: get the final proof there.',
};

const ko: typeof en = {
  frameNote: '오프라인 사용 가능',
  heading: '이 파일에 대하여',
  issued: (origin, time) => `${origin} 서비스가 ${time}에 발급한 파일입니다.`,
  notIssued: '서비스가 발급한 파일이 아니어서 키가 들어 있지 않습니다. 따로 전달받은 키를 입력하세요.',
  absent:
    '오프라인에서 사용할 수 없는 기능: 증명 파일 없는 조회, 봉인 전 증명 파일의 갱신, 새 증거 추가, 증명서(PDF), 블록 탐색 링크.',
  showPolicy: '이 파일에 담긴 신뢰 정책',
  page: {
    lead: '문서와 증명 파일, 또는 폴더를 통째로 놓으세요. 모든 계산은 이 브라우저 안에서 이루어지며, 아무것도 밖으로 보내지 않습니다.',
    dropExplained:
      '어떤 파일이든 이름이 .ingam.json으로 끝나는 증명 파일이나 증명서(PDF)와 함께 놓으세요. 기록의 이력 파일, 증명 파일이 담긴 ZIP도 됩니다.',
    paste: '또는 해시값을 붙여 넣고 증명 파일 추가하기',
    pasteWrong: 'SHA-256 해시값(16진수 64자리)이 아닙니다.',
    trustNow: {
      service: '신뢰하는 키: 이 파일에 담긴 신뢰 정책',
      own: '신뢰하는 키: 따로 전달받은 키 또는 신뢰 정책',
      unusable: '입력한 키가 아직 없어, 이 파일에 담긴 신뢰 정책으로 확인한 결과입니다',
    },
    packWithoutCertificate: '증명서(PDF)는 서비스에서만 만들 수 있어 넣지 않았습니다.',
    trustService: '이 파일에 담긴 신뢰 정책',
    trustPage: '이 파일도 서비스에서 받은 것입니다. 서비스에 전혀 의존하지 않으려면 명령줄에서 확인하세요:',
    checkedWithService:
      '이 파일에 담긴 신뢰 정책으로 확인했습니다. 파일의 출처와 무관하게 확신하려면 다른 경로로 받은 키와 비교하세요.',
  },
  trustExplained: (origin, time) =>
    `${origin} 서비스가 ${time}에 게시한 키입니다. 이 파일을 받은 경로만큼만 신뢰할 수 있습니다.`,
  trustNothing: '담긴 정책이 없습니다.',
  noKey: '증명 내용은 일관되지만 이 파일에는 서명을 확인할 키가 없습니다. 따로 전달받은 키를 입력하세요.',
  pending:
    '이 문서를 봉인하겠다는 약속이 담긴 파일입니다. 실제로 봉인되었는지는 서비스만 알 수 있으니, 서비스에서 최종 증명 파일을 받으세요.',
};

export const offlineMessages = byLanguage({ en, ko });
