import { language, type Language } from '../lib/language.js';

/** The words around the description of the API, which itself is English. */
export interface DocsMessages {
  readonly title: string;
  readonly heading: string;
  readonly lead: string;
  readonly download: string;
  readonly keys: string;
  readonly makeKey: string;
  readonly errors: string;
  readonly contents: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly accessOpen: string;
  readonly accessAnyone: string;
  readonly accessKey: string;
  readonly example: string;
  readonly exampleAs: (type: string) => string;
  readonly parameters: Readonly<Record<'path' | 'query' | 'header', string>>;
  readonly body: string;
  readonly answers: string;
  readonly required: string;
  readonly shapes: string;
  readonly shapesExplained: string;
}

const en: DocsMessages = {
  title: 'API · Ingam',
  heading: 'The API',
  lead: 'Everything that these pages do, a program can do too. Each call below has an example to copy.',
  download: 'Download openapi.json',
  keys: 'A program shows who it is by an API key of an organization, in the header “Authorization: Bearer KEY”.',
  makeKey: 'Make a key',
  errors:
    'Errors are RFC 9457 problems (application/problem+json). Their “code” is stable, and listed with each call.',
  contents: 'Calls',
  tags: {
    Notarizations: 'Notarizations',
    Verification: 'Verification',
    Chain: 'Chain',
    'Transparency log': 'Transparency log',
    Session: 'Session',
    Organizations: 'Organizations',
    Operation: 'Operation',
  },
  accessOpen: 'Everyone may call this; credentials are not looked at.',
  accessAnyone:
    'May be called without a key where the service is open to strangers. To act for an organization, add the header “Authorization: Bearer KEY”.',
  accessKey: 'Needs a key, or a person who is signed in.',
  example: 'Example',
  exampleAs: (type) => `Example with ${type}`,
  parameters: { path: 'In the address', query: 'Query parameters', header: 'Headers' },
  body: 'Body',
  answers: 'Answers',
  required: 'required',
  shapes: 'Shapes',
  shapesExplained: 'What the calls above take and give by name.',
};

const ko: DocsMessages = {
  title: 'API · 인감 Ingam',
  heading: '프로그램용 API',
  lead: '이 페이지들이 하는 일은 프로그램으로도 모두 할 수 있습니다. 호출마다 복사해 쓸 수 있는 예제가 있습니다. 설명문은 영어로 제공됩니다.',
  download: 'openapi.json 받기',
  keys: '프로그램은 조직의 API 키를 ‘Authorization: Bearer KEY’ 헤더에 담아 신원을 밝힙니다.',
  makeKey: '키 만들기',
  errors:
    '오류는 RFC 9457 형식(application/problem+json)입니다. ‘code’ 값은 바뀌지 않으며 호출마다 나열되어 있습니다.',
  contents: '호출 목록',
  tags: {
    Notarizations: '등록',
    Verification: '확인',
    Chain: '체인',
    'Transparency log': '투명성 로그',
    Session: '로그인',
    Organizations: '조직과 사용자',
    Operation: '운영',
  },
  accessOpen: '누구나 호출할 수 있으며 자격 증명을 보지 않습니다.',
  accessAnyone:
    '서비스가 공개되어 있으면 키 없이 호출할 수 있습니다. 조직 명의로 호출하려면 ‘Authorization: Bearer KEY’ 헤더를 추가하세요.',
  accessKey: '키가 있거나 로그인한 사용자만 호출할 수 있습니다.',
  example: '예제',
  exampleAs: (type) => `${type} 예제`,
  parameters: { path: '주소에 들어가는 값', query: '쿼리 매개변수', header: '헤더' },
  body: '본문',
  answers: '응답',
  required: '필수',
  shapes: '데이터 형식',
  shapesExplained: '위의 호출에서 이름으로 가리키는 요청과 응답의 형식입니다.',
};

const tables: Readonly<Record<Language, DocsMessages>> = { en, ko };

export function words(): DocsMessages {
  return tables[language()];
}
