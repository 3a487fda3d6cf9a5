import { equal } from '../../../proof/bytes.js';
import {
  beginsWithProof,
  isPdf,
  MAX_PROOF_SOURCE,
  parseProofOrCertificate,
} from '../../../proof/certificate.js';
import { ProofError, type ProofErrorCode } from '../../../proof/errors.js';
import { sha256 } from '../../../proof/hash.js';
import {
  MAX_PROOF_LENGTH,
  parseProof,
  PENDING_FORMAT,
  type PendingProof,
  type ProofFile,
} from '../../../proof/proof-file.js';
import { MAX_HISTORY_LENGTH } from '../../../proof/records/history-file.js';
import type { ChosenFile } from '../../lib/files.js';

/** A given document with its digest. */
export interface HashedDocument {
  readonly name: string;
  readonly size: number;
  readonly sha256: Uint8Array;
}

export type Parsed =
  /** A record's history, not read yet: its code is loaded for it. */
  | { readonly history: Uint8Array }
  /** `certificate`: whether the proof was embedded in a certificate. */
  | { readonly proof: ProofFile | PendingProof; readonly certificate: boolean }
  | { readonly unreadable: ProofErrorCode; readonly detail: string };

export const PROOF_ENDING = '.ingam.json';
const HISTORY_ENDING = '.ingam-history.json';
/** How a service writes a history. Other programs may write its members in another order: then the name tells. */
const HISTORY_HEAD = /^\s*\{\s*"format"\s*:\s*"ingam-history-/;

/** Larger PDFs are not inspected: certificates are much smaller. */
const MAX_LOOKED_INTO = 32 * 1024 * 1024;
/** Longer than the head of a certificate. */
const HEAD_LENGTH = 1024;
/**
 * The type stays readable in a PDF that another program has saved, because stream dictionaries are never
 * compressed.
 */
const ATTACHMENT_TYPE = /vnd\.ingam\.proof(\+|#2b)json/i;

/**
 * Whether a dropped file is a proof, by its name or content, a history or a certificate. All other files are
 * documents.
 */
export async function isProof(chosen: ChosenFile): Promise<boolean> {
  const { file } = chosen;
  if (file.name.toLowerCase().endsWith(PROOF_ENDING) || (await isCertificate(chosen))) return true;
  if (await isHistory(file)) return true;
  if (file.size > MAX_PROOF_LENGTH) return false;
  try {
    const value: unknown = JSON.parse(await file.text());
    const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : null;
    return typeof format === 'string' && /^ingam-(proof|pending)-/.test(format);
  } catch {
    return false;
  }
}

/** Files by their purpose; absent: not given. */
interface Sorted {
  readonly document?: ChosenFile;
  readonly proof?: ChosenFile;
  /** A pending proof of the same document as `proof`, which is a final one. */
  readonly receipt?: ChosenFile;
  /** Number of documents among the files. */
  readonly documents: number;
}

/**
 * Chooses the first document and the first proof. A certificate is a proof, but together with its own proof
 * it is the document. A pending proof beside a final one of the same document is a kept receipt.
 * @param present the proof that the page already has
 */
export async function sortFiles(files: readonly ChosenFile[], present: ChosenFile | null): Promise<Sorted> {
  const kinds = await Promise.all(files.map(isProof));
  const documents = files.filter((_, i) => kinds[i] === false);
  const proofs = files.filter((_, i) => kinds[i] === true);
  const pair = await notarizedCertificate(present === null ? proofs : [...proofs, present]);
  const [document] = documents;
  if (document === undefined && pair !== null) return { ...pair, documents: 1 };
  const kept = await receiptWithProof(proofs, present);
  const proof = proofs.find((each) => each !== pair?.proof) ?? proofs[0];
  return {
    ...(document === undefined ? {} : { document }),
    ...(kept ?? (proof === undefined ? {} : { proof })),
    documents: documents.length,
  };
}

/** A final proof and a pending one of the same document, of which at least one is new; null: there are none. */
async function receiptWithProof(
  proofs: readonly ChosenFile[],
  present: ChosenFile | null,
): Promise<{ readonly proof: ChosenFile; readonly receipt: ChosenFile } | null> {
  const all = present === null ? proofs : [...proofs, present];
  if (proofs.length === 0 || all.length < 2) return null;
  const read = await Promise.all(all.map(async (file) => ({ file, content: await proofIn(file) })));
  for (const { file: receipt, content: pending } of read) {
    if (pending?.format !== PENDING_FORMAT) continue;
    const found = read.find(
      ({ content }) =>
        content !== null &&
        content.format !== PENDING_FORMAT &&
        equal(content.document.sha256, pending.document.sha256),
    );
    if (found !== undefined) return { proof: found.file, receipt };
  }
  return null;
}

/** The certificate that is the document of another proof among these; null: none. */
async function notarizedCertificate(
  proofs: readonly ChosenFile[],
): Promise<{ readonly document: ChosenFile; readonly proof: ChosenFile } | null> {
  if (proofs.length < 2) return null;
  const claims = await Promise.all(proofs.map(async (proof) => ({ proof, claim: await claimOf(proof) })));
  for (const document of proofs) {
    if (document.file.size > MAX_LOOKED_INTO || !(await isCertificate(document))) continue;
    const digest = sha256(await bytesOf(document.file));
    const found = claims.find(
      ({ proof, claim }) => proof !== document && claim !== null && equal(claim, digest),
    );
    if (found !== undefined) return { document, proof: found.proof };
  }
  return null;
}

async function isHistory(file: File): Promise<boolean> {
  if (file.name.toLowerCase().endsWith(HISTORY_ENDING)) return true;
  try {
    return HISTORY_HEAD.test(new TextDecoder().decode(await bytesOf(file.slice(0, HEAD_LENGTH))));
  } catch {
    return false;
  }
}

/** The document's digest in a proof; null if it cannot be read. */
async function claimOf(chosen: ChosenFile): Promise<Uint8Array | null> {
  return (await proofIn(chosen))?.document.sha256 ?? null;
}

/** null if it cannot be read. */
async function proofIn({ file }: ChosenFile): Promise<ProofFile | PendingProof | null> {
  const read = await readProof(file).catch(() => null);
  return read !== null && 'proof' in read ? read.proof : null;
}

async function isCertificate({ file }: ChosenFile): Promise<boolean> {
  try {
    return beginsWithProof(await bytesOf(file.slice(0, HEAD_LENGTH)));
  } catch {
    return false;
  }
}

/**
 * Whether a document is a certificate that another program has saved, so that its proof is no longer in
 * place.
 */
export async function isRewrittenCertificate(file: File): Promise<boolean> {
  if (file.size > MAX_LOOKED_INTO) return false;
  try {
    const bytes = await bytesOf(file);
    return isPdf(bytes) && ATTACHMENT_TYPE.test(new TextDecoder('latin1').decode(bytes));
  } catch {
    return false;
  }
}

/** Reads a proof file, a certificate or a history. Rejects only if the file cannot be read at all. */
export async function readProof(file: File): Promise<Parsed> {
  if (await isHistory(file)) {
    if (file.size <= MAX_HISTORY_LENGTH) return { history: await bytesOf(file) };
    return { unreadable: 'malformed_history', detail: `a history has at most ${MAX_HISTORY_LENGTH} bytes` };
  }
  return parsed(await bytesOf(file.slice(0, MAX_PROOF_SOURCE)));
}

export function parsed(source: string | Uint8Array): Parsed {
  try {
    if (typeof source === 'string') return { proof: parseProof(source), certificate: false };
    return { proof: parseProofOrCertificate(source), certificate: isPdf(source) };
  } catch (error) {
    if (error instanceof ProofError) return { unreadable: error.code, detail: error.message };
    throw error;
  }
}

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}
