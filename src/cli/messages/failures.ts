import { byLanguage } from '../language.js';

/** Why a file or the service could not be used. */

/** Kinds of files that people give. */
const FILE_KINDS = {
  proof: '증명 파일',
  history: '이력 파일',
  zip: 'zip 파일',
  'text file': '텍스트 파일',
  'JSON file': 'JSON 파일',
  'evidence file': '증거 파일',
  'signed checkpoint': '서명된 체크포인트',
  'trust policy': '신뢰 정책',
  'revocation list': '폐지 목록',
  'file of certificates': '인증서 파일',
  'chain for this authority': '이 기관의 인증서 체인',
  'file of data keys': '데이터 키 파일',
  'file of keys': '키 파일',
} as const;
export type FileKind = keyof typeof FILE_KINDS;

const en = {
  notValid: (file: string, kind: FileKind, detail: string) => `${file} is not a valid ${kind}: ${detail}`,
  failed: 'FAILED',
  files: {
    ENOENT: 'no such file',
    EACCES: 'permission denied',
    EPERM: 'not permitted',
    EISDIR: 'is a folder',
    ENOTDIR: 'a part of the path is not a folder',
    ENOSPC: 'the disk is full',
    EROFS: 'the disk is read-only',
    ENAMETOOLONG: 'the name or the path is too long',
    ELOOP: 'the symbolic link leads to itself',
  } as Readonly<Record<string, string>>,
  otherFileError: (detail: string) => detail,
  isFolder: 'is a folder',
  changed: (file: string) => `${file}: the file changed while it was read`,
  changedHint: 'Try again when nothing writes to the file, or use a copy of it.',
  interrupted: 'interrupted',
  unreachable: (url: string, reason: string) => `cannot reach ${url}: ${reason}`,
  unreachableHint:
    'Give the address with --server URL, INGAM_SERVER or "ingam login", or start a service here: ingam serve',
  connections: {
    ECONNREFUSED: 'connection refused',
    ENOTFOUND: 'unknown host',
    EAI_AGAIN: 'the host name cannot be resolved at the moment',
    ECONNRESET: 'the connection was closed',
    UND_ERR_SOCKET: 'the connection was closed',
    ETIMEDOUT: 'no answer',
    UND_ERR_CONNECT_TIMEOUT: 'no answer',
    UND_ERR_HEADERS_TIMEOUT: 'no answer',
  } as Readonly<Record<string, string>>,
  connectionFailed: (detail: string | null) => detail ?? 'the connection failed',
  wrongKey:
    'The API key is wrong, expired or revoked. An owner of your organization can create a new one (ingam key create).',
  missingKey:
    'Give an API key as an option (see --help), in INGAM_KEY, or save it with "ingam login". An owner of your organization can create one: ingam key create',
  unexpectedError: (detail: string) => `unexpected error: ${detail}`,
  reportIt: 'An unexpected error is a mistake in Ingam. Please report it.',
  notAnObject: (file: string) => `${file} must contain a JSON object`,
  noFolder: (file: string) => `${file}: the folder does not exist`,
  exists: (file: string) => `${file} already exists; it was not changed`,
  otherOut: 'Choose another file with --out.',
  otherName: 'Choose another name: nothing that exists is replaced.',
  createdMeanwhile: (file: string) => `${file} was created by another program; it was not changed`,
  tooLong: (file: string, limit: number) =>
    `${file} has more than ${limit} bytes, which is more than any such file has`,
  standardInput: 'standard input',
  neitherFileNorFolder: (path: string) => `${path}: is neither a file nor a folder`,
  notAService: (url: string, detail: string) => `${url} is not an Ingam service: ${detail}`,
  unencrypted: (host: string) => `Warning: the API key is sent to ${host} unencrypted. Use https.`,
  passwordInAddress:
    'the address of the service must not contain a user name or password: it is printed and kept',
  howToGiveKey: 'Give an API key with "ingam login", as an option (see --help) or in INGAM_KEY.',
  notAnAddress: (text: string) => `${text} is not the address of a service`,
  addressExample: 'Example: https://notary.example.com',
  addressNotAllowed:
    'The API key may not be used from this network: "ingam key list" shows the allowed ones.',
  scopeMissing:
    'The API key lacks the required scope ("notarize" or "read"): "ingam key list" shows its scopes.',
  publicAddress: 'Use the public address of the service (its INGAM_PUBLIC_URL).',
  exceedsLimit: 'The request exceeds what the limit ever allows at once.',
  tryAfter: (time: string) => `Try again after ${time}. Owners can see the limits of the organization.`,
  proxyLimit:
    'A proxy in front of the service rejects requests of this size: raise its limit (nginx: client_max_body_size), or send digests, without --upload.',
  privateKey: 'this is a private key; give the public one',
  cosignersKey: (option: string, name: string) => `${option}: ${name} is a cosigner's key, not a log's`,
  listCosigners: 'List cosigners in a trust policy file, and pass it with --trust.',
  zipName: 'its name is not UTF-8',
  zipTwice: (name: string) => `it contains ${name} twice`,
  zipTooMany: (limit: number) => `it contains more than ${limit} files`,
  zipUnusual: (name: string) => `${name} is encrypted or in an unusual format`,
  zipDamaged: (name: string) => `${name} is damaged`,
  badKey: (option: string, detail: string) => `${option}: ${detail}`,
  bug: 'unexpected error. Please report it with the lines below:',
};

