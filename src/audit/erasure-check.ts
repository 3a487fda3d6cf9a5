import { nodeSha256 } from '../crypto/primitives.js';
import { equal, parseErasure, parseNote, ProofError, toHex, utf8 } from '../proof/index.js';
import type { CertificateRow, OddHoldRow, RecordRows } from '../store/index.js';
import { finding, type Findings } from './finding.js';

const PAGE = 256;
/** Most holds that are named. */
const LIMIT = 1000;

interface Options {
  readonly rows: Pick<RecordRows, 'erasureCertificates' | 'oddHolds'>;
  readonly findings: Findings;
  readonly onPage: () => void;
}

/**
 * Compares the certificates of erasures with the leaf hashes, the recorded erasures and the access log, and legal
 * holds with the access log. Signatures are for whoever holds a certificate: the log notarizes each.
 */
export async function checkErasures(options: Options): Promise<void> {
  await checkCertificates(options);
  const { rows, findings, onPage } = options;
  for (const { id, problem } of await rows.oddHolds(LIMIT)) {
    findings.add(finding('legal_hold', { id }, null, 'unexplained', messageOf(id, problem)));
  }
  onPage();
}

async function checkCertificates({ rows, findings, onPage }: Options): Promise<void> {
  let after = -1n;
  for (;;) {
    const page = await rows.erasureCertificates(after, PAGE);
    for (const row of page) {
      after = row.position;
      const fault = faultOf(row);
      if (fault === null) continue;
      const [column, message] = fault;
      const problem = row.note === null ? 'missing' : 'unexplained';
      findings.add(finding('erasure_certificate', { position: row.position }, column, problem, message));
    }
    onPage();
    if (page.length < PAGE) return;
  }
}

/** The column at fault, and what is wrong; null: nothing. */
function faultOf({
  position,
  note,
  erased_at: erasedAt,
  digest,
  erased,
  told_at: told,
  leaf,
}: CertificateRow) {
  if (note === null || erasedAt === null || digest === null)
    return [
      null,
      `The access log tells that the notarization at position ${position} was erased, but there is no certificate of it.`,
    ] as const;
  if (!erased)
    return [
      null,
      `There is a certificate of an erasure at position ${position}, where nothing was erased.`,
    ] as const;
  if (told !== erasedAt)
    return ['erased_at', `No event tells of the erasure at position ${position} at its time.`] as const;
  if (!equal(nodeSha256(utf8(note)), digest))
    return [
      'digest',
      `The digest of the certificate of the erasure at position ${position} is not that of its text.`,
    ] as const;
  const stated = textOf(note);
  if (stated === null)
    return ['note', `The certificate of the erasure at position ${position} cannot be read.`] as const;
  if (
    BigInt(stated.position) !== position ||
    BigInt(stated.erasedAt) !== erasedAt ||
    leaf === null ||
    !equal(stated.leafHash, leaf)
  ) {
    const found = `position ${stated.position}, leaf ${toHex(stated.leafHash)}`;
    return [
      'note',
      `The certificate of the erasure at position ${position} is about something else: ${found}.`,
    ] as const;
  }
  return null;
}

function textOf(note: string) {
  try {
    return parseErasure(parseNote(note).text);
  } catch (error) {
    if (error instanceof ProofError) return null;
    throw error;
  }
}

function messageOf(id: string, problem: OddHoldRow['problem']): string {
  switch (problem) {
    case 'missing':
      return `The access log tells of the legal hold ${id}, but there is none.`;
    case 'not_told':
      return `No event tells that the legal hold ${id} was placed by its person at its time.`;
    case 'not_lifted':
      return `The access log tells that the legal hold ${id} was lifted, but it is in force.`;
    case 'lift_not_told':
      return `No event tells that the legal hold ${id} was lifted by the second of its people.`;
    case 'count':
      return `The legal hold ${id} keeps another number of notarizations than when it was placed.`;
  }
}
