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
  saveKey:
    "Whoever verifies the proofs later needs the log's key. If you have not saved it yet, do so now: ingam trust",
  untrusted: (origin: string, trusted: string) =>
    `Warning: your trust policy does not verify these proofs: it does not trust ${origin}, or requires more cosignatures. You trust: ${trusted}`,
  alreadyFinal: (proof: string) => `${proof}: already final`,
  notSealed: (proof: string) => `${proof}: not sealed yet`,
  otherBytes:
    'the service received different bytes: the file changed during the upload, or the connection is faulty',
  sameProof: (first: string, second: string, folder: string) =>
    `${first} and ${second} would both have the same proof file in ${folder}`,
  otherFolders: 'Use different folders for them, or omit --out.',
  nameNotText: 'its name is not UTF-8, and --names can include only text',
  renameIt: 'Rename the file, or notarize it without --names.',
  wholeSeconds: '--timeout must be a whole number of seconds',
  otherEntry: (server: string) => `${server} gives a proof of another entry than it accepted`,
  keepPending:
    'Keep the pending proof unchanged: its receipt shows what was accepted. See "Was the promise kept?" in docs/receipts.md.',
  streamAlone: '- (standard input) cannot be combined with files',
  forFiles: (option: string) => `--${option} is for files, not for standard input`,
  proofToOutput: 'The proof is written to standard output: ingam notarize - > FILE.ingam.json',
  notAProof: (file: string) => `${file} exists and is not a proof; it was not changed`,
  useForce: 'Use --force to replace it.',
  acceptedBut: (message: string, id: string) => `${message} (accepted as notarization ${id})`,
  stillAvailable: (url: string) =>
    `Proofs of accepted documents remain available: curl -o FILE.ingam.json ${url}`,
  refusedDetails: (detail: string) => `the service rejected its details: they ${detail}`,
  refusedName: (detail: string) => `the service rejected its name: it ${detail}`,
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
  saveKey:
    '나중에 증명을 확인하려면 로그의 키가 필요합니다. 아직 저장하지 않았다면 지금 저장하세요: ingam trust',
  untrusted: (origin, trusted) =>
    `경고: 신뢰 정책으로는 이 증명 파일들이 확인되지 않습니다. ${origin}을(를) 신뢰하지 않거나 공동 서명이 더 필요합니다. 신뢰하는 로그: ${trusted}`,
  alreadyFinal: (proof) => `${proof}: 이미 최종 증명입니다`,
  notSealed: (proof) => `${proof}: 아직 봉인되지 않았습니다`,
  otherBytes: '서비스가 받은 내용이 다릅니다. 업로드하는 동안 파일이 바뀌었거나 연결에 문제가 있습니다',
  sameProof: (first, second, folder) =>
    `${first}와(과) ${second}의 증명 파일이 ${folder}에서 같은 이름이 됩니다`,
  otherFolders: '서로 다른 폴더를 쓰거나 --out을 빼세요.',
  nameNotText: '이름이 UTF-8이 아니며, --names에는 글자만 쓸 수 있습니다',
  renameIt: '파일의 이름을 바꾸거나 --names 없이 등록하세요.',
  wholeSeconds: '--timeout은 초 단위의 정수여야 합니다',
  otherEntry: (server) => `${server}에서 접수한 것과 다른 등록 항목의 증명을 보냈습니다`,
  keepPending:
    '봉인 전 증명 파일을 그대로 보관하세요. 접수증이 접수된 내용을 보여 줍니다. docs/receipts.md의 "Was the promise kept?"를 보세요.',
  streamAlone: '-(표준 입력)는 다른 파일과 함께 쓸 수 없습니다',
  forFiles: (option) => `--${option}은(는) 표준 입력이 아니라 파일에 쓰는 옵션입니다`,
  proofToOutput: '증명은 표준 출력에 씁니다: ingam notarize - > FILE.ingam.json',
  notAProof: (file) => `${file}이(가) 이미 있으며 증명 파일이 아니므로 바꾸지 않았습니다`,
  useForce: '바꾸려면 --force를 쓰세요.',
  acceptedBut: (message, id) => `${message}(등록 ${id}(으)로 접수됨)`,
  stillAvailable: (url) => `접수된 문서의 증명은 계속 받을 수 있습니다: curl -o FILE.ingam.json ${url}`,
  refusedDetails: (detail) => `서비스가 이 파일의 문서 정보를 거부했습니다(${detail})`,
  refusedName: (detail) => `서비스가 이 파일의 이름을 거부했습니다(${detail})`,
};

export const notarizeMessages = byLanguage({ en, ko });
