import { byLanguage } from '../language.js';

/** The messages of `ingam signing`. */

const en = {
  columns: {
    request: 'request',
    kind: 'asked for',
    name: 'name',
    status: 'status',
    until: 'until',
    title: 'title',
  },
  none: 'There are no requests to sign.',
  mailed: 'It is sent by e-mail as well.',
  deliver: 'Deliver it privately: whoever has it can answer.',
  made: (id: string) => `Request ${id}. See where it has come to with: ingam signing show ${id}`,
  oneSubject: 'give one thing to ask for: DOCUMENT, --transfer, --licence or --claim',
  missingOption: (name: string) => `missing --${name}`,
  askExample: 'Example: ingam signing ask lease.pdf --name "Kim Minji" --title "Car lease" --until 7d',
  languages: '--language is en or ko',
};

const ko: typeof en = {
  columns: { request: '요청', kind: '종류', name: '이름', status: '상태', until: '기한', title: '제목' },
  none: '서명 요청이 없습니다.',
  mailed: '메일로도 보냅니다.',
  deliver: '본인에게만 전하세요. 링크를 가진 사람은 누구나 회신할 수 있습니다.',
  made: (id) => `요청 ${id}. 진행 상태 확인: ingam signing show ${id}`,
  oneSubject: 'DOCUMENT, --transfer, --licence, --claim 중 하나를 지정하세요',
  missingOption: (name) => `--${name}을(를) 지정하세요`,
  askExample: '예: ingam signing ask lease.pdf --name "김민지" --title "자동차 임대차" --until 7d',
  languages: '--language는 en 또는 ko입니다',
};

export const signingMessages = byLanguage({ en, ko });
