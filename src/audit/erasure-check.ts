import { NODE_VERIFIERS, nodeSha256 } from '../crypto/primitives.js';
import {
  checkSignature,
  equal,
  type LogKeys,
  parseErasure,
  parseNote,
  ProofError,
  textKey,
  toHex,
  utf8,
  type VerifierKey,
} from '../proof/index.js';
import type { CertificateRow, KeyStatementRow, OddHoldRow, RecordRows } from '../store/index.js';
import { finding, type Findings } from './finding.js';

const PAGE = 256;
/** Most holds that are named. */
const LIMIT = 1000;

interface Options {
  readonly rows: Pick<RecordRows, 'erasureCertificates' | 'oddHolds'>;
  readonly logKeys: readonly KeyTime[] | null;
  readonly findings: Findings;
  readonly onPage: () => void;
}

/** When a key signed for the log, in milliseconds since the Unix epoch. */
export interface KeyTime {
  readonly key: VerifierKey;
  readonly from: number;
  readonly until: number;
}

/** A process may have read which keys sign just before they changed. */
const KEY_TOLERANCE_MS = 60_000;

/** From the sizes of the checkpoints that each key signs, and the blocks of the statements that changed them. */
export function keysInTime(keys: LogKeys, statements: readonly KeyStatementRow[]): KeyTime[] {
  const times = new Map(
    statements.flatMap(({ height, sealed_at: sealedAt }) =>
      height === null || sealedAt === null ? [] : [[Number(height) + 1, Number(sealedAt)] as const],
    ),
  );
  return keys.all.map(({ key, from, until }) => ({
    key,
    from: times.get(from) ?? -Infinity,
    until: (until === null ? undefined : times.get(until + 1)) ?? Infinity,
  }));
}

/**
 * Compares the certificates of erasures with the leaf hashes, the recorded erasures, the access log, and the keys that
 * the log had at their time, and legal holds with the access log.
 */
export async function checkErasures(options: Options): Promise<void> {
  await checkCertificates(options);
  const { rows, findings, onPage } = options;
  for (const { id, problem } of await rows.oddHolds(LIMIT)) {
    findings.add(finding('legal_hold', { id }, null, 'unexplained', messageOf(id, problem)));
  }
  onPage();
}

async function checkCertificates({ rows, logKeys, findings, onPage }: Options): Promise<void> {
  let after = -1n;
  for (;;) {
    const page = await rows.erasureCertificates(after, PAGE);
    for (const row of page) {
      after = row.position;
      const fault = faultOf(row, logKeys);
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
function faultOf(
  { position, note, erased_at: erasedAt, digest, own, erased, told_at: told, leaf }: CertificateRow,
  logKeys: readonly KeyTime[] | null,
) {
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
  if (!own)
    return [
      'organization_number',
      `The erasure at position ${position} is listed for another organization than the one in whose register it was.`,
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
  if (logKeys !== null && !isSignedInTime(note, Number(erasedAt), logKeys))
    return [
      'note',
      `No key that the log had at that time has signed the certificate of the erasure at position ${position}.`,
    ] as const;
  return null;
}

function isSignedInTime(text: string, erasedAt: number, logKeys: readonly KeyTime[]): boolean {
  const note = parseNote(text);
  return logKeys.some(
    ({ key, from, until }) =>
      erasedAt >= from - KEY_TOLERANCE_MS &&
      erasedAt <= until + KEY_TOLERANCE_MS &&
      checkSignature(note, textKey(key), NODE_VERIFIERS).state === 'good',
  );
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
