import { byLanguage } from '../language.js';

/** The messages of `ingam publish`. Numbers are formatted. */

const en = {
  publishing: 'Publishing',
  onlyWithFollow: (option: string) => `${option} needs --follow`,
  noCheckpoint: (url: string) => `${url} has no checkpoint yet: there is nothing to publish.`,
  published: (what: string, to: string, files: string) =>
    `PUBLISHED  ${what} to ${to}: ${files} ${files === '1' ? 'file' : 'files'} written`,
  upToDate: (what: string, to: string) => `UP TO DATE  ${what} in ${to}`,
  mended: (n: string) =>
    `${n} ${n === '1' ? 'file was missing or different, and is' : 'files were missing or different, and are'} written again.`,
  following: (to: string, every: string) =>
    `Publishing each new checkpoint to ${to}; looking every ${every} s. Stop with Ctrl+C.`,
  outage: (detail: string) => `${detail}. Trying again until it works; nothing is lost.`,
  recovered: (to: string) => `It works again. Publishing to ${to}.`,
  logAway: (detail: string) => `the log cannot be read: ${detail}`,
  logAwayHint: 'Give the address of the service, or of a member of the log, with --server URL.',
  bucketFailed: (detail: string) => `the bucket cannot be used: ${detail}`,
  refused: (url: string, detail: string) => `what ${url} publishes is not valid: ${detail}`,
  nothingChanged: 'The published checkpoint was not changed.',
  evidenceHint:
    'The published checkpoint was not changed. Keep it: "ingam compare" of it with the address of the service writes the evidence.',
  problems: {
    other_log: (to: string, name: string) => ({
      message: `${to} holds another log: ${name}`,
      hint: 'Nothing was changed. Publish to a folder or bucket of its own.',
    }),
    differs: (to: string, file: string) => ({
      message: `${to}: ${file} is missing, or is not what the log has there`,
      hint: 'If this is the place of this log, run it with --check, which mends it.',
    }),
    ahead: (to: string, blocks: string) => ({
      message: `${to} has ${blocks} blocks, more than the log publishes now`,
      hint: 'Nothing was changed. If that stays so, the log has lost blocks: see docs/recovery.md.',
    }),
    busy: (to: string) => ({
      message: `another process publishes to ${to}`,
      hint: 'Run one at a time.',
    }),
  },
};

const ko: typeof en = {
  publishing: '쓰는 중',
  onlyWithFollow: (option) => `${option}은(는) --follow와 함께 쓰세요`,
  noCheckpoint: (url) => `${url}에 아직 체크포인트가 없어 쓸 것이 없습니다.`,
  published: (what, to, files) => `게시함  ${what} → ${to}: 파일 ${files}개를 썼습니다`,
  upToDate: (what, to) => `최신 상태  ${to}: ${what}`,
  mended: (n) => `없거나 다른 파일 ${n}개를 다시 썼습니다.`,
  following: (to, every) =>
    `새 체크포인트마다 ${to}에 씁니다. ${every}초마다 살펴봅니다. 그만하려면 Ctrl+C를 누르세요.`,
  outage: (detail) => `${detail}. 될 때까지 다시 시도하며, 잃는 것은 없습니다.`,
  recovered: (to) => `다시 됩니다. ${to}에 씁니다.`,
  logAway: (detail) => `로그를 읽을 수 없습니다(${detail})`,
  logAwayHint: '--server URL로 서비스나 로그의 참여 기관의 주소를 지정하세요.',
  bucketFailed: (detail) => `버킷을 사용할 수 없습니다(${detail})`,
  refused: (url, detail) => `${url}에서 공개한 내용이 올바르지 않습니다(${detail})`,
  nothingChanged: '게시된 체크포인트는 바꾸지 않았습니다.',
  evidenceHint:
    '게시된 체크포인트는 바꾸지 않았습니다. 보관하세요. "ingam compare"로 이것과 서비스의 주소를 비교하면 증거를 씁니다.',
  problems: {
    other_log: (to, name) => ({
      message: `${to}에 다른 로그가 있습니다: ${name}`,
      hint: '아무것도 바꾸지 않았습니다. 따로 쓰는 폴더나 버킷을 지정하세요.',
    }),
    differs: (to, file) => ({
      message: `${to}: ${file} 파일이 없거나 로그의 내용과 다릅니다`,
      hint: '이 로그의 자리가 맞으면 --check로 실행해 고치세요.',
    }),
    ahead: (to, blocks) => ({
      message: `${to}에 블록이 ${blocks}개 있어, 지금 로그가 공개하는 것보다 많습니다`,
      hint: '아무것도 바꾸지 않았습니다. 계속 그러면 로그가 블록을 잃은 것입니다. docs/recovery.md를 보세요.',
    }),
    busy: (to) => ({
      message: `다른 프로세스가 ${to}에 쓰고 있습니다`,
      hint: '한 번에 하나만 실행하세요.',
    }),
  },
};

export const publishMessages = byLanguage({ en, ko });
