import { byLanguage } from '../language.js';

/** Why a file or the service could not be used. */

const en = {
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
  connectionFailed: 'the connection failed',
  wrongKey:
    'The API key is wrong, expired or revoked. An owner of your organization can create a new one (ingam key create).',
  missingKey:
    'Give an API key as an option (see --help), in INGAM_KEY, or save it with "ingam login". An owner of your organization can create one: ingam key create',
};

const ko: typeof en = {
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
  connectionFailed: '연결하지 못했습니다',
  wrongKey:
    'API 키가 잘못되었거나 만료 또는 폐기되었습니다. 조직의 소유자가 새로 만들 수 있습니다(ingam key create).',
  missingKey:
    'API 키를 옵션(--help 참고)이나 INGAM_KEY로 지정하거나 "ingam login"으로 저장하세요. 조직의 소유자가 만들 수 있습니다: ingam key create',
};

export const failureMessages = byLanguage({ en, ko });
