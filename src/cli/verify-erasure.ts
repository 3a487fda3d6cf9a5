import { resolve } from 'node:path';
import {
  ERASURE_FIRST_LINE,
  parseErasure,
  parseNote,
  PENDING_FORMAT,
  type PendingProof,
  type Policy,
  ProofError,
  type ProofFile,
  readErasure,
  type Erasure,
  toBase64,
  utf8Decode,
} from '../proof/index.js';
import { Failure } from './failure.js';
import { isRegularFile, readHead } from './files.js';
import { EXIT, formatTime, type Io, isoTime } from './io.js';
import { erasureMessages } from './messages/erasure.js';

/** How far the clock of a service may go back. */
const CLOCK_TOLERANCE_MS = 5000;
/** More than any certificate has: two ML-DSA-44 signatures take 7 KB. */
const MAX_LENGTH = 64 * 1024;

/** A document that is the certificate of an erasure. */
export interface ErasureCertificate extends Erasure {
  /** Whether a key that the user trusts has signed it; otherwise no key was given. */
  readonly isSigned: boolean;
}

/**
 * The certificate of an erasure in a document; null: it is another document. The log notarizes whatever it is
 * given: a text that only looks like a certificate is a failure, and not a verified document.
 * @throws {Failure} malformed
 */
export async function readErasureFile(
  file: string | null,
  proof: ProofFile | PendingProof,
  policy: Policy | null,
  io: Io,
): Promise<ErasureCertificate | null> {
  if (file === null || file === '-') return null;
  const path = resolve(io.cwd, file);
  if (!(await isRegularFile(path))) return null;
  const bytes = await readHead(path, file, MAX_LENGTH);
  try {
    if (!utf8Decode(bytes.subarray(0, ERASURE_FIRST_LINE.length + 1)).startsWith(`${ERASURE_FIRST_LINE}\n`))
      return null;
  } catch {
    return null;
  }
  try {
    if (policy === null) return { ...parseErasure(parseNote(bytes).text), isSigned: false };
    const erasure = readErasure(bytes, keysFor(proof, policy));
    if (erasure.erasedAt > proof.entry.acceptedAt + CLOCK_TOLERANCE_MS)
      throw new ProofError('malformed_note', 'it states a time after it was notarized');
    return { ...erasure, isSigned: true };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw new Failure('malformed', erasureMessages().falseCertificate(file, error.message), {
      ...{ code: error.code, cause: error, exitCode: EXIT.failed },
      hint: erasureMessages().askService,
    });
  }
}

/** A former key counts for what was sealed while it was in use. */
function keysFor(proof: ProofFile | PendingProof, { logs, retired }: Policy) {
  const size = proof.format === PENDING_FORMAT ? Infinity : proof.block.header.height + 1;
  return [...logs, ...retired.filter(({ until }) => size <= until).map(({ key }) => key)];
}

export function erasureSentences({
  origin,
  position,
  leafHash,
  erasedAt,
  isSigned,
}: ErasureCertificate): string[] {
  return [
    erasureMessages().certifies(origin, position, formatTime(erasedAt)),
    erasureMessages().erasedLeaf(toBase64(leafHash)),
    ...(isSigned ? [] : [erasureMessages().signerUnchecked]),
  ];
}

export function erasureJson({ origin, position, leafHash, erasedAt, isSigned }: ErasureCertificate) {
  return { origin, position, leafHash: toBase64(leafHash), erasedAt: isoTime(erasedAt), signed: isSigned };
}
