import {
  parsePolicy,
  parseProof,
  parseVerifierKey,
  ProofError,
  sha256,
  verify,
  type Verification,
} from '../../src/proof/index.js';
import { proofBytes, type Vector } from './load.js';

/** What src/proof makes of a vector. */
export function verifyVector(vector: Vector): Verification {
  const proof = parseProof(proofBytes(vector));
  const policy = vector.trust === null ? null : parsePolicy(vector.trust);
  const receiptKeys = (vector.receiptKeys ?? []).map(parseVerifierKey);
  const bytes = vector.document === null ? null : new Uint8Array(Buffer.from(vector.document, 'hex'));
  const document = bytes === null ? null : { sha256: sha256(bytes), size: bytes.length };
  return verify({ proof, document, policy, receiptKeys });
}

/** The same in the form in which a vector states it. Errors that are not a ProofError are thrown on. */
export function judge(vector: Vector): Vector['expected'] {
  try {
    const { verdict, steps } = verifyVector(vector);
    return { verdict, failed: steps.flatMap(({ number, code }) => (code === null ? [] : [{ step: number, code }])) };
  } catch (error) {
    if (error instanceof ProofError) return { error: error.code };
    throw error;
  }
}
