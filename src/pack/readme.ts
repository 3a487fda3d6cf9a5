import type { Language } from '../messages/language.js';
import { printable, toHex, type Policy } from '../proof/index.js';
import type { Claim, ClaimVerdict } from './claim.js';
import { documentSentence } from './document-renewal-claims.js';
import type { JudgedProof } from './proof-claims.js';
import { NOT_SHOWN, timeSentence, vouchers } from './summary.js';
import { utc, type Text } from './text.js';

/** What the README and claims.json are about. */
export interface PackFacts {
  readonly proofs: readonly JudgedProof[];
  readonly policy: Policy | null;
  /** Its file in the pack; null: the document is not in it. */
  readonly document: string | null;
  readonly claims: readonly Claim[];
}

const WORDS = {
  en: {
    title: 'Evidence pack',
    about:
      'Evidence that a document was registered in a log, in parts that stock tools can check without a network and without the service that made it.',
    document: 'Document',
    absent: 'not in this pack',
    digest: 'SHA-256',
    notVerified: (name: string, verdict: string) =>
      `**NOT VERIFIED: ${name} is ${verdict}.** This pack does not show what it is meant to show.`,
    failed: (number: number, name: string, message: string) => `Step ${number} (${name}) failed: ${message}`,
    results: { invalid: 'invalid', untrusted: 'untrusted', pending: 'pending' },
    verified: 'Verified when this pack was made, with the keys in policy.txt.',
    sealed: (height: number, origin: string, time: string) =>
      `Block ${height} of the log ${origin}, sealed at ${time} on the word of its operator.`,
    shows: 'What this pack shows',
    notShown: 'What it does not show',
    check: 'How to check it',
    steps: [
      'Compare the keys in policy.txt with those that their owners give you. Everything else rests on them.',
      '`sha256sum -c SHA256SUMS` names each file that has been changed since the pack was made. Anybody who changes a file can write a new list, so keep the SHA-256 of the zip elsewhere.',
      '`sh check.sh` runs every command of claims.json and says which claims hold. It needs what every Debian has, and OpenSSL (3.0 or newer). Single commands are below.',
      'verify.html opens in a browser, without a network: give it the document, a proof (proof-1/proof.ingam.json) and policy.txt.',
      'With the program Ingam: `ingam verify DOCUMENT proof-1/proof.ingam.json --trust policy.txt`. The format is public and short, so that other programs can be written.',
    ],
    contents: 'Contents',
    files: {
      'README.md, README.ko.md': 'this page, in English and Korean',
      'claims.json': 'each claim: result, files that show it, command that checks it',
      'check.sh': 'runs the commands of claims.json',
      SHA256SUMS: 'the SHA-256 of every other file',
      'document/': 'the document',
      'policy.txt': 'whom the maker of this pack trusts: keys of logs, members and time sources',
      'verify.html': 'the verifier, in one file',
      'declarations/':
        'forms of United States law, for a person to complete and sign: Federal Rules of Evidence 902(13) and 902(14), 12 V.S.A. § 1913. Nobody has signed them',
      'proof-1/, …':
        'each proof, whole and in parts: entry, header, paths, signed notes, keys (SubjectPublicKeyInfo), signatures, time-stamp tokens, revocation lists, OpenTimestamps files, Bitcoin headers; a certificate of a verified proof',
    },
    claims: 'Claims',
    verdicts: {
      holds: 'holds',
      fails: 'DOES NOT HOLD',
      not_checked: 'not checked',
      not_counted: 'does not count',
    } satisfies Record<ClaimVerdict, string>,
    noPolicy: 'No key was trusted when this pack was made, so it has no policy.txt.',
  },
  ko: {
    title: '증거 묶음',
    about:
      '문서가 체인에 등록되었다는 증거를, 네트워크나 등록한 서비스 없이 기본 도구로 확인할 수 있는 조각으로 나누어 담았습니다.',
    document: '문서',
    absent: '이 묶음에 들어 있지 않음',
    digest: '해시값(SHA-256)',
    notVerified: (name: string, verdict: string) =>
      `**확인되지 않음: ${name}의 결과: ${verdict}.** 이 묶음은 보이려는 바를 증명하지 못합니다.`,
    failed: (number: number, name: string, message: string) =>
      `${number}단계(${name})에서 실패하였습니다: ${message}`,
    results: {
      invalid: '유효하지 않음',
      untrusted: '신뢰하는 곳에서 확인해 주지 않음',
      pending: '봉인 전',
    },
    verified: '이 묶음을 만들 때 policy.txt의 키로 확인되었습니다.',
    sealed: (height: number, origin: string, time: string) =>
      `${origin} 체인의 블록 ${height}번. 운영자가 밝힌 봉인 시각: ${time}`,
    shows: '이 묶음으로 알 수 있는 것',
    notShown: '이 묶음으로 알 수 없는 것',
    check: '확인하는 방법',
    steps: [
      'policy.txt의 키를 소유자에게서 다른 경로로 받은 키와 비교하세요. 나머지는 모두 이 키에 달려 있습니다.',
      '`sha256sum -c SHA256SUMS`는 묶음을 만든 뒤 바뀐 파일을 알려 줍니다. 파일을 바꾸는 사람은 목록도 새로 쓸 수 있으므로 zip 파일의 SHA-256 해시값을 다른 곳에 보관하세요.',
      '`sh check.sh`는 claims.json의 모든 명령을 실행하고 어느 항목이 성립하는지 알려 줍니다. 데비안의 기본 도구와 OpenSSL(3.0 이상)만 있으면 됩니다. 각 명령은 아래에 있습니다.',
      'verify.html을 네트워크 없이 브라우저에서 열고 문서와 증명(proof-1/proof.ingam.json), policy.txt를 넣으세요.',
      'Ingam 프로그램이 있으면: `ingam verify 문서 proof-1/proof.ingam.json --trust policy.txt`. 형식은 공개되어 있고 짧으므로 다른 프로그램도 만들 수 있습니다.',
    ],
    contents: '들어 있는 것',
    files: {
      'README.md, README.ko.md': '이 글(영어, 한국어)',
      'claims.json': '항목마다 결과, 근거가 되는 파일, 확인하는 명령',
      'check.sh': 'claims.json의 명령을 실행',
      SHA256SUMS: '다른 모든 파일의 SHA-256 해시값',
      'document/': '문서',
      'policy.txt': '묶음을 만든 사람이 신뢰하는 체인, 참여 기관, 시각 출처의 키',
      'verify.html': '파일 하나로 된 확인 프로그램',
      'declarations/':
        '미국 법에 따른 진술서 서식(연방증거규칙 902(13), 902(14), 버몬트주법 12 V.S.A. § 1913). 사람이 채우고 서명해야 하며, 아직 아무도 서명하지 않았습니다',
      'proof-1/, …':
        '증명 전체와 그 조각: 등록 항목, 헤더, 경로, 서명된 글, 키(SubjectPublicKeyInfo), 서명, 타임스탬프, 폐지 목록, OpenTimestamps 파일, 비트코인 헤더. 확인된 증명에는 증명서도 있습니다',
    },
    claims: '확인 항목',
    verdicts: {
      holds: '성립',
      fails: '성립하지 않음',
      not_checked: '확인하지 않음',
      not_counted: '인정되지 않음',
    } satisfies Record<ClaimVerdict, string>,
    noPolicy: '묶음을 만들 때 신뢰한 키가 없어 policy.txt가 없습니다.',
  },
} as const;

