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
  type PendingProof,
  type ProofFile,
} from '../../../proof/proof-file.js';
import { MAX_HISTORY_LENGTH } from '../../../proof/records/history-file.js';
import type { ChosenFile } from '../../lib/files.js';

/** A given document with its digest. */
export interface HashedDocument {
  /** null: only its digest was given. */
  readonly name: string | null;
  readonly size: number | null;
  readonly sha256: Uint8Array;
}

export type Parsed =
  /** A record's history, not read yet: its code is loaded for it. */
  | { readonly history: Uint8Array }
  /** `certificate`: whether the proof was embedded in a certificate. */
  | { readonly proof: ProofFile | PendingProof; readonly certificate: boolean }
  | { readonly unreadable: ProofErrorCode; readonly detail: string };

export const PROOF_ENDING = '.ingam.json';
export const HISTORY_ENDING = '.ingam-history.json';
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

async function isHistory(file: File): Promise<boolean> {
  if (file.name.toLowerCase().endsWith(HISTORY_ENDING)) return true;
  try {
    return HISTORY_HEAD.test(new TextDecoder().decode(await bytesOf(file.slice(0, HEAD_LENGTH))));
  } catch {
    return false;
  }
}

export async function isCertificate({ file }: ChosenFile): Promise<boolean> {
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

/** The digest of a certificate, which may be the document of another proof; null: it is too large to be one. */
export async function digestOfCertificate(file: File): Promise<Uint8Array | null> {
  return file.size > MAX_LOOKED_INTO ? null : sha256(await bytesOf(file));
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
