import { byLanguage } from '../language.js';

/** What is wrong with a command line, and what help and the manual page say around what commands declare. */

const en = {
  usage: 'Usage:',
  purpose: 'prove, offline and for decades, that a document existed at a given time',
  exitStatus: 'Exit codes:',
  exitCodes: {
    0: 'success',
    1: 'failed: not verified, findings, some files failed, rejected by a rule, or cannot start',
    2: 'wrong usage, unreadable input, or no connection',
    3: 'accepted but not sealed yet',
    70: 'a bug',
    130: 'interrupted',
  },
  overviewEnd: 'Run "ingam COMMAND --help" for details. "ingam --version" shows the version.',
  sections: {
    name: 'NAME',
    synopsis: 'SYNOPSIS',
    commands: 'COMMANDS',
    exitStatus: 'EXIT STATUS',
    environment: 'ENVIRONMENT',
    files: 'FILES',
  },
  environment: {
    INGAM_SERVER: 'address of the service',
    INGAM_KEY: 'API key',
    INGAM_TRUST: 'file with the trust policy',
    'LC_ALL, LC_MESSAGES, LANG': 'language of the output: Korean if it begins with "ko", else English',
    NO_COLOR: 'if it is not empty, no colours',
  },
  files: {
    '$XDG_CONFIG_HOME/ingam/config.json, ~/.config/ingam/config.json': 'what "ingam login" has saved',
    '$XDG_CONFIG_HOME/ingam/trust, ~/.config/ingam/trust': 'the trust policy that "ingam trust" has saved',
  },
  unknownCommand: (name: string) => `unknown command: ${name}`,
  meantCommand: (name: string) => `Did you mean: ingam ${name}`,
  listAllCommands: 'List the commands with: ingam --help',
  timeExamples: (direction: 'ago' | 'from now') =>
    `Examples: 2027-01-31, 2027-01-31T09:00:00Z, 30d, 12h, 15m (${direction})`,
  wholeNumber: (option: string, range: { readonly minimum: number; readonly maximum: number } | null) =>
    `${option} must be a whole number${range === null ? '' : ` from ${range.minimum} to ${range.maximum}`}`,
  notTogether: (a: string, b: string) => `${a} and ${b} cannot be used together`,
  oneOf: (option: string, values: string) => `${option} must be one of ${values}`,
  repeated: (option: string) => `${option} is given more than once`,
  unexpectedArgument: (argument: string) => `unexpected argument: ${argument}`,
  noValue: (option: string) => `${option} takes no value`,
  aValue: 'a value',
  needsValue: (option: string, what: string) => `${option} requires ${what}`,
  ifValue: (option: string, value: string) => `If that is the value, write ${option}=${value}`,
  unknownOption: (option: string) => `unknown option ${option}`,
  meantOption: (option: string) => `Did you mean --${option}?`,
  notATime: (option: string, text: string) => `${option}: ${text} is not a time`,
  notTogetherOr: (a: string, b: string, c: string) => `${a} cannot be used together with ${b} or ${c}`,
  missingArgument: 'missing argument',
  unknownValue: (value: string, list: string) => `unknown value ${value}: one of ${list}`,
  missingOption: (option: string, value: string) => `missing --${option} ${value}`,
  options: 'Options:',
  runHelp: (name: string) => `Run "ingam ${name} COMMAND --help" for details.`,
  afterCommand: (name: string, option: string) =>
    `Options go after the command: ingam ${name} COMMAND ${option}`,
  listCommands: (name: string) => `List the commands with: ingam ${name} --help`,
};

const ko: typeof en = {
  usage: '사용법:',
  purpose: '문서가 어느 시점에 존재했음을 수십 년 뒤에도 오프라인으로 증명합니다',
  exitStatus: '종료 코드:',
  exitCodes: {
    0: '성공',
    1: '실패: 확인되지 않음, 발견 사항 있음, 일부 파일 실패, 규칙에 따른 거부, 시작할 수 없음',
    2: '잘못된 사용, 읽을 수 없는 입력, 연결 실패',
    3: '접수되었으나 아직 봉인되지 않음',
    70: 'Ingam의 오류',
    130: '중단됨',
  },
  overviewEnd: '자세한 도움말: ingam COMMAND --help, 버전: ingam --version',
  sections: {
    name: '이름',
    synopsis: '사용법',
    commands: '명령',
    exitStatus: '종료 코드',
    environment: '환경 변수',
    files: '파일',
  },
  environment: {
    INGAM_SERVER: '서비스의 주소',
    INGAM_KEY: 'API 키',
    INGAM_TRUST: '신뢰 정책 파일',
    'LC_ALL, LC_MESSAGES, LANG': '출력 언어: "ko"로 시작하면 한국어, 아니면 영어',
    NO_COLOR: '비어 있지 않으면 색을 쓰지 않음',
  },
  files: {
    '$XDG_CONFIG_HOME/ingam/config.json, ~/.config/ingam/config.json': '"ingam login"이 저장한 것',
    '$XDG_CONFIG_HOME/ingam/trust, ~/.config/ingam/trust': '"ingam trust"가 저장한 신뢰 정책',
  },
  unknownCommand: (name) => `알 수 없는 명령입니다: ${name}`,
  meantCommand: (name) => `이 명령을 찾으시나요? ingam ${name}`,
  listAllCommands: '명령 목록: ingam --help',
  timeExamples: (direction) =>
    `예: 2027-01-31, 2027-01-31T09:00:00Z, 30d, 12h, 15m(${direction === 'ago' ? '지금부터 이전' : '지금부터 이후'})`,
  wholeNumber: (option, range) =>
    range === null
      ? `${option}은(는) 정수여야 합니다`
      : `${option}은(는) ${range.minimum}에서 ${range.maximum} 사이의 정수여야 합니다`,
  notTogether: (a, b) => `${a}와(과) ${b}은(는) 함께 쓸 수 없습니다`,
  oneOf: (option, values) => `${option}은(는) 다음 중 하나여야 합니다: ${values}`,
  repeated: (option) => `${option}은(는) 한 번만 쓸 수 있습니다`,
  unexpectedArgument: (argument) => `불필요한 인수입니다: ${argument}`,
  noValue: (option) => `${option}에는 값을 쓸 수 없습니다`,
  aValue: '값',
  needsValue: (option, what) => `${option}에 ${what}이(가) 필요합니다`,
  ifValue: (option, value) => `그것이 값이라면 이렇게 쓰세요: ${option}=${value}`,
  unknownOption: (option) => `알 수 없는 옵션입니다: ${option}`,
  meantOption: (option) => `--${option}을(를) 쓰려고 하셨나요?`,
  notATime: (option, text) => `${option}: ${text}은(는) 시각이 아닙니다`,
  notTogetherOr: (a, b, c) => `${a}은(는) ${b}(이)나 ${c}와(과) 함께 쓸 수 없습니다`,
  missingArgument: '인수가 부족합니다',
  unknownValue: (value, list) => `알 수 없는 값 ${value}: 다음 중 하나여야 합니다: ${list}`,
  missingOption: (option, value) => `--${option} ${value}을(를) 지정하세요`,
  options: '옵션:',
  runHelp: (name) => `자세한 도움말: ingam ${name} COMMAND --help`,
  afterCommand: (name, option) => `옵션은 명령 뒤에 씁니다: ingam ${name} COMMAND ${option}`,
  listCommands: (name) => `명령 목록: ingam ${name} --help`,
};

export const usageMessages = byLanguage({ en, ko });
