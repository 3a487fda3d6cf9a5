import { basename, resolve } from 'node:path';
import { createCertificate } from '../certificate/certificate.js';
import { membersOf } from '../certificate/facts.js';
import { CERTIFICATE_LANGUAGES } from '../certificate/words.js';
import { NODE, nodeSha256 } from '../crypto/primitives.js';
import { buildPack, MAX_PACKED_DOCUMENT, zipPack, type PackInput } from '../pack/index.js';
import { PENDING_FORMAT, toHex, verify, type ProofFile, type Verification } from '../proof/index.js';
import { asUsage, certificateLanguage } from './certificate.js';
import { defineCommand } from './command.js';
import { documentRenewals } from './document-renewals.js';
import { Failure } from './failure.js';
import {
  assertFile,
  hashDocument,
  PROOF_SUFFIX,
  readHead,
  readProofOrCertificate,
  writeNew,
} from './files.js';
import { EXIT, formatBytes, type Io, printLine, printNote } from './io.js';
import { offlineVerifier } from './offline-verifier.js';
import { withSuffix } from './paths.js';
import { timeInput } from './time.js';
import { loadTrust, TRUST_OPTIONS } from './trust-store.js';
import { certificateMessages } from './messages/certificate.js';
import { SUMMARIES } from './summaries.js';
import { verifyMessages } from './messages/verify.js';

const MAX_PROOFS = 64;

