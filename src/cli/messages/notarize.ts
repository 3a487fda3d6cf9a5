import { byLanguage } from '../language.js';

/** The messages of `ingam notarize` and `ingam upgrade`. Numbers are formatted. */

const documents = (n: string) => `${n} document${n === '1' ? '' : 's'}`;

const en = {
  more: (n: string) => `… and ${n} more proof${n === '1' ? '' : 's'}; --json, or a pipe, gets all paths`,
  moreFailures: (n: string) => `… and ${n} more failure${n === '1' ? '' : 's'}`,
  late: (proof: string, receipt: string) =>
    `${proof} was sealed later than promised. Its receipt is kept in ${receipt}; "ingam verify --receipt" tells how much later.`,
  changed: (file: string, proof: string) => `${file} has changed; its earlier proof was renamed to ${proof}`,
  sealed: (n: string, origin: string) => `${documents(n)} notarized by ${origin}.`,
  pending: (n: string) => `${documents(n)} accepted, not yet sealed. Run later: ingam upgrade PROOF…`,
  present: (n: string) => `${documents(n)} skipped: already notarized.`,
  skippedProofs: (n: string) => `${n} proof file${n === '1' ? '' : 's'} skipped.`,
  skippedOthers: (n: string) => `${n} ${n === '1' ? 'link or device' : 'links or devices'} skipped.`,
  nothing: 'Nothing to notarize.',
  interrupted: 'Interrupted.',
  continue: 'Run the same command again to continue: finished files are skipped.',
  saveKey: "To verify the proofs later, save the log's key now: ingam trust",
  untrusted: (origin: string, trusted: string) =>
    `Warning: your trust policy does not verify these proofs: it does not trust ${origin}, or requires more cosignatures. You trust: ${trusted}`,
  alreadyFinal: (proof: string) => `${proof}: already final`,
  notSealed: (proof: string) => `${proof}: not sealed yet`,
};

const ko: typeof en = {
  more: (n) => `… 외 증명 파일 ${n}개. 모든 경로는 --json이나 파이프로 받을 수 있습니다`,
  moreFailures: (n) => `… 외 실패 ${n}건`,
  late: (proof, receipt) =>
    `${proof}: 약속보다 늦게 봉인되었습니다. 접수증을 ${receipt}에 보관합니다. "ingam verify --receipt"로 얼마나 늦었는지 알 수 있습니다.`,
  changed: (file, proof) => `${file}: 내용이 바뀌어 이전 증명 파일의 이름을 ${proof}(으)로 바꾸었습니다`,
  sealed: (n, origin) => `${origin}에 문서 ${n}건을 등록했습니다.`,
  pending: (n) =>
    `문서 ${n}건이 접수되었고 아직 봉인되지 않았습니다. 나중에 실행하세요: ingam upgrade PROOF…`,
  present: (n) => `이미 등록된 문서 ${n}건을 건너뛰었습니다.`,
  skippedProofs: (n) => `증명 파일 ${n}개를 건너뛰었습니다.`,
  skippedOthers: (n) => `링크나 장치 ${n}개를 건너뛰었습니다.`,
  nothing: '등록할 파일이 없습니다.',
  interrupted: '중단되었습니다.',
  continue: '계속하려면 같은 명령을 다시 실행하세요. 끝난 파일은 건너뜁니다.',
  saveKey: '나중에 증명을 확인할 수 있도록 지금 로그의 키를 저장하세요: ingam trust',
  untrusted: (origin, trusted) =>
    `경고: 신뢰 정책으로는 이 증명 파일들이 확인되지 않습니다. ${origin}을(를) 신뢰하지 않거나 공동 서명이 더 필요합니다. 신뢰하는 로그: ${trusted}`,
  alreadyFinal: (proof) => `${proof}: 이미 최종 증명입니다`,
  notSealed: (proof) => `${proof}: 아직 봉인되지 않았습니다`,
};

export const notarizeMessages = byLanguage({ en, ko });
