import { utf8Decode } from '../../proof/bytes.js';
import { ProofError, type ProofErrorCode } from '../../proof/errors.js';
import { MAX_PROOF_LENGTH, parseProof, type PendingProof, type ProofFile } from '../../proof/proof-file.js';
import type { ChosenFile } from '../dropped-files.js';

/** A document as the reader gave it, hashed here. */
export interface GivenDocument {
  readonly name: string;
  readonly size: number;
  readonly sha256: Uint8Array;
}

export type Parsed =
  | { readonly proof: ProofFile | PendingProof }
  | { readonly unreadable: ProofErrorCode; readonly detail: string };

export const PROOF_ENDING = '.ingam.json';

/** UTF-8 needs at most three bytes for what a string counts as one. */
const MAX_PROOF_BYTES = MAX_PROOF_LENGTH * 3;

/** Whether a dropped file is a proof: by its name, or because it says so itself. Anything else is a document. */
export async function isProof({ file }: ChosenFile): Promise<boolean> {
  if (file.name.toLowerCase().endsWith(PROOF_ENDING)) return true;
  if (file.size > MAX_PROOF_BYTES) return false;
  try {
    const value: unknown = JSON.parse(await file.text());
    const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : null;
    return typeof format === 'string' && /^ingam-(proof|pending)-/.test(format);
  } catch {
    return false;
  }
}

/** Reads a proof from a file. Rejects only when the file cannot be read at all. */
export async function readProof(file: File): Promise<Parsed> {
  if (file.size > MAX_PROOF_BYTES) return { unreadable: 'malformed_proof', detail: 'the file is too large' };
  const bytes = new Uint8Array(await file.arrayBuffer());
  return parsed(() => utf8Decode(bytes));
}

export function parsed(text: () => string): Parsed {
  try {
    return { proof: parseProof(text()) };
  } catch (error) {
    if (error instanceof ProofError) return { unreadable: error.code, detail: error.message };
    throw error;
  }
}