/** The README of a pack, in Markdown. What is wrong comes first. */
export function readme(facts: PackFacts, language: Language): string {
  const words = WORDS[language];
  const { proofs, policy, claims } = facts;
  const shown = (text: string) => plain(text);
  const say = (text: Text) => shown(text[language]);
  const failures = proofs.flatMap((judged, i) => warnings(judged, `proof-${i + 1}`, language));
  const lines = [
    `# ${words.title}`,
    '',
    ...failures.flatMap((text) => [text, '']),
    words.about,
    '',
    `- ${words.document}: ${shown(facts.document ?? words.absent)}`,
    `- ${words.digest}: \`${toHex(proofs[0]?.proof.entry.digest ?? new Uint8Array(0))}\``,
    '',
    `## ${words.shows}`,
    '',
    ...(policy === null ? [words.noPolicy, ''] : []),
  ];
  for (const [i, judged] of proofs.entries()) {
    const { block, log } = judged.proof;
    lines.push(`### proof-${i + 1}`, '');
    if (judged.verification.verdict === 'verified') lines.push(words.verified, '');
    else lines.push(...warnings(judged, `proof-${i + 1}`, language).flatMap((text) => [text, '']));
    lines.push(
      `- ${say(timeSentence(judged))}`,
      ...documentSentence(judged.documentRenewals ?? null).map((text) => `- ${say(text)}`),
      ...vouchers(judged, policy).map((text) => `- ${say(text)}`),
      `- ${shown(words.sealed(block.header.height, log.checkpoint.origin, utc(block.header.sealedAt)))}`,
      '',
    );
  }
  lines.push(
    `## ${words.notShown}`,
    '',
    ...NOT_SHOWN.map((text) => `- ${say(text)}`),
    '',
    `## ${words.check}`,
    '',
    ...words.steps.map((text, i) => `${i + 1}. ${text}`),
    '',
    `## ${words.contents}`,
    '',
    ...Object.entries(words.files)
      .filter(
        ([name]) =>
          (name !== 'document/' || facts.document !== null) && (name !== 'policy.txt' || policy !== null),
      )
      .map(([name, text]) => `- \`${name}\`: ${text}`),
    '',
    `## ${words.claims}`,
    '',
    ...claims.flatMap((claim, i) => claimLines(claim, i + 1, language)),
  );
  return lines.join('\n');
}

function claimLines(
  { id, claim, verdict, command, note }: Claim,
  number: number,
  language: Language,
): string[] {
  const words = WORDS[language];
  return [
    `${number}. **${words.verdicts[verdict]}** (${id}): ${plain(claim[language])}`,
    ...(note === null ? [] : ['', `   ${plain(note[language])}`]),
    ...(command === null
      ? []
      : ['', '   ```sh', ...command.split('\n').map((line) => `   ${line}`), '   ```']),
    '',
  ];
}

/** Of a proof that is not verified: the verdict, and the steps that failed. */
function warnings(
  { verification: { verdict, steps } }: JudgedProof,
  name: string,
  language: Language,
): string[] {
  if (verdict === 'verified') return [];
  const words = WORDS[language];
  const failed = steps.filter(({ outcome }) => outcome === 'failed');
  return [
    words.notVerified(name, words.results[verdict]),
    // The sentences of the verifier are in English; its codes are the same everywhere.
    ...failed.map((step) =>
      words.failed(step.number, step.name, language === 'en' ? plain(step.message) : (step.code ?? '')),
    ),
  ];
}

/** Text from a proof or a policy must neither steer a terminal nor become Markdown. */
function plain(text: string): string {
  return printable(text).replaceAll(/[\\`*_<>[\]|#]/g, String.raw`\$&`);
}
