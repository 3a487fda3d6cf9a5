import {
  accountTagOf,
  canonicalDetails,
  encodeEntry,
  encodeHeader,
  equal,
  formatProof,
  inclusionPathLength,
  isAnonymous,
  proofOfCertificate,
  toHex,
  utf8,
  type DocumentFacts,
  type Policy,
  type ProofFile,
  type StepName,
  type Verification,
} from '../proof/index.js';
import type { JudgedDocumentRenewal } from '../proof/time/document-renewal.js';
import { addAnchors } from './anchor-claims.js';
import type { ClaimVerdict, Claims } from './claim.js';
import { addDocumentRenewals } from './document-renewal-claims.js';
import { addCosignatures, addLogPath, addLogSignatures, addPath, packNote } from './note-claims.js';
import {
  all,
  cat,
  isFile,
  isNumber,
  isPartOf,
  part,
  print,
  quote,
  rootOf,
  sha256Of,
  sha256OfFile,
  zeroBitsPattern,
} from './shell.js';
import { utc } from './text.js';

/** Where the fields are in an entry and a header (docs/proof-format.md). */
const ENTRY = { digest: 2, size: 34, accepted: 42, salt: 50, account: 66, details: 82 } as const;
const HEADER = { height: 1, root: 41, entries: 113, sealed: 117 } as const;

export interface JudgedProof {
  readonly proof: ProofFile;
  readonly verification: Verification;
  /** Its time-stamps over the document itself; null: they were not looked at. */
  readonly documentRenewals?: readonly JudgedDocumentRenewal[] | null;
}

/** A proof with its verification, and the PDF certificate of a verified one. */
export interface PackedProof extends JudgedProof {
  readonly certificate: Uint8Array | null;
}

export interface PackedDocument {
  readonly facts: DocumentFacts;
  /** null: it is not in the pack. */
  readonly file: { readonly path: string; readonly bytes: Uint8Array } | null;
}

/** Puts a proof into its folder, whole and in the parts that stock commands need, with all claims about it. */
export function addProof(
  claims: Claims,
  { proof, verification, certificate, documentRenewals = null }: PackedProof,
  document: PackedDocument,
  policy: Policy | null,
): void {
  const whole = claims.file('proof.ingam.json', utf8(formatProof(proof)));
  const entry = claims.file('entry.bin', encodeEntry(proof.entry));
  const header = claims.file('header.bin', encodeHeader(proof.block.header));
  addDocument(claims, proof, entry, document);
  addProofFile(claims, proof, verification, { whole, entry, header });
  addDisclosure(claims, proof, verification, entry);
  addBlock(claims, proof, verification, { entry, header });
  addTimes(claims, proof, verification, { entry, header });
  const checkpoint = packNote(claims, 'checkpoint', proof.log.note);
  const block = { file: header, header: proof.block.header };
  addLogPath(claims, checkpoint, block, proof.log.path, verdictOf(verification, 'log') === 'holds');
  addLogSignatures(claims, checkpoint, policy);
  if (certificate !== null) addCertificate(claims, certificate, whole);
  addDocumentRenewals(claims, {
    ...{ proof, policy, entry, header },
    judged: documentRenewals,
    document: document.file,
  });
  if (policy === null) return;
  addCosignatures(claims, checkpoint, policy);
  addDemands(claims, verification, policy);
  addAnchors(claims, { proof, verification, policy, block });
}

function verdictOf({ steps }: Verification, name: StepName): ClaimVerdict {
  const outcome = steps.find((step) => step.name === name)?.outcome;
  return outcome === 'passed' ? 'holds' : outcome === 'failed' ? 'fails' : 'not_checked';
}