const ko: typeof en = {
  notValid: (file, kind, detail) => `${file}: 올바른 ${FILE_KINDS[kind]}이(가) 아닙니다(${detail})`,
  failed: '실패',
  files: {
    ENOENT: '파일이 없습니다',
    EACCES: '권한이 없습니다',
    EPERM: '허용되지 않습니다',
    EISDIR: '폴더입니다',
    ENOTDIR: '경로의 일부가 폴더가 아닙니다',
    ENOSPC: '디스크가 가득 찼습니다',
    EROFS: '읽기 전용 디스크입니다',
    ENAMETOOLONG: '이름이나 경로가 너무 깁니다',
    ELOOP: '심볼릭 링크가 자기 자신을 가리킵니다',
  },
  otherFileError: (detail) => `읽거나 쓸 수 없습니다(${detail})`,
  isFolder: '폴더입니다',
  changed: (file) => `${file}: 읽는 동안 파일이 바뀌었습니다`,
  changedHint: '파일에 쓰는 프로그램이 없을 때 다시 시도하거나 사본을 사용하세요.',
  interrupted: '중단되었습니다',
  unreachable: (url, reason) => `${url}에 연결할 수 없습니다: ${reason}`,
  unreachableHint:
    '--server URL, INGAM_SERVER 또는 "ingam login"으로 주소를 지정하거나, 이 컴퓨터에서 서비스를 시작하세요: ingam serve',
  connections: {
    ECONNREFUSED: '연결이 거부되었습니다',
    ENOTFOUND: '알 수 없는 호스트입니다',
    EAI_AGAIN: '지금은 호스트 이름을 찾을 수 없습니다',
    ECONNRESET: '연결이 끊겼습니다',
    UND_ERR_SOCKET: '연결이 끊겼습니다',
    ETIMEDOUT: '응답이 없습니다',
    UND_ERR_CONNECT_TIMEOUT: '응답이 없습니다',
    UND_ERR_HEADERS_TIMEOUT: '응답이 없습니다',
  },
  connectionFailed: (detail) => `연결하지 못했습니다${detail === null ? '' : `(${detail})`}`,
  wrongKey:
    'API 키가 잘못되었거나 만료 또는 폐기되었습니다. 조직의 소유자가 새로 만들 수 있습니다(ingam key create).',
  missingKey:
    'API 키를 옵션(--help 참고)이나 INGAM_KEY로 지정하거나 "ingam login"으로 저장하세요. 조직의 소유자가 만들 수 있습니다: ingam key create',
  unexpectedError: (detail) => `예기치 않은 오류입니다(${detail})`,
  reportIt: '예기치 않은 오류는 Ingam의 잘못입니다. 알려 주세요.',
  notAnObject: (file) => `${file}: JSON 객체가 들어 있어야 합니다`,
  noFolder: (file) => `${file}: 폴더가 없습니다`,
  exists: (file) => `${file}이(가) 이미 있어 바꾸지 않았습니다`,
  otherOut: '--out으로 다른 파일을 지정하세요.',
  otherName: '다른 이름을 지정하세요. 이미 있는 것은 바꾸지 않습니다.',
  createdMeanwhile: (file) => `${file}을(를) 그사이에 다른 프로그램이 만들어 바꾸지 않았습니다`,
  tooLong: (file, limit) =>
    `${file}이(가) ${limit}바이트보다 큽니다. 이런 종류의 파일은 그렇게 클 수 없습니다`,
  standardInput: '표준 입력',
  neitherFileNorFolder: (path) => `${path}: 파일도 폴더도 아닙니다`,
  notAService: (url, detail) => `${url}은(는) Ingam 서비스가 아닙니다(${detail})`,
  unencrypted: (host) => `경고: API 키를 암호화하지 않고 ${host}에 보냅니다. https를 쓰세요.`,
  passwordInAddress: '서비스의 주소는 출력되고 저장되므로 사용자 이름이나 비밀번호를 넣을 수 없습니다',
  howToGiveKey: 'API 키를 "ingam login", 옵션(--help 참고) 또는 INGAM_KEY로 지정하세요.',
  notAnAddress: (text) => `${text}은(는) 서비스의 주소가 아닙니다`,
  addressExample: '예: https://notary.example.com',
  addressNotAllowed:
    '이 네트워크에서는 쓸 수 없는 API 키입니다. 허용된 네트워크는 "ingam key list"로 볼 수 있습니다.',
  scopeMissing:
    'API 키에 필요한 권한("notarize" 또는 "read")이 없습니다. 권한은 "ingam key list"로 볼 수 있습니다.',
  publicAddress: '서비스의 공개 주소(INGAM_PUBLIC_URL)를 쓰세요.',
  exceedsLimit: '한도에서 한 번에 허용하는 양을 넘는 요청입니다.',
  tryAfter: (time) => `${time} 뒤에 다시 시도하세요. 조직의 한도는 소유자가 볼 수 있습니다.`,
  proxyLimit:
    '서비스 앞의 프록시가 이 크기의 요청을 거부합니다. 프록시의 제한(nginx: client_max_body_size)을 늘리거나 --upload 없이 해시값만 보내세요.',
  privateKey: '개인 키입니다. 공개 키를 지정하세요',
  cosignersKey: (option, name) => `${option}: ${name}은(는) 로그가 아니라 공동 서명자의 키입니다`,
  listCosigners: '공동 서명자는 신뢰 정책 파일에 적고 --trust로 지정하세요.',
  zipName: '이름이 UTF-8이 아닙니다',
  zipTwice: (name) => `${name}이(가) 두 번 들어 있습니다`,
  zipTooMany: (limit) => `파일이 ${limit}개보다 많습니다`,
  zipUnusual: (name) => `${name}이(가) 암호화되었거나 일반적이지 않은 형식입니다`,
  zipDamaged: (name) => `${name}이(가) 손상되었습니다`,
  badKey: (option, detail) => `${option}: 올바른 키가 아닙니다(${detail})`,
  bug: '예기치 않은 오류입니다. 아래의 내용과 함께 알려 주세요:',
};

export const failureMessages = byLanguage({ en, ko });
