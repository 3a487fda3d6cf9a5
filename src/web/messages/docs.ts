import { byLanguage } from '../lib/language.js';

/** The messages around the description of the API, which itself is English. */

const en = {
  heading: 'API',
  lead: 'Programs can do everything these pages do. Each endpoint below has an example to copy.',
  download: 'Download openapi.json',
  keys: 'Authenticate with an API key of your organization in the header “Authorization: Bearer KEY”.',
  createKey: 'Create a key',
  errors:
    'Errors are RFC 9457 problem documents (application/problem+json). Their “code” is stable, and each endpoint lists its codes.',
  contents: 'Endpoints',
  tags: {
    Notarizations: 'Notarizations',
    Verification: 'Verification',
    Chain: 'Chain',
    'Transparency log': 'Transparency log',
    'Time-stamps': 'Time-stamps',
    Session: 'Session',
    Organizations: 'Organizations',
    Operation: 'Operation',
  },
  accessOpen: 'Public. Credentials are ignored.',
  accessAnyone:
    'Works without a key where the service allows anonymous use. To act for an organization, add the header “Authorization: Bearer KEY”.',
  accessKey: 'Requires an API key or a signed-in user.',
  example: 'Example',
  exampleAs: (type: string) => `Example with ${type}`,
  parameters: { path: 'Path parameters', query: 'Query parameters', header: 'Headers' },
  body: 'Request body',
  responses: 'Responses',
  required: 'required',
  schemas: 'Schemas',
  schemasExplained: 'Requests and responses that the endpoints above refer to by name.',
};

const ko: typeof en = {
  heading: 'API 문서',
  lead: '이 페이지들에서 하는 일은 프로그램으로도 모두 할 수 있습니다. 엔드포인트마다 복사해 쓸 수 있는 예제가 있습니다. 설명은 영어로 제공됩니다.',
  download: 'openapi.json 받기',
  keys: '조직의 API 키를 ‘Authorization: Bearer KEY’ 헤더에 넣어 인증합니다.',
  createKey: '키 만들기',
  errors:
    '오류는 RFC 9457 형식(application/problem+json)입니다. ‘code’ 값은 바뀌지 않으며 엔드포인트마다 나열되어 있습니다.',
  contents: '엔드포인트',
  tags: {
    Notarizations: '등록',
    Verification: '확인',
    Chain: '체인',
    'Transparency log': '투명성 로그',
    'Time-stamps': '타임스탬프',
    Session: '로그인',
    Organizations: '조직과 사용자',
    Operation: '운영',
  },
  accessOpen: '누구나 호출할 수 있습니다. 인증 정보는 무시합니다.',
  accessAnyone:
    '서비스가 공개되어 있으면 키 없이 호출할 수 있습니다. 조직을 대신해 호출하려면 ‘Authorization: Bearer KEY’ 헤더를 추가하세요.',
  accessKey: 'API 키가 있거나 로그인한 사용자만 호출할 수 있습니다.',
  example: '예제',
  exampleAs: (type) => `${type} 예제`,
  parameters: { path: '경로 매개변수', query: '쿼리 매개변수', header: '헤더' },
  body: '요청 본문',
  responses: '응답',
  required: '필수',
  schemas: '스키마',
  schemasExplained: '위의 엔드포인트에서 이름으로 가리키는 요청과 응답입니다.',
};

export const messages = byLanguage({ en, ko });