function addDocument(
  claims: Claims,
  { entry }: ProofFile,
  file: string,
  { facts, file: given }: PackedDocument,
): void {
  const path = given?.path ?? null;
  const digest = toHex(entry.digest);
  const same = equal(facts.sha256, entry.digest) && (entry.size === null || facts.size === entry.size);
  if (path === null) {
    claims.add(
      'document',
      {
        en: `The entry is about a document with the SHA-256 ${digest}.`,
        ko: `등록 항목은 SHA-256 해시값이 ${digest}인 문서에 관한 것입니다.`,
      },
      same,
      [file],
      `test "$(${part(file, ENTRY.digest, 32)} | od -A n -v -t x1 | tr -d ' \\n')" = ${toHex(facts.sha256)}`,
      {
        en: 'The document is not in this pack. Compare its SHA-256 (sha256sum FILE) with this one.',
        ko: '문서는 이 묶음에 들어 있지 않습니다. 문서의 SHA-256 해시값(sha256sum 파일)을 이 값과 비교하세요.',
      },
    );
    return;
  }
  claims.add(
    'document',
    {
      en: `${path} is the document whose SHA-256 the entry records: ${digest}.`,
      ko: `${path} 파일의 SHA-256 해시값이 등록 항목에 기록된 값(${digest})과 같습니다.`,
    },
    same,
    [path, file],
    all(
      isPartOf(sha256OfFile(path), file, ENTRY.digest, 32),
      ...(entry.size === null
        ? []
        : [isNumber(file, ENTRY.size, 8, entry.size), `test "$(wc -c < ${quote(path)})" -eq ${entry.size}`]),
    ),
  );
}

function addProofFile(
  claims: Claims,
  proof: ProofFile,
  verification: Verification,
  { whole, entry, header }: { readonly whole: string; readonly entry: string; readonly header: string },
): void {
  const verdict = verdictOf(verification, 'entry');
  // Whole members: a file that is missing or empty must not be found in everything.
  const inProof = (member: string, command: string) =>
    `grep -q -F -e ${quote(`"${member}": "`)}"$(${command})"'"' ${quote(whole)}`;
  const digest = `${part(entry, ENTRY.digest, 32)} | od -A n -v -t x1 | tr -d ' \\n'`;
  const sizeFails = equal(proof.entry.digest, proof.document.sha256) && verdict === 'fails';
  claims.add(
    'proof-file',
    {
      en: `${entry} and ${header} are the entry and the block's header that ${whole} contains, and it is about the document that the entry records.`,
      ko: `${entry}과 ${header}은 ${whole}에 담긴 등록 항목과 블록 헤더이며, 이 증명은 등록 항목에 기록된 문서에 관한 것입니다.`,
    },
    verdict,
    [whole, entry, header],
    sizeFails
      ? null
      : all(
          inProof('entry', `base64 -w 0 ${quote(entry)}`),
          inProof('header', `base64 -w 0 ${quote(header)}`),
          inProof('sha256', digest),
        ),
    sizeFails
      ? { en: 'It states another size than the entry.', ko: '등록 항목과 다른 크기가 적혀 있습니다.' }
      : null,
  );
}

/** What is printed on a certificate is not evidence: the claim is about the proof in it. */
function addCertificate(claims: Claims, bytes: Uint8Array, proof: string): void {
  const file = claims.file('certificate.pdf', bytes);
  const embedded = proofOfCertificate(bytes);
  // The head is short, and the proof follows it.
  const start = Array.from({ length: 512 }, (_, i) => i).findIndex((i) =>
    equal(bytes.subarray(i, i + embedded.length), embedded),
  );
  claims.add(
    'certificate',
    {
      en: `${file} contains ${proof}, byte for byte. What is printed on its pages is not evidence.`,
      ko: `${file}에는 ${proof}이 그대로 들어 있습니다. 인쇄된 내용은 증거가 아닙니다.`,
    },
    true,
    [file, proof],
    isFile(part(file, start, embedded.length), proof),
  );
}

function addDisclosure(claims: Claims, proof: ProofFile, verification: Verification, entry: string): void {
  const salt = part(entry, ENTRY.salt, 16);
  const failure = verification.steps.find(({ name }) => name === 'disclosure')?.code ?? null;
  if (proof.details !== undefined) {
    const file = claims.file('details.json', utf8(canonicalDetails(proof.details)));
    claims.add(
      'details',
      {
        en: `The details in ${file} were notarized together with the document. It does not follow that they are true.`,
        ko: `${file}의 문서 정보는 문서와 함께 등록되었습니다. 그 내용이 사실이라는 뜻은 아닙니다.`,
      },
      failure !== 'details_mismatch',
      [file, entry],
      isPartOf(sha256Of(print(Uint8Array.of(2)), salt, cat(file)), entry, ENTRY.details, 32),
    );
  }
  if (proof.account === undefined) return;
  const holds =
    !isAnonymous(proof.entry) && equal(accountTagOf(proof.entry.salt, proof.account), proof.entry.accountTag);
  const file = claims.file('account.txt', utf8(proof.account));
  claims.add(
    'account',
    {
      en: `The account with the id in ${file} has notarized the document. Whose account it is does not follow from it.`,
      ko: `${file}에 적힌 번호의 계정이 문서를 등록하였습니다. 누구의 계정인지는 여기서 알 수 없습니다.`,
    },
    holds,
    [file, entry],
    isPartOf(sha256Of(print(Uint8Array.of(3)), salt, cat(file)), entry, ENTRY.account, 16),
  );
}

