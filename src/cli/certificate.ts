import { basename, resolve } from 'node:path';
import { CertificateError, type Issuer, membersOf } from '../certificate/facts.js';
import { createCertificate } from '../certificate/certificate.js';
import { certificateSigner, type CertificateSigner } from '../certificate/signature.js';
import { CERTIFICATE_LANGUAGES, type CertificateLanguage } from '../certificate/words.js';
import { PENDING_FORMAT, toBase64, verify, type Verification } from '../proof/index.js';
import { defineCommand } from './command.js';
import { documentRenewals } from './document-renewals.js';
import { Failure, usageError } from './failure.js';
import {
  hashDocument,
  PROOF_SUFFIX,
  readProofOrCertificate,
  readSmall,
  readText,
  withoutSuffix,
  writeNew,
} from './files.js';
import { languageOf } from './language.js';
import { offlineVerifierDigest } from './offline-verifier.js';
import { withSuffix } from './paths.js';
import { compareReceipt, type KeptReceipt, promiseSentences, readReceipt } from './receipt.js';
import { loadTrust, TRUST_OPTIONS } from './trust-store.js';
import { timeInput } from './time.js';
import { EXIT, type ExitCode, type Io, printLine, printNote } from './io.js';
import { certificateMessages } from './messages/certificate.js';
import { SUMMARIES } from './summaries.js';
import { verifyMessages } from './messages/verify.js';

export const certificateCommand = defineCommand({
  name: 'certificate',
  summary: SUMMARIES.certificate,
  usage: 'PROOF [--document FILE] [--receipt PENDING] [--lang en|ko|ko-en] [--out FILE.pdf]',
  text: {
    en: `Writes a PDF about a proof, with the proof embedded: "ingam verify FILE CERTIFICATE.pdf" verifies it. No network
is used. The proof is verified first with the keys that you trust; no certificate is created unless it is
verified. An existing file is never replaced.

PROOF can itself be a certificate, to create it in another language or with cosignatures that you trust.`,
    ko: `증명 파일을 담은 PDF를 만듭니다. "ingam verify FILE CERTIFICATE.pdf"로 확인할 수 있습니다. 네트워크를 쓰지
않습니다. 먼저 신뢰하는 키로 증명을 확인하며, 확인되지 않으면 증명서를 만들지 않습니다. 이미 있는 파일은 바꾸지
않습니다.

다른 언어로, 또는 신뢰하는 공동 서명과 함께 다시 만들려면 PROOF에 증명서를 지정할 수도 있습니다.`,
  },
  options: {
    ...TRUST_OPTIONS,
    document: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'the document of the proof: checked, and its file name is printed if the proof discloses none',
        ko: '증명 대상 문서. 문서를 확인하고, 증명에 파일 이름이 없으면 이 파일의 이름을 인쇄합니다',
      },
    },
    receipt: {
      type: 'string',
      value: 'PENDING',
      help: {
        en: 'kept pending proof: print whether its promise was kept',
        ko: '보관해 둔 봉인 전 증명 파일: 약속이 지켜졌는지 인쇄합니다',
      },
    },
    lang: {
      type: 'string',
      value: 'LANG',
      choices: CERTIFICATE_LANGUAGES,
      help: {
        en: 'en, ko, or ko-en for both on one sheet (default: by the locale)',
        ko: 'en, ko, 또는 두 언어를 한 장에 담는 ko-en(기본값: 로캘에 따름)',
      },
    },
    tz: {
      type: 'string',
      value: 'ZONE',
      help: {
        en: 'time zone shown in addition to UTC, such as Asia/Seoul (default: of this computer)',
        ko: 'UTC와 함께 표시할 시간대. 예: Asia/Seoul(기본값: 이 컴퓨터의 시간대)',
      },
    },
    'verify-page': {
      type: 'string',
      value: 'URL',
      help: { en: 'address of a verification page, for a QR code', ko: 'QR 코드에 넣을 확인 페이지의 주소' },
    },
    verifier: {
      type: 'string',
      value: 'URL',
      help: {
        en: 'where the verifier can be had as one HTML file',
        ko: 'HTML 파일 하나로 된 확인 프로그램을 받을 수 있는 주소',
      },
    },
    issuer: {
      type: 'string',
      value: 'NAME',
      help: { en: 'who issues the certificate, as it is printed', ko: '증명서에 인쇄할 발급 기관' },
    },
    contact: {
      type: 'string',
      value: 'TEXT',
      help: { en: 'where to ask about it: an address or number', ko: '문의처: 주소나 전화번호' },
    },
    logo: {
      type: 'string',
      value: 'FILE',
      help: { en: 'logo of the issuer, a PNG', ko: '발급 기관의 로고(PNG)' },
    },
    service: {
      type: 'string',
      value: 'HOST',
      help: {
        en: 'the service through which it is issued, as it is printed',
        ko: '증명서에 인쇄할 발급 서비스의 호스트 이름',
      },
    },
    organization: {
      type: 'string',
      value: 'NAME',
      help: {
        en: 'name of the organization whose id the proof discloses',
        ko: '증명에 번호가 담긴 조직의 이름',
      },
    },
    'sign-key': {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'sign the PDF (PAdES) with this private key, in PEM; needs --sign-chain',
        ko: '이 개인 키(PEM)로 PDF에 서명(PAdES). --sign-chain이 필요합니다',
      },
    },
    'sign-chain': {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'X.509 certificates in PEM: that of the key first, then those above it',
        ko: 'X.509 인증서(PEM): 서명 키의 인증서부터 상위 인증서 순서로',
      },
    },
    out: {
      type: 'string',
      value: 'FILE',
      help: {
        en: `output file (default: PROOF without ${PROOF_SUFFIX}, with .certificate.pdf)`,
        ko: `출력 파일(기본값: PROOF에서 ${PROOF_SUFFIX}를 뺀 이름에 .certificate.pdf)`,
      },
    },
  },
  positionals: { min: 1, max: 1, missing: { en: 'missing PROOF', ko: 'PROOF를 지정하세요' } },
  async run({ values, positionals: [path = ''] }, io) {
    const language = certificateLanguage(values.lang, io);
    const shown = values.out ?? withSuffix(withoutSuffix(path), '.certificate.pdf');
    const trust = await loadTrust(values, io);
    const proof = await readProofOrCertificate(resolve(io.cwd, path), path);
    if (proof.format === PENDING_FORMAT) {
      printNote(io, certificateMessages().notSealed(path));
      return EXIT.pending;
    }
    if (values.organization !== undefined && proof.account === undefined)
      throw usageError(certificateMessages().noOrganization(path));
    const { document: file } = values;
    const document = file === undefined ? null : await hashDocument(resolve(io.cwd, file), file, io);
    const verification = verify({ proof, document, policy: trust.policy, ...(await timeInput(proof)) });
    if (verification.verdict !== 'verified') return refuse(path, verification, io);
    const receipt =
      values.receipt === undefined
        ? null
        : compareReceipt(values.receipt, await readReceipt(values.receipt, io), {
            ...{ proof, verification, trust },
            document: document ?? proof.document,
          });
    if (receipt !== null && !isPrintable(receipt)) {
      printNote(io, certificateMessages().notCreated, ...promiseSentences(receipt, proof, path));
      return EXIT.failed;
    }
    const { issuer, signer } = await issuing(values, io);
    const sha256 = await offlineVerifierDigest();
    const made = await createCertificate({
      proof,
      verification,
      members: membersOf(trust.policy, proof.log.checkpoint.origin),
      organization: values.organization ?? null,
      documentRenewals: await documentRenewals(
        { proof, document: document ?? proof.document, file: file ?? null, trust, crls: [] },
        io,
      ),
      name: file === undefined ? null : basename(file),
      promise:
        receipt === null ? null : { deadline: receipt.pending.receipt.deadline, lateMs: receipt.lateMs },
      language,
      timeZone: values.tz ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
      verifyPage: values['verify-page'] ?? null,
      verifier: sha256 === null ? null : { address: values.verifier ?? null, sha256 },
      issuer,
      service: values.service ?? null,
      signature: signer === null ? null : { name: signer.name, at: Date.now() },
    }).catch(asUsage);
    const bytes = signer === null ? made : await signer.sign(made).catch(asUsage);
    await writeNew(resolve(io.cwd, shown), shown, bytes);
    printLine(io.stdout, shown);
    return EXIT.ok;
  },
});