export const evidencePackCommand = defineCommand({
  name: 'evidence-pack',
  summary: SUMMARIES['evidence-pack'],
  usage: 'FILE [PROOF…] [--without-document] [--lang en|ko|ko-en] [--out FILE.zip]',
  text: {
    en: `Writes a zip for a lawyer or a court expert: the document, each PROOF whole and in the parts that stock tools
need (keys, signatures, time-stamp tokens, OpenTimestamps files), a list of claims with the command that checks each,
certificates, the verifier in one file, forms of declarations, and what all this does not show. No network is used. The
same input gives the same zip. An existing file is never replaced.

PROOF defaults to FILE${PROOF_SUFFIX}. It can also be a certificate. A proof that is not verified with the keys that you
trust is packed too: then the pack says so first, and the exit code is 1.`,
    ko: `변호사나 감정인에게 줄 zip을 만듭니다. 문서, 각 PROOF의 전체와 일반 도구로 확인할 수 있는 조각(키, 서명, 타임스탬프
토큰, OpenTimestamps 파일), 주장의 목록과 각각을 확인하는 명령, 증명서, 한 파일로 된 확인 프로그램, 진술서 양식,
그리고 증명하지 않는 것이 들어 있습니다. 네트워크를 쓰지 않습니다. 입력이 같으면 zip도 같습니다. 이미 있는 파일은
바꾸지 않습니다.

PROOF의 기본값은 FILE${PROOF_SUFFIX}이며 증명서를 지정할 수도 있습니다. 신뢰하는 키로 확인되지 않는 증명도 담지만,
묶음의 첫머리에 그렇다고 밝히고 종료 코드는 1입니다.`,
  },
  options: {
    ...TRUST_OPTIONS,
    'without-document': {
      type: 'boolean',
      help: {
        en: 'leave the document out: it is secret, or too large',
        ko: '문서를 넣지 않음: 기밀이거나 너무 클 때',
      },
    },
    lang: {
      type: 'string',
      value: 'LANG',
      choices: CERTIFICATE_LANGUAGES,
      help: {
        en: 'language of the certificates: en, ko, or ko-en for both (default: by the\nlocale); the other texts are in both',
        ko: '증명서의 언어: en, ko, 또는 둘 다 담는 ko-en(기본값: 로캘에 따름).\n다른 글은 두 언어로 들어갑니다',
      },
    },
    tz: {
      type: 'string',
      value: 'ZONE',
      help: {
        en: 'time zone shown on the certificates in addition to UTC (default: none)',
        ko: '증명서에 UTC와 함께 표시할 시간대(기본값: 없음)',
      },
    },
    out: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'output file (default: FILE with .evidence.zip)',
        ko: '출력 파일(기본값: FILE에 .evidence.zip)',
      },
    },
  },
  positionals: { min: 1, max: 1 + MAX_PROOFS, missing: { en: 'missing FILE', ko: 'FILE을 지정하세요' } },
  async run({ values, positionals: [file = '', ...given] }, io) {
    const language = certificateLanguage(values.lang, io);
    const shown = values.out ?? withSuffix(file, '.evidence.zip');
    const paths = given.length === 0 ? [withSuffix(file, PROOF_SUFFIX)] : given;
    const trust = await loadTrust(values, io);
    const { policy } = trust;
    const read: ProofFile[] = [];
    for (const path of paths) {
      const proof = await readProofOrCertificate(resolve(io.cwd, path), path);
      if (proof.format === PENDING_FORMAT) {
        printNote(io, certificateMessages().notSealed(path));
        return EXIT.pending;
      }
      read.push(proof);
    }
    const verifier = await offlineVerifier();
    const document = await readDocument(file, values['without-document'], io);
    const proofs: PackInput['proofs'][number][] = [];
    for (const proof of read) {
      const verification = verify({
        proof,
        document: document.facts,
        policy,
        primitives: NODE,
        ...(await timeInput(proof)),
      });
      const renewals = await documentRenewals({ proof, document: document.facts, file, trust, crls: [] }, io);
      const certificate =
        verification.verdict !== 'verified'
          ? null
          : await createCertificate({
              proof,
              verification,
              members: membersOf(policy, proof.log.checkpoint.origin),
              documentRenewals: renewals,
              name: document.name,
              language,
              timeZone: values.tz ?? 'UTC',
              verifyPage: null,
              // The file verify.html of the pack.
              verifier: { address: null, sha256: toHex(nodeSha256(verifier)) },
            }).catch(asUsage);
      proofs.push({ proof, verification, certificate, documentRenewals: renewals });
    }
    const files = buildPack({ proofs, document, policy, verifier, sha256: nodeSha256 });
    const sealedAt = Math.max(...read.map(({ block }) => block.header.sealedAt));
    await writeNew(resolve(io.cwd, shown), shown, zipPack(files, sealedAt));
    printLine(io.stdout, shown);
    const failed = proofs.flatMap(({ verification }, i) => notVerified(paths[i] ?? '', verification));
    printNote(io, ...failed);
    return failed.length === 0 ? EXIT.ok : EXIT.failed;
  },
});

function notVerified(path: string, { verdict, steps }: Verification): string[] {
  if (verdict === 'verified') return [];
  const failure = steps.find(({ outcome }) => outcome === 'failed');
  const hint = failure?.code === 'no_trusted_key' ? certificateMessages().giveLogKey : '';
  const why = failure === undefined ? '' : verifyMessages().failure(failure);
  return [certificateMessages().packSays(path, `${why}${hint}`)];
}

async function readDocument(file: string, without: boolean, io: Io): Promise<PackInput['document']> {
  const path = resolve(io.cwd, file);
  const name = basename(file);
  if (without) return { name, facts: await hashDocument(path, file, io), bytes: null };
  const size = await assertFile(path, file);
  // A device states no size.
  const bytes = size > MAX_PACKED_DOCUMENT ? null : await readHead(path, file, MAX_PACKED_DOCUMENT + 1);
  if (bytes === null || bytes.length > MAX_PACKED_DOCUMENT) {
    throw new Failure('usage', certificateMessages().tooLong(file, formatBytes(MAX_PACKED_DOCUMENT)), {
      code: 'too_long',
      hint: certificateMessages().leaveOut,
    });
  }
  return { name, facts: { sha256: nodeSha256(bytes), size: bytes.length }, bytes };
}
