import { formatTime } from '../lib/format.js';
import { language, type Language } from '../lib/language.js';
import type { Made } from '../pages/verify/trust.js';
import type { VerifyMessages } from './verify.js';

/** What is said otherwise in the file than on the service's page, and what is said there alone. */
interface FileMessages {
  readonly frameNote: string;
  readonly heading: string;
  readonly made: (origin: string, time: string) => string;
  readonly madeByNobody: string;
  readonly absent: string;
  readonly showPolicy: string;
  readonly words: Pick<
    VerifyMessages,
    'lead' | 'documentExplained' | 'proofExplained' | 'trustService' | 'trustPage' | 'checkedWithService'
  >;
  readonly trustExplained: (origin: string, time: string) => string;
  readonly trustNobody: string;
  readonly noKey: string;
  readonly pending: string;
}

const en: FileMessages = {
  frameNote: 'A file of your own: it asks nothing of any network.',
  heading: 'About this file',
  made: (origin, time) => `The service of ${origin} made this file on ${time}.`,
  madeByNobody:
    'This file was not made by a service: it has no keys in it, and needs those that you were given.',
  absent:
    'What needs the service is not here: documents without a proof cannot be looked up, a pending proof cannot become a final one, and there are no links to the chain. Everything that a proof shows is checked here as it is there.',
  showPolicy: 'The trust policy in this file',
  words: {
    lead: 'Drop a document and its proof. Everything is computed in this file, in your browser: nothing is sent to anybody.',
    documentExplained: 'Any file. It is verified together with its proof.',
    proofExplained: 'The file that ends in .ingam.json, or the certificate (PDF).',
    trustService: 'The trust policy in this file',
    trustPage:
      'This file comes from the service as well. To depend on nothing of it, verify with the command line:',
    checkedWithService:
      'Checked with the trust policy in this file. For certainty that does not rest on where the file came from, compare the keys with those that you were given by another way.',
  },
  trustExplained: (origin, time) =>
    `The keys as ${origin} published them on ${time}. They are as good as the way by which this file came to you.`,
  trustNobody: 'There is none in it.',
  noKey:
    'The proof fits together, but this file has no key to check its signature with. Enter one that you were given.',
  pending:
    'The file promises that this document will be sealed. Whether it was, only the service can tell: get the final proof there.',
};

const ko: FileMessages = {
  frameNote: '직접 보관하는 파일이며, 네트워크를 전혀 쓰지 않습니다.',
  heading: '이 파일에 대하여',
  made: (origin, time) => `${origin} 서비스가 ${time}에 만든 파일입니다.`,
  madeByNobody: '서비스가 만든 파일이 아니어서 키가 들어 있지 않습니다. 따로 전달받은 키를 입력해야 합니다.',
  absent:
    '서비스가 있어야 하는 기능은 여기에 없습니다. 증명 파일 없이 문서를 조회하거나, 봉인 전의 증명 파일을 최종 증명 파일로 바꾸거나, 체인으로 이동할 수 없습니다. 증명이 보여 주는 내용은 서비스의 페이지와 똑같이 모두 확인합니다.',
  showPolicy: '이 파일에 담긴 신뢰 정책',
  words: {
    lead: '문서와 증명 파일을 놓으세요. 모든 계산은 이 파일과 브라우저 안에서 이루어지며, 아무것도 밖으로 보내지 않습니다.',
    documentExplained: '어떤 파일이든 됩니다. 증명 파일과 함께 확인합니다.',
    proofExplained: '이름이 .ingam.json으로 끝나는 파일이나 증명서(PDF)입니다.',
    trustService: '이 파일에 담긴 신뢰 정책',
    trustPage: '이 파일도 서비스에서 받은 것입니다. 서비스에 전혀 의존하지 않으려면 명령줄에서 확인하세요:',
    checkedWithService:
      '이 파일에 담긴 신뢰 정책으로 확인했습니다. 파일의 출처에 의존하지 않는 확신이 필요하면 다른 경로로 받은 키와 비교하세요.',
  },
  trustExplained: (origin, time) =>
    `${origin} 서비스가 ${time}에 게시한 키입니다. 이 파일을 받은 경로만큼만 믿을 수 있습니다.`,
  trustNobody: '담긴 정책이 없습니다.',
  noKey: '증명의 앞뒤는 맞지만 이 파일에는 서명을 확인할 키가 없습니다. 따로 전달받은 키를 입력하세요.',
  pending:
    '이 문서를 봉인하겠다는 약속이 담긴 파일입니다. 실제로 봉인되었는지는 서비스만 알 수 있으니, 서비스에서 최종 증명 파일을 받으세요.',
};

const tables: Readonly<Record<Language, FileMessages>> = { en, ko };

export function fileWords(): FileMessages {
  return tables[language()];
}

/** What takes the place of the service's own words. */
export function offlineWords(words: VerifyMessages, of: Language, made: Made | null): VerifyMessages {
  const t = tables[of];
  const { statements } = words;
  return {
    ...words,
    ...t.words,
    trustServiceExplained: made === null ? t.trustNobody : t.trustExplained(made.origin, formatTime(made.at)),
    statements: {
      ...statements,
      no_key: { ...statements.no_key, says: t.noKey },
      pending: { ...statements.pending, says: t.pending },
      pending_unvouched: { ...statements.pending_unvouched, says: t.pending },
    },
  };
}