type IssuingOption = 'issuer' | 'contact' | 'logo' | 'sign-key' | 'sign-chain';

async function issuing(
  values: Readonly<Partial<Record<IssuingOption, string | undefined>>>,
  io: Io,
): Promise<{ issuer: Issuer | null; signer: CertificateSigner | null }> {
  const { issuer: name, contact = null, logo } = values;
  const { 'sign-key': key, 'sign-chain': chain } = values;
  if (name === undefined && (contact !== null || logo !== undefined))
    throw usageError(certificateMessages().needIssuer);
  if ((key === undefined) !== (chain === undefined)) throw usageError(certificateMessages().goTogether);
  const issuer =
    name === undefined
      ? null
      : {
          name,
          contact,
          logo: logo === undefined ? null : toBase64(await readSmall(resolve(io.cwd, logo), logo)),
        };
  if (key === undefined || chain === undefined) return { issuer, signer: null };
  const [keyPem, chainPem] = [
    await readText(resolve(io.cwd, key), key),
    await readText(resolve(io.cwd, chain), chain),
  ];
  try {
    return { issuer, signer: certificateSigner(keyPem, chainPem, null) };
  } catch (error) {
    return asUsage(error);
  }
}

export function asUsage(error: unknown): never {
  throw error instanceof CertificateError
    ? new Failure('usage', certificateMessages().refused(error.message), { code: error.code, cause: error })
    : error;
}

/** Whether the receipt is for this entry, and a key that the user trusts has signed it. */
function isPrintable({ outcome, signed }: KeptReceipt): boolean {
  return signed && (outcome === 'kept' || outcome === 'late');
}

/** @param given one of the choices of --lang; undefined: by the locale */
export function certificateLanguage(given: string | undefined, { env }: Io): CertificateLanguage {
  return CERTIFICATE_LANGUAGES.find((each) => each === given) ?? languageOf(env);
}

function refuse(path: string, { steps }: Verification, io: Io): ExitCode {
  const failure = steps.find(({ outcome }) => outcome === 'failed');
  printNote(
    io,
    certificateMessages().notVerified(path, failure === undefined ? '' : verifyMessages().failure(failure)),
  );
  if (failure?.code === 'no_trusted_key') printNote(io, certificateMessages().getKey);
  return EXIT.failed;
}
