import { sha3_512 } from '@noble/hashes/sha3.js';
import type { Policy, ProofFile } from '../proof/index.js';
import { DOCUMENT_RENEWAL, readDocumentRenewal } from '../proof/time/anchor.js';
import { documentRenewalBytes, type JudgedDocumentRenewal } from '../proof/time/document-renewal.js';
import type { Claims } from './claim.js';
import { all, base64Word, cat, isFile, joined, quote } from './shell.js';
import { utc, type Text } from './text.js';
import { addStamp } from './token-claims.js';

export interface DocumentRenewalScene {
  readonly proof: ProofFile;
  /** null: they were not looked at. */
  readonly judged: readonly JudgedDocumentRenewal[] | null;
  readonly policy: Policy | null;
  /** null: it is not in the pack. */
  readonly document: { readonly path: string; readonly bytes: Uint8Array } | null;
  /** The files of entry and header. */
  readonly entry: string;
  readonly header: string;
}

/** Claims about the time-stamps over document and proof that do not rest on SHA-256. */
export function addDocumentRenewals(claims: Claims, scene: DocumentRenewalScene): void {
  scene.proof.anchors.forEach((anchor, index) => {
    if (anchor.type !== DOCUMENT_RENEWAL) return;
    const name = `anchor-${index + 1}`;
    const verdict = scene.judged?.find((each) => each.index === index);
    if (verdict === undefined || (!verdict.counts && verdict.fault === 'document_missing')) {
      claims.add(`${name}/document`, MAYBE, 'not_checked', [], null, NOT_LOOKED_AT);
    } else if (!verdict.counts) {
      claims.add(`${name}/document`, MAYBE, 'not_counted', [], null, {
        en: `It does not count: ${verdict.message}. Anybody can add an anchor to a proof, so this changes nothing else.`,
        ko: `인정되지 않습니다(${verdict.fault}). 외부 시각 자료는 누구나 증명에 덧붙일 수 있으므로 다른 항목에는 영향이 없습니다.`,
      });
    } else addCounting(claims, name, readDocumentRenewal(anchor), scene);
  });
}

const MAYBE: Text = {
  en: 'The document and its proof existed together by the time of a time-stamp over both, which does not rest on SHA-256.',
  ko: '문서와 증명이 SHA-256에 기대지 않는 타임스탬프의 시각에 함께 존재하였습니다.',
};
const NOT_LOOKED_AT: Text = {
  en: 'It was not checked when this pack was made. With the document: ingam verify DOCUMENT proof.ingam.json --trust policy.txt',
  ko: '이 묶음을 만들 때 확인하지 않았습니다. 문서가 있으면: ingam verify 문서 proof.ingam.json --trust policy.txt',
};

function addCounting(
  claims: Claims,
  name: string,
  renewal: ReturnType<typeof readDocumentRenewal>,
  { document, policy, entry, header }: DocumentRenewalScene,
): void {
  const covered = claims.file(`${name}/proof.ingam.json`, renewal.proof);
  if (document === null || policy === null) {
    claims.add(`${name}/document`, MAYBE, true, [covered], null, {
      en: 'The document is not in this pack. With it: ingam verify DOCUMENT proof.ingam.json --trust policy.txt',
      ko: '문서는 이 묶음에 들어 있지 않습니다. 문서가 있으면: ingam verify 문서 proof.ingam.json --trust policy.txt',
    });
    return;
  }
  const message = documentRenewalBytes(sha3_512(document.bytes), renewal.proof);
  const stamped = claims.file(`${name}/stamped.bin`, message);
  const hashed = (path: string) => `openssl dgst -sha3-512 -binary ${quote(path)}`;
  const inCovered = (path: string) => `grep -q -F -e '"'${base64Word(cat(path))}'"' ${quote(covered)}`;
  claims.add(
    `${name}/document`,
    {
      en: `${stamped} names ${document.path} and ${covered}, an older proof of the same entry in the same block, by their SHA3-512.`,
      ko: `${stamped}에는 ${document.path}과 같은 블록의 같은 등록 항목에 대한 이전 증명 ${covered}의 SHA3-512 해시값이 들어 있습니다.`,
    },
    true,
    [document.path, covered, stamped, entry, header],
    all(
      isFile(
        joined(`printf 'ingam/document-renewal/v1\\n'`, hashed(document.path), hashed(covered)),
        stamped,
      ),
      inCovered(entry),
      inCovered(header),
    ),
  );
  addStamp(claims, name, { kept: renewal, newer: [] }, policy, {
    file: stamped,
    message,
    what: {
      en: 'document and older proof existed together by its time, and nothing here rests on SHA-256',
      ko: '문서와 이전 증명은 그 시각에 함께 존재하였으며, 이는 SHA-256에 기대지 않습니다',
    },
  });
}

/** What the earliest time-stamp that counts shows. */
export function documentSentence(judged: readonly JudgedDocumentRenewal[] | null): Text[] {
  const [earliest] = (judged ?? []).filter((each) => each.counts).toSorted((a, b) => a.time - b.time);
  if (earliest === undefined) return [];
  const by = utc(earliest.time);
  return [
    {
      en: `The document and its proof existed together no later than ${by}, also if SHA-256 is weak by now (time-stamp of ${earliest.source} over both).`,
      ko: `SHA-256이 약해졌더라도, 문서와 증명은 늦어도 ${by}에 함께 존재하였습니다(${earliest.source}에서 둘 모두에 찍은 타임스탬프).`,
    },
  ];
}
