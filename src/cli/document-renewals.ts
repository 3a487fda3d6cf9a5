import { resolve } from 'node:path';
import { NODE } from '../crypto/primitives.js';
import { type DocumentFacts, PENDING_FORMAT, type PendingProof, type ProofFile } from '../proof/index.js';
import { DOCUMENT_RENEWAL } from '../proof/time/anchor.js';
import type { JudgedDocumentRenewal } from '../proof/time/document-renewal.js';
import { digestFile } from './files.js';
import { formatTime, type Io, isoTime } from './io.js';
import type { Trust } from './trust-store.js';
import { timeMessages } from './messages/time.js';

interface Given {
  readonly proof: ProofFile | PendingProof;
  readonly document: DocumentFacts;
  /** The document's path; null: there is none to read again. */
  readonly file: string | null;
  readonly trust: Trust;
  readonly crls: readonly Uint8Array[];
}

/** Judges the document renewals of a proof. Reads the document again only when there are some. @throws {Failure} */
export async function documentRenewals(
  { proof, document, file, trust, crls }: Given,
  io: Io,
): Promise<JudgedDocumentRenewal[]> {
  if (proof.format === PENDING_FORMAT || proof.anchors.every(({ type }) => type !== DOCUMENT_RENEWAL))
    return [];
  const { judgeDocumentRenewals } = await import('../proof/time/document-renewal.js');
  const sha3 =
    file === null ? null : (await digestFile(resolve(io.cwd, file), file, 'sha3-512', io.signal)).digest;
  return judgeDocumentRenewals({
    ...{ proof, policy: trust.policy, now: Date.now(), crls, primitives: NODE },
    document: sha3 === null ? null : { ...document, sha3 },
  });
}

export function documentRenewalSentences(judged: readonly JudgedDocumentRenewal[]): string[] {
  return judged.map((each) => {
    if (each.counts) return timeMessages().documentRenewed(formatTime(each.time), each.source);
    return each.fault === 'document_missing'
      ? timeMessages().documentRenewalUnchecked
      : timeMessages().documentRenewalFaulty(each.index + 1, each.fault, each.message);
  });
}

/** For `--json`. */
export const documentRenewalsJson = (judged: readonly JudgedDocumentRenewal[]) =>
  judged.map((each) =>
    each.counts
      ? { anchor: each.index, counts: true, source: each.source, notAfter: isoTime(each.time) }
      : { anchor: each.index, counts: false, fault: each.fault, message: `${each.message}.` },
  );
