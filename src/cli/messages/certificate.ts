import { byLanguage } from '../language.js';

/** The messages of `ingam certificate`, `evidence-pack` and `export`. */

const en = {
  notSealed: (proof: string) =>
    `${proof} is not sealed yet. Get the final proof with: ingam upgrade ${proof}`,
  notCreated: 'No certificate was created:',
  needIssuer: '--contact and --logo need --issuer',
  goTogether: '--sign-key and --sign-chain go together',
  noOrganization: (proof: string) => `--organization: ${proof} does not disclose an organization`,
  getKey: "Get the log's public key from its owner and pass it with --key VKEY.",
  giveLogKey: " Give the log's key with --trust FILE or --key VKEY.",
  tooLong: (file: string, size: string) => `${file} has more than ${size}`,
  leaveOut: 'Make the pack with --without-document, and hand the document over beside it.',
  noVerifier: 'the verifier in one file is not built',
  buildVerifier: 'Build it with: npm run build',
  notExportable: (proof: string) =>
    `${proof} is a pending proof, which cannot be exported before it is sealed`,
  makeFinal: 'Replace it with the final one: ingam upgrade',
  notConvertible: (proof: string, detail: string) => `${proof} cannot be converted: ${detail}`,
  notVerified: (proof: string, why: string) =>
    `No certificate was created because ${proof} is not verified: ${why}`,
  packSays: (proof: string, why: string) => `The pack says that ${proof} is not verified: ${why}`,
  refused: (detail: string) => detail,
};

const ko: typeof en = {
  notSealed: (proof) => `${proof}: 아직 봉인되지 않았습니다. 최종 증명 받기: ingam upgrade ${proof}`,
  notCreated: '증명서를 만들지 않았습니다:',
  needIssuer: '--contact와 --logo를 쓰려면 --issuer가 필요합니다',
  goTogether: '--sign-key와 --sign-chain은 함께 써야 합니다',
  noOrganization: (proof) => `--organization: ${proof}에는 조직의 번호가 없습니다`,
  getKey: '로그의 공개 키를 소유자에게 받아 --key VKEY로 지정하세요.',
  giveLogKey: ' 로그의 키를 --trust FILE이나 --key VKEY로 지정하세요.',
  tooLong: (file, size) => `${file}이(가) ${size}보다 큽니다`,
  leaveOut: '--without-document로 묶음을 만들고 문서는 따로 전달하세요.',
  noVerifier: '한 파일로 된 확인 프로그램이 빌드되어 있지 않습니다',
  buildVerifier: '빌드하기: npm run build',
  notExportable: (proof) => `${proof}은(는) 봉인 전 증명 파일이라 봉인되기 전에는 변환할 수 없습니다`,
  makeFinal: '최종 증명 파일로 바꾸기: ingam upgrade',
  notConvertible: (proof, detail) => `${proof}을(를) 변환할 수 없습니다(${detail})`,
  notVerified: (proof, why) => `${proof}이(가) 확인되지 않아 증명서를 만들지 않았습니다: ${why}`,
  packSays: (proof, why) => `묶음에 ${proof}이(가) 확인되지 않는다고 적혀 있습니다: ${why}`,
  refused: (detail) => `증명서를 만들 수 없습니다(${detail})`,
};

export const certificateMessages = byLanguage({ en, ko });