interface Parts {
  readonly entry: string;
  readonly header: string;
}

function addBlock(
  claims: Claims,
  { block }: ProofFile,
  verification: Verification,
  { entry, header }: Parts,
): void {
  const { index, path } = block;
  const { entryCount, height, difficulty } = block.header;
  const files = addPath(claims, 'block-path', path);
  const fits = index < entryCount && path.length === inclusionPathLength(index, entryCount);
  claims.add(
    'block',
    {
      en: `The entry is number ${index + 1} of ${entryCount} in block ${height}.`,
      ko: `등록 항목은 블록 ${height}번의 ${entryCount}건 가운데 ${index + 1}번째입니다.`,
    },
    verdictOf(verification, 'block'),
    [entry, ...files, header],
    fits
      ? all(
          isNumber(header, HEADER.height, 8, height),
          isNumber(header, HEADER.entries, 4, entryCount),
          isPartOf(rootOf([cat(entry)], index, entryCount, files), header, HEADER.root, 32),
        )
      : null,
    fits
      ? null
      : { en: 'The path does not fit the place in the block.', ko: '경로가 블록 안의 위치와 맞지 않습니다.' },
  );
  if (difficulty === 0) return;
  claims.add(
    'proof-of-work',
    {
      en: `The hash of block ${height} begins with at least ${difficulty} zero bits, as its header demands.`,
      ko: `블록 ${height}번의 해시값은 헤더에 적힌 대로 ${difficulty}비트 이상의 0으로 시작합니다.`,
    },
    verdictOf(verification, 'proof_of_work'),
    [header],
    `openssl dgst -sha256 -r ${quote(header)} | grep -q ${zeroBitsPattern(difficulty)}`,
  );
}

function addTimes(
  claims: Claims,
  { entry, block }: ProofFile,
  verification: Verification,
  files: Parts,
): void {
  const { acceptedAt } = entry;
  const { sealedAt, height } = block.header;
  claims.add(
    'sealed',
    {
      en: `The operator of the log states that it accepted the document at ${utc(acceptedAt)} and sealed block ${height} at ${utc(sealedAt)}, which is not earlier.`,
      ko: `체인의 운영자는 문서를 ${utc(acceptedAt)}에 접수하고 그 뒤인 ${utc(sealedAt)}에 블록 ${height}번을 봉인하였다고 밝혔습니다.`,
    },
    verdictOf(verification, 'time'),
    [files.entry, files.header],
    all(
      isNumber(files.entry, ENTRY.accepted, 8, acceptedAt),
      isNumber(files.header, HEADER.sealed, 8, sealedAt),
      `test ${acceptedAt} -le ${sealedAt}`,
    ),
    {
      en: 'That it was so is their word. What others say about the time is in the claims about members and anchors.',
      ko: '실제로 그러하였는지는 운영자의 말입니다. 다른 곳에서 확인한 시각은 참여 기관과 외부 시각에 관한 항목에 있습니다.',
    },
  );
}

/** What the policy demands beyond a signature of the log. */
function addDemands(claims: Claims, verification: Verification, policy: Policy): void {
  const follows = {
    en: 'It follows from the claims about single signatures and sources, and from policy.txt.',
    ko: '각 서명과 출처에 관한 항목과 policy.txt에서 알 수 있습니다.',
  };
  if (policy.quorum !== null) {
    claims.add(
      'quorum',
      {
        en: `As many members have cosigned as policy.txt demands (quorum ${policy.quorum}).`,
        ko: `policy.txt가 요구하는 만큼(quorum ${policy.quorum}) 참여 기관이 공동 서명하였습니다.`,
      },
      verdictOf(verification, 'cosignatures'),
      ['policy.txt'],
      null,
      follows,
    );
  }
  if (policy.time.least === null) return;
  claims.add(
    'times',
    {
      en: `At least ${policy.time.least} independent time sources have confirmed the time, as policy.txt demands.`,
      ko: `policy.txt가 요구하는 대로 독립된 시각 출처 ${policy.time.least}곳 이상이 시각을 확인하였습니다.`,
    },
    verdictOf(verification, 'times'),
    ['policy.txt'],
    null,
    follows,
  );
}
