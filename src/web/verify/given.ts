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

/** Whether a dropped file is a proof: by its name, or because it says so itself. Anything else is a document. */
export async function isProof({ file }: ChosenFile): Promise<boolean> {
  if (file.name.toLowerCase().endsWith(PROOF_ENDING)) return true;
  if (file.size > MAX_PROOF_LENGTH) return false;
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
  // One byte more than a proof may have is enough to be refused for its length.
  return parsed(new Uint8Array(await file.slice(0, MAX_PROOF_LENGTH + 1).arrayBuffer()));
}

export function parsed(source: string | Uint8Array): Parsed {
  try {
    return { proof: parseProof(source) };
  } catch (error) {
    if (error instanceof ProofError) return { unreadable: error.code, detail: error.message };
    throw error;
  }
}
