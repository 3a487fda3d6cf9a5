import { byLanguage } from '../language.js';

/** The messages of `ingam login`, `logout` and `config`, and of what they have saved. */

const en = {
  malformed: (file: string) => `${file} is not a file of "ingam login"`,
  startAgain: 'Remove it with "ingam logout", and sign in again with "ingam login".',
  readByOthers: (file: string) =>
    `Warning: other users of this machine can read ${file}, which contains an API key: chmod 600 ${file}`,
  ask: (server: string) => `API key for ${server} (not shown): `,
  noKey: 'no API key was given',
  howToGiveKey:
    'Type it when asked, pipe it in (ingam login < key.txt), or save the server alone: ingam login --anonymous',
  bothKinds: '--key and --anonymous cannot be used together',
  token: 'this is an access token of a person, which expires within minutes: give an API key',
  makeKey: 'An owner of your organization can create one: ingam key create, or the Account page',
  otherKind: (server: string) => `${server} does not take this for an API key`,
  signedIn: (server: string, id: string, organization: string, scopes: string) =>
    `${server}: key ${id} of ${organization}, which may ${scopes}.`,
  serverSaved: (server: string) => `${server}: saved without an API key.`,
  savedIn: (file: string) => `Saved in ${file}, which only you can read.`,
  signedOut: (file: string) => `Removed ${file}.`,
  stillValid:
    'The API key itself stays valid. If it may have leaked, an owner must revoke it: ingam key revoke',
  notSignedIn: 'Nothing was saved.',
  server: 'server',
  key: 'key',
  trust: 'trust policy',
  none: '(none)',
  sources: { option: 'option', environment: 'environment', saved: 'saved', default: 'default' },
};

const ko: typeof en = {
  malformed: (file) => `${file}은(는) "ingam login"이 만든 파일이 아닙니다`,
  startAgain: '"ingam logout"으로 지운 뒤 "ingam login"으로 다시 로그인하세요.',
  readByOthers: (file) =>
    `경고: API 키가 들어 있는 ${file}을(를) 다른 사용자도 읽을 수 있습니다: chmod 600 ${file}`,
  ask: (server) => `${server}의 API 키(표시되지 않음): `,
  noKey: 'API 키를 입력하지 않았습니다',
  howToGiveKey:
    '물을 때 입력하거나, 파이프로 전달하거나(ingam login < key.txt), 서버만 저장하세요: ingam login --anonymous',
  bothKinds: '--key와 --anonymous는 함께 쓸 수 없습니다',
  token: '몇 분 안에 만료되는 개인 액세스 토큰입니다. API 키를 사용하세요',
  makeKey: '조직의 소유자가 만들 수 있습니다: ingam key create 또는 계정 페이지',
  otherKind: (server) => `${server}에서 API 키로 인정하지 않습니다`,
  signedIn: (server, id, organization, scopes) => `${server}: ${organization}의 키 ${id}(권한: ${scopes})`,
  serverSaved: (server) => `${server}: API 키 없이 저장했습니다.`,
  savedIn: (file) => `${file}에 저장했습니다. 본인만 읽을 수 있습니다.`,
  signedOut: (file) => `${file}을(를) 지웠습니다.`,
  stillValid:
    'API 키 자체는 계속 유효합니다. 유출되었을 수 있다면 소유자가 폐기해야 합니다: ingam key revoke',
  notSignedIn: '저장된 것이 없습니다.',
  server: '서버',
  key: '키',
  trust: '신뢰 정책',
  none: '(없음)',
  sources: { option: '옵션', environment: '환경 변수', saved: '저장됨', default: '기본값' },
};

export const loginMessages = byLanguage({ en, ko });
